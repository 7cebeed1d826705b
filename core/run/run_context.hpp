#pragma once
// What everything that happens in a run shares.

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/journal/journal.hpp"

namespace godwit {

// How far a flow has come; for a terminal or a log.
struct FlowProgress {
  std::string flow;
  std::string what;                // "loading", "linking", "planning", "verifying", "undoing"
  std::int64_t rows = 0;           // read so far
  std::int64_t rows_expected = -1; // -1: unknown
  std::int64_t bytes = 0, bytes_expected = -1;
  double seconds = 0;
  Counts counts;
};

// Told of progress from the thread that runs; must be quick.
using ProgressSink = std::function<void(const FlowProgress&)>;

// Asked between units: a reason to stop safely, or "".
using StopCheck = std::function<std::string()>;

struct RunContext {
  Journal* journal = nullptr;
  RunRecord run;
  ProgressSink progress;   // may be empty
  StopCheck stop;          // may be empty
  std::size_t unit_rows = 64 << 10;
  std::size_t unit_bytes = 8 << 20;
  std::size_t state_memory = 8 << 20;  // of each keyed state
};

}  // namespace godwit
