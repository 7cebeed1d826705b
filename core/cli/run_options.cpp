#include "core/cli/run_options.hpp"

#include <signal.h>

#include <ostream>
#include <utility>

#include "core/cli/books.hpp"
#include "core/cli/exit_code.hpp"
#include "core/cli/json.hpp"
#include "core/cli/progress.hpp"

namespace godwit::cli {
namespace {

// Stops the run after its unit; the second time the signal does what it always does.
void on_signal(int signal_number) {
  interrupt_run();
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  sigaction(signal_number, &usual, nullptr);
}

class SignalGuard {
 public:
  SignalGuard() {
    struct sigaction ours {};
    ours.sa_handler = on_signal;
    sigaction(SIGINT, &ours, &before_int_);
    sigaction(SIGTERM, &ours, &before_term_);
  }
  ~SignalGuard() {
    sigaction(SIGINT, &before_int_, nullptr);
    sigaction(SIGTERM, &before_term_, nullptr);
  }

 private:
  struct sigaction before_int_ {}, before_term_ {};
};

void print_summary(Context& context, const RunResult& result) {
  const RunSummary& s = result.summary;
  if (context.json()) {
    Json out = run_json(s.run, context.options().environment);
    out["resumed"] = s.resumed, out["exit_code"] = s.exit_code;
    out["flows"] = Json::array(), out["gates"] = Json::array();
    for (const FlowRunRecord& f : s.flows) out["flows"].push_back(flow_json(f));
    for (const GateRecord& g : s.gates) out["gates"].push_back(gate_json(g));
    context.print_json(out);
    return;
  }
  print_books(context, s.flows);
  if (!s.gates.empty()) context.out() << '\n', print_gates(context, s.gates);
  const bool undo = s.run.kind == RunKind::undo;
  context.out() << '\n'
                << context.say(s.run.state != RunState::finished ? "cli.run.stopped" : undo ? "cli.run.undone" : "cli.run.finished",
                               {{"run", std::to_string(s.run.number)}, {"of", std::to_string(s.run.of_run.value_or(0))},
                                {"time", duration_text(seconds_between(s.run.started_at, s.run.ended_at))}})
                << '\n';
}

RunListener listener_of(Context& context, ProgressView& progress) {
  RunListener listener;
  listener.progress = progress.sink();
  listener.began = [&](const RunRecord& run, bool resumed) {
    if (context.json() || context.options().quiet) return;
    progress.clear();
    context.err() << context.say(resumed ? "cli.run.resumed" : "cli.run.began", {{"run", std::to_string(run.number)}, {"kind", context.say("cli.kind." + std::string(to_string(run.kind)))}})
                  << std::endl;
  };
  return listener;
}

}  // namespace

Result<int> watch_runs(Context& context, const RunsWork& work) {
  GW_ASSIGN(const Project* project, context.project());
  ProgressView progress(context);
  const RunListener listener = listener_of(context, progress);
  bool any = false;
  const auto done = [&](const RunResult& result) {
    progress.clear();
    if (std::exchange(any, true) && !context.json()) context.out() << '\n';
    print_summary(context, result);
    if (result.stopped) print_error(context, *result.stopped);
  };
  const Result<int> exit_code = [&] {
    const SignalGuard guard;
    return work(*project, context.host(), listener, done);
  }();
  progress.clear();
  if (!exit_code) {
    print_error(context, exit_code.error());
    return exit_code_of(exit_code.error());
  }
  if (!any && !context.json()) context.out() << context.say("cli.undo.nothing") << '\n';
  return exit_code;
}

Result<int> watch_run(Context& context, const std::function<Result<RunResult>(Project, Host&, const RunListener&)>& work) {
  GW_ASSIGN(const Project* project, context.project());
  ProgressView progress(context);
  const RunListener listener = listener_of(context, progress);
  Result<RunResult> done = [&] {
    const SignalGuard guard;
    return work(*project, context.host(), listener);
  }();
  progress.clear();
  if (!done) {
    print_error(context, done.error());
    return exit_code_of(done.error());
  }
  print_summary(context, *done);
  if (done->stopped) print_error(context, *done->stopped);
  return done->summary.exit_code;
}

}  // namespace godwit::cli
