#pragma once
// The words of the mapping language.

#include <cstdint>
#include <string>
#include <string_view>

namespace godwit::expr {

enum class TokenKind : std::uint8_t {
  end,
  bad,          // cannot be read; `problem` says why
  name,         // identifier as written, keywords included
  quoted_name,  // "identifier", quotes removed
  text,         // 'text', quotes removed
  integer,      // digits
  decimal,      // digits.digits
  exponent,     // digits with e: a float
  plus, minus, star, slash, percent, concat, pipe,
  equal, not_equal, less, less_equal, greater, greater_equal,
  left_paren, right_paren, left_bracket, right_bracket, comma, dot, arrow,
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::size_t begin = 0, end = 0;  // bytes of the expression
  std::string text;                // of names, texts and numbers; of a bad token: what was seen
  int problem = 0;                 // bad: number of the error
  std::string expected;            // bad: what should stand there
};

// The token that begins at or after byte `from`. Never fails: what cannot be read is a `bad` token.
Token next_token(std::string_view text, std::size_t from);

// True for a word that is no plain identifier: and, or, not, is, in, ... (any case).
bool is_reserved(std::string_view word);

// ASCII words alike but for case.
bool same_word(std::string_view a, std::string_view b);

}  // namespace godwit::expr
