#include "connectors/salesforce/refusals.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/sql/clean_text.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::salesforce {
namespace {

using nlohmann::json;

template <std::size_t n>
bool is_one_of(std::string_view code, const std::array<const char*, n>& codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

std::string text_at(const json& value, std::string_view path) {
  const json* found = rest::find_at(value, path);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

// The number that says the same as the code; 0: one of Salesforce's own (messages.json), or none.
int common_number(std::string_view code) {
  struct Entry {
    const char* code;
    int number;
  };
  static constexpr Entry kEntries[] = {
      {"REQUIRED_FIELD_MISSING", sql::kNotNull}, {"DUPLICATE_VALUE", sql::kNotUnique}, {"FIELD_CUSTOM_VALIDATION_EXCEPTION", sql::kCheckFailed},
      {"INVALID_CROSS_REFERENCE_KEY", sql::kNoSuchParent}, {"DELETE_FAILED", sql::kStillReferenced}, {"INVALID_TYPE_ON_FIELD_IN_RECORD", sql::kWrongType},
      {"STRING_TOO_LONG", sql::kTooLong}, {"NUMBER_OUTSIDE_VALID_RANGE", sql::kOutOfRange}, {"DUPLICATE_EXTERNAL_ID", sql::kKeyNotUnique},
      {"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", sql::kTriggerRefused}, {"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", sql::kNotAChoice},
      {"DUPLICATES_DETECTED", 3520}, {"INACTIVE_OWNER_OR_USER", 3521}, {"OP_WITH_INVALID_USER_TYPE_EXCEPTION", 3521}, {"INVALID_EMAIL_ADDRESS", 3522},
      {"INSUFFICIENT_ACCESS_OR_READONLY", 3523}, {"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", 3523}, {"TRANSFER_REQUIRES_READ", 3523},
      {"INVALID_FIELD_FOR_INSERT_UPDATE", 3524}, {"MALFORMED_ID", 3525}, {"ENTITY_IS_DELETED", 3526},
  };
  for (const Entry& e : kEntries)
    if (code == e.code) return e.number;
  return sql::kRefusedOtherwise;
}

// What the picklist takes; of a dependent one, what goes with the value that the row gives its controlling field.
std::string choices_of(const WritePlan& plan, const SField& field, const rest::RowAt& row) {
  std::vector<std::string> values;
  for (const PicklistValue& v : field.values)
    if (v.active) values.push_back(v.value);
  std::string where;
  const SField* controller = field.dependent ? plan.object->find(field.controller) : nullptr;
  for (std::size_t c = 0; controller != nullptr && c < plan.columns.size(); ++c) {
    if (plan.columns[c].name() != controller->name || !row.is_set(c)) continue;
    const std::string given = value_text(row.column(c), row.row);
    for (auto& [value, allowed] : dependent_values(field, *controller))
      if (value == given) values = std::move(allowed), where = " (" + controller->name + " = " + given + ")";
  }
  std::string out;
  for (const std::string& v : values)
    if (out.size() < 200) out += (out.empty() ? "" : ", ") + v;
  return out + where;
}

}  // namespace

bool RecordError::may_pass() const {
  if (code.empty() && message.starts_with("unable to obtain exclusive access")) return true;
  return is_one_of(code, std::array<const char*, 6>{"UNABLE_TO_LOCK_ROW", "QUERY_TIMEOUT", "UNKNOWN_EXCEPTION", "SERVER_UNAVAILABLE", "TOO_MANY_APEX_REQUESTS", "PROCESSING_HALTED"});
}

bool RecordError::is_missing() const {
  return is_one_of(code, std::array<const char*, 2>{"ENTITY_IS_DELETED", "NOT_FOUND"});
}

bool RecordError::concerns_all() const { return is_one_of(code, std::array<const char*, 3>{"STORAGE_LIMIT_EXCEEDED", "LIMIT_EXCEEDED", "REQUEST_LIMIT_EXCEEDED"}); }

RecordError record_error(const json& result) {
  RecordError out;
  const json* first = rest::find_at(result, "/errors/0");
  if (first == nullptr) first = &result;
  out.code = text_at(*first, "/statusCode");
  if (out.code.empty()) out.code = text_at(*first, "/errorCode");
  out.message = text_at(*first, "/message");
  if (const json* fields = rest::find_at(*first, "/fields"); fields != nullptr && fields->is_array())
    for (const json& f : *fields)
      if (f.is_string()) out.fields.push_back(f.get<std::string>());
  if (const json* rules = rest::find_at(*first, "/duplicateResult/matchResults"); rules != nullptr && rules->is_array())
    for (const json& rule : *rules) {
      const json* records = rest::find_at(rule, "/matchRecords");
      if (records == nullptr || !records->is_array()) continue;
      for (const json& record : *records)
        if (const std::string id = text_at(record, "/record/Id"); !id.empty()) out.matches.push_back(id);
    }
  return out;
}

RecordError record_error(std::string_view text) {
  RecordError out;
  const std::size_t colon = std::min(text.find(':'), text.size());
  // Where no code stands in front, all of it is the message.
  if (text.substr(0, colon).find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != std::string_view::npos || colon == text.size()) {
    out.message = text;
    return out;
  }
  out.code = text.substr(0, colon);
  std::string_view rest = text.substr(colon + 1);
  // The names of fields stand behind the last colon and end with two hyphens.
  if (rest.ends_with("--")) {
    const std::size_t last = rest.rfind(':');
    std::string_view names = rest.substr(last == std::string_view::npos ? 0 : last + 1);
    names.remove_suffix(2);
    if (last != std::string_view::npos) rest = rest.substr(0, last);
    for (std::size_t from = 0; from < names.size();) {
      const std::size_t to = std::min(names.find_first_of(" ,", from), names.size());
      if (to > from) out.fields.emplace_back(names.substr(from, to - from));
      from = to + 1;
    }
  }
  out.message = rest;
  return out;
}

Refusal refuse_record(const WritePlan& plan, const RecordError& error, const rest::RowAt& row, std::int64_t number) {
  const std::string words = error.code + (error.code.empty() || error.message.empty() ? "" : ": ") + error.message;
  std::string field = error.fields.empty() ? std::string() : error.fields.front();
  std::vector<Argument> arguments;
  const int known = common_number(error.code);
  if (known == sql::kNotUnique && field.empty()) {
    // "duplicate value found: Ext__c duplicates value on record with id: 001..."
    constexpr std::string_view kHead = "duplicate value found: ";
    if (error.message.starts_with(kHead)) field = error.message.substr(kHead.size(), error.message.find(' ', kHead.size()) - kHead.size());
  }
  if (known == sql::kKeyNotUnique) {
    if (field.empty() && plan.key >= 0) field = plan.columns[static_cast<std::size_t>(plan.key)].name();
    arguments.emplace_back("seen", "2+");
  }
  // The value that the row gave for the field.
  for (std::size_t c = 0; c < plan.columns.size() && known != sql::kKeyNotUnique; ++c) {
    if (plan.columns[c].name() != field || !row.is_set(c)) continue;
    const Column& values = row.column(c);
    const std::string value = values.is_null(row.row) ? "null" : '"' + sql::excerpt(value_text(values, row.row)) + '"';
    const SField& described = *plan.columns[c].field;
    if (known == sql::kTooLong) {
      arguments.emplace_back("seen", std::to_string(sql::count_characters(values.is_null(row.row) ? std::string_view() : values.text(row.row))));
      arguments.emplace_back("expected", std::to_string(described.length));
    } else {
      arguments.emplace_back("seen", value);
      std::string expected = error.message;
      if (known == sql::kNoSuchParent)
        arguments.emplace_back("object", plan.columns[c].parent != nullptr ? plan.columns[c].parent_object : described.refers_to.empty() ? std::string() : described.refers_to.front());
      if (known == sql::kNotAChoice && !described.values.empty()) expected = choices_of(plan, described, row);
      if (known == sql::kOutOfRange || known == sql::kWrongType) expected = to_string(plan.columns[c].type());
      arguments.emplace_back("expected", expected);
    }
    break;
  }
  if (known == sql::kCheckFailed && arguments.empty()) arguments.emplace_back("expected", error.message);
  if (!error.matches.empty()) {
    std::string ids;
    for (const std::string& id : error.matches) ids += (ids.empty() ? "" : ", ") + id;
    arguments.emplace_back("seen", ids);
  }
  Refusal out = sql::refuse(number, known, field, words, std::move(arguments));
  if (error.may_pass()) out.error_class = "lock";
  return out;
}

}  // namespace godwit::salesforce
