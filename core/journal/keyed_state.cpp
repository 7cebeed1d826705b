#include "core/journal/keyed_state.hpp"

#include <algorithm>
#include <cassert>
#include <mutex>
#include <shared_mutex>

#include "core/journal/keyed_state_parts.hpp"

namespace godwit {

Result<std::unique_ptr<KeyedState>> KeyedState::open(Options options) {
  auto state = std::make_unique<journal_detail::KeyedStateFiles>(std::move(options));
  GW_TRY(state->load());
  return std::unique_ptr<KeyedState>(std::move(state));
}

namespace journal_detail {

template <typename Found>
Result<> KeyedStateFiles::search_runs(std::vector<SortedKey>& keys, Found&& found) {
  std::vector<std::uint8_t> hit;
  const auto search = [&](const Slot& slot) -> Result<> {
    if (slot.run == nullptr || keys.empty()) return {};
    hit.assign(keys.size(), 0);
    GW_ASSIGN(const std::int64_t reads, slot.run->probe(keys, [&](std::uint32_t i, const Record& record) {
      hit[i] = 1;
      found(keys[i].index, record);
    }));
    blocks_read_ += reads;
    std::size_t to = 0;
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (hit[i] == 0) keys[to++] = keys[i];
    keys.resize(to);
    return {};
  };
  for (std::size_t i = unsealed_.size(); i-- > 0;) GW_TRY(search(unsealed_[i]));
  for (std::size_t i = slots_.size(); i-- > 0;) GW_TRY(search(slots_[i]));
  return {};
}

Result<> KeyedStateFiles::probe(std::span<const Hash128> keys, std::span<StateEntry> out) {
  assert(options_.kind == StateKind::integer && keys.size() == out.size());
  const std::shared_lock lock(mutex_);
  std::vector<SortedKey> sorted;
  std::vector<std::uint32_t> scratch;
  for (std::size_t first = 0; first < keys.size(); first += kAtOnce) {
    const std::size_t n = std::min(kAtOnce, keys.size() - first);
    sort_keys(keys.subspan(first, n), sorted, scratch);
    const std::span<StateEntry> answers = out.subspan(first, n);
    std::fill(answers.begin(), answers.end(), StateEntry());
    if (table_.size() > 0) {
      std::size_t to = 0;
      for (const SortedKey& key : sorted) {
        const std::size_t slot = table_.find(key.key);
        if (slot == StateTable::kNone)
          sorted[to++] = key;
        else if (table_.tag(slot) != kErased)
          answers[key.index] = {table_.value(slot), table_.tag(slot), true};
      }
      sorted.resize(to);
    }
    GW_TRY(search_runs(sorted, [&](std::uint32_t i, const Record& record) {
      if (record.tag != kErased) answers[i] = {record.value, record.tag, true};
    }));
  }
  return {};
}

Result<> KeyedStateFiles::probe_bytes(std::span<const Hash128> keys, StateTexts* out) {
  assert(options_.kind == StateKind::bytes);
  const std::shared_lock lock(mutex_);
  out->entries.assign(keys.size(), StateEntry());
  out->lengths.assign(keys.size(), 0);
  out->bytes.clear();
  const auto answer = [&](std::size_t i, const Record& record) {
    if (record.tag == kErased) return;
    out->entries[i] = {static_cast<std::int64_t>(out->bytes.size()), record.tag, true};
    out->lengths[i] = static_cast<std::uint32_t>(record.bytes.size());
    out->bytes.append(reinterpret_cast<const char*>(record.bytes.data()), record.bytes.size());
  };
  std::vector<SortedKey> sorted;
  std::vector<std::uint32_t> scratch;
  for (std::size_t first = 0; first < keys.size(); first += kAtOnce) {
    sort_keys(keys.subspan(first, std::min(kAtOnce, keys.size() - first)), sorted, scratch);
    if (table_.size() > 0) {
      std::size_t to = 0;
      for (const SortedKey& key : sorted) {
        const std::size_t slot = table_.find(key.key);
        if (slot == StateTable::kNone)
          sorted[to++] = key;
        else
          answer(first + key.index, table_.record(slot, options_.kind));
      }
      sorted.resize(to);
    }
    GW_TRY(search_runs(sorted, [&](std::uint32_t i, const Record& record) { answer(first + i, record); }));
  }
  return {};
}

Result<> KeyedStateFiles::put(std::span<const Hash128> keys, std::span<const StateEntry> entries) {
  assert(options_.kind == StateKind::integer && keys.size() == entries.size());
  const std::unique_lock lock(mutex_);
  GW_TRY(check_writable());
  for (std::size_t first = 0; first < keys.size(); first += kAtOnce) {
    const std::size_t n = std::min(kAtOnce, keys.size() - first);
    GW_TRY(make_room(n, 0));
    for (std::size_t i = first; i < first + n; ++i) {
      assert(entries[i].tag != kErased);
      bool fresh = false;
      table_.set(table_.find_or_add(keys[i], &fresh), entries[i].tag, entries[i].value);
    }
  }
  return {};
}

Result<> KeyedStateFiles::put_bytes(std::span<const Hash128> keys, std::span<const std::uint8_t> tags,
                                    std::span<const std::string_view> values) {
  assert(options_.kind == StateKind::bytes && keys.size() == values.size() && keys.size() == tags.size());
  for (const std::string_view value : values)
    if (value.size() > kMostValueBytes)
      return fail(5032, {{"place", options_.folder.string()}, {"seen", std::to_string(value.size())}, {"expected", std::to_string(kMostValueBytes)}});
  const std::unique_lock lock(mutex_);
  GW_TRY(check_writable());
  constexpr std::size_t kTextsAtOnce = 4096;
  for (std::size_t first = 0; first < keys.size();) {
    // As many as fit a quarter of a megabyte, so that a batch of long texts cannot burst the share.
    std::size_t last = first, bytes = 0;
    while (last < keys.size() && last - first < kTextsAtOnce && (last == first || bytes + values[last].size() < (256 << 10)))
      bytes += values[last++].size() + 4;
    GW_TRY(make_room(last - first, bytes));
    for (; first < last; ++first) {
      bool fresh = false;
      table_.set_bytes(table_.find_or_add(keys[first], &fresh), tags[first], values[first]);
    }
  }
  return {};
}

Result<> KeyedStateFiles::insert_new(std::span<const Hash128> keys, std::span<const StateEntry> entries,
                                     std::span<StateEntry> existing) {
  assert(options_.kind == StateKind::integer && keys.size() == entries.size() && keys.size() == existing.size());
  const std::unique_lock lock(mutex_);
  GW_TRY(check_writable());
  std::vector<SortedKey> sorted;
  std::vector<std::uint32_t> scratch;
  for (std::size_t first = 0; first < keys.size(); first += kAtOnce) {
    const std::size_t n = std::min(kAtOnce, keys.size() - first);
    GW_TRY(make_room(n, 0));
    const std::span<StateEntry> answers = existing.subspan(first, n);
    std::fill(answers.begin(), answers.end(), StateEntry());
    sort_keys(keys.subspan(first, n), sorted, scratch);
    GW_TRY(search_runs(sorted, [&](std::uint32_t i, const Record& record) {
      if (record.tag != kErased) answers[i] = {record.value, record.tag, true};
    }));
    for (std::size_t i = 0; i < n; ++i) {
      // The table is newer than the runs: what it has hides them, an erased key too.
      if (answers[i].found) {
        const std::size_t slot = table_.find(keys[first + i]);
        if (slot == StateTable::kNone) continue;
        if (table_.tag(slot) != kErased) {
          answers[i] = {table_.value(slot), table_.tag(slot), true};
          continue;
        }
      }
      bool fresh = false;
      const std::size_t slot = table_.find_or_add(keys[first + i], &fresh);
      if (fresh || table_.tag(slot) == kErased) {
        table_.set(slot, entries[first + i].tag, entries[first + i].value);
        answers[i] = StateEntry();
      } else {
        answers[i] = {table_.value(slot), table_.tag(slot), true};
      }
    }
  }
  return {};
}

Result<> KeyedStateFiles::erase(std::span<const Hash128> keys) {
  const std::unique_lock lock(mutex_);
  GW_TRY(check_writable());
  for (std::size_t first = 0; first < keys.size(); first += kAtOnce) {
    const std::size_t n = std::min(kAtOnce, keys.size() - first);
    GW_TRY(make_room(n, 0));
    for (std::size_t i = first; i < first + n; ++i) {
      bool fresh = false;
      table_.set(table_.find_or_add(keys[i], &fresh), kErased, 0);
    }
  }
  return {};
}

Result<> KeyedStateFiles::scan(const Visit& visit) {
  const std::shared_lock lock(mutex_);
  std::vector<RunCursor> cursors;
  for (const auto* slots : {&slots_, &unsealed_})
    for (const Slot& slot : *slots)
      if (slot.run != nullptr) cursors.emplace_back(slot.run.get());
  const std::vector<std::uint32_t> order = table_.sorted();
  std::size_t at = 0;
  const auto next = [&](std::size_t s, Record* record) -> Result<bool> {
    if (s < cursors.size()) return cursors[s].next(record);
    if (at == order.size()) return false;
    *record = table_.record(order[at++], options_.kind);
    return true;
  };
  Merge merge(cursors.size() + 1);
  GW_TRY(merge.start(next));
  for (Record record;;) {
    GW_ASSIGN(const bool more, merge.pop(&record, next));
    if (!more) return {};
    if (record.tag == kErased) continue;
    GW_TRY(visit(record.key, {record.value, record.tag, true},
                 {reinterpret_cast<const char*>(record.bytes.data()), record.bytes.size()}));
  }
}

bool KeyedStateFiles::covers(const UnitId& unit) const {
  const std::shared_lock lock(mutex_);
  return manifest_.covers(unit);
}

KeyedState::Figures KeyedStateFiles::figures() const {
  const std::shared_lock lock(mutex_);
  Figures f;
  f.entries = static_cast<std::int64_t>(table_.size());
  f.memory_bytes = table_.memory_bytes();
  for (const auto* slots : {&slots_, &unsealed_})
    for (const Slot& slot : *slots) {
      if (slot.run == nullptr) continue;
      ++f.runs;
      f.entries += static_cast<std::int64_t>(slot.info.entries), f.disk_bytes += static_cast<std::int64_t>(slot.info.file_bytes);
      f.memory_bytes += slot.run->memory_bytes();
    }
  f.blocks_read = blocks_read_, f.merged_entries = merged_entries_;
  return f;
}

}  // namespace journal_detail
}  // namespace godwit
