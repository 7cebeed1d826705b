// godwit schema: the JSON Schema that editors check project files with.

#include <nlohmann/json.hpp>
#include <ostream>

#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/exit_code.hpp"

namespace godwit::cli {
namespace {

Result<int> run_schema(Context& context, const std::string& which) {
  if (which != "project" && which != "flow") return fail(2331, {{"seen", which}});
  std::vector<std::string> manifests;
  for (const ConnectorListing& c : context.host().list())
    if (!c.problem) manifests.push_back(c.manifest);
  context.out() << project_json_schema(which, manifests).dump(2) << '\n';
  return kExitFinished;
}

}  // namespace

Command schema_command() {
  auto which = std::make_shared<std::string>("project");
  Command out{"schema", Group::prepare, 50, {}, [which](Context& context) { return run_schema(context, *which); }};
  out.arguments.positional(*which, "project|flow", "cli.schema.which", false);
  return out;
}

}  // namespace godwit::cli
