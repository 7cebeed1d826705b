#include "connectors/zoho/write_plan.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/model/nearest.hpp"
#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::zoho {

Result<WritePlan> WritePlan::make(Org& org, const WriteRequest& request) {
  WritePlan out;
  GW_ASSIGN(out.module, org.module(request.object));
  const Options& o = org.options();
  out.request = request, out.wants_ids = !request.id.empty(), out.clears_blanks = o.clears_blanks, out.trigger = o.trigger, out.related_module = o.related_module;
  const std::string place = o.place();
  if (!out.module->creatable && !out.module->editable && !out.module->deletable) return sdk::fail(3709, ErrorKind::denied, {{"place", place}, {"object", request.object}});
  const auto is_key = [&](const std::string& name) { return std::ranges::find(request.key, name) != request.key.end(); };
  for (const Field& column : request.columns) {
    const FieldInfo* field = out.module->find(column.name);
    if (field == nullptr) {
      std::vector<std::string_view> names;
      for (const FieldInfo& f : out.module->fields) names.push_back(f.name);
      return sdk::fail(3031, ErrorKind::bad_config, {{"place", place}, {"object", request.object}, {"seen", column.name}, {"nearest", std::string(nearest(column.name, names))}});
    }
    if (field->read_only && !is_key(column.name)) return sdk::fail(3704, ErrorKind::bad_config, {{"place", place}, {"object", request.object}, {"field", column.name}});
    if (column.type != field->type && column.type.id != TypeId::null_type)
      return sdk::fail(3705, ErrorKind::bad_config, {{"place", place}, {"object", request.object}, {"field", column.name}, {"seen", to_string(column.type)}, {"expected", to_string(field->type)}});
    out.fields.push_back(field);
  }
  std::vector<const FieldInfo*> key;
  for (const std::string& name : request.key) {
    out.key_columns.push_back(static_cast<std::size_t>(find_field(request.columns, name)));
    key.push_back(out.fields[out.key_columns.back()]);
  }
  out.upserts = key.size() == 1 && out.module->is_upsert_key(*key[0]);
  out.key = KeyShape(std::move(key));
  return out;
}

std::optional<std::string> WritePlan::key_of(const rest::RowAt& row) const {
  std::vector<const Column*> columns;
  for (const std::size_t c : key_columns) columns.push_back(&row.column(c));
  return columns.empty() ? std::nullopt : key.of_row(columns, row.row);
}

Action WritePlan::action_of(const rest::RowAt& row, bool has_id) const {
  switch (row.operation()) {
    case Operation::update: return Action::update;
    case Operation::remove: return Action::remove;
    default: break;
  }
  if (upserts) return Action::upsert;
  // The bin gives nothing back through the API: what is restored is made anew.
  return has_id && row.operation() == Operation::upsert ? Action::update : Action::create;
}

bool WritePlan::needs_id(const rest::RowAt& row) const {
  const Operation operation = row.operation();
  return operation == Operation::update || operation == Operation::remove || (operation == Operation::upsert && !upserts);
}

std::optional<Refusal> WritePlan::append_record(const rest::RowAt& row, std::int64_t number, std::string_view id, std::string* out) const {
  const std::size_t before = out->size();
  bool first = true, polymorphic = false;
  const auto member = [&](std::string_view name) {
    *out += first ? "{" : ",", first = false;
    rest::append_quoted(name, out);
    *out += ':';
  };
  if (!id.empty()) member("id"), rest::append_quoted(id, out);
  for (std::size_t c = 0; c < fields.size(); ++c) {
    const FieldInfo& field = *fields[c];
    // A new record is given what it has; only of one that is there a value is taken away.
    if (!row.is_set(c) || field.read_only || (!id.empty() && field.only_new) || (id.empty() && !upserts && row.column(c).is_null(row.row))) continue;
    member(field.name);
    if (const auto fault = append_value(field, row.column(c), row.row, clears_blanks, related_module, out)) {
      out->resize(before);
      return sql::refuse(number, fault->number, field.name, "", {{"seen", fault->seen}, {"expected", fault->expected}});
    }
    polymorphic = polymorphic || (field.name == "What_Id" && field.target.empty() && !row.column(c).is_null(row.row));
  }
  if (polymorphic) member("$se_module"), rest::append_quoted(related_module, out);
  *out += first ? "{}" : "}";
  return std::nullopt;
}

std::string WritePlan::body(std::string_view records, Action action) const {
  std::string out = R"({"data":[)" + std::string(records) + "]";
  if (action == Action::upsert) {
    out += R"(,"duplicate_check_fields":[)";
    rest::append_quoted(key.fields().front()->name, &out);
    out += ']';
  }
  if (!trigger.empty()) out += R"(,"trigger":)" + trigger;
  return out + "}";
}

std::vector<std::int64_t> UnitState::open_rows(const WritePlan& plan, Action action) const {
  std::vector<std::int64_t> out;
  for (std::int64_t row = 0; row < static_cast<std::int64_t>(rows.size()); ++row)
    if (is_open(row) && plan.action_of(rows[static_cast<std::size_t>(row)], ids.contains(row)) == action) out.push_back(row);
  return out;
}

}  // namespace godwit::zoho
