// godwit runs: what was ever run here.

#include <ostream>

#include "core/cli/books.hpp"
#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/exit_code.hpp"
#include "core/cli/json.hpp"
#include "core/cli/progress.hpp"
#include "core/cli/table.hpp"
#include "core/journal/journal.hpp"

namespace godwit::cli {
namespace {

Result<int> run_runs(Context& context, std::optional<std::int64_t> limit) {
  GW_ASSIGN(Journal * journal, context.journal());
  GW_ASSIGN(const auto scopes, wanted_scopes(context, *journal));
  GW_ASSIGN(const std::vector<RunRecord> all, journal->runs());
  Json json = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const RunRecord& r : all) {
    const auto scope = scopes.find(r.scope);
    if (scope == scopes.end()) continue;
    if (limit && static_cast<std::int64_t>(rows.size()) >= *limit) break;
    GW_ASSIGN(const std::vector<FlowRunRecord> flows, journal->flow_runs(r.number));
    Json one = run_json(r, scope->second.environment);
    one["flows"] = Json::array();
    std::int64_t aside = 0;
    std::string names;
    for (const FlowRunRecord& f : flows) {
      one["flows"].push_back(flow_json(f));
      aside += f.counts.set_aside;
      names += (names.empty() ? "" : ", ") + f.flow;
    }
    json.push_back(std::move(one));
    std::string kind = context.say("cli.kind." + std::string(to_string(r.kind)));
    if (r.of_run) kind = context.say("cli.runs.of", {{"kind", kind}, {"run", std::to_string(*r.of_run)}});
    std::string state = context.say("cli.state." + std::string(to_string(r.state)));
    if (r.undone_by) state += ", " + context.say("cli.runs.undone", {{"run", std::to_string(*r.undone_by)}});
    rows.push_back({std::to_string(r.number), kind, scope->second.environment, short_time(r.started_at),
                    r.ended_at.empty() ? "" : duration_text(seconds_between(r.started_at, r.ended_at)), state, grouped(aside), names});
  }
  if (context.json()) {
    context.print_json(json);
    return kExitFinished;
  }
  Table table(context.out(), {{context.say("cli.runs.run"), Align::right}, {context.say("cli.runs.kind")}, {context.say("cli.runs.environment")},
                              {context.say("cli.runs.started")}, {context.say("cli.runs.took"), Align::right}, {context.say("cli.runs.state")},
                              {context.say("cli.books.set_aside"), Align::right}, {context.say("cli.runs.flows")}}, 50);
  for (auto& cells : rows) table.row(std::move(cells));
  return kExitFinished;
}

}  // namespace

Command runs_command() {
  auto limit = std::make_shared<std::optional<std::int64_t>>();
  Command out{"runs", Group::look, 10, {}, [limit](Context& context) { return run_runs(context, *limit); }};
  out.arguments.option(*limit, "--limit", "N", "cli.runs.limit", "-n");
  return out;
}

}  // namespace godwit::cli
