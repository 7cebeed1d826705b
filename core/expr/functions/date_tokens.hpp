#pragma once
// Cuts a date's text into numbers, words and signs.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::fn {

struct DateToken {
  enum Kind { number, word, sign } kind = sign;
  std::int64_t value = 0;  // of a number, at most 9 digits
  int digits = 0;
  char32_t sign_character = 0;
  std::string key;  // of a word, as match_key gives it
  bool space_before = false;
};

// A longer text is no date, and one of 100 MB is not worth looking at.
inline constexpr std::size_t kMostDateBytes = 160;

// Full-width characters come out as their ASCII selves.
inline char32_t half_width(char32_t c) { return c >= 0xFF01 && c <= 0xFF5E ? c - 0xFEE0 : c; }

// False when the text has too many tokens or too long a number to be a date.
bool tokenize_date(std::string_view text, std::vector<DateToken>* out);

}  // namespace godwit::fn
