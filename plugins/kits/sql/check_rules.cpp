#include "plugins/kits/sql/check_rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "plugins/kits/sql/identifier.hpp"
#include "plugins/kits/sql/tokens.hpp"

namespace godwit::sql {
namespace {

using Tokens = std::span<const Token>;

// Deeper nesting than any real constraint has: beyond it a constraint is kept as text.
constexpr int kDeepest = 64;

std::optional<std::int64_t> integer(const Token& token) {
  std::int64_t value = 0;
  const char* end = token.value.data() + token.value.size();
  const auto parsed = std::from_chars(token.value.data(), end, value);
  if (token.kind != Token::Kind::number || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return value;
}

Tokens without_parentheses(Tokens t) {
  for (int layer = 0; layer < kDeepest && t.size() >= 2 && t.front().is_symbol("(") && t.back().is_symbol(")");
       ++layer) {
    int depth = 0;
    for (std::size_t i = 0; i + 1 < t.size(); ++i) {
      if (t[i].is_symbol("(")) ++depth;
      if (t[i].is_symbol(")") && --depth == 0) return t;  // the first one closes before the end
    }
    t = t.subspan(1, t.size() - 2);
  }
  return t;
}

// The parts between `word` outside parentheses; the AND of "between a and b" parts nothing.
std::vector<Tokens> split(Tokens t, std::string_view word) {
  std::vector<Tokens> out;
  int depth = 0;
  bool between = false;
  std::size_t from = 0;
  for (std::size_t i = 0; i < t.size(); ++i) {
    if (t[i].is_symbol("(")) ++depth;
    if (t[i].is_symbol(")")) --depth;
    if (depth != 0) continue;
    if (t[i].is("BETWEEN")) between = true;
    if (!t[i].is(word)) continue;
    if (word == "AND" && between) {
      between = false;
      continue;
    }
    out.push_back(t.subspan(from, i - from));
    from = i + 1;
  }
  out.push_back(t.subspan(from));
  return out;
}

bool is_value(const Token& t) { return t.kind == Token::Kind::text || t.kind == Token::Kind::number; }

bool parse_in(Tokens t, CheckRule* rule) {
  if (t.size() < 5 || !t[0].is_name() || !t[1].is("IN") || !t[2].is_symbol("(") || !t.back().is_symbol(")"))
    return false;
  for (std::size_t i = 3; i + 1 < t.size(); i += 2) {
    if (!is_value(t[i]) || !(t[i + 1].is_symbol(",") || i + 2 == t.size())) return false;
    rule->choices.push_back(t[i].value);
  }
  rule->column = t[0].value;
  return !rule->choices.empty();
}

bool parse_equal(Tokens t, CheckRule* rule) {
  if (t.size() != 3 || !(t[1].is_symbol("=") || t[1].is_symbol("=="))) return false;
  const bool swapped = t[2].is_name();
  const Token &name = swapped ? t[2] : t[0], &value = swapped ? t[0] : t[2];
  if (!name.is_name() || !is_value(value)) return false;
  rule->column = name.value;
  rule->choices = {value.value};
  return true;
}

bool is_length_of(Tokens t) {
  static constexpr std::array<std::string_view, 4> kFunctions = {"LENGTH", "CHAR_LENGTH", "CHARACTER_LENGTH", "LEN"};
  return t.size() == 4 && t[1].is_symbol("(") && t[2].is_name() && t[3].is_symbol(")") &&
         std::any_of(kFunctions.begin(), kFunctions.end(), [&](std::string_view f) { return t[0].is(f); });
}

// Only an upper limit is a rule of its own; a lower one leaves the constraint incomplete.
bool parse_length(Tokens t, CheckRule* rule, bool* complete) {
  if (t.size() == 8 && is_length_of(t.first(4)) && t[4].is("BETWEEN") && t[6].is("AND")) {
    const auto low = integer(t[5]), high = integer(t[7]);
    if (!low || !high) return false;
    rule->column = t[2].value, rule->max_length = high;
    if (*low > 0) *complete = false;
    return true;
  }
  if (t.size() != 6) return false;
  const bool swapped = is_length_of(t.subspan(2));
  if (!swapped && !is_length_of(t.first(4))) return false;
  const Token &name = swapped ? t[4] : t[2], &comparison = swapped ? t[1] : t[4];
  const auto limit = integer(swapped ? t[0] : t[5]);
  if (!limit) return false;
  rule->column = name.value;
  if (comparison.is_symbol(swapped ? ">=" : "<="))
    rule->max_length = limit;
  else if (comparison.is_symbol(swapped ? ">" : "<"))
    rule->max_length = *limit - 1;
  else if (comparison.is_symbol("=") || comparison.is_symbol("=="))
    rule->max_length = limit, *complete = false;
  else
    return false;
  return true;
}

bool is_null_test(Tokens t, std::string* column) {
  if (t.size() != 3 || !t[0].is_name() || !t[1].is("IS") || !t[2].is("NULL")) return false;
  *column = t[0].value;
  return true;
}

// One part of the conjunction: alternatives that must all be about one column to become a rule.
bool parse_part(Tokens t, std::vector<CheckRule>* rules, bool* complete) {
  t = without_parentheses(t);
  if (t.size() == 4 && t[0].is_name() && t[1].is("IS") && t[2].is("NOT") && t[3].is("NULL")) {
    CheckRule& rule = rules->emplace_back();
    rule.column = t[0].value, rule.not_null = true;
    return true;
  }
  CheckRule merged;
  std::string nullable;
  bool first = true;
  const std::vector<Tokens> alternatives = split(t, "OR");
  for (Tokens a : alternatives) {
    a = without_parentheses(a);
    if (is_null_test(a, &nullable)) continue;
    CheckRule rule;
    if (!parse_in(a, &rule) && !parse_equal(a, &rule) && !parse_length(a, &rule, complete)) return false;
    if (!first && (!same_name(rule.column, merged.column) || rule.choices.empty() || merged.choices.empty()))
      return false;  // lengths joined by OR, or different columns: no rule of one column
    merged.column = rule.column;
    merged.choices.insert(merged.choices.end(), rule.choices.begin(), rule.choices.end());
    if (rule.max_length) merged.max_length = rule.max_length;
    first = false;
  }
  if (first || (!nullable.empty() && !same_name(nullable, merged.column))) return false;
  rules->push_back(std::move(merged));
  return true;
}

void parse_all(Tokens t, int depth, CheckRules* out) {
  for (const Tokens part : split(without_parentheses(t), "AND")) {
    const Tokens inner = without_parentheses(part);
    if (depth < kDeepest && split(inner, "AND").size() > 1 && split(inner, "OR").size() == 1) {
      parse_all(inner, depth + 1, out);
    } else {
      std::vector<CheckRule> rules;
      bool complete = true;
      const bool understood = !part.empty() && parse_part(part, &rules, &complete);
      if (understood) out->rules.insert(out->rules.end(), rules.begin(), rules.end());
      out->complete = out->complete && understood && complete;
    }
  }
}

bool is_keyword(const Token& t) {
  static constexpr std::array<std::string_view, 25> kWords = {
      "AND",  "OR",  "NOT",  "IN", "IS",   "NULL",  "BETWEEN", "LIKE",   "GLOB",   "REGEXP", "CASE", "WHEN", "THEN",
      "ELSE", "END", "CAST", "AS", "TRUE", "FALSE", "COLLATE", "ESCAPE", "EXISTS", "SELECT", "FROM", "WHERE"};
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view w) { return t.is(w); });
}

}  // namespace

CheckRules parse_check(std::string_view expression) {
  CheckRules out;
  const std::vector<Token> tokens = tokenize(expression);
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (!tokens[i].is_name() || is_keyword(tokens[i]) || tokens[i + 1].is_symbol("(")) continue;
    if (i > 0 && (tokens[i - 1].is("COLLATE") || tokens[i - 1].is("AS"))) continue;
    const auto same = [&](const std::string& c) { return same_name(c, tokens[i].value); };
    if (std::none_of(out.columns.begin(), out.columns.end(), same)) out.columns.push_back(tokens[i].value);
  }
  out.complete = true;
  parse_all(Tokens(tokens).first(tokens.size() - 1), 0, &out);
  return out;
}

}  // namespace godwit::sql
