#pragma once
// The second pass of a flow: references that could not be known in the first one (a record of the same object, a circle of
// flows) are filled in. Each row that waited is an obligation; the flow is not finished while one is open.

#include "core/run/flow_loader.hpp"
#include "core/run/unit_writer.hpp"

namespace godwit {

class FlowLinker {
 public:
  struct Parts {
    RunContext* context = nullptr;
    const CompiledFlow* flow = nullptr;
    Writer* writer = nullptr;           // of key and deferred columns only (link_request)
    Crosswalk* crosswalk = nullptr;     // what was loaded before this run; may be null
    SeenKeys* obligations = nullptr;    // rows that wait, as the first pass left them
    SeenKeys* linked = nullptr;         // rows that this pass has dealt with
    std::int64_t ledger_last = 0;
  };
  explicit FlowLinker(Parts parts);
  Result<> link(FormedUnit& unit);

  // Key columns, then the deferred ones: what the writer of the second pass is opened with.
  static std::vector<int> columns(const CompiledFlow& flow);
  static WriteRequest request(const CompiledFlow& flow, const std::string& run_id);

 private:
  struct Row {
    std::size_t batch;
    std::int32_t row;
  };
  Result<> collect(FormedUnit& unit, std::vector<Row>& kept, SettledUnit& settled);

  Parts p_;
  PendingBefore pending_;
  CrosswalkBuilder builder_;
};

}  // namespace godwit
