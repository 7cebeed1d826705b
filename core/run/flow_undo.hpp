#pragma once
// The units of one flow, taken back newest first.

#include <memory>
#include <vector>

#include "core/run/parent_index.hpp"
#include "core/run/run_context.hpp"
#include "core/run/undone_unit.hpp"

namespace godwit {

class FlowUndo {
 public:
  // All must outlive it. `parents`: what other flows find the flow's records by; may be null.
  FlowUndo(RunContext& context, Workspace& workspace, const CompiledFlow& flow, std::int64_t of_run, ParentIndex* parents);

  // Takes the flow's part of the run back and books it as number `seq` of the undo that context.run is; goes on where an earlier life of it stopped.
  // GW-4082, 4083: nothing of it can be.
  Result<> run(std::int64_t seq);

 private:
  Result<> undo_unit(const UnitRecord& undone, std::int64_t number, bool in_ledger);
  Result<> fill(Unit& target, const UndoneUnit& unit, const std::vector<UndoStep>& steps) const;
  void book_left(SettledUnit& settled, const UndoneUnit& unit, std::size_t r, const Error& error) const;
  Result<> settle(SettledUnit& settled, const Outcomes& outcomes, const UndoneUnit& unit, const UndoChoice& choice, const std::vector<UndoStep>& sent);
  void append(const UndoneUnit& unit, const std::vector<std::int32_t>& which, CrosswalkState state);

  RunContext& context_;
  Workspace& workspace_;
  const CompiledFlow& flow_;
  const std::int64_t of_run_;
  ParentIndex* parents_;
  CrosswalkBuilder builder_;
  const bool by_id_;
  bool ledger_ = true;
  Schema schema_;
  std::unique_ptr<Writer> writer_;
};

}  // namespace godwit
