#pragma once
// Rows as the target holds them, by key.

#include <span>

#include "connectors/postgres/session.hpp"
#include "connectors/postgres/write_plan.hpp"

namespace godwit::postgres {

// Writer::read_back(). Errors: 3340 a value that its type does not hold, 3341 a key that several records have.
Result<Writer::Rows> read_back_rows(Session& session, const WritePlan& plan, std::span<const Column> keys);

}  // namespace godwit::postgres
