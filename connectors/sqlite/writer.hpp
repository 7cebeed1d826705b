#pragma once
// Writes units into one table: a transaction each, with the unit's line of the ledger in it.

#include <memory>

#include "connectors/sqlite/database.hpp"
#include "core/model/exchange.hpp"

namespace godwit::sqlite {

// Opens a handle of its own. Errors: those of Database::open and RowWriter::make, 3030 no such table.
Result<std::unique_ptr<Writer>> open_writer(const Options& options, const sdk::HostServices& host,
                                            const WriteRequest& request);

}  // namespace godwit::sqlite
