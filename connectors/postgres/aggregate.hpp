#pragma once
// Sums that the server computes itself.

#include <string_view>
#include <vector>

#include "connectors/postgres/session.hpp"
#include "core/model/exchange.hpp"

namespace godwit::postgres {

// ConnectionImpl::aggregate(). Sums are exact: floats count as the numbers that their shortest digits spell, texts as
// the numbers that they are. Errors: 3321 no SQL expression, 3322 a value that is no number, 3031 no such column.
Result<std::vector<GroupValue>> aggregate_table(Session& session, std::string_view object, std::string_view aggregate,
                                                std::string_view field, std::string_view where,
                                                std::string_view group_by);

}  // namespace godwit::postgres
