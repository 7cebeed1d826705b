// godwit replay: only the rows that are set aside, with their corrections.

#include "core/cli/command.hpp"
#include "core/cli/run_options.hpp"

namespace godwit::cli {

Command replay_command() {
  auto request = std::make_shared<RunRequest>();
  request->replay = true;
  Command out{"replay", Group::migrate, 30, {}, [request](Context& context) {
                return watch_run(context, [&](Project project, Host& host, const RunListener& listener) { return run_project(std::move(project), host, *request, listener); });
              }};
  out.arguments.option(request->only, "--only", "FLOW", "cli.run.only");
  out.arguments.flag(request->cutover, "--cutover", "cli.run.cutover");
  out.arguments.flag(request->accept_changes, "--accept-changes", "cli.run.accept_changes");
  return out;
}

}  // namespace godwit::cli
