#pragma once
// How much a client may ask for: calls in a window of time, calls (or credits) in a day, calls at the same time, records that a
// background job handles in a second. All measured on the sandbox's clock. Safe to use from several threads.

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "plugins/kits/sandbox/clock.hpp"

namespace godwit::sandbox {

class Database;

// So many calls in so long a time; 0: no limit.
struct Window {
  std::int64_t calls = 0;
  std::int64_t per_ms = 1000;
  bool sliding = true;  // otherwise windows follow one another, and two of them may be used up around their border
};

// A day's quota and when it comes back.
struct Daily {
  std::int64_t quota = 0;  // 0: no limit
  bool rolling = false;    // the last 24 hours, in slices of an hour; otherwise from midnight to midnight
  int zone_minutes = 0;    // of that midnight
};

struct LimitRules {
  Window window;
  Daily daily;
  int concurrent = 0;                   // calls at the same time; 0: no limit
  std::int64_t records_per_second = 0;  // of background jobs; 0: as fast as they can
};

// Any number of windows of the same length, told apart by a key (a path, a token).
class Windows {
 public:
  explicit Windows(Window window) : window_(window) {}
  // 0: taken. Otherwise how many ms to wait until a call would be taken.
  std::int64_t take(const std::string& key, std::int64_t now_ms, std::int64_t cost = 1);
  const Window& window() const { return window_; }

 private:
  Window window_;
  std::mutex mutex_;
  std::map<std::string, std::deque<std::int64_t>> taken_;  // times, one entry per call
};

// The day's count outlives the program: it stands in the data file.
class DailyQuota {
 public:
  DailyQuota(Daily rules, Database& database) : rules_(rules), database_(database) {}
  // False: nothing is left for `cost`. Under Database::lock().
  bool take(std::int64_t now_ms, std::int64_t cost);
  std::int64_t used(std::int64_t now_ms);
  std::int64_t remaining(std::int64_t now_ms) { return rules_.quota - used(now_ms); }
  std::int64_t resets_at_ms(std::int64_t now_ms) const;
  const Daily& rules() const { return rules_; }

 private:
  void load(std::int64_t now_ms);
  Daily rules_;
  Database& database_;
  bool loaded_ = false;
  std::map<std::int64_t, std::int64_t> slices_;  // start in ms -> used
};

// Lets a background job go as fast as it may and no faster.
class Pace {
 public:
  explicit Pace(std::int64_t per_second) : per_second_(per_second) {}
  // To be called before handling `records`; gives how many ms to sleep first.
  std::int64_t wait_ms(std::int64_t records);

 private:
  std::int64_t per_second_;
  std::mutex mutex_;
  double free_at_ms_ = 0;  // on the machine's steady clock: moving the sandbox's clock does not speed up jobs
};

}  // namespace godwit::sandbox
