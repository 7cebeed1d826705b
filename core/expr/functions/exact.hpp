#pragma once
// Exact decimal arithmetic on arguments: a 128-bit integer and a power of ten.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/expr/decimal_math.hpp"
#include "core/expr/functions/support.hpp"

namespace godwit::fn {

// value / 10^scale.
struct Exact {
  int128 value = 0;
  int scale = 0;
};

enum class Rounding { exact, half_up, half_even, down, floor, ceiling };

enum class Fit { fits, inexact, too_large };
// `in` with another scale. half_up rounds .5 away from zero, as business people and SQL do. `inexact`: digits would be
// lost under Rounding::exact. `too_large`: more than 38 digits.
Fit rescale(Exact in, int scale, Rounding rounding, int128* out);

// The number of an integer or decimal column.
inline Exact exact_at(const ArgumentColumn& argument, std::int64_t row) {
  const Column& column = *argument.column;
  const std::int64_t i = argument.at(row);
  if (column.type.id == TypeId::int64) return {column.int64(i), 0};
  return {column.decimal(i), column.type.scale};
}
// The number of an integer, decimal or float column, as a float.
double float_at(const ArgumentColumn& argument, std::int64_t row);

// The exact decimal that the shortest spelling of `value` names (0.1 is 0.1); nullopt when it needs more than 38
// digits or is not finite.
std::optional<Exact> exact_of(double value);
// Room for the text of any Exact whose scale is at most 76.
inline constexpr std::size_t kNumberText = 96;
// "12.5" for 12.500: no zeros behind the last digit. Writes into `buffer`, which has kNumberText bytes.
std::string_view shortest_text(Exact value, char* buffer);
// All digits of the scale: "12.50".
std::string_view fixed_text(Exact value, char* buffer);

// "half_up", "half_even" or "error" for parameter `index`.
Result<Rounding> constant_rounding(const BindArguments& arguments, std::size_t index, std::string_view function,
                                   Rounding otherwise);

// The row fails because the number has more decimal places than `scale` (1252), or more than 38 digits (1253).
void reject_fit(const Call& call, std::int32_t row, Fit fit, std::string_view seen, int scale);

}  // namespace godwit::fn
