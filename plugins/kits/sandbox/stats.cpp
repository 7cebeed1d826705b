#include "plugins/kits/sandbox/stats.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace godwit::sandbox {

void Stats::count(const std::string& where, Outcome outcome, std::int64_t now_ms) {
  const std::lock_guard guard(mutex_);
  for (Counts* counts : {&all_, &paths_[where]}) {
    switch (outcome) {
      case Outcome::accepted: ++counts->accepted; break;
      case Outcome::refused: ++counts->refused; break;
      case Outcome::rejected: ++counts->rejected; break;
      case Outcome::failed: ++counts->failed; break;
    }
  }
  if (outcome != Outcome::accepted) return;
  if (first_ms_ == 0) first_ms_ = now_ms;
  last_ms_ = now_ms;
}

void Stats::count_in_flight(int change) {
  const std::lock_guard guard(mutex_);
  in_flight_ += change;
  most_in_flight_ = std::max(most_in_flight_, in_flight_);
}

void Stats::count_rows(const std::string& what, std::int64_t rows) {
  const std::lock_guard guard(mutex_);
  rows_[what] += rows;
}

void Stats::clear() {
  const std::lock_guard guard(mutex_);
  all_ = {}, paths_.clear(), rows_.clear();
  first_ms_ = last_ms_ = 0, most_in_flight_ = in_flight_;
}

nlohmann::ordered_json Stats::json_of(const Counts& counts) {
  return {{"calls", counts.calls()}, {"accepted", counts.accepted}, {"refused", counts.refused}, {"rejected", counts.rejected}, {"failed", counts.failed}};
}

nlohmann::ordered_json Stats::to_json() {
  const std::lock_guard guard(mutex_);
  nlohmann::ordered_json out = json_of(all_);
  out["first_ms"] = first_ms_, out["last_ms"] = last_ms_;
  // The rate between the first and the last call that was accepted: the first one opens the span and is not in it.
  const double seconds = static_cast<double>(last_ms_ - first_ms_) / 1000.0;
  out["calls_per_s"] = seconds > 0 ? static_cast<double>(all_.accepted - 1) / seconds : 0.0;
  out["most_at_once"] = most_in_flight_;
  out["rows"] = nlohmann::ordered_json::object();
  for (const auto& [what, rows] : rows_) out["rows"][what] = rows;
  out["paths"] = nlohmann::ordered_json::object();
  for (const auto& [path, counts] : paths_) out["paths"][path] = json_of(counts);
  return out;
}

}  // namespace godwit::sandbox
