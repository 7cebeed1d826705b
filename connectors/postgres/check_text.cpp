#include "connectors/postgres/check_text.hpp"

#include <vector>

#include "plugins/kits/sql/identifier.hpp"
#include "plugins/kits/sql/tokens.hpp"

namespace godwit::postgres {
namespace {

using sql::Token;

// The tokens without casts. The tokenizer takes [..] for a quoted name, as other systems write them.
std::vector<Token> without_casts(const std::vector<Token>& tokens, std::string_view text) {
  std::vector<Token> out;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool cast = tokens[i].is_symbol(":") && i + 1 < tokens.size() && tokens[i + 1].is_symbol(":");
    if (!cast) {
      out.push_back(tokens[i]);
      continue;
    }
    i += 2;  // now at the type's first word
    while (i + 1 < tokens.size()) {
      const Token& next = tokens[i + 1];
      const bool word_of_type =
          next.kind == Token::Kind::word && (next.is("VARYING") || next.is("PRECISION") || next.is("WITH") ||
                                             next.is("WITHOUT") || next.is("TIME") || next.is("ZONE"));
      const bool brackets = next.kind == Token::Kind::quoted && next.from < text.size() && text[next.from] == '[';
      if (next.is_symbol("(")) {
        i = sql::closing(tokens, i + 1);
      } else if (word_of_type || brackets || next.is_symbol(".")) {
        ++i;
      } else {
        break;
      }
    }
  }
  return out;
}

std::string print(const Token& t) {
  if (t.kind == Token::Kind::text) return sql::quote_text(t.value);
  if (t.kind == Token::Kind::quoted) return sql::quote_identifier(t.value);
  return t.value;
}

// "( name )" and "( 'text' )" become what they hold, except after a function's name or IN.
void drop_parentheses(std::vector<Token>* tokens) {
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i + 2 < tokens->size(); ++i) {
      std::vector<Token>& t = *tokens;
      const bool called = i > 0 && t[i - 1].kind == Token::Kind::word && !t[i - 1].is("AND") && !t[i - 1].is("OR") &&
                          !t[i - 1].is("NOT") && !t[i - 1].is("ANY");
      if (!t[i].is_symbol("(") || !t[i + 2].is_symbol(")") || t[i + 1].kind == Token::Kind::symbol || called) continue;
      t.erase(t.begin() + static_cast<std::ptrdiff_t>(i) + 2), t.erase(t.begin() + static_cast<std::ptrdiff_t>(i));
      changed = true;
    }
  }
}

}  // namespace

std::string plain_check(std::string_view expression) {
  std::vector<Token> tokens = without_casts(sql::tokenize(expression), expression);
  drop_parentheses(&tokens);
  std::string out;
  for (std::size_t i = 0; i < tokens.size() && tokens[i].kind != Token::Kind::end; ++i) {
    if (tokens[i].is_symbol("=") && i + 3 < tokens.size() && tokens[i + 1].is("ANY") && tokens[i + 2].is_symbol("(")) {
      const std::size_t close = sql::closing(tokens, i + 2);
      std::size_t at = i + 3;
      while (at < close && tokens[at].is_symbol("(")) ++at;
      if (at + 1 < close && tokens[at].is("ARRAY") && tokens[at + 1].kind == Token::Kind::quoted) {
        const std::string inner = tokens[at + 1].value;
        std::string list;
        for (const Token& t : without_casts(sql::tokenize(inner), inner))
          list += print(t) + (t.kind == Token::Kind::end ? "" : " ");
        std::vector<Token> values = sql::tokenize(list);
        drop_parentheses(&values);
        out += " IN (";
        for (const Token& t : values) out += print(t);
        out += ")";
        i = close;
        continue;
      }
    }
    out += (out.empty() ? "" : " ") + print(tokens[i]);
  }
  return out;
}

}  // namespace godwit::postgres
