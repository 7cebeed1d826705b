#pragma once
// The name of a commit unit: rows that settle together.

#include <compare>
#include <cstdint>
#include <string>

namespace godwit {

// Numbers count from 1 in each (run, flow, shard), without a gap; the second pass goes on counting.
struct UnitId {
  std::int64_t run = 0;
  std::string flow;
  int shard = 0;
  std::int64_t number = 0;
  friend auto operator<=>(const UnitId&, const UnitId&) = default;
};

}  // namespace godwit
