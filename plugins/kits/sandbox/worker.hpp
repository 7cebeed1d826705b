#pragma once
// Background work of a sandbox, such as bulk jobs: a thread that calls `step` again and again.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace godwit::sandbox {

class Worker {
 public:
  // `step` does one piece of work and answers whether it found any. After a step that found none the thread waits until wake() or
  // for 20 ms. What it throws is printed and counts as nothing found.
  explicit Worker(std::function<bool()> step);
  ~Worker();
  void wake();

 private:
  void run();
  std::function<bool()> step_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool awake_ = false, stop_ = false;
  std::thread thread_;
};

}  // namespace godwit::sandbox
