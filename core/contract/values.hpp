#pragma once
// Values for rows of the contract: ordinary ones, and those that systems get wrong.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/model/column.hpp"
#include "core/model/exchange.hpp"

namespace godwit::contract {

// Null, boolean, integers (also dates, times, timestamps in their units), float, decimal digits, and bytes of all that is text.
using Value = std::variant<std::monostate, bool, std::int64_t, double, int128, std::string>;

struct Cell {
  Value value;
  bool set = true;
};
using Row = std::vector<Cell>;

void append(ColumnBuilder& builder, const Value& value);
Column column_of(Type type, const std::vector<Value>& values);

// A value that every system of that type takes: integers of 16 bits, or of 31 where they must be `distinct` for each salt.
Value ordinary(const ObjectField& field, std::int64_t salt, bool distinct);
// Empty, huge, smallest, largest, in other scripts, with quotes, line ends and backslashes.
std::vector<Value> extremes(const ObjectField& field);

// Value i as it is compared: null is nullopt; numbers without needless zeros, JSON in one spelling.
std::optional<std::string> comparable(const Column& column, std::int64_t i);
std::optional<std::string> comparable(Type type, const Value& value);

}  // namespace godwit::contract
