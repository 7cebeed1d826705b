#include "core/run/plan_budget.hpp"

#include <algorithm>
#include <cmath>

namespace godwit {
namespace {

void add(std::vector<PlannedBudget>& all, const std::string& connection, const std::vector<Budget>& more) {
  for (const Budget& b : more) {
    const auto known = std::ranges::find_if(all, [&](const PlannedBudget& p) { return p.connection == connection && p.budget.name == b.name; });
    if (known == all.end()) all.push_back({connection, b, 1});
    else known->budget.needs += b.needs;
  }
}

// What is left goes first, then whole windows.
std::int64_t windows(const Budget& b) {
  if (b.needs <= b.remaining) return 1;
  if (b.limit <= 0) return 0;
  return 1 + (b.needs - b.remaining + b.limit - 1) / b.limit;
}

double waits(const std::vector<PlannedBudget>& budgets) {
  double longest = 0;
  for (const PlannedBudget& p : budgets) {
    if (p.windows < 2) continue;
    const double first = p.budget.resets_s > 0 ? p.budget.resets_s : p.budget.window_s;
    longest = std::max(longest, first + static_cast<double>(p.windows - 2) * p.budget.window_s);
  }
  return longest;
}

}  // namespace

Work work_of(const std::string& object, const Counts& c, std::int64_t reads) { return {object, c.created, c.updated + c.obligations_set, c.deleted, reads}; }

Work undo_of(const std::string& object, const Counts& c) { return {object, c.deleted, c.updated, c.created, c.created + c.updated + c.deleted}; }

void add_cost(PlanCost& cost, const std::string& connection, const std::optional<Estimate>& load, const std::optional<Estimate>& undo) {
  if (load) {
    cost.calls += load->calls, cost.jobs += load->jobs, cost.seconds += load->seconds;
    cost.simulated = cost.simulated || load->simulated;
    add(cost.budgets, connection, load->budgets);
  }
  if (undo) cost.undo_seconds += undo->seconds, add(cost.undo_budgets, connection, undo->budgets);
}

void finish_cost(PlanCost& cost) {
  for (auto* budgets : {&cost.budgets, &cost.undo_budgets})
    for (PlannedBudget& p : *budgets) p.windows = windows(p.budget);
  // The last window is worked in, the ones before are waited out.
  cost.seconds += waits(cost.budgets), cost.undo_seconds += waits(cost.undo_budgets);
}

FreezePlan fit_freeze(const PlanCost& cost, std::int64_t rows, double window_s) {
  FreezePlan out;
  out.window_s = window_s, out.fits = cost.seconds <= window_s;
  if (out.fits || cost.calls == 0 || rows == 0) return out;
  out.early_s = cost.seconds;
  const double working = std::max(1e-9, cost.seconds - waits(cost.budgets));
  double share = std::min(1.0, window_s / working);
  for (const PlannedBudget& p : cost.budgets) {
    const auto granted = static_cast<double>(p.budget.limit) * std::max(1.0, std::floor(window_s / std::max(1.0, p.budget.window_s)));
    if (p.budget.needs > 0) share = std::min(share, granted / static_cast<double>(p.budget.needs));
  }
  out.delta_rows = static_cast<std::int64_t>(share * static_cast<double>(rows));
  return out;
}

}  // namespace godwit
