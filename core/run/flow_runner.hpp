#pragma once
// One flow through its stages: planned, prepared, loading, loaded, linking, finished. A flow that was interrupted enters where
// the journal says it stood; there is no other path for it.

#include <map>
#include <memory>

#include "core/run/flow_linker.hpp"
#include "core/run/flow_loader.hpp"
#include "core/run/unit_writer.hpp"
#include "core/run/workspace.hpp"

namespace godwit {

class FlowRunner {
 public:
  struct Parts {
    RunContext* context = nullptr;
    Workspace* workspace = nullptr;
    const CompiledFlow* flow = nullptr;
    std::int64_t seq = 1;
    FlowSource::Options source;
    SeenKeys* seen = nullptr;             // of the run, shared by flows into one object
    std::vector<std::string> flow_names;  // in the run's order
    ParentIndex* parents = nullptr;       // null: no flow refers to this one
    // Asked after every unit with the flow's counts so far: a gate that stops, or success.
    std::function<Result<>(const std::string& flow, const Counts& counts)> gates;
  };
  explicit FlowRunner(Parts parts) : p_(std::move(parts)) {}
  Result<> run();

 private:
  Result<> prepare();
  Result<> load();
  Result<> link();
  Result<> finish();
  Result<> open_crosswalk();
  Result<RecordedUnits> recorded(Writer& writer, int pass, std::int64_t* ledger_last);
  Result<std::int64_t> count_target();
  SeenKeys::Options state_options(const std::string& name) const;
  Result<> set_stage(FlowStage stage);

  Parts p_;
  FlowRunRecord record_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Crosswalk> crosswalk_;
  std::unique_ptr<SeenKeys> obligations_;
};

}  // namespace godwit
