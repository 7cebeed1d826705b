#pragma once
// A command of the program: one file in core/cli/commands/ with one function `Command <name>_command()`, where <name> is
// the file's. The build finds the files; nothing else names them.

#include <functional>
#include <string>
#include <vector>

#include "core/cli/arguments.hpp"
#include "core/model/result.hpp"

namespace godwit::cli {

class Context;

// Under which heading the command stands in `godwit --help`, in this order.
enum class Group { begin, prepare, migrate, check, look };

// Its summary is the text cli.<name>.summary, its longer help cli.<name>.help, with '_' for '-'.
struct Command {
  std::string name;                                  // as typed: "set-aside"
  Group group = Group::look;
  int order = 0;                                     // within the group
  Arguments arguments;
  std::function<Result<int>(Context&)> run;          // gives the exit code (kExit… of core/run/runner.hpp)
};

// All commands in the order of help.
std::vector<Command> commands();

}  // namespace godwit::cli
