#pragma once
// How messages and the reference page write a function and its parameters' types.

#include <string>

#include "core/expr/function.hpp"

namespace godwit::expr {

// "name(a, b [, c])"
std::string signature_of(const Function& function);
// "text, integer"; "any type"
std::string type_names(TypeSet types);

}  // namespace godwit::expr
