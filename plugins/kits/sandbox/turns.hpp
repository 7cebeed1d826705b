#pragma once
// A lock that is given in the order in which it was asked for. With std::mutex a background job that takes it again and again keeps
// callers waiting for seconds, which no real system does.

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace godwit::sandbox {

// May be taken again by the thread that has it. For std::unique_lock and std::lock_guard.
class Turns {
 public:
  void lock() {
    std::unique_lock guard(mutex_);
    if (depth_ > 0 && owner_ == std::this_thread::get_id()) {
      ++depth_;
      return;
    }
    const std::uint64_t mine = next_++;
    changed_.wait(guard, [&] { return serving_ == mine; });
    owner_ = std::this_thread::get_id();
    depth_ = 1;
  }
  void unlock() {
    const std::lock_guard guard(mutex_);
    if (--depth_ > 0) return;
    ++serving_;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t next_ = 0, serving_ = 0;
  std::thread::id owner_;
  int depth_ = 0;
};

}  // namespace godwit::sandbox
