#include "connectors/sqlite/create_table.hpp"

#include <algorithm>
#include <array>

#include "plugins/kits/sql/tokens.hpp"

namespace godwit::sqlite {
namespace {

using sql::Token;

// Constraints of the table begin with one of these; any other item of the list is a column.
bool begins_table_constraint(const Token& t) {
  static constexpr std::array<std::string_view, 5> kWords = {"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"};
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view w) { return t.is(w); });
}

}  // namespace

std::vector<CheckText> find_checks(std::string_view create_table) {
  std::vector<CheckText> out;
  const std::vector<Token> tokens = sql::tokenize(create_table);
  if (tokens.size() < 4 || !tokens[0].is("CREATE")) return out;
  std::size_t i = 0;
  while (i < tokens.size() && !tokens[i].is_symbol("(")) {
    if (tokens[i].is("AS") || tokens[i].is("USING")) return out;  // CREATE TABLE ... AS SELECT, virtual tables
    ++i;
  }
  const std::size_t end = sql::closing(tokens, i);
  bool item_begins = true;
  std::string column, name;
  for (++i; i < end; ++i) {
    if (item_begins) {
      column = begins_table_constraint(tokens[i]) ? "" : tokens[i].value;
      name.clear();
      item_begins = false;
    }
    if (tokens[i].is_symbol(",")) {
      item_begins = true;
    } else if (tokens[i].is("CONSTRAINT") && i + 1 < end) {
      name = tokens[++i].value;
    } else if (tokens[i].is_symbol("(")) {
      const std::size_t close = sql::closing(tokens, i);
      if (i > 0 && tokens[i - 1].is("CHECK")) {
        const std::size_t from = tokens[i].to, to = std::max(from, tokens[close].from);
        out.push_back({name, column, std::string(create_table.substr(from, to - from))});
        name.clear();
      }
      i = close;
    }
  }
  return out;
}

}  // namespace godwit::sqlite
