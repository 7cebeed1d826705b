#pragma once
// One value as it should be against one as the target holds it: equal, tolerated, or how they differ.

#include <optional>
#include <string>
#include <string_view>

#include "core/model/column.hpp"
#include "core/model/result.hpp"

namespace godwit {

// What a project allows to differ in a field (`tolerance:`): a number ("0.01"), seconds ("1s"), "case" or "space".
struct Tolerance {
  enum class Kind { none, number, seconds, letter_case, space } kind = Kind::none;
  std::string number;            // exact decimal text
  std::int64_t microseconds = 0;
};
// GW-4210 for a tolerance that is none of these.
Result<Tolerance> parse_tolerance(std::string_view text);

enum class Difference {
  none,
  tolerated,
  null,       // one of the two is null
  letter_case,
  space,      // only spaces differ
  truncated,  // the target holds the beginning of the value
  number,
  time,
  value,
};
std::string_view to_string(Difference difference);

// Values of one type at row i of `expected` and row j of `found`.
Difference compare_values(const Column& expected, std::int64_t i, const Column& found, std::int64_t j, const Tolerance& tolerance);

}  // namespace godwit
