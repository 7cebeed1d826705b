#include "connectors/zoho/sandbox/org.hpp"

#include <nlohmann/json.hpp>

namespace godwit::sandbox::zoho {
namespace {

constexpr std::int64_t kFirstRecord = 4150868000050000000;

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> out;
  while (true) {
    const std::size_t end = text.find(separator);
    out.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

// "A;B" of a column as a list.
Json choices_json(const std::string& text) {
  Json out = Json::array();
  for (const std::string& one : split(text, ';')) out.push_back(one);
  return out;
}

}  // namespace

const Field* External::of_lookup(const Field& lookup) const {
  for (const auto& [field, key] : lookups)
    if (field == &lookup) return key;
  return nullptr;
}

Org::Org(World& world) : world_(world), zone_minutes_(std::stoi(world.setting("zone_minutes"))) {}

const Object& Org::module(std::string_view name) const {
  const Object* module = model().object(name);
  if (module == nullptr || flag(*module, "people") || is_subform(*module))
    refuse_call(400, "INVALID_MODULE", "the module name given seems to be invalid", {{"resource_path_index", 0}});
  return *module;
}

std::string Org::new_id() { return std::to_string(database().next("record_id", kFirstRecord)); }
std::string Org::time_text(std::int64_t ms) const { return iso_time(ms, Zone::plus_00_00, false, zone_minutes_); }
std::string Org::stored_time(std::int64_t ms) const { return iso_time(ms, Zone::plus_0000, true); }

std::string Org::time_text(const Value& stored) const {
  const std::optional<std::int64_t> ms = parse_iso_time(to_text(stored));
  return ms ? time_text(*ms) : to_text(stored);
}

Json Org::user_json(const std::string& id) {
  const std::optional<Record> user = store().get(*model().object("Users"), id);
  if (!user) return {{"id", id}};
  return {{"name", to_text((*user)["full_name"])}, {"id", id}, {"email", to_text((*user)["email"])}};
}

const Object* Org::target_of(const Field& field, const std::string& id) {
  for (const std::string& name : field.references)
    if (const Object* module = model().object(name); module != nullptr && store().exists(*module, id)) return module;
  return nullptr;
}

Json Org::lookup_json(const Field& field, const std::string& id) {
  if (field.type != "lookup") return user_json(id);
  const Object* module = target_of(field, id);
  if (module == nullptr) return {{"id", id}};
  Json out = {{"name", display_name(*module, *store().get(*module, id))}, {"id", id}};
  if (flag(field, "any_module")) out["module"] = {{"api_name", module->name}, {"id", module_id(*module)}};
  return out;
}

std::string Org::display_name(const Object& module, const Record& record) {
  const Field* field = module.field(word(module, "display"));
  if (field == nullptr) return to_text(record["id"]);
  const Json value = value_json(module, *field, record);
  return value.is_string() ? value.get<std::string>() : std::string();
}

Json Org::value_json(const Object&, const Field& field, const Record& record) {
  if (field.type == "subform") return subform_json(*model().object(word(field, "subform")), to_text(record["id"]));
  if (field.type == "formula") {
    // The parts that there are, with a blank between them.
    std::string text;
    for (const Json& part : field.raw->value("parts", Json::array())) {
      const std::string one = to_text(record[part.get<std::string>()]);
      if (!one.empty()) text += (text.empty() ? "" : " ") + one;
    }
    return text.empty() ? Json() : Json(text);
  }
  const Value& held = record[field.name];
  if (is_null(held)) return field.kind == Kind::boolean ? Json(false) : field.kind == Kind::choices ? Json::array() : Json();
  switch (field.kind) {
    case Kind::reference: return lookup_json(field, to_text(held));
    case Kind::boolean: return to_int(held) != 0;
    case Kind::integer: return to_int(held);
    case Kind::decimal:
      if (std::holds_alternative<std::int64_t>(held)) return to_int(held);
      return to_double(held);
    case Kind::datetime: return time_text(held);
    case Kind::choices: return choices_json(to_text(held));
    case Kind::json: return Json::parse(to_text(held));
    default: return to_text(held);
  }
}

Json Org::subform_json(const Object& rows, const std::string& parent) {
  Json out = Json::array();
  std::vector<std::string> ids = store().find(rows, *rows.field("Parent_Id"), parent, 10'000);
  for (const std::string& id : ids) out.push_back(record_json(rows, *store().get(rows, id)));
  return out;
}

Json Org::record_json(const Object& module, const Record& record, const std::vector<std::string>* fields) {
  Json out = Json::object();
  const auto add = [&](const Field& field) {
    out[field.name] = value_json(module, field, record);
    if (flag(field, "polymorphic") && !is_null(record[field.name]))
      if (const Object* target = target_of(field, to_text(record[field.name]))) out["$se_module"] = target->name;
  };
  if (fields == nullptr) {
    for (const Field& field : module.fields) add(field);
    return out;
  }
  for (const std::string& name : *fields)
    if (const Field* field = module.field(name)) add(*field);
  out["id"] = to_text(record["id"]);
  return out;
}

External Org::external(const Request& request, const Object& module) const {
  External out;
  const std::string_view header = request.header("x-external");
  if (header.empty()) return out;
  const auto wrong = [&](const std::string& entry) {
    refuse_call(400, "INVALID_DATA", "invalid external field", {{"api_name", entry}, {"header", "X-EXTERNAL"}});
  };
  const bool plain = world_.setting("external_header") == "plain";
  for (const std::string& entry : split(header, ',')) {
    std::vector<std::string> parts = split(entry, '.');
    if (plain) parts.insert(parts.begin(), module.name);
    if (parts.size() < 2 || parts.size() > 3 || parts[0] != module.name) wrong(entry);
    const Field* field = module.field(parts[1]);
    if (parts.size() == 2) {
      if (field == nullptr || word(*field, "external").empty()) wrong(entry);
      out.own = field;
      continue;
    }
    const Object* target = field == nullptr || field->references.empty() ? nullptr : model().object(field->references.front());
    const Field* key = target == nullptr ? nullptr : target->field(parts[2]);
    if (key == nullptr || word(*key, "external").empty()) wrong(entry);
    out.lookups.emplace_back(field, key);
  }
  return out;
}

std::optional<std::string> Org::id_of(const Object& module, const Field* external, const std::string& value) {
  if (external == nullptr) return store().exists(module, value) ? std::optional(value) : std::nullopt;
  const std::vector<std::string> ids = store().find(module, *external, value, 1);
  return ids.empty() ? std::nullopt : std::optional(ids.front());
}

void Org::note_event(std::string_view kind, std::string_view module, std::string_view id, std::int64_t now_ms) {
  database().run("insert into sandbox_event values (?, ?, ?, ?)", {std::string(kind), std::string(module), std::string(id), now_ms});
}

}  // namespace godwit::sandbox::zoho
