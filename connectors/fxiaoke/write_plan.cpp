#include "connectors/fxiaoke/write_plan.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/model/nearest.hpp"
#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::fxiaoke {

Result<WritePlan> WritePlan::make(Tenant& tenant, const WriteRequest& request) {
  WritePlan out;
  GW_ASSIGN(out.object, tenant.object(request.object));
  out.request = request, out.wants_ids = !request.id.empty(), out.form = value_form(tenant.options().offset_s), out.clears_blanks = tenant.options().clears_blanks;
  const std::string place = tenant.options().place();
  const auto is_key = [&](const std::string& name) { return std::ranges::find(request.key, name) != request.key.end(); };
  for (std::size_t c = 0; c < request.columns.size(); ++c) {
    const Field& column = request.columns[c];
    const FieldInfo* field = out.object->find(column.name);
    if (field == nullptr) {
      std::vector<std::string_view> names;
      for (const FieldInfo& f : out.object->fields) names.push_back(f.name);
      return sdk::fail(3031, ErrorKind::bad_config, {{"place", place}, {"object", out.object->name}, {"seen", column.name}, {"nearest", std::string(nearest(column.name, names))}});
    }
    if (field->read_only && !is_key(column.name)) return sdk::fail(3605, ErrorKind::bad_config, {{"place", place}, {"object", out.object->name}, {"field", column.name}});
    if (column.type != field->type && column.type.id != TypeId::null_type)
      return sdk::fail(3606, ErrorKind::bad_config,
                       {{"place", place}, {"object", out.object->name}, {"field", column.name}, {"seen", to_string(column.type)}, {"expected", to_string(field->type)}});
    if (column.name == "owner") out.owner = static_cast<int>(c);
    out.sets_time = out.sets_time || column.name == "create_time";
    out.sets_creator = out.sets_creator || column.name == "created_by";
    out.fields.push_back(field);
  }
  std::vector<const FieldInfo*> key;
  for (const std::string& name : request.key) {
    out.key_columns.push_back(static_cast<std::size_t>(find_field(request.columns, name)));
    key.push_back(out.fields[out.key_columns.back()]);
  }
  out.key = KeyShape(std::move(key), out.form);
  return out;
}

std::optional<std::string> WritePlan::key_of(const rest::RowAt& row) const {
  std::vector<const Column*> columns;
  for (const std::size_t c : key_columns) columns.push_back(&row.column(c));
  return key.of_row(columns, row.row);
}

bool WritePlan::is_empty(std::size_t c, const rest::RowAt& row) const {
  const Column& column = row.column(c);
  return column.is_null(row.row) || (fields[c]->is_list && column.type.id == TypeId::utf8 && column.text(row.row).empty());
}

std::optional<Refusal> WritePlan::object_data(const rest::RowAt& row, std::int64_t number, std::string_view id, std::string* out) const {
  const std::size_t before = out->size();
  *out += R"({"dataObjectApiName":)";
  rest::append_quoted(object->name, out);
  if (!id.empty()) {
    *out += R"(,"_id":)";
    rest::append_quoted(id, out);
  }
  for (std::size_t c = 0; c < fields.size(); ++c) {
    const FieldInfo& field = *fields[c];
    // A new record is given what it has; only of one that is there a value is taken away.
    if (!row.is_set(c) || field.name == "_id" || (id.empty() && is_empty(c, row)) || (!id.empty() && (static_cast<int>(c) == owner || field.only_new))) continue;
    *out += ',';
    rest::append_quoted(field.name, out);
    *out += ':';
    if (const auto fault = append_value(field, row.column(c), row.row, form, clears_blanks, out)) {
      out->resize(before);
      return sql::refuse(number, fault->number, field.name, "", {{"seen", fault->seen}, {"expected", fault->expected}});
    }
  }
  *out += '}';
  return std::nullopt;
}

std::optional<std::string> WritePlan::owner_of(const rest::RowAt& row) const {
  if (owner < 0 || !row.is_set(static_cast<std::size_t>(owner)) || is_empty(static_cast<std::size_t>(owner), row)) return std::nullopt;
  return std::string(row.column(static_cast<std::size_t>(owner)).text(row.row));
}

bool WritePlan::has_fields(const rest::RowAt& row) const {
  for (std::size_t c = 0; c < fields.size(); ++c)
    if (row.is_set(c) && static_cast<int>(c) != owner && !fields[c]->only_new && fields[c]->name != "_id" && std::ranges::find(key_columns, c) == key_columns.end()) return true;
  return false;
}

}  // namespace godwit::fxiaoke
