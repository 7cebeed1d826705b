#pragma once
// Why Salesforce did not take a record, in numbers; its own words are kept.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/salesforce/write_plan.hpp"

namespace godwit::salesforce {

// One record's error.
struct RecordError {
  std::string code, message;
  std::vector<std::string> fields;
  std::vector<std::string> matches;  // ids of the records that a duplicate rule found

  // Another transaction was in the way, or the server was busy: the same record may pass the next time.
  bool may_pass() const;
  // The record that was to be changed or deleted is not there.
  bool is_missing() const;
  // No record could pass: storage is full, or a limit of the org is reached.
  bool concerns_all() const;
};

// An element of a collections answer that is no success.
RecordError record_error(const nlohmann::json& result);
// "CODE:message:Field1 Field2 --" of a Bulk job's failed results.
RecordError record_error(std::string_view bulk_text);

// The refusal of row `number`, with the value of the field at fault.
Refusal refuse_record(const WritePlan& plan, const RecordError& error, const rest::RowAt& row, std::int64_t number);

}  // namespace godwit::salesforce
