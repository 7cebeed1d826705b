#include "core/http/clock.hpp"

#include <chrono>

namespace godwit::http {
namespace {

class SystemClock : public Clock {
 public:
  std::int64_t wall_us() override { return count(std::chrono::system_clock::now()); }
  std::int64_t steady_us() override { return count(std::chrono::steady_clock::now()); }

 private:
  template <typename Point>
  static std::int64_t count(Point point) {
    return std::chrono::duration_cast<std::chrono::microseconds>(point.time_since_epoch()).count();
  }
};

}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

}  // namespace godwit::http
