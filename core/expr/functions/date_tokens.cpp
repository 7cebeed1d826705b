#include "core/expr/functions/date_tokens.hpp"

#include <unicode/uchar.h>

#include <utility>

#include "core/expr/functions/match_key.hpp"
#include "core/expr/functions/support.hpp"

namespace godwit::fn {
namespace {

constexpr std::size_t kMostTokens = 24;

bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }

// Characters that part a Chinese or Japanese date and are never part of a word.
bool is_mark(char32_t c) {
  static constexpr std::u32string_view kMarks = U"年月日号號时時点點分秒";
  return kMarks.find(c) != kMarks.npos;
}

bool is_letter(char32_t c) {
  const auto u = static_cast<UChar32>(c);
  return !is_mark(c) && (u_isalpha(u) || u_getCombiningClass(u) != 0);
}

}  // namespace

bool tokenize_date(std::string_view text, std::vector<DateToken>* out) {
  bool space = false;
  std::string scratch;
  for (std::size_t at = 0; at < text.size();) {
    if (out->size() == kMostTokens) return false;
    const std::size_t start = at;
    char32_t c = half_width(next_character(text, at));
    if (is_space(c)) {
      space = true;
      continue;
    }
    DateToken token;
    token.space_before = std::exchange(space, false);
    // Goes on while the characters are of the kind of the first.
    const auto run = [&](auto belongs, auto take) {
      for (;;) {
        take(c);
        std::size_t next = at;
        if (at == text.size() || !belongs(c = half_width(next_character(text, next)))) break;
        at = next;
      }
    };
    if (is_digit(c)) {
      token.kind = DateToken::number;
      run(is_digit, [&token](char32_t d) {
        if (++token.digits <= 9) token.value = token.value * 10 + (d - '0');
      });
      if (token.digits > 9) return false;
    } else if (is_letter(c)) {
      token.kind = DateToken::word;
      run(is_letter, [](char32_t) {});
      token.key = match_key(text.substr(start, at - start), scratch);
    } else {
      token.sign_character = c;
    }
    out->push_back(std::move(token));
  }
  return true;
}

}  // namespace godwit::fn
