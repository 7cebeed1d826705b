#include "connectors/zoho/sandbox/writer.hpp"

#include <nlohmann/json.hpp>

namespace godwit::sandbox::zoho {
namespace {

bool has_approval(const Object& module) { return module.field("$approval_state") != nullptr; }

Problem no_such_id(const std::string& path) { return {"INVALID_DATA", "the id given seems to be invalid", {{"api_name", "id"}, {"json_path", path + ".id"}}}; }

}  // namespace

void Writer::fire(const WriteCall& call, const std::string& id, bool created) {
  if (call.workflows) org_.note_event("workflow", call.module.name, id, call.now_ms);
  if (created && call.approvals && has_approval(call.module)) org_.note_event("approval", call.module.name, id, call.now_ms);
}

Written Writer::insert(const WriteCall& call, const Json& sent, const std::string& path) {
  Written out;
  if (call.held_by_others) return out.problems.push_back({"RECORD_LOCKED", "record locked", {}}), out;
  Checked checked = check_record(org_, call.module, sent, nullptr, path, call.external, call.source);
  out.problems = std::move(checked.problems);
  if (out.ok())
    if (auto duplicate = check_unique(org_, call.module, checked.columns, "", path)) out.problems.push_back(std::move(*duplicate));
  if (!out.ok()) return out;
  Columns& columns = checked.columns;
  const std::string id = org_.new_id();
  put(columns, "id", id);
  for (const Field& field : call.module.fields)
    if (field.type == "autonumber") {
      const std::string number = std::to_string(org_.database().next(call.module.name + "." + field.name)), format = word(field, "format");
      const std::size_t open = format.find('{'), close = format.find('}');
      const std::size_t width = open == std::string::npos || close == std::string::npos ? 0 : close - open - 1;
      put(columns, field.name, format.substr(0, open) + std::string(width > number.size() ? width - number.size() : 0, '0') + number);
    }
  if (call.module.field("Owner") != nullptr && find_column(columns, "Owner") == nullptr) put(columns, "Owner", call.user);
  // Only a bulk job may bring these along.
  for (const char* by : {"Created_By", "Modified_By"})
    if (const Value* kept = find_column(columns, by); kept == nullptr || is_null(*kept)) put(columns, by, call.user);
  for (const char* at : {"Created_Time", "Modified_Time"})
    if (const Value* kept = find_column(columns, at); kept == nullptr || is_null(*kept)) put(columns, at, org_.stored_time(call.now_ms));
  const bool approval = call.approvals && has_approval(call.module);
  if (has_approval(call.module)) put(columns, "$approval_state", std::string(approval ? "submitted" : "approved"));
  Savepoint whole(org_.database());
  org_.store().insert(call.module, columns, call.visible_at_ms);
  write_subforms(call, id, checked.subforms, path, out.problems);
  if (!out.ok()) return out;
  whole.keep();
  fire(call, id, true);
  out.id = id, out.created = true;
  return out;
}

std::optional<Problem> Writer::locked(const WriteCall& call, const Record& record) const {
  if (call.held_by_others || (has_approval(call.module) && org_.world().on("approval_locks") && to_text(record["$approval_state"]) == "submitted"))
    return Problem{"RECORD_LOCKED", "record is locked, or waits for its approval", {{"id", to_text(record["id"])}}};
  if (call.unmodified_since_ms) {
    const auto modified = parse_iso_time(to_text(record["Modified_Time"]));
    if (modified && *modified / 1000 > *call.unmodified_since_ms / 1000) return Problem{"PRECONDITION_FAILED", "the record was modified since", {{"id", to_text(record["id"])}}};
  }
  return std::nullopt;
}

Written Writer::update(const WriteCall& call, const std::string& id, const Json& sent, const std::string& path) {
  Written out;
  const auto own = org_.id_of(call.module, call.external.own, id);
  if (!own) return out.problems.push_back(no_such_id(path)), out;
  return change(call, *org_.store().get(call.module, *own), sent, path);
}

Written Writer::change(const WriteCall& call, const Record& before, const Json& sent, const std::string& path) {
  Written out;
  const std::string id = to_text(before["id"]);
  if (auto problem = locked(call, before)) return out.problems.push_back(std::move(*problem)), out;
  Checked checked = check_record(org_, call.module, sent, &before, path, call.external, call.source);
  out.problems = std::move(checked.problems);
  if (out.ok())
    if (auto duplicate = check_unique(org_, call.module, checked.columns, id, path)) out.problems.push_back(std::move(*duplicate));
  if (!out.ok()) return out;
  put(checked.columns, "Modified_By", call.user);
  if (const Value* kept = find_column(checked.columns, "Modified_Time"); kept == nullptr || is_null(*kept)) put(checked.columns, "Modified_Time", org_.stored_time(call.now_ms));
  Savepoint whole(org_.database());
  org_.store().update(call.module, id, checked.columns, call.visible_at_ms);
  write_subforms(call, id, checked.subforms, path, out.problems);
  if (!out.ok()) return out;
  whole.keep();
  fire(call, id, false);
  out.id = id;
  return out;
}

Written Writer::upsert(const WriteCall& call, const Json& sent, const std::string& path) {
  if (sent.contains("id") && sent["id"].is_string()) return update(call, sent["id"], sent, path);
  const std::vector<std::string> fields = call.check_fields.empty() ? own_check_fields(call.module) : call.check_fields;
  for (const std::string& name : fields) {
    const auto value = sent.find(name);
    if (value == sent.end() || value->is_null() || (value->is_string() && value->get_ref<const std::string&>().empty())) continue;
    const Field& field = *call.module.field(name);
    Value wanted;
    Rules rules;
    rules.numbers_as_text = rules.texts_for_all = true;
    if (check_value(field, *value, rules, wanted)) continue;  // said when the record is checked
    const std::vector<std::string> ids = org_.store().find(call.module, field, wanted);
    if (ids.empty()) continue;
    Written out;
    if (ids.size() > 1) return out.problems.push_back(duplicate_problem(org_, call.module, field, path, ids.front(), true)), out;
    out = change(call, *org_.store().get(call.module, ids.front()), sent, path);
    out.matched = name;
    return out;
  }
  return insert(call, sent, path);
}

Written Writer::remove(const WriteCall& call, const std::string& id, const std::string& path) {
  Written out;
  const auto own = org_.id_of(call.module, call.external.own, id);
  if (!own) return out.problems.push_back(no_such_id(path)), out;
  const Record record = *org_.store().get(call.module, *own);
  if (auto problem = locked(call, record)) return out.problems.push_back(std::move(*problem)), out;
  org_.store().remove(call.module, *own, call.now_ms);
  org_.database().run("insert or replace into sandbox_bin values (?, ?, ?, ?, ?, ?, 'recycle')",
                      {call.module.name, *own, org_.display_name(call.module, record), call.user, to_text(record["Created_By"]), call.now_ms});
  if (call.workflows) org_.note_event("workflow", call.module.name, *own, call.now_ms);
  out.id = *own;
  return out;
}

void Writer::write_subforms(const WriteCall& call, const std::string& parent, const std::vector<SubformRows>& subforms, const std::string& path, std::vector<Problem>& problems) {
  for (const SubformRows& subform : subforms) {
    const Object& module = *org_.model().object(word(*subform.field, "subform"));
    std::vector<std::string> left = org_.store().find(module, *module.field("Parent_Id"), parent, 10'000);
    WriteCall rows{.module = module, .user = call.user, .now_ms = call.now_ms, .visible_at_ms = call.visible_at_ms, .source = call.source, .workflows = false, .approvals = false};
    int number = -1;
    for (Json row : subform.rows) {
      const std::string row_path = path + "." + subform.field->name + "[" + std::to_string(++number) + "]";
      if (!row.is_object()) return problems.push_back(invalid_type(subform.field->name, row_path, "jsonobject"));
      const std::string id = text_in(row, "id");
      const auto known = std::find(left.begin(), left.end(), id);
      if (!id.empty() && known == left.end()) return problems.push_back(no_such_id(row_path));
      row["Parent_Id"] = {{"id", parent}};
      Written written;
      if (known != left.end()) {
        left.erase(known);
        if (row.contains("_delete")) org_.store().remove(module, id, call.now_ms);
        else written = update(rows, id, row, row_path);
      } else {
        written = insert(rows, row, row_path);
      }
      for (Problem& problem : written.problems) problems.push_back(std::move(problem));
      if (!problems.empty()) return;
    }
    // Rows that were not named again go, unless the organisation merges.
    if (org_.world().setting("subform_update") == "replace")
      for (const std::string& id : left) org_.store().remove(module, id, call.now_ms);
  }
}

Json Writer::item(const WriteCall& call, const Written& written, bool upsert) {
  if (!written.ok()) return error_item(written.problems);
  const Record record = *org_.store().get(call.module, written.id);
  Json details = {{"Modified_Time", org_.time_text(record["Modified_Time"])},
                  {"Modified_By", org_.user_json(to_text(record["Modified_By"]))},
                  {"Created_Time", org_.time_text(record["Created_Time"])},
                  {"id", written.id},
                  {"Created_By", org_.user_json(to_text(record["Created_By"]))}};
  if (has_approval(call.module)) details["$approval_state"] = to_text(record["$approval_state"]);
  Json out = {{"code", "SUCCESS"}};
  if (upsert) {
    out["duplicate_field"] = written.matched.empty() ? Json() : Json(written.matched);
    out["action"] = written.created ? "insert" : "update";
  }
  out["details"] = std::move(details);
  out["message"] = written.created ? "record added" : "record updated";
  out["status"] = "success";
  return out;
}

std::vector<std::string> Writer::own_check_fields(const Object& module) const {
  std::vector<std::string> out;
  if (const std::string system = word(module, "duplicate_field"); !system.empty()) out.push_back(system);
  for (const Field& field : module.fields)
    if (field.unique) out.push_back(field.name);
  return out;
}

void Writer::check_fields_usable(const Object& module, const std::vector<std::string>& fields) const {
  const std::string system = word(module, "duplicate_field");
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Field* field = module.field(fields[i]);
    if (field == nullptr || (!field->unique && fields[i] != system))
      refuse_call(400, "INVALID_DATA", "invalid data", {{"api_name", "duplicate_check_fields"}, {"json_path", "$.duplicate_check_fields[" + std::to_string(i) + "]"}});
  }
}

}  // namespace godwit::sandbox::zoho
