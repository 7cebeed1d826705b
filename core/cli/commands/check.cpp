// godwit check: every mistake that can be found without reading a row.

#include <ostream>
#include <set>

#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/json.hpp"
#include "core/cli/table.hpp"
#include "core/run/moment.hpp"
#include "core/run/runner.hpp"
#include "core/run/workspace.hpp"

namespace godwit::cli {
namespace {

void print_json(Context& context, Workspace& workspace, const std::set<std::string>& used) {
  Json out{{"ok", true}, {"project", workspace.project().name}, {"environment", workspace.project().environment},
                   {"connections", Json::array()}, {"flows", Json::array()}, {"corrections", workspace.corrections().count()}};
  for (const std::string& name : used) {
    const ConnectionFacts& facts = workspace.facts(name);
    out["connections"].push_back({{"connection", name}, {"connector", workspace.connection(name).connector()}, {"identity", facts.identity},
                                  {"display", facts.display}, {"version", facts.version}, {"writable", facts.writable}});
  }
  for (const auto& flow : workspace.flows())
    out["flows"].push_back({{"flow", flow->flow->name}, {"source", Workspace::source_names(*flow->flow)}, {"target", flow->flow->to.connection + "." + flow->flow->to.object},
                            {"fields", flow->columns.size()}, {"two_passes", flow->has_deferred}});
  context.print_json(out);
}

Result<int> run_check(Context& context) {
  GW_ASSIGN(const Project* project, context.project());
  Workspace::Options options;
  options.now = [](Workspace&) -> Result<std::int64_t> { return system_now_us(); };
  GW_ASSIGN(const auto workspace, Workspace::open(*project, context.host(), options));
  std::set<std::string> used;
  for (const auto& flow : workspace->flows()) {
    for (const ObjectRef& from : flow->flow->from) used.insert(from.connection);
    used.insert(flow->flow->to.connection);
  }
  if (context.json()) {
    print_json(context, *workspace, used);
    return kExitFinished;
  }
  std::ostream& out = context.out();
  {
    Table table(out, {{context.say("cli.check.connection")}, {context.say("cli.check.connector")}, {context.say("cli.check.system")}, {context.say("cli.connectors.version")}}, 70);
    for (const std::string& name : used) table.row({name, workspace->connection(name).connector(), workspace->facts(name).display, workspace->facts(name).version});
  }
  out << '\n';
  {
    Table table(out, {{context.say("cli.books.flow")}, {context.say("cli.check.from")}, {context.say("cli.check.to")}, {context.say("cli.check.fields"), Align::right},
                      {context.say("cli.check.passes"), Align::right}}, 60);
    for (const auto& flow : workspace->flows())
      table.row({flow->flow->name, Workspace::source_names(*flow->flow), flow->flow->to.connection + "." + flow->flow->to.object, std::to_string(flow->columns.size()),
                 flow->has_deferred ? "2" : "1"});
  }
  out << '\n' << context.say("cli.check.fine") << '\n';
  return kExitFinished;
}

}  // namespace

Command check_command() {
  return {"check", Group::prepare, 60, {}, [](Context& context) { return run_check(context); }};
}

}  // namespace godwit::cli
