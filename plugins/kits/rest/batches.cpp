#include "plugins/kits/rest/batches.hpp"

#include <algorithm>
#include <unordered_map>

namespace godwit::rest {
namespace {

// Fills batches one after another.
class Filler {
 public:
  explicit Filler(const BatchLimits& limits) : limits_(limits) {}
  bool fits(std::size_t rows, std::size_t bytes) const {
    return batch_.rows.empty() || (batch_.rows.size() + rows <= limits_.rows && bytes_ + bytes <= limits_.bytes);
  }
  void add(const Sending& s) {
    if (!fits(1, s.bytes)) close();
    batch_.rows.push_back(s.row), bytes_ += s.bytes;
    if (s.lock != 0 && std::find(batch_.locks.begin(), batch_.locks.end(), s.lock) == batch_.locks.end()) batch_.locks.push_back(s.lock);
  }
  void close() {
    if (!batch_.rows.empty()) done.push_back(std::move(batch_));
    batch_ = {}, bytes_ = 0;
  }
  std::vector<CallBatch> done;

 private:
  const BatchLimits limits_;
  CallBatch batch_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::vector<RowAt> rows_of(const Unit& unit) {
  std::vector<RowAt> out;
  out.reserve(static_cast<std::size_t>(unit.rows()));
  for (const Chunk& chunk : unit.chunks)
    for (std::int64_t r = 0; r < chunk.batch.rows; ++r) out.push_back({&chunk, r});
  return out;
}

std::vector<CallBatch> make_batches(std::span<const Sending> rows, const BatchLimits& limits) {
  struct Group {
    std::vector<const Sending*> rows;
    std::size_t bytes = 0;
  };
  std::vector<Group> groups;  // in the order of their first rows; a row without a parent is a group of its own
  std::unordered_map<std::uint64_t, std::size_t> of_lock;
  for (const Sending& s : rows) {
    std::size_t at = groups.size();
    if (s.lock != 0) at = of_lock.emplace(s.lock, groups.size()).first->second;
    if (at == groups.size()) groups.emplace_back();
    groups[at].rows.push_back(&s), groups[at].bytes += s.bytes;
  }
  Filler hot(limits), rest(limits);
  std::vector<const Group*> large;
  for (const Group& g : groups)
    if (g.rows.size() > limits.rows || (g.rows.size() > 1 && g.bytes > limits.bytes)) large.push_back(&g);
  // The longest chain first: it decides when the unit ends.
  std::stable_sort(large.begin(), large.end(), [](const Group* a, const Group* b) { return a->rows.size() > b->rows.size(); });
  for (const Group* g : large) {
    for (const Sending* s : g->rows) hot.add(*s);
    hot.close();
  }
  for (const Group& g : groups) {
    if (g.rows.size() > limits.rows || (g.rows.size() > 1 && g.bytes > limits.bytes)) continue;
    if (!rest.fits(g.rows.size(), g.bytes)) rest.close();
    for (const Sending* s : g.rows) rest.add(*s);
  }
  rest.close();
  std::vector<CallBatch> out = std::move(hot.done);
  out.insert(out.end(), std::make_move_iterator(rest.done.begin()), std::make_move_iterator(rest.done.end()));
  return out;
}

bool LockTable::take(std::span<const std::uint64_t> locks) {
  const std::lock_guard guard(mutex_);
  if (std::any_of(locks.begin(), locks.end(), [&](std::uint64_t lock) { return held_.contains(lock); })) return false;
  held_.insert(locks.begin(), locks.end());
  return true;
}

void LockTable::release(std::span<const std::uint64_t> locks) {
  const std::lock_guard guard(mutex_);
  for (const std::uint64_t lock : locks) held_.erase(lock);
}

std::optional<CallBatch> BatchQueue::next(std::int64_t now) {
  for (auto at = waiting_.begin(); at != waiting_.end(); ++at) {
    if (at->at > now) continue;
    if (!locks_->take(at->batch.locks)) continue;
    CallBatch out = std::move(at->batch);
    waiting_.erase(at);
    return out;
  }
  return std::nullopt;
}

void BatchQueue::finished(const CallBatch& batch) { locks_->release(batch.locks); }

std::int64_t BatchQueue::earliest() const {
  std::int64_t out = 0;
  for (const Waiting& w : waiting_)
    if (w.at != 0 && (out == 0 || w.at < out)) out = w.at;
  return out;
}

}  // namespace godwit::rest
