#include "connectors/salesforce/sandbox/soql_tokens.hpp"

namespace godwit::sandbox::salesforce {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

[[noreturn]] void malformed(const std::string& what, std::size_t at) { throw SoqlError{"MALFORMED_QUERY", what + " at character " + std::to_string(at + 1)}; }

std::string read_text(std::string_view soql, std::size_t& at) {
  std::string out;
  for (const std::size_t start = at++;; ++at) {
    if (at >= soql.size()) malformed("unterminated string", start);
    if (soql[at] == '\'') return ++at, out;
    if (soql[at] != '\\') {
      out += soql[at];
      continue;
    }
    if (++at >= soql.size()) malformed("unterminated string", start);
    switch (soql[at]) {
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case 'b': out += '\b'; break;
      case 'f': out += '\f'; break;
      case '"':
      case '\'': out += soql[at]; break;
      case '\\': out += "\\\\"; break;
      case '%':
      case '_': out += '\\', out += soql[at]; break;
      default: malformed("unknown escape sequence", at);
    }
  }
}

}  // namespace

std::vector<Token> soql_tokens(std::string_view soql) {
  std::vector<Token> out;
  std::size_t at = 0;
  while (true) {
    while (at < soql.size() && is_blank(soql[at])) ++at;
    const std::size_t start = at;
    if (at >= soql.size()) {
      out.push_back({Token::Kind::end, "", at});
      return out;
    }
    const char c = soql[at];
    if (c == '\'') {
      out.push_back({Token::Kind::text, read_text(soql, at), start});
    } else if (is_letter(c)) {
      while (at < soql.size() && (is_letter(soql[at]) || is_digit(soql[at]) || soql[at] == '.' || (soql[at] == ':' && at + 1 < soql.size() && is_digit(soql[at + 1])))) ++at;
      out.push_back({Token::Kind::word, std::string(soql.substr(start, at - start)), start});
    } else if (is_digit(c) || ((c == '-' || c == '+') && at + 1 < soql.size() && is_digit(soql[at + 1]))) {
      ++at;
      bool time = false;
      while (at < soql.size() && (is_digit(soql[at]) || soql[at] == '.' || soql[at] == '-' || soql[at] == ':' || soql[at] == 'T' || soql[at] == 'Z' || soql[at] == '+' || soql[at] == 'e' || soql[at] == 'E')) {
        time = time || ((soql[at] == '-' || soql[at] == ':') && at - start >= 4);
        ++at;
      }
      out.push_back({time ? Token::Kind::time : Token::Kind::number, std::string(soql.substr(start, at - start)), start});
    } else {
      const std::string_view two = soql.substr(at, 2);
      const std::size_t length = two == "<=" || two == ">=" || two == "!=" || two == "<>" ? 2 : 1;
      if (length == 1 && std::string_view("=<>(),").find(c) == std::string_view::npos) malformed("unexpected token: '" + std::string(1, c) + "'", at);
      out.push_back({Token::Kind::sign, std::string(soql.substr(at, length)), start});
      at += length;
    }
  }
}

}  // namespace godwit::sandbox::salesforce
