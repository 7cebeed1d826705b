#pragma once
// What a plan costs at systems that count: calls, jobs, hours and days, for the run and for its undo.

#include <optional>
#include <string>
#include <vector>

#include "core/host/connection.hpp"
#include "core/journal/records.hpp"

namespace godwit {

// A budget of one connection, over all flows of the plan.
struct PlannedBudget {
  std::string connection;
  Budget budget;           // `needs` summed over the flows
  std::int64_t windows = 1;  // how many windows (days, where the window is one) the work reaches into; 0: never, nothing is granted
};

// What the run and its undo cost, together.
struct PlanCost {
  std::int64_t calls = 0, jobs = 0;
  double seconds = 0;        // at the allowed pace, waits for new windows included
  double undo_seconds = 0;
  bool simulated = false;    // figures of a sandbox
  std::vector<PlannedBudget> budgets, undo_budgets;
};

// How a load meets a freeze: the time in which nobody works in the old system.
struct FreezePlan {
  double window_s = 0;
  bool fits = true;            // the whole load does
  double early_s = 0;          // what is loaded before the freeze otherwise
  std::int64_t delta_rows = 0; // rows that may have changed since, for the delta to fit
};

// The work of a flow with these counts. `reads`: records of the target that are compared. Links of the second pass are updates.
Work work_of(const std::string& object, const Counts& counts, std::int64_t reads);
// The work of taking it back.
Work undo_of(const std::string& object, const Counts& counts);

// Adds a flow's estimates (null: its target counts nothing).
void add_cost(PlanCost& cost, const std::string& connection, const std::optional<Estimate>& load, const std::optional<Estimate>& undo);
// Once all are added: waits for new windows.
void finish_cost(PlanCost& cost);
// `rows`: that the load writes. The delta runs at the load's own pace, within what one window of each budget allows.
FreezePlan fit_freeze(const PlanCost& cost, std::int64_t rows, double window_s);

}  // namespace godwit
