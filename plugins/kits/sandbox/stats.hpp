#pragma once
// What the sandbox has seen since it started; GET /__sandbox/stats. Safe to use from several threads.

#include <cstdint>
#include <map>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace godwit::sandbox {

enum class Outcome {
  accepted,  // below 400
  refused,   // a limit of calls, a day or at the same time
  rejected,  // another answer of 400 to 499
  failed,    // 500 and above, connections that were cut, bodies that were spoilt
};

class Stats {
 public:
  // `where`: method and pattern of the path. Times on the sandbox's clock.
  void count(const std::string& where, Outcome outcome, std::int64_t now_ms);
  void count_in_flight(int change);
  // Rows that a job or a call wrote; for the vendor's own use.
  void count_rows(const std::string& what, std::int64_t rows);
  // {"calls", "accepted", "refused", "rejected", "failed", "first_ms", "last_ms", "calls_per_s", "most_at_once", "rows": {…}, "paths": {…}}
  nlohmann::ordered_json to_json();
  void clear();

 private:
  struct Counts {
    std::int64_t accepted = 0, refused = 0, rejected = 0, failed = 0;
    std::int64_t calls() const { return accepted + refused + rejected + failed; }
  };
  static nlohmann::ordered_json json_of(const Counts& counts);

  std::mutex mutex_;
  Counts all_;
  std::map<std::string, Counts> paths_;
  std::map<std::string, std::int64_t> rows_;
  std::int64_t first_ms_ = 0, last_ms_ = 0;          // of accepted calls
  int in_flight_ = 0, most_in_flight_ = 0;
};

}  // namespace godwit::sandbox
