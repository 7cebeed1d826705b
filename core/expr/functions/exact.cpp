#include "core/expr/functions/exact.hpp"

#include <charconv>
#include <cmath>

namespace godwit::fn {
namespace {

// value / divisor, rounded. `value` has any sign, `divisor` is positive and even or 1.
int128 divide(int128 value, int128 divisor, Rounding rounding) {
  int128 quotient = value / divisor;
  const int128 rest = value % divisor;
  if (rest == 0) return quotient;
  const int away = value < 0 ? -1 : 1;
  const int128 size = rest < 0 ? -rest : rest;
  switch (rounding) {
    case Rounding::half_up:
      return size >= divisor - size ? quotient + away : quotient;
    case Rounding::half_even:
      if (size > divisor - size || (size == divisor - size && quotient % 2 != 0)) quotient += away;
      return quotient;
    case Rounding::floor:
      return value < 0 ? quotient - 1 : quotient;
    case Rounding::ceiling:
      return value > 0 ? quotient + 1 : quotient;
    default:
      return quotient;
  }
}

}  // namespace

Fit rescale(Exact in, int scale, Rounding rounding, int128* out) {
  const int more = scale - in.scale;
  if (more > kMostDigits) {
    *out = 0;
    return in.value == 0 ? Fit::fits : Fit::too_large;
  }
  if (more >= 0) {
    if (__builtin_mul_overflow(in.value, power_of_ten(more), out)) return Fit::too_large;
  } else if (-more > kMostDigits) {
    // Fewer than 10^39 parts of something larger: only floor and ceiling see them.
    if (in.value != 0 && rounding == Rounding::exact) return Fit::inexact;
    *out = in.value < 0 && rounding == Rounding::floor ? -1 : in.value > 0 && rounding == Rounding::ceiling ? 1 : 0;
  } else {
    const int128 divisor = power_of_ten(-more);
    if (rounding == Rounding::exact && in.value % divisor != 0) return Fit::inexact;
    *out = divide(in.value, divisor, rounding);
  }
  return fits_decimal(*out) ? Fit::fits : Fit::too_large;
}

double float_at(const ArgumentColumn& argument, std::int64_t row) {
  const Column& column = *argument.column;
  const std::int64_t i = argument.at(row);
  if (column.type.id == TypeId::float64) return column.float64(i);
  if (column.type.id == TypeId::int64) return static_cast<double>(column.int64(i));
  return decimal_to_double(column.decimal(i), column.type.scale);
}

std::optional<Exact> exact_of(double value) {
  if (!std::isfinite(value)) return std::nullopt;
  char buffer[64];
  const auto written = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  Exact out;
  const char* p = buffer;
  const bool negative = *p == '-';
  p += negative;
  int exponent = 0;
  for (bool fraction = false; p < written.ptr && *p != 'e'; ++p) {
    if (*p == '.') {
      fraction = true;
      continue;
    }
    out.value = out.value * 10 + (*p - '0');
    exponent -= fraction;
  }
  int power = 0;
  const char* digits = p + 1;
  if (digits < written.ptr && *digits == '+') ++digits;  // from_chars takes no plus
  std::from_chars(digits, written.ptr, power);
  exponent += power;
  if (negative) out.value = -out.value;
  if (out.value == 0) return Exact{};
  if (exponent <= 0) {
    out.scale = -exponent;
    return out.scale <= 2 * kMostDigits ? std::optional(out) : std::nullopt;
  }
  if (exponent > kMostDigits || __builtin_mul_overflow(out.value, power_of_ten(exponent), &out.value)) {
    return std::nullopt;
  }
  return out;
}

std::string_view fixed_text(Exact value, char* buffer) {
  // Written from the right end of the buffer.
  char* const end = buffer + kNumberText;
  char* p = end;
  uint128 rest = value.value < 0 ? -static_cast<uint128>(value.value) : static_cast<uint128>(value.value);
  int digits = 0;
  while (rest != 0 || digits <= value.scale) {
    // Eighteen digits at a time: 128-bit division is slow.
    auto part = static_cast<std::uint64_t>(rest % 1000000000000000000u);
    rest /= 1000000000000000000u;
    for (int i = 0; i < 18 && (part != 0 || rest != 0 || digits <= value.scale); ++i) {
      if (digits == value.scale && value.scale > 0) *--p = '.';
      *--p = static_cast<char>('0' + part % 10);
      part /= 10, ++digits;
    }
  }
  if (value.value < 0) *--p = '-';
  return {p, static_cast<std::size_t>(end - p)};
}

std::string_view shortest_text(Exact value, char* buffer) {
  std::string_view text = fixed_text(value, buffer);
  if (value.scale > 0) {
    text = text.substr(0, text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.remove_suffix(1);
  }
  return text;
}

Result<Rounding> constant_rounding(const BindArguments& arguments, std::size_t index, std::string_view function,
                                   Rounding otherwise) {
  if (!given(arguments, index)) return otherwise;
  GW_ASSIGN(const int choice,
            constant_choice(arguments, index, function, "rounding", {"error", "half_up", "half_even"}));
  return choice == 0 ? Rounding::exact : choice == 1 ? Rounding::half_up : Rounding::half_even;
}

void reject_fit(const Call& call, std::int32_t row, Fit fit, std::string_view seen, int scale) {
  reject(call, row, fit == Fit::inexact ? 1252 : 1253,
         {{"seen", excerpt(seen)}, {"expected", std::to_string(fit == Fit::inexact ? scale : kMostDigits - scale)}});
}

}  // namespace godwit::fn
