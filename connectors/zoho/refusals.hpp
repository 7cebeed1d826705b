#pragma once
// What Zoho's items about single records mean.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "connectors/zoho/write_plan.hpp"

namespace godwit::zoho {

// One item with "status": "error"; of several errors at one record the first, and all of them in the words.
struct RecordError {
  std::string code, message;
  std::string field;            // api_name
  std::string words;            // the vendor's own: code, text and details
  std::string expected_type;    // expected_data_type
  std::string choices;          // supported_values, joined
  std::string other_record;     // duplicate_record
  std::string reference;        // id of the record that was not found, of answers to deletions
  std::int64_t longest = 0;     // maximum_length

  bool is_locked() const { return code == "RECORD_LOCKED"; }
  // The record that the row names is not there.
  bool is_missing() const { return code == "INVALID_DATA" && (field == "id" || !reference.empty()); }
  // No record will be taken: the organisation is full, or its credits are gone.
  bool concerns_all() const { return code == "STORAGE_SPACE_EXCEEDED" || code == "LIMIT_EXCEEDED" || code == "LICENSE_LIMIT_EXCEEDED"; }
};

RecordError record_error(const nlohmann::json& item);
Refusal refuse_record(const WritePlan& plan, const RecordError& error, const rest::RowAt& row, std::int64_t number);

}  // namespace godwit::zoho
