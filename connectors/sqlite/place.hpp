#pragma once
// Positions and splits as texts, and the statement that reads on from one.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/sqlite/table.hpp"
#include "plugins/kits/sql/key_range.hpp"

namespace godwit::sqlite {

// One value of a key, as its storage class has it.
struct KeyValue {
  int storage_class = SQLITE_NULL;  // SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT, SQLITE_BLOB
  std::int64_t integer = 0;
  double real = 0;
  std::string bytes;  // of texts and blobs
};

// How the rows of an object are told apart and ordered.
enum class Order {
  rowid,   // by rowid; places are integers
  key,     // tables without rowid: by primary key; places are texts, the values joined by " / "
  counted  // views, and tables that hide their rowid: as SQLite gives the rows; places are row numbers from 1
};
Order order_of(const TableInfo& table);

// The last row that was read. Text forms: "rowid:42", "row:42", "key:[1,\"a\"]" (reals as {"r":"0x1p-1"}, texts that
// are no UTF-8 and blobs as {"t":hex} and {"b":hex}).
struct Position {
  std::int64_t number = 0;  // rowid or rows read
  std::vector<KeyValue> key;
};
std::string to_text(Order order, const Position& position);
// Nullopt when the text is no position of an object with this order and key.
std::optional<Position> parse_position(Order order, std::size_t key_columns, std::string_view text);

// Rowids from `low` to `high`. Text form "rowid:1..500", an open end left out.
using RowidRange = sql::KeyRange;
std::string to_text(const RowidRange& range);
std::optional<RowidRange> parse_range(std::string_view text);

// Binds the value to a parameter of the statement; texts and blobs must outlive its steps.
void bind(Statement* statement, int parameter, const KeyValue& value);
KeyValue read_key_value(sqlite3_stmt* row, int cell);

}  // namespace godwit::sqlite
