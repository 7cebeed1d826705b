#include "connectors/fxiaoke/sandbox/tenant_model.hpp"

#include <nlohmann/json.hpp>
#include <set>

namespace godwit::sandbox::fxiaoke {
namespace {

Json system_field(const char* name, const char* label, const char* type) {
  return {{"name", name}, {"label", label}, {"type", type}, {"system", true}, {"case_sensitive", true}};
}

Json system_fields(bool version) {
  Json fields = Json::array();
  fields.push_back(system_field("_id", "数据ID", "text"));
  fields.push_back(system_field("owner", "负责人", "employee"));
  fields.push_back(system_field("created_by", "创建人", "employee"));
  fields.push_back(system_field("create_time", "创建时间", "date_time"));
  fields.push_back(system_field("last_modified_by", "最后修改人", "employee"));
  fields.push_back(system_field("last_modified_time", "最后修改时间", "date_time"));
  fields.back()["indexed"] = true;
  fields.push_back(system_field("is_deleted", "是否作废", "true_or_false"));
  fields.push_back(system_field("lock_status", "锁定状态", "select_one"));
  fields.back()["values"] = {{{"value", "0"}, {"label", "未锁定"}}, {{"value", "1"}, {"label", "锁定"}}};
  fields.push_back(system_field("life_status", "生命状态", "text"));
  fields.push_back(system_field("record_type", "业务类型", "text"));
  fields.push_back(system_field("data_own_department", "归属部门", "department"));
  fields.push_back(system_field("relevant_team", "相关团队", "embedded_object_list"));
  if (version) fields.push_back(system_field("version", "版本", "number"));
  return fields;
}

bool has_other(const Json& field) {
  for (const Json& value : field.value("values", Json::array()))
    if (value.is_object() && value.value("value", "") == "other") return true;
  return false;
}

Json completed_object(Json object, bool is_new, const ModelSwitches& switches) {
  Json fields = is_new ? system_fields(switches.version_field) : Json::array();
  for (Json field : object.value("fields", Json::array())) {
    // Times and digits are compared as they are; so is text, as far as the contract tells.
    field["case_sensitive"] = true;
    if (field.contains("references")) {
      for (Json& target : field["references"])
        if (target == "LeadsPoolObj") target = switches.leads_pool;
      field["indexed"] = true;
    }
    fields.push_back(field);
    if (!has_other(field)) continue;
    Json text = system_field("", "", "text");
    text["name"] = field.at("name").get<std::string>() + "__o";
    text["label"] = field.value("label", "") + "(其他)";
    text["system"] = false, text["companion"] = true, text["length"] = 200;
    fields.push_back(text);
  }
  object["fields"] = std::move(fields);
  if (object.at("name") == "LeadsPoolObj") object["name"] = switches.leads_pool;
  return object;
}

bool raw_flag(const Json& raw, const char* member) { return raw.value(member, false); }

}  // namespace

const std::map<std::string, Kind>& field_kinds() {
  static const std::map<std::string, Kind> kinds{
      {"text", Kind::text}, {"long_text", Kind::long_text}, {"phone_number", Kind::phone}, {"email", Kind::text}, {"url", Kind::url},
      {"number", Kind::exact_decimal}, {"currency", Kind::exact_decimal}, {"percentile", Kind::exact_decimal},
      {"date", Kind::integer}, {"date_time", Kind::integer}, {"time", Kind::integer}, {"true_or_false", Kind::boolean},
      {"select_one", Kind::choice}, {"select_many", Kind::json}, {"employee", Kind::json}, {"department", Kind::json},
      {"object_reference", Kind::reference}, {"master_detail", Kind::reference}, {"location", Kind::text},
      {"country", Kind::text}, {"province", Kind::text}, {"city", Kind::text}, {"district", Kind::text},
      {"file_attachment", Kind::json}, {"image", Kind::json}, {"embedded_object_list", Kind::json},
      {"auto_number", Kind::text}, {"count", Kind::computed}, {"quote", Kind::computed}};
  return kinds;
}

std::vector<std::string> completed_metadata(const std::vector<std::string>& texts, const ModelSwitches& switches) {
  std::vector<std::string> out;
  std::set<std::string> known;
  for (const std::string& text : texts) {
    try {
      Json completed = Json::array();
      const Json in = Json::parse(text);
      for (const Json& object : in.at("objects")) {
        if (object.value("unconfirmed", false) && !switches.unconfirmed_objects) continue;
        const bool is_new = known.insert(object.at("name").get<std::string>()).second;
        completed.push_back(completed_object(object, is_new, switches));
      }
      out.push_back(Json{{"objects", std::move(completed)}}.dump());
    } catch (const Json::exception& e) {
      throw ModelError(std::string("metadata: ") + e.what());
    }
  }
  return out;
}

Kept kept(const Field& field) {
  switch (field.kind) {
    case Kind::exact_decimal: return Kept::decimal;
    case Kind::integer: return Kept::integer;
    case Kind::boolean: return Kept::boolean;
    case Kind::computed: return Kept::computed;
    case Kind::json: return field.type == "employee" || field.type == "department" || field.type == "select_many" ? Kept::list : Kept::json;
    default: return Kept::text;
  }
}

bool is_system(const Field& field) { return raw_flag(*field.raw, "system"); }
bool is_companion(const Field& field) { return raw_flag(*field.raw, "companion"); }
bool is_read_only(const Field& field) { return field.type == "auto_number" || field.kind == Kind::computed; }
std::string raw_text(const Field& field, const char* member) { return field.raw->value(member, ""); }

std::vector<ValidationRule> validation_rules(const Object& object) {
  std::vector<ValidationRule> out;
  for (const Json& rule : object.raw->value("validation_rules", Json::array()))
    out.push_back({rule.at("name"), rule.at("field"), rule.at("operator"), rule.at("value"), rule.value("kind", "rule") == "function"});
  return out;
}

std::vector<DuplicateRule> duplicate_rules(const Object& object) {
  std::vector<DuplicateRule> out;
  for (const Json& rule : object.raw->value("duplicate_rules", Json::array())) out.push_back({rule.at("name"), rule.at("fields")});
  return out;
}

bool is_custom(const Object& object) { return object.name.ends_with("__c"); }
bool has_approval(const Object& object) { return raw_flag(*object.raw, "approval"); }
bool is_ownerless(const Object& object) { return raw_flag(*object.raw, "ownerless"); }
std::string pool_field(const Object& object) { return object.raw->value("pool_field", ""); }

const Field* master_of(const Object& object) {
  for (const Field& f : object.fields)
    if (f.type == "master_detail") return &f;
  return nullptr;
}

Json describe(const Object& object) {
  Json fields = Json::object();
  for (const Field& f : object.fields) {
    if (is_companion(f)) continue;
    Json one = {{"api_name", f.name},
                {"label", f.label},
                {"type", f.type},
                {"is_required", f.required},
                {"is_unique", f.unique},
                {"is_active", true},
                {"is_readonly", is_read_only(f)},
                {"define_type", is_system(f) ? "system" : f.name.ends_with("__c") ? "custom" : "package"}};
    if (kept(f) == Kept::decimal) one["decimal_places"] = f.scale;
    if (f.length > 0) one[kept(f) == Kept::decimal ? "length" : "max_length"] = f.length;
    if (!f.references.empty()) one["target_api_name"] = f.references.front();
    if (!f.values.empty()) {
      Json options = Json::array();
      for (const Choice& o : f.values) options.push_back({{"label", o.label}, {"value", o.value}});
      one["options"] = std::move(options);
    }
    fields[f.name] = std::move(one);
  }
  return {{"api_name", object.name},
          {"display_name", object.label},
          {"define_type", is_custom(object) ? "custom" : "package"},
          {"is_active", true},
          {"fields", std::move(fields)}};
}

}  // namespace godwit::sandbox::fxiaoke
