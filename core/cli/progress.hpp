#pragma once
// How far a run has come, shown as its surroundings like it: one line that is rewritten on a terminal, a plain line every ten
// seconds in a log, one JSON object per second for machines. Always on the error stream.

#include <chrono>
#include <functional>
#include <mutex>
#include <string>

#include "core/cli/context.hpp"
#include "core/run/run_context.hpp"

namespace godwit::cli {

// Thread-safe. The line is taken away by the destructor.
class ProgressView {
 public:
  using Clock = std::chrono::steady_clock;
  // Tests move the clock.
  explicit ProgressView(Context& context, std::function<Clock::time_point()> now = [] { return Clock::now(); });
  ~ProgressView();
  ProgressView(const ProgressView&) = delete;
  ProgressView& operator=(const ProgressView&) = delete;

  void update(const FlowProgress& progress);
  // Gives the terminal back for a line of someone else's.
  void clear();
  ProgressSink sink() {
    return [this](const FlowProgress& p) { update(p); };
  }

 private:
  enum class Form { terminal, log, json, none };
  std::string line(const FlowProgress& progress, double rows_per_second) const;
  void print_json(const FlowProgress& progress, double rows_per_second);

  Context& context_;
  std::function<Clock::time_point()> now_;
  Form form_;
  std::mutex mutex_;
  std::string current_;       // "flow what"
  Clock::time_point started_, shown_;
  std::int64_t rows_before_ = 0, bytes_before_ = 0;  // when the current step began: a resumed one starts beyond 0
  bool line_out_ = false;
};

// "12,345,678"
std::string grouped(std::int64_t number);
// "1.2 MB"
std::string size_text(std::int64_t bytes);
// "0:42", "1:02:03"
std::string duration_text(std::int64_t seconds);

}  // namespace godwit::cli
