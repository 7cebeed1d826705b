// godwit report: the cutover report of a run, sealed; or whether a report file is still as it was.

#include "core/report/report.hpp"

#include <ostream>

#include "core/cli/books.hpp"
#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/json.hpp"
#include "core/journal/journal.hpp"
#include "core/run/runner.hpp"

namespace godwit::cli {
namespace {

struct ReportOptions {
  std::optional<std::int64_t> run;
  std::string out, check, key, new_key;
};

std::string_view state_name(report::FileState state) {
  static constexpr std::string_view kNames[] = {"unchanged", "consistent", "changed", "no_report"};
  return kNames[static_cast<int>(state)];
}

Result<int> check(Context& context, const ReportOptions& options) {
  Database* journal = nullptr;
  if (context.has_project())
    if (auto opened = context.journal()) journal = &(*opened)->database();
  std::optional<std::filesystem::path> key;
  if (!options.key.empty()) key = context.path(options.key);
  GW_ASSIGN(const report::FileCheck seen, report::check_report(context.path(options.check), journal, key));
  if (context.json())
    context.print_json({{"state", state_name(seen.state)}, {"digest", seen.digest}, {"project", seen.project}, {"run", seen.run}, {"made_at", seen.made_at},
                        {"signed_by", seen.signed_by}, {"why", seen.why}});
  else
    context.out() << report::describe(seen, context.language()) << '\n';
  return seen.state == report::FileState::unchanged || seen.state == report::FileState::consistent ? kExitFinished : kExitGate;
}

Result<int> make(Context& context, const ReportOptions& options) {
  GW_ASSIGN(const Project* project, context.project(false));
  context.host();  // messages of connectors
  GW_ASSIGN(const auto journal, Journal::open(project->folder / ".godwit", Journal::Mode::write));
  GW_ASSIGN(const RunRecord run, choose_run(context, *journal, options.run));
  report::CollectOptions how;
  how.made_at = journal->now();
  GW_ASSIGN(auto made, report::collect(journal->database(), run.number, *project, how));
  GW_TRY(report::seal(made, *project));
  const std::filesystem::path folder = options.out.empty() ? project->folder / "reports" : context.path(options.out);
  GW_ASSIGN(const report::ReportFiles files, report::write_report(made, context.language_given() ? context.language() : project->language, folder, "cutover-report-run-" + std::to_string(run.number)));
  GW_TRY(report::record(journal->database(), made, files));
  const std::string& digest = made.seal.digest;
  if (context.json())
    context.print_json({{"run", run.number}, {"html", files.html.string()}, {"json", files.json.string()}, {"xlsx", files.xlsx.string()}, {"digest", digest}});
  else
    context.out() << context.say("cli.report.made", {{"run", std::to_string(run.number)}, {"html", files.html.string()}, {"json", files.json.string()}, {"xlsx", files.xlsx.string()}, {"digest", digest}}) << '\n';
  return kExitFinished;
}

Result<int> run_report(Context& context, const ReportOptions& options) {
  if (!options.new_key.empty()) {
    GW_ASSIGN(const report::KeyFiles files, report::new_key(context.path(options.new_key)));
    context.out() << context.say("cli.report.new_key", {{"private", files.private_key.string()}, {"public", files.public_key.string()}}) << '\n';
    return kExitFinished;
  }
  return options.check.empty() ? make(context, options) : check(context, options);
}

}  // namespace

Command report_command() {
  auto options = std::make_shared<ReportOptions>();
  Command out{"report", Group::check, 20, {}, [options](Context& context) { return run_report(context, *options); }};
  out.arguments.option(options->run, "--run", "N", "cli.report.run");
  out.arguments.option(options->out, "--out", "DIR", "cli.report.out");
  out.arguments.option(options->check, "--check", "FILE", "cli.report.check");
  out.arguments.option(options->key, "--key", "FILE", "cli.report.key");
  out.arguments.option(options->new_key, "--new-key", "FILE", "cli.report.make_key");
  return out;
}

}  // namespace godwit::cli
