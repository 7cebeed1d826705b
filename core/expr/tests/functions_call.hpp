#pragma once
// Calls one function of the table straight, without the compiler: for tests that feed whole columns.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/expr/function.hpp"

namespace godwit::testing {

using Texts = std::vector<std::optional<std::string>>;

Column text_column(const Texts& values);
Column integer_column(const std::vector<std::optional<std::int64_t>>& values);

// An argument: a column of as many rows as the call has, or a constant (a column of one row).
struct Given {
  std::string name;  // "" = by position
  Column column;
  bool constant = false;
};
Given constant_text(std::string name, std::string_view value);
Given constant_integer(std::string name, std::int64_t value);

struct Answer {
  std::vector<std::string> values;  // value_text per row, "null", or "GW-1234"
  std::vector<RowError> errors;
  Type type;
};

// Binds and calls `name` on `rows` rows. A row where a null argument meets null_in_null_out is not passed on, as the
// engine has it. Bind errors come back as errors.
Result<Answer> call(std::string_view name, const std::vector<Given>& arguments, std::int64_t rows,
                    const CompileOptions& options = {});

// One text column through `name` with constants: the values as in Answer.
std::vector<std::string> over(std::string_view name, const Texts& values, const std::vector<Given>& constants = {},
                              const CompileOptions& options = {});

}  // namespace godwit::testing
