// godwit stop: asks the run that is going on to stop after its unit.

#include <ostream>

#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/json.hpp"
#include "core/run/runner.hpp"

namespace godwit::cli {

Command stop_command() {
  return {"stop", Group::migrate, 40, {}, [](Context& context) -> Result<int> {
            GW_ASSIGN(const Project* project, context.project(false));
            GW_ASSIGN(const std::int64_t pid, request_stop(project->folder));
            if (context.json()) context.print_json({{"asked_pid", pid}});
            else context.out() << context.say("cli.stop.asked", {{"pid", std::to_string(pid)}}) << '\n';
            return kExitFinished;
          }};
}

}  // namespace godwit::cli
