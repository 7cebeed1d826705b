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
    bool ledger = true;                 // the target keeps one; else the unit's memory does
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
    const RowNote* failed = nullptr;  // why the reference stays empty; of the batch
  };
  // What is to be done with a row that waits. The letters are written into the ledger's note: never change them.
  enum class Link : char { leave = '=', write = 'u', conflict = 'c' };
  Result<> collect(FormedUnit& unit, std::vector<Row>& kept, SettledUnit& settled);
  Result<> choose(const FormedUnit& unit, const std::vector<Row>& kept, const std::vector<Column>& wanted, const Batch& held,
                  const std::vector<bool>& found, std::vector<Link>& links);
  Error conflict_of(const std::vector<Column>& wanted, const Batch& held, std::int64_t row, std::string* field) const;

  Parts p_;
  PendingBefore pending_;
  CrosswalkBuilder builder_;
};

}  // namespace godwit
