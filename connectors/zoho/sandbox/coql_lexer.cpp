#include "connectors/zoho/sandbox/coql_lexer.hpp"

namespace godwit::sandbox::zoho {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || static_cast<unsigned char>(c) >= 0x80; }

// The text between quotes, a quote in it doubled. Leaves `at` behind the last quote; false: it never ends.
bool quoted_text(std::string_view text, std::size_t& at, std::string& out) {
  const char quote = text[at++];
  for (; at < text.size(); ++at) {
    if (text[at] != quote) {
      out += text[at];
    } else if (at + 1 < text.size() && text[at + 1] == quote) {
      out += text[at++];
    } else {
      return ++at, true;
    }
  }
  return false;
}

}  // namespace

std::vector<Token> coql_tokens(std::string_view text, std::size_t& bad_at) {
  std::vector<Token> out;
  bad_at = std::string_view::npos;
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++at;
      continue;
    }
    Token token{.at = at};
    if (c == '\'' || c == '"' || c == '`') {
      // Single quotes hold values, the others names that are reserved words.
      token.kind = c == '\'' ? Token::Kind::text : Token::Kind::word;
      if (!quoted_text(text, at, token.value)) return bad_at = token.at, out;
    } else if (is_digit(c) || (c == '-' && at + 1 < text.size() && is_digit(text[at + 1]))) {
      token.kind = Token::Kind::number;
      const std::size_t from = at++;
      while (at < text.size() && (is_digit(text[at]) || text[at] == '.')) ++at;
      token.value = text.substr(from, at - from);
    } else if (is_letter(c)) {
      token.kind = Token::Kind::word;
      const std::size_t from = at;
      while (at < text.size() && (is_letter(text[at]) || is_digit(text[at]) || text[at] == '.')) ++at;
      token.value = text.substr(from, at - from);
    } else if (std::string_view("(),=<>!*").find(c) != std::string_view::npos) {
      token.kind = Token::Kind::sign;
      token.value = std::string(1, text[at++]);
      const bool two = at < text.size() && ((c == '<' && (text[at] == '=' || text[at] == '>')) || ((c == '>' || c == '!') && text[at] == '='));
      if (two) token.value += text[at++];
    } else {
      return bad_at = at, out;
    }
    out.push_back(std::move(token));
  }
  out.push_back({.at = text.size()});
  return out;
}

}  // namespace godwit::sandbox::zoho
