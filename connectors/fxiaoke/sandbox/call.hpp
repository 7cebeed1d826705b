#pragma once
// One business call, after the token was checked, and what the operator of the sandbox switched.

#include <cstdint>
#include <string>

#include "connectors/fxiaoke/sandbox/values.hpp"

namespace godwit::sandbox::fxiaoke {

// What the contract leaves open, or leaves to the tenant. README.md has the table.
struct Settings {
  int zone_minutes = 480;
  bool refuse_unknown_fields = true;
  bool refuse_owner_in_update = true;
  bool keep_empty_text = false;
  bool duplicate_search = true;        // where the call does not say
  bool query_returns_invalid = false;
  bool custom_create_returns_id = true;
  bool computed_bumps_time = false;
  bool life_status_words = true;
  bool list_in_result = false;         // custom queries answer at result.dataList
  std::string total_name = "total";
  std::string describe_api_name = "either";  // where describe looks for apiName: either, data, top
};

struct Call {
  const Json& body;
  std::string user;          // the person's id on whose behalf the call runs
  bool convert_people = false;
  bool custom_path = false;  // /custom/ is in the path
  std::int64_t now_ms = 0;
  std::int64_t visible_at_ms = 0;
  bool held_by_others = false;  // a fault: somebody else is writing these records

  // body.data. Throws Rejected when there is none.
  const Json& data() const;
  bool flag(const char* name, bool otherwise) const;  // at the top level of the body
};

// A text member that must be there. Throws Rejected.
std::string required_text(const Json& in, const char* name);
// A list of ids that must be there and not be empty. Throws Rejected.
std::vector<std::string> required_ids(const Json& in, const char* name);

}  // namespace godwit::sandbox::fxiaoke
