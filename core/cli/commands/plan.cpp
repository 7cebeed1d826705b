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
    if (f.delivery != "transactional") out << context.say("cli.plan.delivery", {{"flow", f.flow}, {"delivery", f.delivery}}) << '\n';
    if (!f.deferred.empty()) out << context.say("cli.plan.deferred", {{"flow", f.flow}, {"fields", joined(f.deferred)}}) << '\n';
    if (!f.unjudged.empty()) out << context.say("cli.plan.unjudged", {{"flow", f.flow}, {"rules", joined(f.unjudged)}}) << '\n';
    if (f.before_images > 0)
      out << context.say("cli.plan.before", {{"flow", f.flow}, {"rows", grouped(f.before_images)}, {"size", size_text(f.before_bytes)}}) << '\n';
    if (f.kept_edits > 0) out << context.say("cli.plan.edits", {{"flow", f.flow}, {"fields", grouped(f.kept_edits)}}) << '\n';
  }
  for (const std::string& voided : plan.voided_corrections) out << context.say("cli.plan.voided", {{"correction", voided}}) << '\n';
}

Result<int> run(Context& context, const PlanRequest& request) {
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
  print_notes(context, plan);
  context.out() << context.say("cli.plan.foot", {{"plan", std::to_string(plan.record.number)}}) << '\n';
  return kExitFinished;
}

}  // namespace

Command plan_command() {
  auto request = std::make_shared<PlanRequest>();
  Command out{"plan", Group::migrate, 10, {}, [request](Context& context) { return run(context, *request); }};
  out.arguments.option(request->only, "--only", "FLOW", "cli.run.only");
  out.arguments.option(request->sample, "--sample", "N", "cli.plan.sample");
  return out;
}

}  // namespace godwit::cli
