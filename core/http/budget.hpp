#pragma once
// How much may be sent, and when. One thread.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/http/clock.hpp"
#include "core/http/rules.hpp"

namespace godwit::http {

// Amounts are calls or credits. Times are microseconds: steady ones for short budgets, of the wall clock for those that outlive the process.
struct Now {
  std::int64_t steady = 0, wall = 0;
};

class Budget {
 public:
  virtual ~Budget() = default;
  // Microseconds until `cost` fits; 0: at once. A cost above the whole budget counts as the whole.
  virtual std::int64_t wait(Now now, double cost) = 0;
  virtual void take(Now now, double cost) = 0;
  // What was taken and not sent after all.
  virtual void put_back(double cost) = 0;
  // The system says how much is used, of how much (0: not said); or how much is left. `under_way`: taken by calls whose answers are not here yet.
  virtual void told_used(Now now, double used, double of, double under_way) = 0;
  virtual void told_left(Now now, double left, double under_way) = 0;
  // The system says that nothing is left.
  virtual void told_gone(Now now) = 0;

  struct Usage {
    double used = 0, limit = 0;  // limit: without what is reserved
    double reset_s = -1;         // until all of it is there again; -1: it comes back bit by bit
  };
  virtual Usage usage(Now now) = 0;

  // What outlives the process: amounts by wall-clock time; for a day, by its start. Those of several processes add up. Empty: nothing.
  using Kept = std::map<std::int64_t, double>;
  virtual Kept kept(Now) { return {}; }
  virtual void restore(Now, const Kept&) {}
};

// Null for Kind::concurrent, which is a mere count.
std::unique_ptr<Budget> make_budget(const BudgetRule& rule, Now now);

}  // namespace godwit::http
