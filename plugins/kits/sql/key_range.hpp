#pragma once
// Ranges of an integer key: the parts that readers share among themselves.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::sql {

// Keys from `low` to `high`, both included; absent: open.
struct KeyRange {
  std::optional<std::int64_t> low, high;
};

// "rowid:1..500" for the prefix "rowid:", an open end left out.
std::string range_text(std::string_view prefix, const KeyRange& range);
// Nullopt when the text is no range with this prefix.
std::optional<KeyRange> parse_range(std::string_view prefix, std::string_view text);

// Cuts [least, most] into at most `wanted` ranges of equal width, the first open below and the last open above, so that
// together they cover every key there can be exactly once.
std::vector<KeyRange> cut_range(std::int64_t least, std::int64_t most, int wanted);

// A whole text as a 64-bit integer, or nullopt.
std::optional<std::int64_t> parse_integer(std::string_view text);

}  // namespace godwit::sql
