#include "connectors/salesforce/sandbox/locks.hpp"

#include <chrono>
#include <thread>

namespace godwit::sandbox::salesforce {

Locks::Held::Held(Locks& locks) : locks_(locks) {}

Locks::Held::~Held() {
  const std::lock_guard guard(locks_.mutex_);
  for (const std::string& id : ids_) locks_.held_.erase(id);
}

bool Locks::Held::take(const std::string& id) {
  if (ids_.contains(id)) return true;
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::milliseconds(locks_.wait_ms_);
  while (!locks_.try_take(id, this)) {
    if (std::chrono::steady_clock::now() >= give_up) {
      const std::lock_guard guard(locks_.mutex_);
      ++locks_.failures_;
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ids_.insert(id);
  return true;
}

bool Locks::try_take(const std::string& id, const Held* who) {
  const std::lock_guard guard(mutex_);
  return held_.emplace(id, who).second;
}

std::int64_t Locks::failures() const {
  const std::lock_guard guard(mutex_);
  return failures_;
}

}  // namespace godwit::sandbox::salesforce
