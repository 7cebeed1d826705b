#pragma once
// What a CHECK constraint says, where it says something that can be foreseen before a row is written.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::sql {

// One thing that a constraint asks of one column. Null is allowed unless `not_null` is set.
struct CheckRule {
  std::string column;
  std::vector<std::string> choices;        // the only values, as text; empty: any
  std::optional<std::int64_t> max_length;  // characters
  bool not_null = false;
};

struct CheckRules {
  std::vector<CheckRule> rules;
  bool complete = false;             // `rules` say all that the constraint says
  std::vector<std::string> columns;  // names that the constraint mentions, each once, as written
};

// Understands, joined by AND: col IN ('a', ...), col = 'a' OR col = 'b', length(col) <= n (also <, =, BETWEEN, and the
// sides swapped), col IS NOT NULL; each also as "col IS NULL OR ...". `expression` is the text between the
// parentheses of CHECK ( ... ). Anything else leaves `complete` false.
CheckRules parse_check(std::string_view expression);

}  // namespace godwit::sql
