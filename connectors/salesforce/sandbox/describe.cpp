// Versions and describe (contract, sections 1 and 5).
#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/salesforce/sandbox/org.hpp"
#include "plugins/kits/sandbox/codec.hpp"

namespace godwit::sandbox::salesforce {
namespace {

// Bit i, counted from the left of each byte: the i-th value of the controlling field allows this one.
Json valid_for(const Choice& choice, const Field* controller) {
  if (controller == nullptr || choice.valid_for.empty()) return nullptr;
  std::string bits((controller->values.size() + 7) / 8, '\0');
  for (std::size_t i = 0; i < controller->values.size(); ++i)
    if (allowed_for(choice, controller->values[i].value)) bits[i / 8] = static_cast<char>(bits[i / 8] | (0x80 >> (i % 8)));
  return base64(bits);
}

const char* soap_type(const Field& field) {
  switch (field.kind) {
    case Kind::id:
    case Kind::reference: return "tns:ID";
    case Kind::boolean: return "xsd:boolean";
    case Kind::integer: return "xsd:int";
    case Kind::decimal: return "xsd:double";
    case Kind::date: return "xsd:date";
    case Kind::datetime: return "xsd:dateTime";
    case Kind::bytes: return "xsd:base64Binary";
    case Kind::computed: return "urn:address";
    default: return "xsd:string";
  }
}

Json field_json(const Org& org, const Object& object, const Field& field) {
  const Json& raw = *field.raw;
  const bool system = flag(raw, "default_on_create");
  const bool audit = audit_field_open(org, object, field);
  const int length = field.kind == Kind::id || field.kind == Kind::reference ? 18 : field.length > 0 ? field.length : field.kind == Kind::choice ? 255 : 0;
  const bool long_text = field.kind == Kind::long_text && field.length > 255;
  const bool plain = field.kind != Kind::computed && field.kind != Kind::bytes && !long_text;
  const Field* controller = field.controller.empty() ? nullptr : object.field(field.controller);
  Json values = Json::array();
  for (const Choice& choice : field.values)
    values.push_back({{"active", choice.active}, {"defaultValue", choice.initial}, {"label", choice.label}, {"validFor", valid_for(choice, controller)}, {"value", choice.value}});
  const bool polymorphic = flag(raw, "polymorphic");
  const std::string fallback = word(raw, "default");
  Json out{{"aggregatable", plain}, {"aiPredictionField", false}, {"autoNumber", flag(raw, "auto_number")}, {"byteLength", length * 3}, {"calculated", false}, {"calculatedFormula", nullptr},
           {"cascadeDelete", false}, {"caseSensitive", field.case_sensitive},
           {"compoundFieldName", nullptr}, {"controllerName", field.controller.empty() ? Json(nullptr) : Json(field.controller)},
           {"createable", field.createable || audit}, {"custom", flag(raw, "custom")},
           {"defaultValue", field.kind == Kind::boolean ? Json(flag(raw, "default")) : fallback.empty() ? Json(nullptr) : Json(fallback)},
           {"defaultedOnCreate", system}, {"dependentPicklist", !field.controller.empty()}, {"deprecatedAndHidden", false},
           {"digits", field.kind == Kind::integer ? (field.precision > 0 ? field.precision : 9) : 0}, {"displayLocationInDecimal", false}, {"encrypted", false}, {"externalId", field.external_id},
           {"extraTypeInfo", nullptr}, {"filterable", plain}, {"filteredLookupInfo", nullptr}, {"groupable", plain && field.kind != Kind::decimal && field.kind != Kind::datetime},
           {"highScaleNumber", false}, {"htmlFormatted", false}, {"idLookup", field.kind == Kind::id || flag(raw, "id_lookup") || field.external_id},
           {"inlineHelpText", nullptr}, {"label", field.label}, {"length", length}, {"mask", nullptr}, {"maskType", nullptr}, {"name", field.name}, {"nameField", field.name == "Name"},
           {"namePointing", polymorphic}, {"nillable", !field.required && !system && field.kind != Kind::id && field.kind != Kind::boolean}, {"permissionable", field.createable && !field.required},
           {"picklistValues", values}, {"polymorphicForeignKey", polymorphic}, {"precision", field.precision}, {"queryByDistance", false}, {"referenceTargetField", nullptr},
           {"referenceTo", field.references}, {"relationshipName", field.relationship.empty() ? Json(nullptr) : Json(field.relationship)}, {"relationshipOrder", nullptr},
           {"restrictedDelete", false}, {"restrictedPicklist", field.restricted || (field.kind == Kind::choice && org.setting("restricted_picklists") == "all")}, {"scale", field.scale},
           {"searchPrefilterable", field.kind == Kind::reference}, {"soapType", soap_type(field)}, {"sortable", plain}, {"type", field.type}, {"unique", field.unique},
           {"updateable", field.updateable}, {"writeRequiresMasterRead", false}};
  return out;
}

Json object_json(const Object& object, const std::string& version) {
  const Json& raw = *object.raw;
  const std::string root = "/services/data/v" + version + "/sobjects/" + object.name;
  return {{"activateable", false}, {"createable", flag(raw, "createable", true)}, {"custom", object.name.ends_with("__c")}, {"customSetting", false}, {"deletable", flag(raw, "deletable", true)},
          {"deprecatedAndHidden", false}, {"feedEnabled", false}, {"hasSubtypes", false}, {"isSubtype", false}, {"keyPrefix", object.prefix}, {"label", object.label},
          {"labelPlural", word(raw, "plural", object.label)}, {"layoutable", true}, {"mergeable", object.name == "Account" || object.name == "Contact" || object.name == "Lead"},
          {"mruEnabled", true}, {"name", object.name}, {"queryable", flag(raw, "queryable", true)}, {"replicateable", flag(raw, "deletable", true)}, {"retrieveable", true}, {"searchable", true},
          {"triggerable", true}, {"undeletable", flag(raw, "deletable", true)}, {"updateable", flag(raw, "updateable", true)},
          {"urls", {{"sobject", root}, {"describe", root + "/describe"}, {"rowTemplate", root + "/{ID}"}}}};
}

Json children_json(const Org& org, const Object& parent) {
  Json out = Json::array();
  for (const Object& object : org.world().model.objects())
    for (const Field& field : object.fields)
      if (std::find(field.references.begin(), field.references.end(), parent.name) != field.references.end() && field.raw->contains("child"))
        out.push_back({{"cascadeDelete", flag(*field.raw, "cascade")}, {"childSObject", object.name}, {"deprecatedAndHidden", false}, {"field", field.name}, {"junctionIdListNames", Json::array()},
                       {"junctionReferenceTo", Json::array()}, {"relationshipName", word(*field.raw, "child")}, {"restrictedDelete", false}});
  return out;
}

Json record_types_json(Org& org, const Object& object, const std::string& version) {
  Json out = Json::array();
  const auto add = [&](const std::string& id, const std::string& name, const std::string& developer_name, bool active, bool master) {
    out.push_back({{"active", active}, {"available", active}, {"defaultRecordTypeMapping", master}, {"developerName", developer_name}, {"master", master}, {"name", name}, {"recordTypeId", id},
                   {"urls", {{"layout", "/services/data/v" + version + "/sobjects/" + object.name + "/describe/layouts/" + id}}}});
  };
  for (const Row& row : org.database().rows("select Id, Name, DeveloperName, IsActive from RecordType where SobjectType = ? order by Id", {object.name}))
    add(to_text(row[0]), to_text(row[1]), to_text(row[2]), to_int(row[3]) != 0, false);
  add("012000000000000AAA", "Master", "Master", true, true);
  return out;
}

Answer describe(Org& org, Call& call) {
  const Object& object = org.object(call.request.param("object"));
  // The metadata changes only with the program, so what it read when it started is as new as it gets.
  const std::optional<std::int64_t> known = parse_http_date(call.request.header("If-Modified-Since"));
  const std::int64_t changed = std::stoll(org.database().fact("metadata_ms").value_or("0"));
  if (known && changed / 1000 <= *known / 1000) return empty_answer(304);
  Json out = object_json(object, call.version);
  out["childRelationships"] = children_json(org, object);
  out["recordTypeInfos"] = record_types_json(org, object, call.version);
  out["supportedScopes"] = Json::array({{{"label", "All " + word(*object.raw, "plural", object.label)}, {"name", "everything"}}});
  out["fields"] = Json::array();
  for (const Field& field : object.fields) out["fields"].push_back(field_json(org, object, field));
  Answer answer = json_answer(200, out);
  answer.headers.emplace_back("Last-Modified", http_date(changed));
  return answer;
}

Answer describe_global(Org& org, Call& call) {
  Json out{{"encoding", "UTF-8"}, {"maxBatchSize", 200}, {"sobjects", Json::array()}};
  for (const Object& object : org.world().model.objects()) out["sobjects"].push_back(object_json(object, call.version));
  return json_answer(200, out);
}

}  // namespace

void add_describe(Org& org) {
  // When the metadata is another than at the last start, describes have changed now.
  std::string all;
  for (const Object& object : org.world().model.objects()) {
    all += object.raw->dump();
    for (const Field& field : object.fields) all += field.raw->dump();
  }
  const std::string digest = md5_hex(all + org.setting("audit_fields") + org.setting("restricted_picklists"));
  if (org.database().fact("metadata_digest") != digest) {
    org.database().set_fact("metadata_digest", digest);
    org.database().set_fact("metadata_ms", std::to_string(org.world().clock.now_ms()));
  }
  org.world().router.on("GET", "/services/data", [](Request&) {
    Json out = Json::array();
    const char* names[] = {"Spring", "Summer", "Winter"};
    for (int version = 46; version <= 67; ++version)
      out.push_back({{"label", std::string(names[version % 3]) + " '" + std::to_string((version + 13) / 3)},
                     {"url", "/services/data/v" + std::to_string(version) + ".0"}, {"version", std::to_string(version) + ".0"}});
    return json_answer(200, out);
  });
  org.route("GET", "", [](Call& call) {
    const std::string root = "/services/data/v" + call.version;
    return json_answer(200, {{"sobjects", root + "/sobjects"}, {"query", root + "/query"}, {"queryAll", root + "/queryAll"}, {"limits", root + "/limits"}, {"composite", root + "/composite"}, {"jobs", root + "/jobs"}});
  });
  org.route("GET", "/sobjects", [&org](Call& call) { return describe_global(org, call); });
  org.route("GET", "/sobjects/{object}", [&org](Call& call) {
    return json_answer(200, {{"objectDescribe", object_json(org.object(call.request.param("object")), call.version)}, {"recentItems", Json::array()}});
  });
  org.route("GET", "/sobjects/{object}/describe", [&org](Call& call) { return describe(org, call); });
}

}  // namespace godwit::sandbox::salesforce
