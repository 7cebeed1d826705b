#pragma once
// The first pass of a flow: one thread reads and maps, the other writes, with a bounded number of bytes between.

#include <functional>
#include <string>

#include "core/run/flow_source.hpp"
#include "core/run/run_context.hpp"
#include "core/run/sequencer.hpp"

namespace godwit {

// Where units begin and end that a killed process formed: they are formed again from this record.
struct RecordedUnits {
  std::int64_t settled = 0;       // the last unit that is settled
  std::string position;           // where it ended
  std::map<std::int64_t, std::string> ends;  // number -> end position of units beyond it
};

class FlowLoader {
 public:
  struct Parts {
    const RunContext* context = nullptr;
    const CompiledFlow* flow = nullptr;
    FlowSource* source = nullptr;
    Sequencer* sequencer = nullptr;
    SeenKeys* seen = nullptr;
    int pass = 1;
    std::string what = "loading";
  };
  explicit FlowLoader(Parts parts) : p_(parts) {}

  // Calls `sink` in this thread for each unit in order, from after `recorded.settled` to the end of the source. Stops with GW-4050 when
  // the context's StopCheck gives a reason.
  Result<> run(const RecordedUnits& recorded, const std::function<Result<>(FormedUnit&)>& sink);

 private:
  class Producer;
  Parts p_;
};

}  // namespace godwit
