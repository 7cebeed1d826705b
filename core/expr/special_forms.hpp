#pragma once
// Calls that the engine itself evaluates, since they decide which rows see which argument, or look outside the row.

#include <span>
#include <string_view>

#include "core/expr/function.hpp"

namespace godwit::expr {

// For the reference page, for suggestions, and for tests: the examples run like those of functions.
struct SpecialForm {
  std::string_view name, group, signature, summary;
  struct Argument {
    std::string_view name, help;
  };
  std::vector<Argument> arguments;
  std::vector<Example> examples;
};

// Sorted by name.
const std::vector<SpecialForm>& special_forms();

}  // namespace godwit::expr
