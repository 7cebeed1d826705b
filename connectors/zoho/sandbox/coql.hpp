#pragma once
// The query language: text -> SQL.

#include <variant>

#include "connectors/zoho/sandbox/errors.hpp"
#include "connectors/zoho/sandbox/filters.hpp"

namespace godwit::sandbox::zoho {

struct SelectItem {
  std::string key;        // what the answer calls it
  Expression expression;
  std::string aggregate;  // COUNT, SUM, MIN, MAX, AVG or ""
};

struct CoqlQuery {
  const Object* module = nullptr;
  std::vector<SelectItem> items;
  Condition where;
  std::vector<std::string> group_by;  // SQL
  std::string order_by;               // SQL, without the words; "" where none was asked for
  std::int64_t limit = 200, offset = 0;
};

struct CoqlRules {
  bool pairs = true;  // at most two conditions at one level of brackets
  int zone_minutes = 0;
};

// A query, or what is wrong: SYNTAX_ERROR with line, column and near, or with clause; INVALID_QUERY; LIMIT_EXCEEDED; DUPLICATE_DATA.
std::variant<CoqlQuery, Problem> parse_coql(const Model& model, std::string_view text, const CoqlRules& rules);

}  // namespace godwit::sandbox::zoho
