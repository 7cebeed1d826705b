#include "core/expr/tests/functions_call.hpp"

#include <gtest/gtest.h>

#include "core/model/catalogue.hpp"

namespace godwit::testing {

Column text_column(const Texts& values) {
  ColumnBuilder builder(TypeId::utf8);
  for (const auto& value : values) value ? builder.append_text(*value) : builder.null();
  return builder.finish();
}

Column integer_column(const std::vector<std::optional<std::int64_t>>& values) {
  ColumnBuilder builder(TypeId::int64);
  for (const auto& value : values) value ? builder.append_int64(*value) : builder.null();
  return builder.finish();
}

Given constant_text(std::string name, std::string_view value) {
  return {std::move(name), text_column({std::string(value)}), true};
}
Given constant_integer(std::string name, std::int64_t value) {
  return {std::move(name), integer_column({value}), true};
}

Result<Answer> call(std::string_view name, const std::vector<Given>& arguments, std::int64_t rows,
                    const CompileOptions& options) {
  const Function* function = find_function(name);
  if (function == nullptr) {
    ADD_FAILURE() << "no function " << name;
    return Answer{};
  }
  const std::size_t fixed = function->parameters.size();
  std::vector<const Given*> places(fixed, nullptr);
  std::size_t position = 0;
  for (const Given& given : arguments) {
    std::size_t at = position;
    if (!given.name.empty()) {
      for (at = 0; at < fixed && function->parameters[at].name != given.name;) ++at;
      if (at == fixed) ADD_FAILURE() << name << " has no parameter " << given.name;
    } else {
      ++position;
    }
    if (at >= places.size()) places.resize(at + 1, nullptr);
    places[at] = &given;
  }
  BindArguments bind;
  bind.options = &options;
  std::vector<ArgumentColumn> columns;
  for (const Given* given : places) {
    bind.types.push_back(given != nullptr ? given->column.type : Type(TypeId::null_type));
    bind.constants.emplace_back();
    columns.emplace_back();
    if (given == nullptr) continue;
    columns.back() = {&given->column, given->constant};
    if (given->constant && !given->column.is_null(0)) bind.constants.back() = value_text(given->column, 0);
  }
  GW_ASSIGN(Bound bound, function->bind(bind));
  std::vector<std::int32_t> selected;
  std::vector<bool> passed(static_cast<std::size_t>(rows), true);
  for (std::int32_t row = 0; row < rows; ++row) {
    for (const ArgumentColumn& column : columns) {
      if (function->null_in_null_out && column && column.column->is_null(column.at(row))) {
        passed[static_cast<std::size_t>(row)] = false;
      }
    }
    if (passed[static_cast<std::size_t>(row)]) selected.push_back(row);
  }
  ColumnBuilder out(bound.type);
  Answer answer;
  answer.type = bound.type;
  bound.call({columns, selected, out, answer.errors});
  const Column column = out.finish();
  EXPECT_EQ(column.length, static_cast<std::int64_t>(selected.size())) << name;
  EXPECT_EQ(column.type, bound.type) << name;
  answer.values.assign(static_cast<std::size_t>(rows), "null");
  for (std::size_t i = 0; i < selected.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    if (!column.is_null(at)) answer.values[static_cast<std::size_t>(selected[i])] = value_text(column, at);
  }
  for (const RowError& error : answer.errors) {
    EXPECT_EQ(answer.values[static_cast<std::size_t>(error.row)], "null") << name;
    EXPECT_EQ(error.error.kind, ErrorKind::row_rejected) << name;
    answer.values[static_cast<std::size_t>(error.row)] = "GW-" + std::to_string(error.error.number);
  }
  return answer;
}

std::vector<std::string> over(std::string_view name, const Texts& values, const std::vector<Given>& constants,
                              const CompileOptions& options) {
  std::vector<Given> arguments{{"", text_column(values), false}};
  arguments.insert(arguments.end(), constants.begin(), constants.end());
  auto answer = call(name, arguments, static_cast<std::int64_t>(values.size()), options);
  if (!answer) {
    ADD_FAILURE() << describe(answer.error());
    return {};
  }
  return answer->values;
}

}  // namespace godwit::testing
