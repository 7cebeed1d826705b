#pragma once
// A plan: the whole run without its writes. Every row is read, mapped and held against the target; buckets, refusals and
// causes are what the run will find, unless something moves in between, which `run --plan N` notices.

#include <optional>
#include <string>
#include <vector>

#include "core/config/project.hpp"
#include "core/host/connection.hpp"
#include "core/journal/records.hpp"
#include "core/run/description_change.hpp"
#include "core/run/plan_budget.hpp"
#include "core/run/run_context.hpp"
#include "core/run/setup_list.hpp"

namespace godwit {

struct PlanCause {
  Error error;           // of the first row
  std::string field, key, place;
  std::int64_t rows = 0;
  bool warning = false;
};

struct FlowPlan {
  std::string flow, source, target, delivery;
  Counts counts;                 // as flow_run will have them
  std::vector<PlanCause> causes; // most rows first
  std::int64_t target_rows = 0;  // in the target object now
  std::int64_t units = 0;        // transactions, or calls of a target without
  std::int64_t before_images = 0;
  std::int64_t before_bytes = 0;
  std::int64_t kept_edits = 0;   // fields that people edited in the target and that stay
  std::vector<std::string> deferred;  // fields that a second pass fills
  std::vector<std::string> unjudged;  // rules of the target that only the target can judge
  std::vector<SetupNeed> setup;       // what the target must be given first
  bool undoable = false;              // what it writes can be taken back
  std::vector<DescriptionChange> changes;  // of the target's object since it was last seen
  std::optional<Estimate> load, undo;      // nullopt: the target counts nothing
  double seconds = 0;            // that planning took
};

struct PlanResult {
  PlanRecord record;             // numbered, json filled
  std::string environment, target;
  std::vector<FlowPlan> flows;
  std::vector<std::string> voided_corrections;
  PlanCost cost;
  std::optional<FreezePlan> freeze;  // where a window was named

  // A run of this plan would be refused: the target lacks something that no single row can be blamed for.
  bool is_blocked() const;
};

struct PlanRequest {
  std::vector<std::string> only;
  std::optional<std::int64_t> sample;  // rows per flow
  std::optional<double> freeze_hours;  // the time in which nobody works in the old system
};

// Takes the journal's lock while it plans, and stores the plan. Writes nothing to any target. Fields that the target lacks do not end it:
// they are counted as if they were there, and listed.
Result<PlanResult> plan_project(Project project, Host& host, const PlanRequest& request, const ProgressSink& progress);

}  // namespace godwit
