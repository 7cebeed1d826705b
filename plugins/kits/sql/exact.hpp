#pragma once
// Numbers without loss: decimals as text and as scaled integers, floats as the digits that stand for them, sums.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/model/column.hpp"

namespace godwit::sql {

// value * 10^-scale; the scale may be negative (1e20 is {1, -20}).
struct Decimal {
  int128 value = 0;
  int scale = 0;
};

// Digits with optional sign, point and exponent, nothing around them. Nullopt for anything else, and for more than 38
// significant digits or an exponent beyond +-10000. Trailing zeros of a fraction count into the scale.
std::optional<Decimal> parse_decimal(std::string_view text);

// The decimal at exactly `scale` digits after the point with at most `precision` digits, or nullopt when it does not
// fit.
std::optional<int128> rescale(Decimal decimal, int precision, int scale);

// Without trailing zeros after the point and without a negative scale where 38 digits allow it.
Decimal normal(Decimal decimal);

// Plain digits, never an exponent: "1200", "-0.05".
std::string decimal_digits(Decimal decimal);

// The shortest plain digits that read back as the same float: 0.1 -> "0.1", 1e23 -> "100000000000000000000000".
// The number must be finite.
std::string float_digits(double value);

// The decimal that float_digits() spells, or nullopt when it needs more than 38 digits or is not finite.
std::optional<Decimal> float_decimal(double value);

// The float that stands for the decimal: the one whose shortest digits spell it. Nullopt when there is none, that is
// when storing the decimal as a float would change it.
std::optional<double> decimal_float(Decimal decimal);

// "0", "-17": digits as a 64-bit integer prints them. "007", "+1", "1.0", " 1" are not.
std::optional<std::int64_t> canonical_integer(std::string_view text);

// Exact, whatever is added and however much of it.
class ExactSum {
 public:
  void add(Decimal decimal);
  // Any number of digits: for what parse_decimal() cannot hold. False when `text` is no number.
  bool add_text(std::string_view text);
  // Plain digits without trailing zeros after the point; "0" when nothing was added.
  std::string text() const;

 private:
  std::map<int, int128> by_scale_;  // sums of equal scale: one addition per value
  std::string overflow_ = "0";      // what int128 could not hold any more, as digits
};

// The sum of two numbers in plain digits.
std::string add_digits(std::string_view a, std::string_view b);

// Compares two numbers in plain digits by value: negative, 0 or positive.
int compare_digits(std::string_view a, std::string_view b);

}  // namespace godwit::sql
