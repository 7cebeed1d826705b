#pragma once
// CHECK constraints, which SQLite keeps only in the text of CREATE TABLE.

#include <string>
#include <string_view>
#include <vector>

namespace godwit::sqlite {

struct CheckText {
  std::string name;        // of CONSTRAINT name CHECK, or ""
  std::string column;      // whose definition holds it, or "" for one of the table
  std::string expression;  // between the parentheses, as written
};

// All CHECK constraints of a CREATE TABLE statement as sqlite_schema holds it. Text that is no such statement has none.
std::vector<CheckText> find_checks(std::string_view create_table);

}  // namespace godwit::sqlite
