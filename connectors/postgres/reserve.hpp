#pragma once
// Ids that are known before their rows are written.

#include <cstdint>
#include <string>
#include <vector>

#include "connectors/postgres/session.hpp"
#include "connectors/postgres/table.hpp"

namespace godwit::postgres {

// Draws `n` ids from the column's sequence, or from its default expression. What is not used stays a gap, as with any
// insertion that is rolled back.
Result<std::vector<std::string>> reserve_ids(Session& session, const ColumnInfo& id, std::int64_t n);

}  // namespace godwit::postgres
