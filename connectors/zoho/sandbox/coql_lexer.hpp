#pragma once
// The words of a COQL query.

#include <string>
#include <string_view>
#include <vector>

namespace godwit::sandbox::zoho {

struct Token {
  enum class Kind { word, text, number, sign, end } kind = Kind::end;
  std::string value;  // without quotes
  std::size_t at = 0;  // its first byte in the query
};

// Gives the tokens up to what cannot be one, whose place stands in `bad_at` (npos: none).
std::vector<Token> coql_tokens(std::string_view text, std::size_t& bad_at);

}  // namespace godwit::sandbox::zoho
