#pragma once
// Rows of a unit into calls: bounded by rows and bytes, and so that calls that are under way together do not lock the same parent.

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_set>
#include <vector>

#include "core/model/exchange.hpp"

namespace godwit::rest {

// A row of a unit, by its index there: its chunk and the row within it.
struct RowAt {
  const Chunk* chunk = nullptr;
  std::int64_t row = 0;
  Operation operation() const { return chunk->operation_of(row); }
  bool is_set(std::size_t column) const { return chunk->is_set(column, row); }
  const Column& column(std::size_t c) const { return chunk->batch.columns[c]; }
};

// All rows of the unit, which outlives the answer.
std::vector<RowAt> rows_of(const Unit& unit);

// One row that is to go into a call.
struct Sending {
  std::int64_t row = 0;     // index within the unit
  std::size_t bytes = 0;    // of its text
  std::uint64_t lock = 0;   // hash of the parent that it locks; 0: none
};

// Rows of one call.
struct CallBatch {
  std::vector<std::int64_t> rows;
  std::vector<std::uint64_t> locks;  // parents that it locks, without doubles
  int attempt = 0;                   // how often rows of it were put back
};

struct BatchLimits {
  std::size_t rows = 200;
  std::size_t bytes = 4 << 20;  // a single row may be larger
};

// Batches of the rows. Rows that lock one parent stand together, and in one batch where they fit; those of a hot parent (more rows than a
// batch holds) make batches of their own, which come first, since they go one after another. Otherwise in the order of the rows. The same
// rows give the same batches.
std::vector<CallBatch> make_batches(std::span<const Sending> rows, const BatchLimits& limits);

// Parents that calls under way lock. One for all units of a connection that may be under way side by side; any thread.
class LockTable {
 public:
  // All of them, or none where one is held.
  bool take(std::span<const std::uint64_t> locks);
  void release(std::span<const std::uint64_t> locks);

 private:
  std::mutex mutex_;
  std::unordered_set<std::uint64_t> held_;
};

// Batches that wait. A batch is given out only while none is under way that locks a parent of it. One thread.
class BatchQueue {
 public:
  // `shared`: what others lock, too; outlives the queue. Null: only this queue's batches count.
  explicit BatchQueue(LockTable* shared = nullptr) : locks_(shared == nullptr ? &own_ : shared) {}
  void add(CallBatch batch) { waiting_.push_back({std::move(batch), 0}); }
  // Not before `at` (microseconds of the caller's clock).
  void add_later(CallBatch batch, std::int64_t at) { waiting_.push_back({std::move(batch), at}); }
  bool empty() const { return waiting_.empty(); }
  // The first that may go now; nullopt: none. Its parents count as locked until finished().
  std::optional<CallBatch> next(std::int64_t now);
  void finished(const CallBatch& batch);
  // When the earliest of those that wait for their time may go, or 0.
  std::int64_t earliest() const;

 private:
  struct Waiting {
    CallBatch batch;
    std::int64_t at;
  };
  std::deque<Waiting> waiting_;
  LockTable own_;
  LockTable* const locks_;
};

}  // namespace godwit::rest
