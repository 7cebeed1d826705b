#include "connectors/zoho/refusals.hpp"

#include <nlohmann/json.hpp>

#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/sql/clean_text.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::zoho {
namespace {

using nlohmann::json;

std::string text_at(const json& value, std::string_view path) {
  const json* found = rest::find_at(value, path);
  return found == nullptr ? std::string() : rest::scalar_text(*found).value_or("");
}

// The number that says the same as the item; 372x: one of Zoho's own (messages.json).
int number_of(const WritePlan& plan, const RecordError& e) {
  const FieldInfo* field = plan.module->find(e.field);
  if (e.code == "MANDATORY_NOT_FOUND") return sql::kNotNull;
  if (e.code == "DUPLICATE_DATA") return sql::kNotUnique;
  if (e.code == "INVALID_DATA" || e.code == "INVALID_DATA_TYPE") {
    if (e.longest > 0) return sql::kTooLong;
    if (!e.choices.empty()) return sql::kNotAChoice;
    if (field != nullptr && field->target == "Users") return 3720;
    if (field != nullptr && field->shape == FieldInfo::Shape::reference) return sql::kNoSuchParent;
    if (!e.expected_type.empty()) return sql::kWrongType;
    return field == nullptr ? static_cast<int>(sql::kRefusedOtherwise) : 3721;
  }
  if (e.code == "DEPENDENT_FIELD_MISSING" || e.code == "DEPENDENT_MISMATCH" || e.code == "MAPPING_MISMATCH") return 3722;
  if (e.code == "NOT_APPROVED" || e.code == "RECORD_LOCKED" || e.code == "RECORD_IN_BLUEPRINT" || e.code == "CONVERTED_RECORD" || e.code == "CANNOT_PERFORM_ACTION") return 3723;
  if (e.code == "NO_PERMISSION" || e.code == "AUTHORIZATION_FAILED" || e.code == "DEPENDENT_SERVICE_ERROR") return 3724;
  return sql::kRefusedOtherwise;
}

}  // namespace

RecordError record_error(const json& item) {
  RecordError out;
  const json* first = &item;
  if (const json* several = rest::find_at(item, "/details/errors/0"); several != nullptr && several->is_object()) first = several;
  out.code = text_at(*first, "/code"), out.message = text_at(*first, "/message"), out.field = text_at(*first, "/details/api_name");
  out.expected_type = text_at(*first, "/details/expected_data_type"), out.reference = text_at(*first, "/details/id");
  out.other_record = text_at(*first, "/details/duplicate_record/id");
  if (const json* longest = rest::find_at(*first, "/details/maximum_length"); longest != nullptr && longest->is_number_integer()) out.longest = longest->get<std::int64_t>();
  if (const json* values = rest::find_at(*first, "/details/supported_values"); values != nullptr && values->is_array())
    for (const json& v : *values)
      if (const auto text = rest::scalar_text(v); text && out.choices.size() < 200) out.choices += (out.choices.empty() ? "" : ", ") + *text;
  out.words = text_at(item, "/code") + ": " + text_at(item, "/message");
  if (const json* details = rest::find_at(item, "/details"); details != nullptr && details->is_object() && !details->empty()) out.words += " " + sql::excerpt(rest::exact_text(*details));
  return out;
}

Refusal refuse_record(const WritePlan& plan, const RecordError& error, const rest::RowAt& row, std::int64_t number) {
  const int known = number_of(plan, error);
  std::vector<Argument> arguments;
  // The value that the row gave for the field.
  for (std::size_t c = 0; c < plan.fields.size(); ++c) {
    if (plan.fields[c]->name != error.field || !row.is_set(c)) continue;
    const Column& values = row.column(c);
    const bool null = values.is_null(row.row);
    if (known == sql::kTooLong) arguments.emplace_back("seen", std::to_string(sql::count_characters(null || values.type.id != TypeId::utf8 ? std::string_view() : values.text(row.row))));
    else arguments.emplace_back("seen", null ? "null" : '"' + sql::excerpt(value_text(values, row.row)) + '"');
    if (known == sql::kNoSuchParent) arguments.emplace_back("object", plan.fields[c]->target);
    break;
  }
  if (arguments.empty()) arguments.emplace_back("seen", "null");
  arguments.emplace_back("expected", known == sql::kTooLong      ? std::to_string(error.longest)
                                     : known == sql::kNotAChoice ? error.choices
                                     : !error.expected_type.empty() ? error.expected_type
                                                                    : error.message);
  if (known == sql::kNotUnique && !error.other_record.empty()) arguments.emplace_back("record", error.other_record);
  Refusal out = sql::refuse(number, known, error.field, error.words, std::move(arguments));
  if (error.is_locked()) out.error_class = "lock";
  return out;
}

}  // namespace godwit::zoho
