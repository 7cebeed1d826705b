// godwit plan: what a run would do, before it does anything.

#include "core/run/planner.hpp"

#include <ostream>
#include <utility>

#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/json.hpp"
#include "core/cli/plan_compare.hpp"
#include "core/cli/progress.hpp"
#include "core/cli/setup_sheet.hpp"
#include "core/cli/table.hpp"
#include "core/run/runner.hpp"

namespace godwit::cli {
namespace {

void print_flows(Context& context, const PlanResult& plan) {
  Table table(context.out(), {{context.say("cli.books.flow")}, {context.say("cli.plan.target")}, {context.say("cli.plan.there"), Align::right},
                              {context.say("cli.books.read"), Align::right}, {context.say("cli.plan.create"), Align::right}, {context.say("cli.plan.update"), Align::right},
                              {context.say("cli.books.unchanged"), Align::right}, {context.say("cli.plan.leave_out"), Align::right}, {context.say("cli.books.set_aside"), Align::right},
                              {context.say("cli.plan.units"), Align::right}});
  for (const FlowPlan& f : plan.flows) {
    const Counts& c = f.counts;
    table.row({f.flow, f.target, grouped(f.target_rows), grouped(c.read), grouped(c.created), grouped(c.updated), grouped(c.unchanged), grouped(c.filtered + c.merged),
               grouped(c.set_aside), grouped(f.units)});
  }
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& w : words) out += (out.empty() ? "" : ", ") + w;
  return out;
}

void print_notes(Context& context, const PlanResult& plan) {
  std::ostream& out = context.out();
  for (const FlowPlan& f : plan.flows) {
    for (const PlanCause& cause : f.causes)
      out << context.say(cause.warning ? "cli.plan.warning" : "cli.plan.cause",
                         {{"flow", f.flow}, {"rows", grouped(cause.rows)}, {"number", "GW-" + std::to_string(cause.error.number)}, {"reason", sentence(cause.error, context.language())},
                          {"key", cause.key}, {"place", cause.place}})
          << '\n';
    for (const DescriptionChange& c : f.changes)
      out << context.say(c.breaking ? "cli.plan.breaking" : "cli.plan.harmless", {{"flow", f.flow}, {"change", change_text(c, context.language())}}) << '\n';
    if (f.delivery != "transactional") out << context.say("cli.plan.delivery", {{"flow", f.flow}, {"delivery", f.delivery}}) << '\n';
    if (!f.deferred.empty()) out << context.say("cli.plan.deferred", {{"flow", f.flow}, {"fields", joined(f.deferred)}}) << '\n';
    if (!f.unjudged.empty()) out << context.say("cli.plan.unjudged", {{"flow", f.flow}, {"rules", joined(f.unjudged)}}) << '\n';
    if (f.before_images > 0)
      out << context.say("cli.plan.before", {{"flow", f.flow}, {"rows", grouped(f.before_images)}, {"size", size_text(f.before_bytes)}}) << '\n';
    if (f.kept_edits > 0) out << context.say("cli.plan.edits", {{"flow", f.flow}, {"fields", grouped(f.kept_edits)}}) << '\n';
  }
  for (const std::string& voided : plan.voided_corrections) out << context.say("cli.plan.voided", {{"correction", voided}}) << '\n';
}

std::string share_text(const Budget& b) {
  const std::int64_t tenths = b.limit > 0 ? (b.needs * 1000 + b.limit - 1) / b.limit : 0;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "%";
}

std::string rounded_time(double seconds) { return duration_text(static_cast<std::int64_t>(seconds + 0.5)); }

// Calls, jobs, hours and days, where a target counts them.
void print_cost(Context& context, const PlanResult& plan) {
  std::ostream& out = context.out();
  const PlanCost& cost = plan.cost;
  if (cost.calls > 0) {
    {
      Table table(out, {{context.say("cli.books.flow")}, {context.say("cli.plan.calls"), Align::right}, {context.say("cli.plan.jobs"), Align::right},
                        {context.say("cli.plan.time"), Align::right}, {context.say("cli.plan.undo_time"), Align::right}});
      for (const FlowPlan& f : plan.flows)
        if (f.load) table.row({f.flow, grouped(f.load->calls), grouped(f.load->jobs), rounded_time(f.load->seconds), f.undo ? rounded_time(f.undo->seconds) : "-"});
      if (plan.flows.size() > 1) table.row({context.say("cli.plan.total"), grouped(cost.calls), grouped(cost.jobs), rounded_time(cost.seconds), rounded_time(cost.undo_seconds)});
    }
    for (const PlannedBudget& p : cost.budgets) {
      const Budget& b = p.budget;
      const char* key = p.windows == 0 ? "cli.plan.budget_none" : p.windows == 1 ? "cli.plan.budget" : "cli.plan.budget_waits";
      out << context.say(key, {{"connection", p.connection}, {"name", b.name}, {"needs", grouped(b.needs)}, {"remaining", grouped(b.remaining)}, {"limit", grouped(b.limit)},
                               {"window", rounded_time(b.window_s)}, {"share", share_text(b)}, {"windows", grouped(p.windows)}, {"more", grouped(b.needs - b.remaining)}})
          << '\n';
    }
    if (cost.simulated) out << context.say("cli.plan.simulated") << '\n';
    out << '\n';
  }
  if (!plan.freeze) return;
  const FreezePlan& f = *plan.freeze;
  out << context.say(f.fits ? "cli.plan.freeze_fits" : "cli.plan.freeze_waves", {{"window", rounded_time(f.window_s)}, {"early", rounded_time(f.early_s)}, {"rows", grouped(f.delta_rows)}}) << "\n\n";
}

// What must be set up in the target before a run of this plan.
void print_setup(Context& context, const PlanResult& plan) {
  std::ostream& out = context.out();
  bool any = false;
  for (const FlowPlan& f : plan.flows)
    for (const SetupNeed& n : f.setup) {
      if (!std::exchange(any, true)) out << context.say("cli.setup.head") << '\n';
      out << "  " << f.flow << "  " << need_text(n, context.language()) << '\n';
      if (!n.nearest.empty() && n.kind == SetupNeed::Kind::field) out << "      " << context.say("cli.setup.nearest_is", {{"place", n.place}, {"nearest", n.nearest}}) << '\n';
      constexpr std::size_t kShown = 5;
      for (std::size_t i = 0; i < n.values.size() && i < kShown; ++i)
        out << "      " << context.say("cli.setup.value_is", {{"value", n.values[i].value}, {"rows", grouped(n.values[i].rows)}, {"key", n.values[i].example}}) << '\n';
      if (n.values.size() > kShown) out << "      " << context.say("cli.setup.more", {{"values", grouped(static_cast<std::int64_t>(n.values.size() - kShown))}}) << '\n';
    }
  if (any) out << '\n';
}

struct PlanOptions {
  PlanRequest request;
  std::optional<std::int64_t> freeze;
  std::string setup, compare, export_file;
};

Result<int> compare_targets(Context& context, const PlanOptions& options) {
  GW_ASSIGN(const auto candidates, plan_candidates(context, options.compare, options.request));
  GW_TRY(show_comparison(context, candidates, options.export_file));
  bool all = true;
  for (const Candidate& c : candidates) all = all && c.plan;
  return all ? kExitFinished : kExitConnection;
}

Result<int> run_plan(Context& context, const PlanRequest& request, const std::string& setup) {
  GW_ASSIGN(const Project* project, context.project());
  ProgressView progress(context);
  Result<PlanResult> planned = plan_project(*project, context.host(), request, progress.sink());
  progress.clear();
  if (!planned) return Failure(std::move(planned).error());
  const PlanResult& plan = *planned;
  const int exit_code = plan.is_blocked() ? kExitConfig : kExitFinished;
  if (!setup.empty()) GW_TRY(write_setup_sheet(context, plan, context.path(setup)));
  if (context.json()) {
    Json out{{"plan", plan.record.number}};
    const Json stored = Json::object_of(plan.record.json);
    for (const auto& [name, value] : stored.items()) out.set(name, value);
    context.print_json(out);
    return exit_code;
  }
  context.out() << context.say("cli.plan.head", {{"plan", std::to_string(plan.record.number)}, {"environment", plan.environment.empty() ? "-" : plan.environment}, {"target", plan.target}}) << '\n';
  if (plan.record.sampled) context.out() << context.say("cli.plan.sampled", {{"rows", grouped(*plan.record.sampled)}}) << '\n';
  context.out() << '\n';
  print_flows(context, plan);
  context.out() << '\n';
  print_cost(context, plan);
  print_setup(context, plan);
  print_notes(context, plan);
  if (!setup.empty()) context.out() << context.say("cli.setup.written", {{"file", setup}}) << '\n';
  context.out() << context.say(plan.is_blocked() ? "cli.plan.blocked" : "cli.plan.foot", {{"plan", std::to_string(plan.record.number)}}) << '\n';
  return exit_code;
}

}  // namespace

Command plan_command() {
  auto options = std::make_shared<PlanOptions>();
  Command out{"plan", Group::migrate, 10, {}, [options](Context& context) {
                if (options->freeze) options->request.freeze_hours = static_cast<double>(*options->freeze);
                if (!options->compare.empty()) return compare_targets(context, *options);
                return run_plan(context, options->request, options->setup);
              }};
  out.arguments.option(options->request.only, "--only", "FLOW", "cli.run.only");
  out.arguments.option(options->request.sample, "--sample", "N", "cli.plan.sample");
  out.arguments.option(options->freeze, "--freeze", "HOURS", "cli.plan.freeze");
  out.arguments.option(options->setup, "--setup", "FILE.xlsx", "cli.plan.setup");
  out.arguments.option(options->compare, "--compare", "A,B", "cli.plan.compare");
  out.arguments.option(options->export_file, "--export", "FILE.xlsx", "cli.plan.export");
  return out;
}

}  // namespace godwit::cli
