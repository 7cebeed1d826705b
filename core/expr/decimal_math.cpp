#include "core/expr/decimal_math.hpp"

#include <charconv>
#include <string>

namespace godwit {
namespace {

uint128 magnitude(int128 v) { return v < 0 ? uint128{0} - static_cast<uint128>(v) : static_cast<uint128>(v); }

bool with_sign(uint128 v, bool negative, int128* out) {
  if (v >= static_cast<uint128>(power_of_ten(kMostDigits))) return false;
  *out = negative ? -static_cast<int128>(v) : static_cast<int128>(v);
  return true;
}

}  // namespace

bool decimal_multiply(int128 a, int128 b, int drop, int128* out) {
  int128 product;
  if (!__builtin_mul_overflow(a, b, &product)) {
    if (drop != 0) product = rounded_quotient(product, power_of_ten(drop));
    return *out = product, fits_decimal(product);
  }
  if (drop == 0) return false;
  // 256 bits by schoolbook, then long division bit by bit: slow, and rare.
  const uint128 x = magnitude(a), y = magnitude(b), low_mask = (uint128{1} << 64) - 1;
  const uint128 ll = (x & low_mask) * (y & low_mask), lh = (x & low_mask) * (y >> 64), hl = (x >> 64) * (y & low_mask),
                hh = (x >> 64) * (y >> 64);
  const uint128 middle = (ll >> 64) + (lh & low_mask) + (hl & low_mask);
  const uint128 low = (ll & low_mask) | (middle << 64), high = hh + (lh >> 64) + (hl >> 64) + (middle >> 64);
  const auto divisor = static_cast<uint128>(power_of_ten(drop));
  uint128 rest = 0, quotient = 0;
  for (int bit = 255; bit >= 0; --bit) {
    rest = (rest << 1) | ((bit >= 128 ? high >> (bit - 128) : low >> bit) & 1);
    if ((quotient >> 127) != 0) return false;
    quotient <<= 1;
    if (rest >= divisor) rest -= divisor, quotient |= 1;
  }
  if (rest >= divisor - rest) ++quotient;
  return with_sign(quotient, (a < 0) != (b < 0), out);
}

bool decimal_divide(int128 a, int128 b, int up, int128* out) {
  const bool negative = (a < 0) != (b < 0);
  const uint128 divisor = magnitude(b);
  uint128 quotient = magnitude(a) / divisor, rest = magnitude(a) % divisor;
  const auto limit = static_cast<uint128>(power_of_ten(kMostDigits));
  if (up <= kMostDigits && rest <= ~uint128{0} / static_cast<uint128>(power_of_ten(up)) && quotient < limit) {
    const auto power = static_cast<uint128>(power_of_ten(up));
    if (quotient != 0 && quotient > limit / power) return false;
    quotient *= power;
    rest *= power;
    quotient += rest / divisor, rest %= divisor;
  } else {
    // One digit at a time; rest * 10 by additions, since it may not fit 128 bits.
    for (int i = 0; i < up; ++i) {
      if (quotient >= limit / 10) return false;  // one more digit would not fit, or even wrap around
      unsigned digit = 0;
      uint128 next = 0;
      for (int k = 0; k < 10; ++k) {
        next += rest;
        if (next >= divisor) next -= divisor, ++digit;
      }
      rest = next, quotient = quotient * 10 + digit;
    }
  }
  if (rest >= divisor - rest) ++quotient;
  return with_sign(quotient, negative, out);
}

int128 decimal_remainder(int128 a, int up_a, int128 b, int up_b) {
  uint128 divisor = magnitude(b);
  if (up_b > 0) {
    int128 scaled;
    if (__builtin_mul_overflow(b, power_of_ten(up_b), &scaled)) return a;  // larger than any a
    divisor = magnitude(scaled);
  }
  uint128 rest = magnitude(a) % divisor;
  for (int i = 0; i < up_a && rest != 0; ++i) {
    uint128 next = 0;  // rest * 10 by additions, since it may not fit 128 bits
    for (int k = 0; k < 10; ++k) {
      next += rest;
      if (next >= divisor) next -= divisor;
    }
    rest = next;
  }
  return a < 0 ? -static_cast<int128>(rest) : static_cast<int128>(rest);
}

double decimal_to_double(int128 v, int scale) {
  // Both exact in a double: one correctly rounded division.
  constexpr int128 kExact = int128{1} << 53;
  if (v < kExact && v > -kExact && scale <= 19)
    return static_cast<double>(static_cast<std::int64_t>(v)) / static_cast<double>(static_cast<std::uint64_t>(power_of_ten(scale)));
  const std::string digits = decimal_text(v, scale);
  double out = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return out;
}

int decimal_compare(int128 a, int scale_a, int128 b, int scale_b) {
  int128 scaled;
  if (scale_a < scale_b) {
    if (__builtin_mul_overflow(a, power_of_ten(scale_b - scale_a), &scaled)) return a < 0 ? -1 : 1;
    a = scaled;
  } else if (scale_b < scale_a) {
    if (__builtin_mul_overflow(b, power_of_ten(scale_a - scale_b), &scaled)) return b < 0 ? 1 : -1;
    b = scaled;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

}  // namespace godwit
