// godwit undo: takes finished runs back, or shows what that would do.

#include "core/run/undo.hpp"

#include <charconv>
#include <fstream>
#include <ostream>
#include <system_error>

#include "core/cli/command.hpp"
#include "core/cli/json.hpp"
#include "core/cli/progress.hpp"
#include "core/cli/run_options.hpp"
#include "core/cli/table.hpp"
#include "core/model/csv_text.hpp"
#include "core/run/undo_preview.hpp"

namespace godwit::cli {
namespace {

struct UndoCommandOptions {
  std::string which, export_file;
  bool preview = false, all = false, leave = false;
};

Result<std::optional<std::int64_t>> undone_number(const UndoCommandOptions& options) {
  if (options.all != options.which.empty()) return fail(4089);
  if (options.all) return std::nullopt;
  std::int64_t number = 0;
  const char* const end = options.which.data() + options.which.size();
  const auto parsed = std::from_chars(options.which.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end) return fail(2340, {{"seen", options.which}});
  return number;
}

std::string undo_time(double seconds) { return duration_text(static_cast<std::int64_t>(seconds + 0.5)); }

Json undo_preview_json(Context& context, const UndoPreview& preview) {
  Json out{{"environment", preview.environment}, {"target", preview.target}, {"runs", Json::array()}, {"flows", Json::array()}, {"takes_all_back", preview.takes_all_back()}};
  for (const std::int64_t run : preview.runs) out["runs"].push_back(run);
  for (const FlowUndoPreview& f : preview.flows) {
    Json flow{{"run", f.run}, {"flow", f.flow}, {"target", f.target}, {"removed", f.removed}, {"restored", f.restored}, {"returned", f.returned}, {"gone", f.gone}, {"left", Json::array()}};
    for (const UndoReason& r : f.left)
      flow["left"].push_back({{"number", "GW-" + std::to_string(r.error.number)}, {"rows", r.rows}, {"example", r.example}, {"text", sentence(r.error, context.language())}});
    if (f.estimate) flow.set("estimate", {{"calls", f.estimate->calls}, {"jobs", f.estimate->jobs}, {"seconds", f.estimate->seconds}});
    out["flows"].push_back(std::move(flow));
  }
  const PlanCost& cost = preview.cost;
  Json budgets = Json::array();
  for (const PlannedBudget& p : cost.budgets)
    budgets.push_back({{"connection", p.connection}, {"name", p.budget.name}, {"needs", p.budget.needs}, {"limit", p.budget.limit}, {"remaining", p.budget.remaining}, {"windows", p.windows}});
  out.set("cost", {{"calls", cost.calls}, {"jobs", cost.jobs}, {"seconds", cost.seconds}, {"simulated", cost.simulated}, {"budgets", std::move(budgets)}});
  return out;
}

void print_undo_preview(Context& context, const UndoPreview& preview) {
  std::ostream& out = context.out();
  out << context.say("cli.undo.head", {{"environment", preview.environment.empty() ? "-" : preview.environment}, {"target", preview.target}}) << "\n\n";
  if (preview.runs.empty()) {
    out << context.say("cli.undo.nothing") << '\n';
    return;
  }
  {
    Table table(out, {{context.say("cli.runs.run"), Align::right}, {context.say("cli.books.flow")}, {context.say("cli.plan.target")}, {context.say("cli.undo.removed"), Align::right},
                      {context.say("cli.undo.restored"), Align::right}, {context.say("cli.undo.returned"), Align::right}, {context.say("cli.undo.gone"), Align::right},
                      {context.say("cli.undo.stays"), Align::right}, {context.say("cli.plan.calls"), Align::right}, {context.say("cli.plan.time"), Align::right}});
    for (const FlowUndoPreview& f : preview.flows)
      table.row({std::to_string(f.run), f.flow, f.target, grouped(f.removed), grouped(f.restored), grouped(f.returned), grouped(f.gone), grouped(f.left_rows()),
                 f.estimate ? grouped(f.estimate->calls) : "-", f.estimate ? undo_time(f.estimate->seconds) : "-"});
  }
  out << '\n';
  const PlanCost& cost = preview.cost;
  if (cost.calls > 0) out << context.say("cli.undo.cost", {{"calls", grouped(cost.calls)}, {"jobs", grouped(cost.jobs)}, {"time", undo_time(cost.seconds)}}) << '\n';
  for (const PlannedBudget& p : cost.budgets)
    out << context.say("cli.undo.budget", {{"connection", p.connection}, {"name", p.budget.name}, {"needs", grouped(p.budget.needs)}, {"remaining", grouped(p.budget.remaining)},
                                           {"limit", grouped(p.budget.limit)}, {"windows", grouped(p.windows)}})
        << '\n';
  if (cost.simulated) out << context.say("cli.plan.simulated") << '\n';
  for (const FlowUndoPreview& f : preview.flows)
    for (const UndoReason& r : f.left)
      out << context.say(r.example.empty() ? "cli.undo.left" : "cli.undo.left_row",
                         {{"run", std::to_string(f.run)}, {"flow", f.flow}, {"rows", grouped(r.rows)}, {"number", "GW-" + std::to_string(r.error.number)},
                          {"reason", sentence(r.error, context.language())}, {"key", r.example}})
          << "\n    " << remedy(r.error, context.language()) << '\n';
  out << context.say(preview.takes_all_back() ? "cli.undo.all_back" : "cli.undo.some_stay") << '\n';
}

Result<int> show_undo_preview(Context& context, const UndoCommandOptions& options) {
  UndoPreviewRequest request;
  GW_ASSIGN(request.run, undone_number(options));
  GW_ASSIGN(const Project* project, context.project());
  std::ofstream file;
  if (!options.export_file.empty()) {
    file.open(context.path(options.export_file), std::ios::binary | std::ios::trunc);
    // The mark tells spreadsheet programs that the text is UTF-8.
    file << "\xEF\xBB\xBF" << "run,flow,key,target_id,number,reason\r\n";
    request.left = [&](const UndoLeftRow& row) -> Result<> {
      file << row.run << ',' << csv_field(row.flow) << ',' << csv_field(row.key) << ',' << csv_field(row.id) << ",GW-" << row.error.number << ','
           << csv_field(sentence(row.error, context.language())) << "\r\n";
      return {};
    };
  }
  ProgressView progress(context);
  const Result<UndoPreview> seen = preview_undo(*project, context.host(), request, progress.sink());
  progress.clear();
  if (!seen) return Failure(seen.error());
  if (!options.export_file.empty() && !file.flush()) return fail(2323, {{"place", context.path(options.export_file).string()}, {"seen", std::generic_category().message(errno)}});
  if (context.json()) context.print_json(undo_preview_json(context, *seen));
  else print_undo_preview(context, *seen);
  return kExitFinished;
}

Result<int> run_undo(Context& context, const UndoCommandOptions& options) {
  GW_ASSIGN(const std::optional<std::int64_t> number, undone_number(options));
  UndoOptions how;
  how.leave = options.leave;
  if (number)
    return watch_run(context, [&](Project project, Host& host, const RunListener& listener) { return undo_run(std::move(project), host, *number, how, listener); });
  return watch_runs(context, [&](Project project, Host& host, const RunListener& listener, const std::function<void(const RunResult&)>& done) {
    return undo_all_runs(std::move(project), host, how, listener, done);
  });
}

}  // namespace

Command undo_command() {
  auto options = std::make_shared<UndoCommandOptions>();
  Command out{"undo", Group::migrate, 50, {}, [options](Context& context) -> Result<int> { return options->preview ? show_undo_preview(context, *options) : run_undo(context, *options); }};
  out.arguments.positional(options->which, "RUN", "cli.undo.which", false);
  out.arguments.flag(options->preview, "--preview", "cli.undo.preview");
  out.arguments.option(options->export_file, "--export", "FILE.csv", "cli.undo.export");
  out.arguments.flag(options->all, "--all", "cli.undo.all");
  out.arguments.flag(options->leave, "--leave", "cli.undo.leave");
  return out;
}

}  // namespace godwit::cli
