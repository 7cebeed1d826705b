#pragma once
// Rows that are held: while one call writes children of a parent, no other may (contract, sections 3 and 17).

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>

namespace godwit::sandbox::salesforce {

// Safe to use from several threads; must not be called under Database::lock(), since it waits.
class Locks {
 public:
  explicit Locks(std::int64_t wait_ms) : wait_ms_(wait_ms) {}

  // What one call holds, given back at the end of its scope.
  class Held {
   public:
    explicit Held(Locks& locks);
    ~Held();
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    // False: somebody else has the row and did not let go in time.
    bool take(const std::string& id);

   private:
    Locks& locks_;
    std::set<std::string> ids_;
  };
  std::int64_t failures() const;

 private:
  bool try_take(const std::string& id, const Held* who);
  std::int64_t wait_ms_;
  mutable std::mutex mutex_;
  std::map<std::string, const Held*> held_;
  std::int64_t failures_ = 0;
};

}  // namespace godwit::sandbox::salesforce
