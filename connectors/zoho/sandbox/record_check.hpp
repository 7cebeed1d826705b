#pragma once
// What a record may hold: every value is checked, and all problems of a record are found in one pass.

#include "connectors/zoho/sandbox/org.hpp"

namespace godwit::sandbox::zoho {

// How values of this source travel.
struct Source {
  bool csv = false;             // texts for all; lookups as ids
  bool keep_system_times = false;  // Created_Time, Modified_Time and Created_By are taken
};

// One row of a subform, as sent.
struct SubformRows {
  const Field* field;
  Json rows;
};

struct Checked {
  Columns columns;  // what is to be stored; on update only what was sent
  std::vector<SubformRows> subforms;
  std::vector<Problem> problems;
};

// Checks `sent` for `module`; `before` is the record that it changes, null when it makes one. `path` is the json_path of the record: "$.data[0]".
Checked check_record(Org& org, const Object& module, const Json& sent, const Record* before, const std::string& path, const External& external, const Source& source);

// DUPLICATE_DATA of a unique field that another record has.
std::optional<Problem> check_unique(Org& org, const Object& module, const Columns& columns, const std::string& own_id, const std::string& path);
Problem duplicate_problem(Org& org, const Object& module, const Field& field, const std::string& path, const std::string& other, bool more);

// A text member of an object; "" where there is none, or something else.
std::string text_in(const Json& in, const char* name);

const Value* find_column(const Columns& columns, std::string_view name);
void put(Columns& columns, std::string_view name, Value value);

}  // namespace godwit::sandbox::zoho
