#pragma once
// What the undo of runs would do, before it does anything: how much comes back, what it costs, and what stays and why.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/config/project.hpp"
#include "core/host/connection.hpp"
#include "core/run/plan_budget.hpp"
#include "core/run/run_context.hpp"

namespace godwit {

// Rows that stay as they are, for one reason.
struct UndoReason {
  Error error;
  std::int64_t rows = 0;
  std::string example;  // readable source key of the first; "" where the journal names none
};

struct FlowUndoPreview {
  std::int64_t run = 0;
  std::string flow, target;
  std::int64_t removed = 0, restored = 0, returned = 0;  // created, updated and deleted by the run
  std::int64_t gone = 0;                                  // removed by somebody already
  std::vector<UndoReason> left;
  std::optional<Estimate> estimate;                       // nullopt: the target counts nothing

  std::int64_t left_rows() const {
    std::int64_t sum = 0;
    for (const UndoReason& r : left) sum += r.rows;
    return sum;
  }
};

struct UndoPreview {
  std::string environment, target;
  std::vector<std::int64_t> runs;      // in the order in which they would be undone
  std::vector<FlowUndoPreview> flows;  // in that order, too
  PlanCost cost;
  // What only the target can judge (records of others that refer to ours) is not in it.
  bool takes_all_back() const {
    for (const FlowUndoPreview& f : flows)
      if (f.left_rows() > 0) return false;
    return true;
  }
};

// A row that stays, as it is met.
struct UndoLeftRow {
  std::int64_t run = 0;
  std::string flow, key, id;  // id: in the target, or its key
  Error error;
};

struct UndoPreviewRequest {
  std::optional<std::int64_t> run;  // nullopt: all runs of the environment
  std::function<Result<>(const UndoLeftRow&)> left;  // told of each; may be empty
};

// Takes the journal's lock, reads the records in question from the targets and changes nothing. GW-4079, 4080, 4084, 4085, 4086 as undo_run().
Result<UndoPreview> preview_undo(Project project, Host& host, const UndoPreviewRequest& request, const ProgressSink& progress);

}  // namespace godwit
