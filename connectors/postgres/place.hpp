#pragma once
// Positions and splits as texts.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/postgres/table.hpp"
#include "plugins/kits/sql/key_range.hpp"

namespace godwit::postgres {

// How the rows of an object are told apart and ordered.
enum class Order {
  key,       // by primary key, or a unique index without nulls; places are integers or texts joined by " / "
  physical,  // tables without a key: by ctid; places are block * 65536 + line
  counted  // views, queries and partitioned tables without a key: sorted by all columns; places are row numbers from 1
};

// The columns that order the object and name its rows; empty: there is no key.
std::vector<std::string> reading_key(const TableInfo& table);
Order order_of(const TableInfo& table);

// The last row that was read. Text forms: "key:[\"C1\"]", "ctid:(12,3)", "row:42".
struct Position {
  std::int64_t number = 0;       // ctid or rows read
  std::vector<std::string> key;  // values as the server reads them
};
std::string to_text(Order order, const Position& position);
// Nullopt when the text is no position of an object with this order and key.
std::optional<Position> parse_position(Order order, std::size_t key_columns, std::string_view text);

// ctid as SQL writes it.
std::string ctid_text(std::int64_t number);

// A part of an object: keys of an integer key ("key:1..500"), or blocks of a table ("block:0..99").
struct Split {
  bool by_block = false;
  sql::KeyRange range;
};
std::string to_text(const Split& split);
std::optional<Split> parse_split(std::string_view text);

}  // namespace godwit::postgres
