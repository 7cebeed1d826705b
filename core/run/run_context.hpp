#pragma once
// What everything that happens in a run shares.

#include <algorithm>
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
  std::size_t unit_bytes = 4 << 20;
  std::size_t state_memory = 4 << 20;  // of each keyed state; the keys that a run has met get twice that
};

// unit_bytes of a project with that `memory:`. Two units are on their way at once, each with its offsets, hashes and outcomes.
inline std::size_t unit_share(std::int64_t memory) { return static_cast<std::size_t>(std::clamp<std::int64_t>(memory / 14, 1 << 20, 64 << 20)); }

// state_memory of a project with that `memory:`: a quarter of it is for keyed states, the rest for rows on their way.
inline std::size_t state_share(std::int64_t memory, std::size_t flows) {
  const auto states = static_cast<std::int64_t>(5 + flows);
  return static_cast<std::size_t>(std::clamp<std::int64_t>(memory / 4 / states, 1 << 20, 64 << 20));
}

}  // namespace godwit
