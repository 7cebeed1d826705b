#include "connectors/zoho/sandbox/modules.hpp"

#include <nlohmann/json.hpp>
#include <set>

namespace godwit::sandbox::zoho {
namespace {

// Ids of metadata stand apart from those of records: they are made of places in the metadata and never change.
constexpr std::int64_t kIdBase = 4150868000000000000;

Json system_field(const char* name, const char* label, const char* type, bool read_only) {
  Json field = {{"name", name}, {"label", label}, {"type", type}, {"system", true}, {"read_only", read_only}};
  if (std::string_view(type) == "ownerlookup") field["references"] = Json::array({"Users"});
  if (std::string_view(type) == "datetime") field["indexed"] = true, field["case_sensitive"] = true;
  return field;
}

void add_system_fields(Json& object, bool is_new) {
  Json fields = Json::array();
  const bool people = object.value("people", false);
  if (is_new) fields.push_back({{"name", "id"}, {"label", "Record Id"}, {"type", "bigint_id"}, {"system", true}, {"read_only", true}, {"case_sensitive", true}});
  if (is_new && !people) {
    if (!object.contains("subform_of")) fields.push_back(system_field("Owner", "Owner", "ownerlookup", false));
    fields.push_back(system_field("Created_By", "Created By", "ownerlookup", true));
    fields.push_back(system_field("Modified_By", "Modified By", "ownerlookup", true));
    fields.push_back(system_field("Created_Time", "Created Time", "datetime", true));
    fields.push_back(system_field("Modified_Time", "Modified Time", "datetime", true));
    if (object.value("approval", false)) fields.push_back(system_field("$approval_state", "Approval State", "text", true));
  }
  for (const Json& field : object.value("fields", Json::array())) {
    fields.push_back(field);
    if (field.contains("references")) fields.back()["indexed"] = true, fields.back()["case_sensitive"] = true;
  }
  object["fields"] = std::move(fields);
}

std::size_t place(const Model& model, const Object& module) { return static_cast<std::size_t>(&module - model.objects().data()); }

const char* json_type(const Field& field) {
  switch (field.kind) {
    case Kind::integer: return "integer";
    case Kind::decimal: return "double";
    case Kind::boolean: return "boolean";
    case Kind::choices: return "jsonarray";
    case Kind::reference: return "jsonobject";
    case Kind::json: return "jsonarray";
    default: return "string";
  }
}

Json pick_list(const Object& module, const Field& field) {
  Json values = Json::array();
  // Below the ids of records, above those of fields.
  const std::int64_t base = std::stoll(field_id(module, field)) - kIdBase;
  int number = 0;
  for (const Choice& choice : field.values) {
    ++number;
    values.push_back({{"id", std::to_string(kIdBase + 20'000'000 + (base * 31 + number) % 29'000'000)},
                      {"display_value", choice.label},
                      {"actual_value", choice.value},
                      {"reference_value", choice.value},
                      {"sequence_number", number},
                      {"type", choice.active ? "used" : "unused"}});
  }
  return values;
}

}  // namespace

const std::map<std::string, Kind>& field_kinds() {
  static const std::map<std::string, Kind> kinds{
      {"text", Kind::text}, {"textarea", Kind::long_text}, {"email", Kind::email}, {"phone", Kind::phone}, {"website", Kind::url},
      {"integer", Kind::integer}, {"bigint", Kind::exact_decimal}, {"bigint_id", Kind::id}, {"double", Kind::decimal}, {"currency", Kind::decimal},
      {"percent", Kind::decimal}, {"boolean", Kind::boolean}, {"date", Kind::date}, {"datetime", Kind::datetime}, {"picklist", Kind::choice},
      {"multiselectpicklist", Kind::choices}, {"lookup", Kind::reference}, {"ownerlookup", Kind::reference}, {"userlookup", Kind::reference},
      {"autonumber", Kind::text}, {"formula", Kind::computed}, {"subform", Kind::computed}, {"fileupload", Kind::json}};
  return kinds;
}

std::vector<std::string> completed_metadata(const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  std::set<std::string> known;
  for (const std::string& text : texts) {
    try {
      Json all = Json::parse(text);
      for (Json& object : all.at("objects")) add_system_fields(object, known.insert(object.at("name").get<std::string>()).second);
      out.push_back(all.dump());
    } catch (const Json::exception& e) {
      throw ModelError(std::string("metadata: ") + e.what());
    }
  }
  return out;
}

bool flag(const Field& field, const char* member) { return field.raw->value(member, false); }
bool flag(const Object& module, const char* member) { return module.raw->value(member, false); }
std::string word(const Field& field, const char* member) { return field.raw->value(member, ""); }
std::string word(const Object& module, const char* member) { return module.raw->value(member, ""); }

bool is_lookup(const Field& field) { return field.kind == Kind::reference; }

bool is_read_only(const Field& field) {
  return flag(field, "read_only") || field.type == "formula" || field.type == "autonumber";
}

bool is_subform(const Object& module) { return !word(module, "subform_of").empty(); }

std::string module_id(const Object& module) {
  // A small hash of the name: the id of a module must not depend on what stands before it in the metadata.
  std::uint32_t hash = 2166136261U;
  for (const char c : module.name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return std::to_string(kIdBase + 10'000 + hash % 80'000);
}

std::string layout_id(const Object& module) { return std::to_string(std::stoll(module_id(module)) + 90'000); }

std::string field_id(const Object& module, const Field& field) {
  return std::to_string(std::stoll(module_id(module)) + 200'000 + (&field - module.fields.data()) * 100'000);
}

bool stage_in_pipeline(const Object& module, const std::string& pipeline, const std::string& stage) {
  const Json pipelines = module.raw->value("pipelines", Json::array());
  if (pipelines.empty()) return true;
  for (const Json& one : pipelines)
    if (pipeline.empty() || one.at("name") == pipeline) {
      for (const Json& known : one.at("stages"))
        if (known == stage) return true;
      if (!pipeline.empty()) return false;
    }
  return false;
}

Json module_json(const Model& model, const Object& module) {
  const bool subform = is_subform(module);
  return {{"api_name", module.name},
          {"module_name", module.name},
          {"id", module_id(module)},
          {"singular_label", word(module, "singular")},
          {"plural_label", module.label},
          {"creatable", !subform},
          {"editable", !subform},
          {"deletable", !subform},
          {"viewable", true},
          {"api_supported", true},
          {"generated_type", subform ? "subform" : flag(module, "custom_module") ? "custom" : "default"},
          {"global_search_supported", !subform},
          {"sequence_number", place(model, module) + 1},
          {"visible", true}};
}

Json field_json(const Model& model, const Object& module, const Field& field) {
  const bool system = flag(field, "system"), read_only = is_read_only(field);
  Json out = {{"id", field_id(module, field)},
              {"api_name", field.name},
              {"field_label", field.label},
              {"display_label", field.label},
              {"data_type", field.kind == Kind::id ? "bigint" : field.type},
              {"json_type", json_type(field)},
              {"length", field.length > 0 ? field.length : field.precision > 0 ? field.precision : 120},
              {"decimal_place", field.kind == Kind::decimal ? Json(field.scale) : Json()},
              {"system_mandatory", field.required},
              {"custom_field", flag(field, "custom")},
              {"read_only", read_only},
              {"field_read_only", read_only},
              {"visible", !system || !read_only},
              {"default_value", nullptr},
              {"unique", field.unique ? Json{{"casesensitive", field.case_sensitive}} : Json::object()},
              {"external", nullptr},
              {"operation_type", {{"api_create", !read_only}, {"api_update", !read_only}, {"web_create", !read_only}, {"web_update", !read_only}}},
              {"view_type", {{"view", true}, {"edit", !read_only}, {"create", !read_only}, {"quick_create", field.required}}}};
  if (const std::string external = word(field, "external"); !external.empty())
    out["external"] = {{"type", external}, {"show", true}, {"allow_multiple_config", false}};
  if (field.kind == Kind::choice || field.kind == Kind::choices) out["pick_list_values"] = pick_list(module, field);
  if (field.type == "currency") out["currency"] = {{"precision", field.scale}, {"rounding_option", "normal"}};
  if (field.type == "lookup" && !field.references.empty()) {
    // One that may point at several modules names none here.
    const Object* target = field.references.size() == 1 ? model.object(field.references.front()) : nullptr;
    out["lookup"] = {{"display_label", field.label}};
    if (target != nullptr) out["lookup"]["module"] = {{"api_name", target->name}, {"id", module_id(*target)}};
  }
  if (field.type == "subform")
    if (const Object* rows = model.object(word(field, "subform"))) out["subform"] = {{"module", rows->name}, {"id", module_id(*rows)}};
  return out;
}

Json layout_json(const Model& model, const Object& module) {
  Json fields = Json::array();
  for (const Field& field : module.fields) {
    Json one = field_json(model, module, field);
    one["required"] = field.required || flag(field, "layout_required");
    fields.push_back(std::move(one));
  }
  return {{"id", layout_id(module)},
          {"name", "Standard"},
          {"api_name", "Standard"},
          {"display_label", "Standard"},
          {"status", "active"},
          {"visible", true},
          {"module", {{"api_name", module.name}, {"id", module_id(module)}}},
          {"sections", Json::array({{{"api_name", "Information"}, {"display_label", "Information"}, {"sequence_number", 1}, {"fields", std::move(fields)}}})}};
}

}  // namespace godwit::sandbox::zoho
