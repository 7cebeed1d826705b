#pragma once
// Reads a table or view in a stable order within one snapshot.

#include <memory>

#include "connectors/sqlite/database.hpp"
#include "core/model/exchange.hpp"

namespace godwit::sqlite {

// Opens a handle of its own and fixes the snapshot: whatever others commit afterwards is not seen. Errors: those of
// Database::open, 3030 no such object, 3031 no such column, 3032 a position or split that does not fit the object.
//
// A file in rollback-journal mode (the default) cannot be committed to while a reader has its snapshot: a reader and a
// writer of one file at the same time need WAL mode.
Result<std::unique_ptr<Reader>> open_reader(const Options& options, const sdk::HostServices& host,
                                            const ReadRequest& request);

// Splits of the object, as ConnectionImpl::splits: tables with a rowid are cut by it, everything else is one piece.
Result<std::vector<std::string>> split_object(const Database& database, std::string_view object, int wanted);

}  // namespace godwit::sqlite
