// godwit status: the books of a run, its gates, and what is open.

#include <ostream>

#include "core/cli/books.hpp"
#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/exit_code.hpp"
#include "core/cli/json.hpp"
#include "core/journal/journal.hpp"

namespace godwit::cli {
namespace {

Result<int> run_status(Context& context, const std::string& which) {
  std::optional<std::int64_t> number;
  if (!which.empty()) {
    std::int64_t n = 0;
    const auto parsed = std::from_chars(which.data(), which.data() + which.size(), n);
    if (parsed.ec != std::errc() || parsed.ptr != which.data() + which.size()) return fail(2340, {{"seen", which}});
    number = n;
  }
  GW_ASSIGN(Journal * journal, context.journal());
  GW_ASSIGN(const RunRecord r, choose_run(context, *journal, number));
  GW_ASSIGN(const std::vector<FlowRunRecord> flows, journal->flow_runs(r.number));
  GW_ASSIGN(const std::vector<GateRecord> gates, journal->gates(r.number));
  GW_ASSIGN(const std::vector<ScopeRecord> scopes, journal->scopes());
  ScopeRecord scope;
  for (const ScopeRecord& s : scopes)
    if (s.id == r.scope) scope = s;
  SetAsideQuery open;
  open.scope = r.scope, open.state = SetAsideState::open;
  GW_ASSIGN(const std::int64_t aside, journal->count_set_aside(open));
  const std::int64_t writer = Journal::writer_of(journal->folder());
  if (context.json()) {
    Json out = run_json(r, scope.environment);
    out["target"] = scope.display, out["identity"] = scope.identity;
    out["running_pid"] = writer == 0 ? Json() : Json(writer);
    out["flows"] = Json::array(), out["gates"] = Json::array();
    for (const FlowRunRecord& f : flows) out["flows"].push_back(flow_json(f));
    for (const GateRecord& g : gates) out["gates"].push_back(gate_json(g));
    out["set_aside_open"] = aside;
    context.print_json(out);
    return kExitFinished;
  }
  context.out() << context.say("cli.status.head", {{"run", std::to_string(r.number)}, {"kind", context.say("cli.kind." + std::string(to_string(r.kind)))},
                                                   {"state", context.say("cli.state." + std::string(to_string(r.state)))},
                                                   {"environment", scope.environment.empty() ? "-" : scope.environment}, {"target", scope.display},
                                                   {"started", short_time(r.started_at)}})
                << "\n\n";
  print_books(context, flows);
  if (!gates.empty()) context.out() << '\n', print_gates(context, gates);
  if (aside > 0) context.out() << '\n' << context.say("cli.status.set_aside", {{"rows", std::to_string(aside)}}) << '\n';
  if (r.state == RunState::interrupted || r.state == RunState::stopped) context.out() << '\n' << context.say("cli.status.resume") << '\n';
  if (writer != 0) context.out() << '\n' << context.say("cli.status.running", {{"pid", std::to_string(writer)}}) << '\n';
  return kExitFinished;
}

}  // namespace

Command status_command() {
  auto which = std::make_shared<std::string>();
  Command out{"status", Group::look, 20, {}, [which](Context& context) { return run_status(context, *which); }};
  out.arguments.positional(*which, "RUN", "cli.status.which", false);
  return out;
}

}  // namespace godwit::cli
