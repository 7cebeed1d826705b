#pragma once
// The implementation behind KeyedState. Internal to core/journal.

#include <atomic>
#include <memory>
#include <shared_mutex>
#include <vector>

#include "core/journal/keyed_state.hpp"
#include "core/journal/state_manifest.hpp"
#include "core/journal/state_run.hpp"
#include "core/journal/state_table.hpp"

namespace godwit::journal_detail {

class KeyedStateFiles final : public KeyedState {
 public:
  explicit KeyedStateFiles(Options options);
  Result<> load();

  Result<> probe(std::span<const Hash128> keys, std::span<StateEntry> out) override;
  Result<> put(std::span<const Hash128> keys, std::span<const StateEntry> entries) override;
  Result<> insert_new(std::span<const Hash128> keys, std::span<const StateEntry> entries, std::span<StateEntry> existing) override;
  Result<> probe_bytes(std::span<const Hash128> keys, StateTexts* out) override;
  Result<> put_bytes(std::span<const Hash128> keys, std::span<const std::uint8_t> tags, std::span<const std::string_view> values) override;
  Result<> erase(std::span<const Hash128> keys) override;
  Result<> seal(const UnitId& unit) override;
  Result<> settled(const UnitId& unit) override;
  bool covers(const UnitId& unit) const override;
  Result<> compact() override;
  Result<> set_share(std::size_t memory_bytes) override;
  Result<> sync() override;
  Result<> scan(const Visit& visit) override;
  Figures figures() const override;

 private:
  struct Slot {
    RunInfo info;
    std::unique_ptr<Run> run;  // null for a unit without entries
    bool settled = true;
  };
  static constexpr std::size_t kAtOnce = 1 << 16;  // keys handled together

  // Looks for sorted keys in the runs, newest first; found(i, record) once for each keys[i] that is there (erased
  // ones included). `keys` is used up.
  template <typename Found>
  Result<> search_runs(std::vector<SortedKey>& keys, Found&& found);
  // The entries at work become a run that is not sealed yet.
  Result<> flush_table();
  // Makes sure that `entries` more fit the share.
  Result<> make_room(std::size_t entries, std::size_t bytes);
  Result<> merge_where_due();
  // Runs [first, last) become one.
  Result<> merge(std::size_t first, std::size_t last);
  // Lets planes of filters and resident runs go until the state fits its share; loads small runs when there is room.
  Result<> balance();
  // Planes of the filter for a run of so many entries that takes the place of runs with `replaced` entries.
  int filter_planes(std::uint64_t entries, std::uint64_t replaced) const;
  std::size_t fixed_memory() const;
  Result<> drop_unsettled();
  void remove_leftovers();
  Result<> check_writable() const;

  Options options_;
  mutable std::shared_mutex mutex_;
  Manifest manifest_;
  std::vector<Slot> slots_;     // as the manifest has them, oldest first
  std::vector<Slot> unsealed_;  // parts of the unit at work, oldest first
  StateTable table_;
  std::atomic<std::int64_t> blocks_read_ = 0;
  std::int64_t merged_entries_ = 0;
};

// Records of several sources in order of key; of equal keys the newest source's. Sources are given oldest first.
class Merge {
 public:
  explicit Merge(std::size_t sources) : heads_(sources) { heap_.reserve(sources); }
  // `next(source, record)`: false at the end of a source.
  template <typename Next>
  Result<> start(Next&& next) {
    for (std::size_t s = 0; s < heads_.size(); ++s) GW_TRY(pull(s, next));
    return {};
  }
  // False when all are at their end. The record is valid until the next call.
  template <typename Next>
  Result<bool> pop(Record* out, Next&& next) {
    // Sources are advanced only now, since a record views the memory of its source.
    for (const std::size_t s : spent_) GW_TRY(pull(s, next));
    spent_.clear();
    if (heap_.empty()) return false;
    const auto later = [this](std::size_t a, std::size_t b) { return is_later(a, b); };
    *out = heads_[heap_.front()];
    do {
      std::pop_heap(heap_.begin(), heap_.end(), later);
      spent_.push_back(heap_.back());
      heap_.pop_back();
    } while (!heap_.empty() && heads_[heap_.front()].key == out->key);
    return true;
  }

 private:
  bool is_later(std::size_t a, std::size_t b) const {
    if (heads_[a].key == heads_[b].key) return a < b;  // the newer source first
    return heads_[b].key < heads_[a].key;
  }
  template <typename Next>
  Result<> pull(std::size_t s, Next& next) {
    GW_ASSIGN(const bool more, next(s, &heads_[s]));
    if (!more) return {};
    heap_.push_back(s);
    std::push_heap(heap_.begin(), heap_.end(), [this](std::size_t a, std::size_t b) { return is_later(a, b); });
    return {};
  }
  std::vector<Record> heads_;
  std::vector<std::size_t> heap_, spent_;
};

}  // namespace godwit::journal_detail
