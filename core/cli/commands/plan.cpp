// godwit plan: what a run would do, before it does anything.

#include "core/run/planner.hpp"

#include <ostream>

#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/json.hpp"
#include "core/cli/progress.hpp"
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

std::string span_text(double seconds) { return duration_text(static_cast<std::int64_t>(seconds + 0.5)); }

// Calls, jobs, hours and days, where a target counts them.
void print_cost(Context& context, const PlanResult& plan) {
  std::ostream& out = context.out();
  const PlanCost& cost = plan.cost;
  if (cost.calls > 0) {
    {
      Table table(out, {{context.say("cli.books.flow")}, {context.say("cli.plan.calls"), Align::right}, {context.say("cli.plan.jobs"), Align::right},
                        {context.say("cli.plan.time"), Align::right}, {context.say("cli.plan.undo_time"), Align::right}});
      for (const FlowPlan& f : plan.flows)
        if (f.load) table.row({f.flow, grouped(f.load->calls), grouped(f.load->jobs), span_text(f.load->seconds), f.undo ? span_text(f.undo->seconds) : "-"});
      if (plan.flows.size() > 1) table.row({context.say("cli.plan.total"), grouped(cost.calls), grouped(cost.jobs), span_text(cost.seconds), span_text(cost.undo_seconds)});
    }
    for (const PlannedBudget& p : cost.budgets) {
      const Budget& b = p.budget;
      const char* key = p.windows == 0 ? "cli.plan.budget_none" : p.windows == 1 ? "cli.plan.budget" : "cli.plan.budget_waits";
      out << context.say(key, {{"connection", p.connection}, {"name", b.name}, {"needs", grouped(b.needs)}, {"remaining", grouped(b.remaining)}, {"limit", grouped(b.limit)},
                               {"window", span_text(b.window_s)}, {"share", share_text(b)}, {"windows", grouped(p.windows)}, {"more", grouped(b.needs - b.remaining)}})
          << '\n';
    }
    if (cost.simulated) out << context.say("cli.plan.simulated") << '\n';
    out << '\n';
  }
  if (!plan.freeze) return;
  const FreezePlan& f = *plan.freeze;
  out << context.say(f.fits ? "cli.plan.freeze_fits" : "cli.plan.freeze_waves", {{"window", span_text(f.window_s)}, {"early", span_text(f.early_s)}, {"rows", grouped(f.delta_rows)}}) << "\n\n";
}

Result<int> run_plan(Context& context, const PlanRequest& request) {
  GW_ASSIGN(const Project* project, context.project());
  ProgressView progress(context);
  Result<PlanResult> planned = plan_project(*project, context.host(), request, progress.sink());
  progress.clear();
  if (!planned) return Failure(std::move(planned).error());
  const PlanResult& plan = *planned;
  if (context.json()) {
    Json out{{"plan", plan.record.number}};
    const Json stored = Json::object_of(plan.record.json);
    for (const auto& [name, value] : stored.items()) out.set(name, value);
    context.print_json(out);
    return kExitFinished;
  }
  context.out() << context.say("cli.plan.head", {{"plan", std::to_string(plan.record.number)}, {"environment", plan.environment.empty() ? "-" : plan.environment}, {"target", plan.target}}) << '\n';
  if (plan.record.sampled) context.out() << context.say("cli.plan.sampled", {{"rows", grouped(*plan.record.sampled)}}) << '\n';
  context.out() << '\n';
  print_flows(context, plan);
  context.out() << '\n';
  print_cost(context, plan);
  print_notes(context, plan);
  context.out() << context.say("cli.plan.foot", {{"plan", std::to_string(plan.record.number)}}) << '\n';
  return kExitFinished;
}

}  // namespace

Command plan_command() {
  auto request = std::make_shared<PlanRequest>();
  auto freeze = std::make_shared<std::optional<std::int64_t>>();
  Command out{"plan", Group::migrate, 10, {}, [request, freeze](Context& context) {
                if (*freeze) request->freeze_hours = static_cast<double>(**freeze);
                return run_plan(context, *request);
              }};
  out.arguments.option(request->only, "--only", "FLOW", "cli.run.only");
  out.arguments.option(request->sample, "--sample", "N", "cli.plan.sample");
  out.arguments.option(*freeze, "--freeze", "HOURS", "cli.plan.freeze");
  return out;
}

}  // namespace godwit::cli
