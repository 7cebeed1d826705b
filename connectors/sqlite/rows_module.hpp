#pragma once
// Rows in memory as a table that SQL can read: how whole blocks of rows reach SQLite in one statement, without a copy.

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <vector>

#include "connectors/sqlite/encode.hpp"
#include "core/model/result.hpp"

namespace godwit::sqlite {

// What a module shows: one column c0, c1, ... per encoder, rows [from, to) of their last load(); the rowid is the row.
// A scan is in row order. `at` is the row that was asked for last: where a statement that failed had got to.
struct RowSource {
  std::vector<Encoder*> columns;
  std::int64_t from = 0, to = 0;
  std::int64_t at = 0;
};

// Makes the source readable as the table `name` on this handle only. The source must outlive the handle, and keep the
// number of its columns.
bool register_rows(sqlite3* db, const char* name, RowSource* source);

}  // namespace godwit::sqlite
