#include "plugins/kits/sql/tokens.hpp"

#include "plugins/kits/sql/identifier.hpp"

namespace godwit::sql {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_word(char c) { return is_word_start(c) || is_digit(c) || c == '$'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

// Where the white space and comments at `at` end.
std::size_t skip_blank(std::string_view sql, std::size_t at) {
  while (at < sql.size()) {
    if (is_space(sql[at])) {
      ++at;
    } else if (sql.substr(at, 2) == "--") {
      at = sql.find('\n', at);
      if (at == std::string_view::npos) return sql.size();
    } else if (sql.substr(at, 2) == "/*") {
      at = sql.find("*/", at + 2);
      if (at == std::string_view::npos) return sql.size();
      at += 2;
    } else {
      return at;
    }
  }
  return at;
}

// The text between quotes at `at`; a doubled closing mark stands for itself, except in [..].
std::size_t read_quoted(std::string_view sql, std::size_t at, std::string* value) {
  const char close = sql[at] == '[' ? ']' : sql[at];
  for (++at; at < sql.size(); ++at) {
    if (sql[at] == close) {
      if (close == ']' || at + 1 >= sql.size() || sql[at + 1] != close) return at + 1;
      ++at;
    }
    *value += sql[at];
  }
  return at;
}

std::size_t read_number(std::string_view sql, std::size_t at) {
  while (at < sql.size()) {
    const char c = sql[at];
    const bool sign_of_exponent = (c == '+' || c == '-') && (sql[at - 1] == 'e' || sql[at - 1] == 'E');
    if (!is_word(c) && c != '.' && !sign_of_exponent) break;
    ++at;
  }
  return at;
}

}  // namespace

bool Token::is(std::string_view keyword) const { return kind == Kind::word && same_name(value, keyword); }

std::vector<Token> tokenize(std::string_view sql) {
  std::vector<Token> out;
  std::size_t at = 0;
  while ((at = skip_blank(sql, at)) < sql.size()) {
    Token token;
    token.from = at;
    const char c = sql[at];
    if (c == '\'' || c == '"' || c == '[' || c == '`') {
      token.kind = c == '\'' ? Token::Kind::text : Token::Kind::quoted;
      at = read_quoted(sql, at, &token.value);
    } else if (is_word_start(c)) {
      token.kind = Token::Kind::word;
      while (at < sql.size() && is_word(sql[at])) ++at;
    } else if (is_digit(c) || (c == '.' && at + 1 < sql.size() && is_digit(sql[at + 1]))) {
      token.kind = Token::Kind::number;
      at = read_number(sql, at + 1);
    } else {
      token.kind = Token::Kind::symbol;
      static constexpr std::string_view kPairs[] = {"<=", ">=", "<>", "!=", "==", "||", "<<", ">>", "->"};
      ++at;
      for (std::string_view pair : kPairs)
        if (sql.substr(token.from, 2) == pair) at = token.from + 2;
    }
    token.to = at;
    if (token.kind != Token::Kind::text && token.kind != Token::Kind::quoted)
      token.value = sql.substr(token.from, at - token.from);
    out.push_back(std::move(token));
  }
  Token end;
  end.from = end.to = sql.size();
  out.push_back(end);
  return out;
}

std::size_t closing(const std::vector<Token>& tokens, std::size_t open) {
  int depth = 0;
  std::size_t i = open;
  for (; i + 1 < tokens.size(); ++i) {
    if (tokens[i].is_symbol("(")) ++depth;
    if (tokens[i].is_symbol(")") && --depth == 0) break;
  }
  return i;
}

}  // namespace godwit::sql
