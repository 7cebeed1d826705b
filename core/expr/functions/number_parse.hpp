#pragma once
// Reads numbers as people of a country write them, into exact decimals.

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "core/expr/functions/exact.hpp"

namespace godwit::fn {

// How numbers are written. Immutable once made; shared between threads.
struct NumberFormat {
  char32_t decimal = U'.';
  std::u32string groups;           // separators that may stand between groups of digits; empty: none may
  char fast_group = 0;             // the one that is an ASCII character, for the short way; 0: none
  bool twos = false;               // groups of two before the last three are right, too (India)
  bool myriads = false;            // 万 and 亿 multiply
  bool percent = false;            // % divides by hundred; otherwise it is refused
  bool exponent = false;           // 1.5e3 is read; otherwise it is refused
  std::set<std::u32string> marks;  // the only currency marks that are right; empty: any
  std::string sample;              // "1.234.567,89", for messages

  // Separators and groups of `locale` (ICU's spelling). "" is the plain form: a point, no groups.
  static NumberFormat of(const std::string& locale);
  // Only marks of this currency are right from now on; false when ISO 4217 does not list the code.
  bool only_currency(const std::string& code);
};

// Why a text is no number. `number` 0: it is one.
struct NumberFault {
  int number = 0;
  std::int64_t position = 0;  // of the character that does not fit, from 1
  std::string character;      // that character; "" when the text ends too early
};

// Spaces around the number are no fault; a blank text is one (the callers give null for it).
NumberFault parse_number(std::string_view text, const NumberFormat& format, Exact* out);
// The fault as an error of the row.
Error number_error(const NumberFault& fault, std::string_view text, const NumberFormat& format);

// The whole short way, inline for the loop over a column: a sign, digits, right groups, a fraction, at most 18 digits.
// False: take parse_number.
inline bool parse_short(std::string_view text, char decimal, char group, std::int64_t* value, int* scale) {
  const char* p = text.data();
  const char* const end = p + text.size();
  const bool negative = p < end && *p == '-';
  p += negative;
  std::uint64_t digits = 0;
  const char* const first = p;
  int run = 0, grouped = 0;
  for (; p < end; ++p) {
    const auto d = static_cast<unsigned>(static_cast<unsigned char>(*p)) - '0';
    if (d < 10) {
      digits = digits * 10 + d, ++run;
    } else if (group != 0 && *p == group && (grouped != 0 ? run == 3 : run >= 1 && run <= 3)) {
      ++grouped, run = 0;
    } else {
      break;
    }
  }
  if (grouped != 0 && run != 3) return false;
  std::int64_t count = p - first - grouped;
  int fraction = 0;
  if (p < end) {
    if (*p != decimal) return false;
    const char* const point = p++;
    for (; p < end; ++p) {
      const auto d = static_cast<unsigned>(static_cast<unsigned char>(*p)) - '0';
      if (d >= 10) return false;
      digits = digits * 10 + d;
    }
    fraction = static_cast<int>(p - point) - 1;
    count += fraction;
  }
  if (count == 0 || count > 18) return false;
  *value = negative ? -static_cast<std::int64_t>(digits) : static_cast<std::int64_t>(digits);
  *scale = fraction;
  return true;
}

}  // namespace godwit::fn
