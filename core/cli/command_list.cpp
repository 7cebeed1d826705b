#include <algorithm>

#include "core/cli/command.hpp"

namespace godwit::cli {

#include "cli_command_declarations.inc"

std::vector<Command> commands() {
  std::vector<Command> all;
#include "cli_command_calls.inc"
  std::stable_sort(all.begin(), all.end(), [](const Command& a, const Command& b) {
    return a.group != b.group ? a.group < b.group : a.order < b.order;
  });
  return all;
}

}  // namespace godwit::cli
