#pragma once
// The words of a SOQL text.

#include <string>
#include <string_view>
#include <vector>

namespace godwit::sandbox::salesforce {

// The query cannot be taken; answered as 400 with this code.
struct SoqlError {
  std::string code, message;
};

struct Token {
  enum class Kind { word, text, number, time, sign, end } kind;
  std::string text;  // of a text: without its quotes, escapes resolved (but \% and \_, which LIKE needs)
  std::size_t at = 0;
};

// Words may hold points (Account.Name) and a colon with digits (LAST_N_DAYS:30). Throws SoqlError.
std::vector<Token> soql_tokens(std::string_view soql);

}  // namespace godwit::sandbox::salesforce
