#include "connectors/fxiaoke/object_type.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::fxiaoke {
namespace {

using nlohmann::json;

constexpr std::int64_t kDay_us = 86'400'000'000;

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) { return std::ranges::find(words, word) != words.end(); }

std::string text_of(const json& value, const char* name) {
  const auto it = value.find(name);
  return it != value.end() && it->is_string() ? it->get<std::string>() : std::string();
}
bool flag_of(const json& value, const char* name, bool otherwise) {
  const auto it = value.find(name);
  return it != value.end() && it->is_boolean() ? it->get<bool>() : otherwise;
}
std::int64_t count_of(const json& value, const char* name, std::int64_t otherwise) {
  const auto it = value.find(name);
  return it != value.end() && it->is_number_integer() ? it->get<std::int64_t>() : otherwise;
}

Type type_of(const std::string& kind, std::int64_t decimals) {
  const auto scale = static_cast<std::int32_t>(std::clamp<std::int64_t>(decimals, 0, 18));
  if (is_one_of(kind, {"number", "currency", "percentile"})) return Type::decimal(std::min(38, 18 + scale), scale);
  if (kind == "date") return TypeId::date32;
  if (kind == "date_time") return TypeId::timestamp_tz;
  if (kind == "time") return TypeId::time64;
  if (kind == "true_or_false") return TypeId::boolean;
  if (is_one_of(kind, {"file_attachment", "image", "embedded_object_list"})) return TypeId::json;
  return TypeId::utf8;
}

bool is_system_of_history(std::string_view name) { return name == "create_time" || name == "created_by"; }

// Fields that every object has, whether describe names them or not.
void add_system_fields(ObjectType& object, bool keeps_history) {
  const auto add = [&](const char* name, const char* kind, bool read_only) {
    if (object.find(name) != nullptr) return;
    FieldInfo f;
    f.name = f.label = name, f.kind = kind, f.type = type_of(kind, 0), f.read_only = read_only;
    f.is_list = is_one_of(kind, {"employee", "department", "select_many"}), f.only_new = is_system_of_history(name);
    object.fields.push_back(std::move(f));
  };
  add("owner", "employee", false), add("record_type", "text", false);
  add("created_by", "employee", !keeps_history), add("create_time", "date_time", !keeps_history);
  add("last_modified_by", "employee", true), add("last_modified_time", "date_time", true);
  add("life_status", "text", true), add("lock_status", "text", true), add("is_deleted", "true_or_false", true);
}


}  // namespace

const FieldInfo* ObjectType::find(std::string_view field) const {
  const auto it = std::ranges::find(fields, field, &FieldInfo::name);
  return it == fields.end() ? nullptr : &*it;
}

std::string ObjectType::path(std::string_view operation) const { return (is_custom() ? "/cgi/crm/custom/v2/data/" : "/cgi/crm/v2/data/") + std::string(operation); }

ObjectType parse_object(std::string_view name, const json& describe, bool keeps_history) {
  ObjectType out;
  out.name = name, out.label = text_of(describe, "display_name");
  FieldInfo id;
  id.name = "_id", id.label = "_id", id.kind = "text", id.type = TypeId::utf8, id.unique = true, id.read_only = true;
  out.fields.push_back(std::move(id));
  const json* fields = rest::find_at(describe, "/fields");
  if (fields != nullptr && fields->is_object())
    for (const auto& [key, f] : fields->items()) {
      if (!f.is_object() || key == "_id" || !flag_of(f, "is_active", true)) continue;
      FieldInfo info;
      info.name = key, info.label = text_of(f, "label"), info.kind = text_of(f, "type");
      info.type = type_of(info.kind, count_of(f, "decimal_places", info.kind == "number" ? 0 : 2));
      info.required = flag_of(f, "is_required", false), info.unique = flag_of(f, "is_unique", false);
      info.is_list = is_one_of(info.kind, {"employee", "department", "employee_many", "department_many", "select_many", "object_reference_many"});
      info.read_only = is_one_of(info.kind, {"auto_number", "formula", "count", "quote"}) || flag_of(f, "is_readonly", false);
      if (is_system_of_history(key)) info.read_only = !keeps_history, info.required = false, info.only_new = true;
      if (is_one_of(key, {"last_modified_by", "last_modified_time", "life_status", "lock_status", "is_deleted", "version"})) info.read_only = true, info.required = false;
      info.length = count_of(f, "max_length", 0);
      info.target = text_of(f, "target_api_name");
      if (const json* options = rest::find_at(f, "/options"); options != nullptr && options->is_array())
        for (const json& option : *options)
          if (const json* value = rest::find_at(option, "/value"); value != nullptr)
            if (const auto text = rest::scalar_text(*value)) info.choices.push_back(*text);
      out.fields.push_back(std::move(info));
    }
  add_system_fields(out, keeps_history);
  return out;
}

