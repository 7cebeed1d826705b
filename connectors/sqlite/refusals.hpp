#pragma once
// What SQLite says of a row that it did not take, as a numbered refusal of a field.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "connectors/sqlite/database.hpp"
#include "connectors/sqlite/encode.hpp"
#include "connectors/sqlite/table.hpp"
#include "core/model/exchange.hpp"

namespace godwit::sqlite {

// Whether an error code is about the row (true) or about file, lock or memory, so that the whole unit fails.
bool is_about_the_row(int code);

// The row at fault, for messages and for finding the foreign key that failed. `find` gives the encoder of a column of
// the table, or null when the request does not have it; `index` is the row within the encoders' last load().
struct RowAtFault {
  std::int64_t row_of_unit = 0;
  Operation operation = Operation::insert;
  std::function<const Encoder*(std::string_view column)> find;
  std::int64_t index = 0;
};

// `words` are SQLite's for `code` (sqlite3_errmsg right after the failed step). Looks up parents of foreign keys,
// within the open transaction.
Result<Refusal> classify(const Database& database, const TableInfo& table, int code, const std::string& words,
                         const RowAtFault& row);

}  // namespace godwit::sqlite
