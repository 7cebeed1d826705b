#include "plugins/kits/sandbox/worker.hpp"

#include <chrono>
#include <cstdio>
#include <exception>

namespace godwit::sandbox {

Worker::Worker(std::function<bool()> step) : step_(std::move(step)), thread_([this] { run(); }) {}

Worker::~Worker() {
  {
    const std::lock_guard guard(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Worker::wake() {
  {
    const std::lock_guard guard(mutex_);
    awake_ = true;
  }
  changed_.notify_all();
}

void Worker::run() {
  for (;;) {
    bool found = false;
    try {
      found = step_();
    } catch (const std::exception& e) {
      std::fprintf(stderr, "background work: %s\n", e.what());
    }
    std::unique_lock lock(mutex_);
    if (!found) changed_.wait_for(lock, std::chrono::milliseconds(20), [&] { return awake_ || stop_; });
    awake_ = false;
    if (stop_) return;
  }
}

}  // namespace godwit::sandbox
