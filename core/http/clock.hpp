#pragma once
// Time, passed in, so that tests can move it.

#include <atomic>
#include <cstdint>

namespace godwit::http {

// Microseconds, always.
inline constexpr std::int64_t kSecond = 1'000'000;
inline constexpr std::int64_t kNever = INT64_MAX / 4;

inline std::int64_t seconds(double s) { return s >= 1e12 ? kNever : static_cast<std::int64_t>(s * 1e6); }

// Asked from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::int64_t wall_us() = 0;    // since 1970-01-01T00:00Z; people may set it
  virtual std::int64_t steady_us() = 0;  // since some time; never goes back
};
Clock& system_clock();

// Stands still until it is moved.
class MovedClock : public Clock {
 public:
  explicit MovedClock(std::int64_t wall_us) : wall_(wall_us) {}
  std::int64_t wall_us() override { return wall_ + passed_; }
  std::int64_t steady_us() override { return passed_; }
  void move(std::int64_t us) { passed_ += us; }

 private:
  const std::int64_t wall_;
  std::atomic<std::int64_t> passed_{kSecond};
};

}  // namespace godwit::http
