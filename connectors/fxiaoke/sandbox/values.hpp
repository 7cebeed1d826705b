#pragma once
// How values travel and how they lie in the tables. Decimals are kept as exact text, times as ms since 1970, lists as JSON text.

#include <string>
#include <string_view>

#include "connectors/fxiaoke/sandbox/tenant_model.hpp"
#include "plugins/kits/sandbox/database.hpp"

namespace godwit::sandbox::fxiaoke {

struct ValueRules {
  int zone_minutes = 480;       // the tenant's zone: a date is its midnight there
  bool keep_empty_text = false;  // "" stays "" instead of becoming null
  bool convert_people = false;   // people travel as FSUID_... (convertUserId)
};

// What the wire has -> what the column holds; null for null, "" and []. Throws Rejected in Chinese for a value of the wrong type, one
// that is too long, and an option that the field does not have. Whether a person or a record of that id exists is not looked at here.
Value column_value(const Field& field, const Json& wire, const ValueRules& rules);

// What the column holds -> what the wire has. `held` comes from a column that column_value() filled.
Json wire_value(const Field& field, const Value& held, const ValueRules& rules);

// Digits with exactly `places` behind the point: 100 -> "100.00". Throws Rejected when it is no number, has more digits than `length` before
// the point (0: no bound) or more than `places` behind it that are not 0.
std::string decimal_text(const Field& field, const Json& wire);

// "1000" <-> "FSUID_...": the older generation's name of a person. An id of neither kind stays as it is.
std::string to_open_user(std::string_view id);
std::string from_open_user(std::string_view id);

}  // namespace godwit::sandbox::fxiaoke