ObjectDescription description_of(const ObjectType& object) {
  ObjectDescription out;
  out.object = object.name, out.key = {"_id"};
  for (const FieldInfo& f : object.fields) {
    ObjectField& field = out.fields.emplace_back();
    field.name = f.name, field.type = f.type, field.unique = f.unique, field.generated = f.read_only;
    // Who owns a record and what kind it is are filled in where a call does not say.
    field.nullable = !f.required, field.has_default = f.name == "owner" || f.name == "record_type" || f.read_only || f.only_new;
    if (f.length > 0 && f.type.id == TypeId::utf8 && !f.is_list) field.length = f.length;
    if (!f.is_list && f.type.id == TypeId::utf8) field.choices = f.choices;
    if (f.unique && f.name != "_id") out.uniques.push_back({f.name});
    if (!f.target.empty()) out.references.push_back({{f.name}, f.target, {"_id"}});
  }
  return out;
}

rest::ValueForm value_form(std::int64_t offset_s) {
  rest::ValueForm form;
  form.numbers = rest::ValueForm::Numbers::text, form.dates = rest::DateForm::epoch_ms, form.moments = rest::MomentForm::epoch_ms;
  form.date_offset_s = offset_s;
  return form;
}

std::optional<rest::ValueFault> append_value(const FieldInfo& field, const Column& column, std::int64_t row, const rest::ValueForm& form, bool clears_blanks, std::string* out) {
  if (column.is_null(row)) {
    *out += field.is_list ? "[]" : "null";
    return std::nullopt;
  }
  if (field.kind == "time") {
    const std::int64_t us = column.int64(row);
    if (us % 1000 != 0) return rest::ValueFault{sql::kNotExact, value_text(column, row), "3 digits of a second"};
    *out += std::to_string(us / 1000 - form.date_offset_s * 1000);
    return std::nullopt;
  }
  rest::WrittenValue value;
  if (auto fault = rest::write_value(column, row, form, &value)) return fault;
  if (value.quoted && value.text.empty() && !value.null) {
    if (!clears_blanks) return rest::ValueFault{sql::kWouldBeAltered, "\"\"", "null"};
    *out += field.is_list ? "[]" : "null";
    return std::nullopt;
  }
  if (!field.is_list || value.null) {
    rest::append_json(value, out);
    return std::nullopt;
  }
  *out += '[';
  std::string_view left = value.text;
  for (bool first = true; !left.empty(); first = false) {
    const std::size_t end = std::min(left.find(';'), left.size());
    if (!first) *out += ',';
    rest::append_quoted(left.substr(0, end), out);
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  *out += ']';
  return std::nullopt;
}

std::optional<std::string> filter_text(const FieldInfo& field, const Column& column, std::int64_t row, const rest::ValueForm& form) {
  rest::WrittenValue value;
  if (column.is_null(row) || field.kind == "time" || rest::write_value(column, row, form, &value) || value.null) return std::nullopt;
  return value.text;
}

std::optional<rest::ValueFault> read_value(const FieldInfo& field, const json* value, const rest::ValueForm& form, ColumnBuilder* out) {
  if (value == nullptr || value->is_null()) return out->null(), std::nullopt;
  if (field.kind == "time" && field.type.id == TypeId::time64) {
    const auto digits = rest::scalar_text(*value);
    const auto ms = value->is_number_integer() ? std::optional(value->get<std::int64_t>()) : std::nullopt;
    if (!ms) return rest::ValueFault{3407, digits.value_or("?"), to_string(field.type)};
    const std::int64_t us = ((*ms + form.date_offset_s * 1000) * 1000 % kDay_us + kDay_us) % kDay_us;
    return out->append_int64(us), std::nullopt;
  }
  if (!value->is_array() || field.type.id != TypeId::utf8) return rest::read_json(*value, form, out);
  std::string joined;
  for (const json& one : *value) {
    const auto text = rest::scalar_text(one);
    if (!text) return rest::ValueFault{3407, rest::exact_text(*value).substr(0, 100), to_string(field.type)};
    joined += (joined.empty() ? "" : ";") + *text;
  }
  joined.empty() ? out->null() : out->append_text(joined);
  return std::nullopt;
}

}  // namespace godwit::fxiaoke
