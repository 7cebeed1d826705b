#include "core/expr/token.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>

namespace godwit::expr {
namespace {

// Characters that input methods and word processors put where an ASCII character is meant.
struct LookAlike {
  UChar32 seen;
  std::string_view meant;
};
constexpr std::array kLookAlikes{
    LookAlike{0xFF0C, ","},  LookAlike{0x3001, ","},  LookAlike{0xFF08, "("},  LookAlike{0xFF09, ")"},
    LookAlike{0xFF1A, ":"},  LookAlike{0xFF1D, "="},  LookAlike{0xFF1E, ">"},  LookAlike{0xFF1C, "<"},
    LookAlike{0xFF0B, "+"},  LookAlike{0xFF0D, "-"},  LookAlike{0x2212, "-"},  LookAlike{0x2013, "-"},
    LookAlike{0xFF0A, "*"},  LookAlike{0xFF0F, "/"},  LookAlike{0xFF5C, "|"},  LookAlike{0xFF05, "%"},
    LookAlike{0x2018, "'"},  LookAlike{0x2019, "'"},  LookAlike{0xFF07, "'"},  LookAlike{0x201C, "\""},
    LookAlike{0x201D, "\""}, LookAlike{0xFF02, "\""}, LookAlike{0x3000, "' '"}, LookAlike{0xA0, "' '"},
    LookAlike{0xFF0E, "."},  LookAlike{0x3002, "."},  LookAlike{0x2260, "<>"}, LookAlike{0x2264, "<="},
    LookAlike{0x2265, ">="}, LookAlike{0xFF01, "not"}, LookAlike{'`', "\""},    LookAlike{'&', "and, ||"},
    LookAlike{'!', "not, !="}, LookAlike{';', ","},  LookAlike{':', "=>"},    LookAlike{'{', "("},
    LookAlike{'}', ")"},
};

UChar32 character_at(std::string_view text, std::size_t at, std::size_t* next) {
  auto i = static_cast<std::int64_t>(at);
  UChar32 c;
  U8_NEXT(text.data(), i, static_cast<std::int64_t>(text.size()), c);
  *next = static_cast<std::size_t>(i);
  return c;
}
bool begins_name(UChar32 c) { return c == '_' || (c > 0 && u_hasBinaryProperty(c, UCHAR_ID_START)); }
bool continues_name(UChar32 c) { return c == '_' || (c > 0 && u_hasBinaryProperty(c, UCHAR_ID_CONTINUE)); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t end_of_name(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    std::size_t next;
    if (!continues_name(character_at(text, at, &next))) break;
    at = next;
  }
  return at;
}

Token bad(std::size_t begin, std::size_t end, int problem, std::string_view seen, std::string_view expected) {
  return {TokenKind::bad, begin, end, std::string(seen), problem, std::string(expected)};
}

// 'text' or "name": the quote is doubled inside.
Token quoted(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  std::string value;
  for (std::size_t i = begin + 1; i < text.size();) {
    if (text[i] == quote) {
      if (i + 1 < text.size() && text[i + 1] == quote) {
        value += quote, i += 2;
        continue;
      }
      if (quote == '"' && value.empty()) return bad(begin, i + 1, 2105, "\"\"", "");
      return {quote == '\'' ? TokenKind::text : TokenKind::quoted_name, begin, i + 1, std::move(value), 0, {}};
    }
    std::size_t next;
    const UChar32 c = character_at(text, i, &next);
    if (c < 0 || c == 0) return bad(i, next, 2102, c == 0 ? "U+0000" : "", "");
    value.append(text, i, next - i), i = next;
  }
  return bad(begin, text.size(), 2104, quote == '\'' ? "'" : "\"", "");
}

Token number(std::string_view text, std::size_t begin) {
  std::size_t i = begin;
  const auto digits = [&] {
    const std::size_t from = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i > from;
  };
  TokenKind kind = TokenKind::integer;
  digits();
  if (i + 1 < text.size() && text[i] == '.' && is_digit(text[i + 1])) ++i, digits(), kind = TokenKind::decimal;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    const std::size_t mark = i++;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (digits()) kind = TokenKind::exponent;
    else i = mark;
  }
  const std::size_t rest = end_of_name(text, i);
  if (rest > i) return bad(begin, rest, 2106, text.substr(begin, rest - begin), "");
  return {kind, begin, i, std::string(text.substr(begin, i - begin)), 0, {}};
}

Token symbol(std::string_view text, std::size_t begin) {
  const char c = text[begin], d = begin + 1 < text.size() ? text[begin + 1] : '\0';
  const auto token = [&](TokenKind kind, std::size_t size) { return Token{kind, begin, begin + size, {}, 0, {}}; };
  switch (c) {
    case '+': return token(TokenKind::plus, 1);
    case '-':
      // In SQL the rest of the line would be a comment; dropping it silently would change the mapping.
      if (d == '-') return bad(begin, begin + 2, 2107, "--", "- -");
      return token(TokenKind::minus, 1);
    case '*': return token(TokenKind::star, 1);
    case '/': return token(TokenKind::slash, 1);
    case '%': return token(TokenKind::percent, 1);
    case '|': return d == '|' ? token(TokenKind::concat, 2) : token(TokenKind::pipe, 1);
    case '=':
      if (d == '>') return token(TokenKind::arrow, 2);
      if (d == '=') return bad(begin, begin + 2, 2103, "==", "=");
      return token(TokenKind::equal, 1);
    case '<':
      if (d == '>') return token(TokenKind::not_equal, 2);
      return d == '=' ? token(TokenKind::less_equal, 2) : token(TokenKind::less, 1);
    case '>': return d == '=' ? token(TokenKind::greater_equal, 2) : token(TokenKind::greater, 1);
    case '!':
      if (d == '=') return token(TokenKind::not_equal, 2);
      break;
    case '(': return token(TokenKind::left_paren, 1);
    case ')': return token(TokenKind::right_paren, 1);
    case '[': return token(TokenKind::left_bracket, 1);
    case ']': return token(TokenKind::right_bracket, 1);
    case ',': return token(TokenKind::comma, 1);
    case '.': return token(TokenKind::dot, 1);
    default: break;
  }
  std::size_t next;
  const UChar32 point = character_at(text, begin, &next);
  if (point < 0) return bad(begin, next, 2102, "", "");
  if (point < 0x20 || point == 0x7F) return bad(begin, next, 2102, "U+00" + std::string(1, "01234567"[point >> 4]) + "0123456789ABCDEF"[point & 15], "");
  const std::string_view seen = text.substr(begin, next - begin);
  for (const LookAlike& l : kLookAlikes)
    if (l.seen == point) return bad(begin, next, 2103, seen, l.meant);
  return bad(begin, next, 2108, seen, "");
}

// Sorted. `date`, `timestamp` and `escape` are words only where they can stand as such.
constexpr std::array<std::string_view, 16> kReserved{"and",  "between", "case", "else", "end",  "false", "in",
                                                     "is",   "like",    "not",  "null", "or",   "then",  "true",
                                                     "unset", "when"};
}  // namespace

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return lower(x) == lower(y);
  });
}

bool is_reserved(std::string_view word) {
  return std::any_of(kReserved.begin(), kReserved.end(), [&](std::string_view k) { return same_word(k, word); });
}

Token next_token(std::string_view text, std::size_t from) {
  while (from < text.size() && (text[from] == ' ' || text[from] == '\t' || text[from] == '\n' || text[from] == '\r')) ++from;
  if (from >= text.size()) return {TokenKind::end, text.size(), text.size(), {}, 0, {}};
  const char c = text[from];
  if (c == '\'' || c == '"') return quoted(text, from);
  if (is_digit(c)) return number(text, from);
  std::size_t next;
  if (begins_name(character_at(text, from, &next))) {
    const std::size_t end = end_of_name(text, from);
    return {TokenKind::name, from, end, std::string(text.substr(from, end - from)), 0, {}};
  }
  return symbol(text, from);
}

}  // namespace godwit::expr
