#pragma once
// The `godwit` program without its main(): tests run it with a world of their own.

#include <string>
#include <vector>

#include "core/cli/context.hpp"

namespace godwit::cli {

// Runs the command that `arguments` (without the program's name) ask for; gives the exit code. Never throws.
int run_program(std::vector<std::string> arguments, World world);

}  // namespace godwit::cli
