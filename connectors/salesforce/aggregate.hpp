#pragma once
// Sums for control totals, added up exactly from the records themselves: SOQL's own SUM works in floating point.

#include <string_view>
#include <vector>

#include "connectors/salesforce/org.hpp"

namespace godwit::salesforce {

// `where` is a SOQL condition. GW-3031 for a field that is not there, 3515 for a sum over a field that holds no numbers.
Result<std::vector<GroupValue>> aggregate_object(Org& org, std::string_view object, std::string_view aggregate, std::string_view field, std::string_view where, std::string_view group_by);

}  // namespace godwit::salesforce
