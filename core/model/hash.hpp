#pragma once
// Canonical hashes of values: equal values hash equally whatever type carries them.

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "core/model/column.hpp"

namespace godwit {

// Key of keyed state and crosswalk: 128 bits, so that a clash is not a thing to plan for.
struct Hash128 {
  std::uint64_t high = 0, low = 0;
  friend auto operator<=>(const Hash128&, const Hash128&) = default;
};

// Hash of each value of `column`, into `out` (length rows). Null has a hash of its own, '' another.
// Numbers hash by value (5, 5.00 and number_text 5 alike); text hashes by bytes; booleans, dates, times and
// timestamps hash by type and value.
void hash_values(const Column& column, std::span<std::uint64_t> out);

// The same of value i alone.
std::uint64_t hash_value(const Column& column, std::int64_t i);

// Hash of a composite key per row. All columns of equal length. Numbers and text that spell the same integer
// do NOT hash alike: a key's types are the flow's business.
std::vector<Hash128> hash_keys(std::span<const Column> columns);

// Folds `values` (hashes of one column) into the running row hashes; order of columns matters.
void combine_row_hash(std::span<const std::uint64_t> values, std::span<std::uint64_t> rows);

}  // namespace godwit
