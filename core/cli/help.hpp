#pragma once
// The pages of `godwit --help` and `godwit COMMAND --help`.

#include <iosfwd>
#include <vector>

#include "core/cli/command.hpp"
#include "core/cli/context.hpp"

namespace godwit::cli {

void print_help(Context& context, const std::vector<Command>& commands, const Arguments& globals);
void print_help(Context& context, const Command& command, const Arguments& globals);

}  // namespace godwit::cli
