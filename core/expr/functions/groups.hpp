#pragma once
// The lists that make up the function table: one per file, joined by group in table.cpp.

#include <vector>

#include "core/expr/function.hpp"

namespace godwit::fn {

std::vector<Function> text_case_functions();
std::vector<Function> text_trim_functions();
std::vector<Function> text_cut_functions();

}  // namespace godwit::fn
