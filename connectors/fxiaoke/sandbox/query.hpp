#pragma once
// search_query_info -> SQL over the tables of the sandbox.

#include <string>
#include <vector>

#include "connectors/fxiaoke/sandbox/tenant_model.hpp"
#include "plugins/kits/sandbox/database.hpp"

namespace godwit::sandbox::fxiaoke {

struct QueryRules {
  bool returns_invalid = false;  // records that were invalidated are found without asking for them
  bool convert_people = false;   // people travel as FSUID_..., as the older generation has it
};

struct CompiledQuery {
  std::string where;                   // without the word; never empty
  std::vector<Value> values;  // for its question marks, in order
  std::string order_by;                // without the words
  long limit = 0;
  long offset = 0;
};

// Compiles limit, offset, filters and orders of `info` for `object`. Throws Rejected: 32000 for a bad limit, offset, operator, field or number of
// values, 10013 for an offset beyond 10,000.
CompiledQuery compile_query(const Object& object, const Json& info, const QueryRules& rules);

}  // namespace godwit::sandbox::fxiaoke
