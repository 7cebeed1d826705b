#pragma once
// Which source columns identify a row, where the flow does not say it.

#include "core/config/project.hpp"

namespace godwit {

// Fills Flow::source_key of every flow that has a key and no `source_key:`: the columns that its key expressions read, through
// `let` too, in the order they are named. Leaves flows whose key cannot be parsed as they are: compiling them names the mistake.
void derive_source_keys(Project& project);

}  // namespace godwit
