// The examples of every function, compiled and evaluated as a user would.

#include <gtest/gtest.h>

#include "core/expr/expression.hpp"
#include "core/expr/function.hpp"
#include "core/model/catalogue.hpp"

namespace godwit {
namespace {

// value_text of the one row, "null", or "GW-1234".
std::string evaluated(std::string_view text) {
  CompileOptions options;
  options.now_us = 1700000000123456;
  const auto expression = compile(text, options);
  if (!expression) return "does not compile: " + describe(expression.error());
  const auto evaluation = (*expression)->evaluate({.rows = 1});
  if (!evaluation) return "does not evaluate: " + describe(evaluation.error());
  if (!evaluation->errors.empty()) return "GW-" + std::to_string(evaluation->errors[0].error.number);
  return evaluation->column.is_null(0) ? "null" : value_text(evaluation->column, 0);
}

class FunctionExamples : public ::testing::TestWithParam<std::size_t> {};

TEST_P(FunctionExamples, GiveWhatTheReferencePromises) {
  for (const Example& example : functions()[GetParam()].examples) {
    EXPECT_EQ(evaluated(example.call), example.result) << example.call;
  }
}

INSTANTIATE_TEST_SUITE_P(All, FunctionExamples, ::testing::Range<std::size_t>(0, functions().size()),
                         [](const auto& test) { return std::string(functions()[test.param].name); });

}  // namespace
}  // namespace godwit
