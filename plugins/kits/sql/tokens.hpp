#pragma once
// The words of an SQL text, enough to find constraints in definitions that a system hands back as text.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::sql {

struct Token {
  enum class Kind {
    word,    // bare identifier or keyword
    quoted,  // "a", [a] or `a`
    text,    // 'a'
    number,  // 12, 1.5, 1e3, 0x1F
    symbol,  // one or two characters: ( ) , <= <> || ...
    end,
  };
  Kind kind = Kind::end;
  std::string value;     // without quotes; of words as written
  std::size_t from = 0;  // bytes of the SQL text that the token spans
  std::size_t to = 0;

  // A bare word that is this keyword (upper case), in any case.
  bool is(std::string_view keyword) const;
  bool is_symbol(std::string_view symbol) const { return kind == Kind::symbol && value == symbol; }
  bool is_name() const { return kind == Kind::word || kind == Kind::quoted; }
};

// All tokens of `sql`, comments and white space left out, one Kind::end last. Never fails: a quote that is not
// closed runs to the end of the text. Linear in the text's size.
std::vector<Token> tokenize(std::string_view sql);

// Index of the ")" that closes the "(" at `open`, or of the end token.
std::size_t closing(const std::vector<Token>& tokens, std::size_t open);

}  // namespace godwit::sql
