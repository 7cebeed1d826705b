#pragma once
// The lists that make up the function table: one per file, joined by group in table.cpp.

#include <vector>

#include "core/expr/function.hpp"

namespace godwit::fn {

std::vector<Function> text_case_functions();
std::vector<Function> text_trim_functions();
std::vector<Function> text_cut_functions();
std::vector<Function> text_search_functions();
std::vector<Function> text_build_functions();
std::vector<Function> text_unicode_functions();
std::vector<Function> text_clean_functions();
std::vector<Function> country_functions();

std::vector<Function> number_functions_parse();
std::vector<Function> number_functions_math();
std::vector<Function> number_functions_format();
std::vector<Function> date_functions_parse();
std::vector<Function> date_functions_zone();
std::vector<Function> date_functions_math();
std::vector<Function> date_functions_format();
std::vector<Function> boolean_functions();
std::vector<Function> compare_functions();
std::vector<Function> digest_functions();
std::vector<Function> encode_functions();

}  // namespace godwit::fn
