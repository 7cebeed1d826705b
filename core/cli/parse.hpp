#pragma once
// The command line, parsed.

#include <string>
#include <vector>

#include "core/cli/command.hpp"
#include "core/cli/context.hpp"

namespace godwit::cli {

// The options of every command. They may stand before or behind the command's name.
Arguments global_arguments(GlobalOptions& options, bool& help, bool& version);

struct Parsed {
  Command* command = nullptr;  // null: none was named
};

// Fills the targets of the globals and of the command that is named. GW-2300 unknown command, 2301 unknown option, 2302 anything
// else, each with the nearest known name where there is one.
Result<Parsed> parse_line(std::vector<std::string> line, const Arguments& globals, std::vector<Command>& commands);

}  // namespace godwit::cli
