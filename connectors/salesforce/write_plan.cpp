#include "connectors/salesforce/write_plan.hpp"

#include <algorithm>
#include <array>

#include "connectors/salesforce/selection.hpp"
#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::salesforce {
namespace {

// Records of these are referred to by everything and locked by nothing.
bool is_locked_by_children(const std::string& object) {
  static constexpr std::array kNever{"User", "Group", "RecordType", "Profile", "Organization"};
  return std::find(kNever.begin(), kNever.end(), object) == kNever.end();
}

std::string folded(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

}  // namespace

Result<WritePlan> WritePlan::make(Org& org, const WriteRequest& request) {
  WritePlan out;
  out.request = request, out.form = org.options().form;
  GW_ASSIGN(out.object, org.object(request.object));
  const std::string place = org.options().place() + " " + request.object;
  if (!out.object->createable && !out.object->updateable && !out.object->deletable) return sdk::fail(3511, ErrorKind::denied, {{"place", place}, {"object", request.object}});
  std::vector<std::string> names;
  for (const Field& f : request.columns) names.push_back(f.name);
  GW_ASSIGN(const Selection selection, Selection::make(org, out.object, names));
  out.columns = selection.columns();
  if (request.key.size() > 1) return sdk::fail(3510, ErrorKind::bad_config, {{"place", place}, {"object", request.object}, {"field", request.key[0] + ", " + request.key[1]}});
  for (std::size_t c = 0; c < out.columns.size(); ++c) {
    const SColumn& column = out.columns[c];
    const bool is_key = !request.key.empty() && request.key[0] == request.columns[c].name;
    if (request.columns[c].type != column.type())
      return sdk::fail(3509, ErrorKind::bad_config, {{"place", place}, {"object", request.object}, {"field", column.name()}, {"seen", to_string(request.columns[c].type)}, {"expected", to_string(column.type())}});
    if (is_key) {
      if (column.parent != nullptr || (column.field->name != "Id" && !column.field->is_key()))
        return sdk::fail(3510, ErrorKind::bad_config, {{"place", place}, {"object", request.object}, {"field", column.name()}});
      out.key = static_cast<int>(c), out.key_is_id = column.field->name == "Id";
      continue;
    }
    if (!column.field->is_writable() && column.field->name != "Id") return sdk::fail(3508, ErrorKind::bad_config, {{"place", place}, {"object", request.object}, {"field", column.name()}});
    if (std::any_of(column.field->refers_to.begin(), column.field->refers_to.end(), is_locked_by_children)) out.locking.push_back(c);
  }
  if (!request.id.empty() && request.id != "Id") return sdk::fail(3510, ErrorKind::bad_config, {{"place", place}, {"object", request.object}, {"field", request.id}});
  out.wants_ids = !request.id.empty();
  return out;
}

bool WritePlan::is_sent(std::size_t column, Action action) const {
  const SField& field = *columns[column].field;
  if (field.name == "Id") return false;  // named apart
  return action == Action::upsert || static_cast<int>(column) != key || action == Action::create;
}

Action WritePlan::action_of(const rest::RowAt& row) const {
  switch (row.operation()) {
    case Operation::update: return Action::update;
    case Operation::remove: return Action::remove;
    // A deleted record cannot be brought back through REST: it is made anew.
    case Operation::restore: return Action::create;
    default: break;
  }
  if (key < 0 || key_is_id) return Action::create;
  if (row.operation() == Operation::insert)
    for (std::size_t c = 0; c < columns.size(); ++c)
      if (columns[c].field->createable && !columns[c].field->updateable && row.is_set(c) && !row.column(c).is_null(row.row)) return Action::create;
  return Action::upsert;
}

std::optional<std::string> WritePlan::key_of(const Column& keys, std::int64_t row) const {
  if (keys.is_null(row)) return std::nullopt;
  std::string text = value_text(keys, row);
  if (text.empty()) return std::nullopt;
  if (key_is_id) return long_id(text);
  const SField& field = *columns[static_cast<std::size_t>(key)].field;
  return field.case_sensitive ? text : folded(std::move(text));
}

std::optional<std::string> WritePlan::record_type_id(std::string_view developer_name) const {
  const RecordType* type = object->record_type(developer_name);
  return type == nullptr ? std::nullopt : std::optional(type->id);
}

std::string WritePlan::record_type_names() const {
  std::string out;
  for (const RecordType& t : object->record_types) out += (out.empty() ? "" : ", ") + t.developer_name;
  return out;
}

std::uint64_t WritePlan::lock_of(const rest::RowAt& row) const {
  for (const std::size_t c : locking) {
    if (!row.is_set(c) || row.column(c).is_null(row.row)) continue;
    std::uint64_t hash = 14695981039346656037u + c;
    for (const char ch : row.column(c).text(row.row)) hash = (hash ^ static_cast<unsigned char>(ch)) * 1099511628211u;
    return hash | 1;
  }
  return 0;
}

std::optional<Refusal> WritePlan::append_record(const rest::RowAt& row, std::int64_t number, Action action, std::string_view id, std::string* out) const {
  const std::size_t begin = out->size();
  const auto refuse = [&](std::size_t c, const rest::ValueFault& fault) {
    out->resize(begin);
    return sql::refuse(number, fault.number, columns[c].name(), "", {{"seen", fault.seen}, {"expected", fault.expected}});
  };
  *out += R"({"attributes":{"type":")" + object->name + "\"}";
  const auto name = [&](std::string_view text) {
    *out += ',';
    rest::append_quoted(text, out);
    *out += ':';
  };
  if (!id.empty()) name("id"), rest::append_quoted(id, out);
  rest::WrittenValue value;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const SColumn& column = columns[c];
    if (!row.is_set(c) || !is_sent(c, action)) continue;
    if (const auto fault = rest::write_value(row.column(c), row.row, form, &value)) return refuse(c, *fault);
    // A boolean is never null: Salesforce would make it false.
    if (value.null && column.field->type == "boolean") {
      out->resize(begin);
      return sql::refuse(number, sql::kNotNull, column.name(), "");
    }
    if (column.parent == nullptr) {
      name(column.field->name);
      rest::append_json(value, out);
      continue;
    }
    // Of several columns for one reference the one that has a value wins; the reference is emptied where none has.
    const auto gives = [&](std::size_t other) {
      return columns[other].field == column.field && row.is_set(other) && !row.column(other).is_null(row.row);
    };
    if (!value.null && column.names_record_type()) {
      const auto type = record_type_id(value.text);
      if (!type) {
        out->resize(begin);
        return sql::refuse(number, sql::kNotAChoice, column.name(), "", {{"seen", '"' + sql::excerpt(value.text) + '"'}, {"expected", record_type_names()}});
      }
      name(column.field->name), rest::append_quoted(*type, out);
      continue;
    }
    if (!value.null) {
      name(column.field->relationship);
      *out += '{';
      if (column.polymorphic) *out += R"("attributes":{"type":")" + column.parent_object + "\"},";
      rest::append_quoted(column.parent->name, out);
      *out += ':';
      rest::append_json(value, out);
      *out += '}';
      continue;
    }
    bool given = false, earlier = false;
    for (std::size_t other = 0; other < columns.size(); ++other) {
      given = given || gives(other);
      earlier = earlier || (other < c && columns[other].field == column.field && row.is_set(other));
    }
    if (!given && !earlier) name(column.field->name), *out += "null";
  }
  *out += '}';
  return std::nullopt;
}

}  // namespace godwit::salesforce
