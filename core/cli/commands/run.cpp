// godwit run: the migration.

#include "core/cli/command.hpp"
#include "core/cli/run_options.hpp"

namespace godwit::cli {

Command run_command() {
  auto request = std::make_shared<RunRequest>();
  auto keys = std::make_shared<std::string>();
  auto unit_rows = std::make_shared<std::optional<std::int64_t>>();
  Command out{"run", Group::migrate, 20, {}, [request, keys, unit_rows](Context& context) {
                if (unit_rows->value_or(0) > 0) request->unit_rows = static_cast<std::size_t>(**unit_rows);
                if (!keys->empty()) request->keys_file = context.path(*keys).string();
                return watch_run(context, [&](Project project, Host& host, const RunListener& listener) { return run_project(std::move(project), host, *request, listener); });
              }};
  out.arguments.option(request->only, "--only", "FLOW", "cli.run.only");
  out.arguments.option(request->limit, "--limit", "N", "cli.run.limit", "-n");
  out.arguments.option(*keys, "--keys", "FILE", "cli.run.keys");
  out.arguments.option(request->until, "--until", "TIME", "cli.run.until");
  out.arguments.option(request->plan, "--plan", "N", "cli.run.plan");
  out.arguments.flag(request->delta, "--delta", "cli.run.delta");
  out.arguments.flag(request->cutover, "--cutover", "cli.run.cutover");
  out.arguments.flag(request->fresh, "--new", "cli.run.new");
  out.arguments.option(*unit_rows, "--unit-rows", "N", "cli.run.unit_rows");
  out.arguments.flag(request->accept_changes, "--accept-changes", "cli.run.accept_changes");
  return out;
}

}  // namespace godwit::cli
