#pragma once
// Arithmetic on scaled integers of up to 38 digits. Every function answers false when the result has more.

#include <array>
#include <cstdint>

#include "core/model/column.hpp"

namespace godwit {

inline constexpr int kMostDigits = 38;

// 10^n, n in 0..38.
inline constexpr auto kPowersOfTen = [] {
  std::array<int128, kMostDigits + 1> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();
constexpr int128 power_of_ten(int n) { return kPowersOfTen[static_cast<std::size_t>(n)]; }

inline bool fits_decimal(int128 v) { return v < power_of_ten(kMostDigits) && v > -power_of_ten(kMostDigits); }

inline bool decimal_add(int128 a, int128 b, int128* out) { return !__builtin_add_overflow(a, b, out) && fits_decimal(*out); }
inline bool decimal_subtract(int128 a, int128 b, int128* out) { return !__builtin_sub_overflow(a, b, out) && fits_decimal(*out); }

// a / b rounded half away from zero; b > 0.
inline int128 rounded_quotient(int128 a, int128 b) {
  const int128 quotient = a / b, rest = a % b, twice = rest < 0 ? -rest : rest;
  return twice >= b - twice ? (a < 0 ? quotient - 1 : quotient + 1) : quotient;
}

// From scale `from` to scale `to`; digits that go are rounded half away from zero.
inline bool decimal_rescale(int128 v, int from, int to, int128* out) {
  if (to == from) return *out = v, fits_decimal(v);
  if (to < from) return *out = rounded_quotient(v, power_of_ten(from - to)), true;
  return !__builtin_mul_overflow(v, power_of_ten(to - from), out) && fits_decimal(*out);
}

// a * b / 10^drop, rounded half away from zero; drop in 0..38. The product may have 76 digits on the way.
bool decimal_multiply(int128 a, int128 b, int drop, int128* out);

// a * 10^up / b, rounded half away from zero; b is not 0, up in 0..76.
bool decimal_divide(int128 a, int128 b, int up, int128* out);

// The rest of (a * 10^up_a) / (b * 10^up_b), with the sign of a; b is not 0, one of the two powers is 0. Always fits.
int128 decimal_remainder(int128 a, int up_a, int128 b, int up_b);

// The double nearest to v / 10^scale.
double decimal_to_double(int128 v, int scale);

// Compares a / 10^scale_a with b / 10^scale_b: negative, 0 or positive.
int decimal_compare(int128 a, int scale_a, int128 b, int scale_b);

}  // namespace godwit
