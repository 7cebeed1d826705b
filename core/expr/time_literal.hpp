#pragma once
// Dates and timestamps as literals write them: ISO 8601 and nothing else.

#include <cstdint>
#include <optional>
#include <string_view>

namespace godwit::expr {

// "2024-01-31" as days since 1970-01-01; years 0001 to 9999. nullopt for anything else, February 30th included.
std::optional<std::int32_t> parse_date(std::string_view text);

struct TimeLiteral {
  std::int64_t us = 0;  // since 1970-01-01T00:00, wall clock or UTC
  bool zoned = false;
};
// "2024-01-31T23:59", with seconds and up to six digits of their fraction, 'T' or one space, and optionally Z or
// an offset +08:00. A leap second is no wall clock time here.
std::optional<TimeLiteral> parse_timestamp(std::string_view text);

}  // namespace godwit::expr
