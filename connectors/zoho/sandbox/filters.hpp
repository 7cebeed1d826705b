#pragma once
// Conditions on fields as SQL: what search criteria, COQL and bulk read have in common.

#include "connectors/zoho/sandbox/modules.hpp"
#include "plugins/kits/sandbox/database.hpp"

namespace godwit::sandbox::zoho {

struct Condition {
  std::string sql;
  std::vector<Value> values;  // for its question marks, in order
};

// A field as an expression over a table called t: "Email", or through lookups "Account_Name.Owner.email".
struct Expression {
  std::string sql;
  const Field* field = nullptr;   // the last of the path
  const Object* module = nullptr;  // the one that has it
  int lookups = 0;                // how many were gone through
};

// nullopt: there is no such field, or it has no value that can be compared.
std::optional<Expression> expression_of(const Model& model, const Object& module, std::string_view path);

// `comparator` is a word of the vendor's: equal, not_equal, in, not_in, less_than, less_equal, greater_than, greater_equal, between, not_between,
// contains, not_contains, starts_with, ends_with; "equals" means equal. An equal or not_equal without values asks for null. nullopt: no such
// comparator, the wrong number of values, or a value that the field cannot have.
std::optional<Condition> compare(const Expression& expression, std::string_view comparator, const std::vector<std::string>& values, int zone_minutes);

// Search criteria: ((Email:equals:a@b.c)and(City:starts_with:X)). nullopt: not understood; `error` says where.
std::optional<Condition> parse_criteria(const Model& model, const Object& module, std::string_view text, bool backslash_escapes, int zone_minutes, std::string& error);

// Criteria of bulk read: {"group_operator", "group": [...]} or {"field": {"api_name"}, "comparator", "value"}. nullopt as above.
std::optional<Condition> json_criteria(const Model& model, const Object& module, const Json& criteria, int zone_minutes, int& lookups, int& count, std::string& error);

}  // namespace godwit::sandbox::zoho
