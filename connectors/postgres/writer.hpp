#pragma once
// Writes units into one table: a transaction each, with the unit's line of the ledger in it.

#include <memory>

#include "connectors/postgres/session.hpp"
#include "core/model/exchange.hpp"

namespace godwit::postgres {

// Opens a session of its own. Errors: those of Session::open and WritePlan::make, 3030 no such table.
Result<std::unique_ptr<Writer>> open_writer(const Options& options, const sdk::HostServices& host,
                                            const WriteRequest& request);

}  // namespace godwit::postgres
