#pragma once
// Expressions on small tables, with answers as text.

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/expr/decimal_math.hpp"
#include "core/expr/expression.hpp"
#include "core/expr/time_literal.hpp"
#include "core/model/catalogue.hpp"

namespace godwit::expr {

using Cells = std::vector<std::optional<std::string>>;

inline int128 digits_of(std::string_view text) {
  int128 v = 0;
  for (const char c : text)
    if (c >= '0' && c <= '9') v = v * 10 + (c - '0');
  return !text.empty() && text.front() == '-' ? -v : v;
}

// A column of values written as text; decimals with exactly the digits of their scale.
inline Column column_of(Type type, const Cells& cells) {
  ColumnBuilder out(type);
  for (const auto& cell : cells) {
    if (!cell) {
      out.null();
      continue;
    }
    switch (type.id) {
      case TypeId::boolean: out.append_bool(*cell == "true"); break;
      case TypeId::int64: out.append_int64(std::stoll(*cell)); break;
      case TypeId::float64: out.append_float64(std::stod(*cell)); break;
      case TypeId::decimal128: out.append_decimal(digits_of(*cell)); break;
      case TypeId::date32: out.append_date32(parse_date(*cell).value()); break;
      case TypeId::timestamp:
      case TypeId::timestamp_tz: out.append_int64(parse_timestamp(*cell)->us); break;
      default: out.append_text(*cell); break;
    }
  }
  return out.finish();
}

// A table and the scope it makes.
struct Table {
  Schema schema;
  std::vector<Column> columns;
  std::int64_t rows = 1;

  Table& add(std::string name, Type type, const Cells& cells) {
    schema.push_back({std::move(name), type});
    columns.push_back(column_of(type, cells));
    rows = static_cast<std::int64_t>(cells.size());
    return *this;
  }
  CompileOptions options() const {
    CompileOptions out;
    out.scope.columns = &schema;
    out.file = "flow.yaml";
    out.folder = GODWIT_SOURCE_DIR "/core/expr/tests/data";
    return out;
  }
  EvalInput input() const {
    EvalInput in;
    in.rows = rows;
    in.columns = columns;
    return in;
  }
};

// Per row: the value, "null", "unset", "pending" or "GW-1234".
inline std::vector<std::string> answers(const Expression& expression, const EvalInput& input,
                                        const std::vector<std::int32_t>* selection = nullptr) {
  const Result<Evaluation> result = expression.evaluate(input, selection);
  if (!result) return {"fatal GW-" + std::to_string(result.error().number)};
  EXPECT_EQ(result->column.length, input.rows);
  EXPECT_EQ(result->column.type, expression.type());
  std::vector<std::string> out;
  for (std::int64_t row = 0; row < input.rows; ++row) {
    const bool set = !result->set || bit_is_set(result->set.data(), row);
    out.push_back(!set ? "unset" : result->column.is_null(row) ? "null" : value_text(result->column, row));
  }
  std::map<std::int64_t, int> seen;
  for (const RowError& e : result->errors) {
    EXPECT_EQ(++seen[e.row], 1) << "row " << e.row << " failed twice";
    EXPECT_EQ(e.error.kind, ErrorKind::row_rejected);
    out[static_cast<std::size_t>(e.row)] = "GW-" + std::to_string(e.error.number);
  }
  for (const std::int64_t row : result->pending) out[static_cast<std::size_t>(row)] = "pending";
  return out;
}

inline std::vector<std::string> run(std::string_view text, const Table& table, const CompileOptions& options) {
  const auto expression = compile(text, options);
  if (!expression) return {"compile GW-" + std::to_string(expression.error().number)};
  return answers(**expression, table.input());
}
inline std::vector<std::string> run(std::string_view text, const Table& table) { return run(text, table, table.options()); }

// The answer of an expression without columns.
inline std::string value_of(std::string_view text) { return run(text, Table()).front(); }

inline Type type_of(std::string_view text, const Table& table = {}) {
  const auto expression = compile(text, table.options());
  return expression ? (*expression)->type() : Type();
}

// What compiling says.
inline Error error_of(std::string_view text, const CompileOptions& options) {
  const auto expression = compile(text, options);
  return expression ? Error() : expression.error();
}
inline Error error_of(std::string_view text, const Table& table = {}) { return error_of(text, table.options()); }

}  // namespace godwit::expr
