#pragma once
// The entries of the unit at work: a hash table that keeps the order of its keys, so that writing them sorted costs
// next to nothing. Internal to core/journal.

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "core/journal/state_run.hpp"

namespace godwit::journal_detail {

// Open addressing with linear probing; a key's slot is its share of the key space. Keys that ran into a neighbour lie
// a few slots further on, never before, and never wrap around: spare slots follow the last.
class StateTable {
 public:
  static constexpr std::size_t kNone = ~std::size_t{0};

  std::size_t size() const { return size_; }
  std::size_t memory_bytes() const { return slots() * 26 + arena_.capacity(); }
  // What memory_bytes() would be at most with `more` further entries of `bytes` bytes in all.
  std::size_t memory_with(std::size_t more, std::size_t bytes) const {
    return (slots_for(size_ + more) + kSpare) * 26 + arena_for(bytes);
  }
  // Makes room for `more` entries of `bytes` bytes in all, which then need no memory beyond memory_with().
  void reserve(std::size_t more, std::size_t bytes) {
    if (slots_for(size_ + more) > spread_) grow(slots_for(size_ + more));
    arena_.reserve(arena_for(bytes));
  }
  // Keeps its memory for the next unit.
  void clear() {
    std::fill(used_.begin(), used_.end(), std::uint8_t{0});
    size_ = 0;
    arena_.clear();
  }

  // The slot of `key`, or kNone.
  std::size_t find(const Hash128& key) const {
    if (size_ == 0) return kNone;
    for (std::size_t slot = part_of(key, spread_);; ++slot) {
      if (used_[slot] == 0) return kNone;
      if (keys_[slot] == key) return slot;
    }
  }
  // The slot of `key`, made if it was not there; `fresh` says which.
  std::size_t find_or_add(const Hash128& key, bool* fresh) {
    if (spread_ == 0 || (size_ + 1) * 10 > std::size_t{spread_} * 7) grow(slots_for(size_ + 1));
    for (;;) {
      for (std::size_t slot = part_of(key, spread_); slot < keys_.size(); ++slot) {
        if (used_[slot] == 0) {
          // The last slot stays empty, so that every search ends.
          if (slot + 1 == keys_.size()) break;
          used_[slot] = 1, keys_[slot] = key, ++size_, *fresh = true;
          return slot;
        }
        if (keys_[slot] == key) return *fresh = false, slot;
      }
      grow(std::size_t{spread_} * 2);
    }
  }

  std::uint8_t tag(std::size_t slot) const { return tags_[slot]; }
  std::int64_t value(std::size_t slot) const { return values_[slot]; }
  void set(std::size_t slot, std::uint8_t tag, std::int64_t value) { tags_[slot] = tag, values_[slot] = value; }
  void set_bytes(std::size_t slot, std::uint8_t tag, std::string_view bytes) {
    tags_[slot] = tag, values_[slot] = static_cast<std::int64_t>(arena_.size());
    const auto size = static_cast<std::uint32_t>(bytes.size());
    const auto* p = reinterpret_cast<const std::uint8_t*>(&size);
    arena_.insert(arena_.end(), p, p + 4);
    arena_.insert(arena_.end(), bytes.begin(), bytes.end());
  }
  Record record(std::size_t slot, StateKind kind) const {
    Record r{keys_[slot], tags_[slot], values_[slot], {}};
    if (kind == StateKind::bytes) {
      r.value = 0;
      if (r.tag != kErased) {
        std::uint32_t size = 0;
        std::memcpy(&size, arena_.data() + values_[slot], 4);
        r.bytes = std::span(arena_).subspan(static_cast<std::size_t>(values_[slot]) + 4, size);
      }
    }
    return r;
  }
  // All slots in order of their keys.
  std::vector<std::uint32_t> sorted() const {
    std::vector<std::uint32_t> order;
    order.reserve(size_);
    for (std::size_t slot = 0; slot < keys_.size(); ++slot)
      if (used_[slot] != 0) order.push_back(static_cast<std::uint32_t>(slot));
    for (std::size_t i = 1; i < order.size(); ++i) {
      const std::uint32_t moving = order[i];
      std::size_t at = i;
      for (; at > 0 && keys_[moving] < keys_[order[at - 1]]; --at) order[at] = order[at - 1];
      order[at] = moving;
    }
    return order;
  }

 private:
  static constexpr std::size_t kSpare = 256;
  std::size_t arena_for(std::size_t more) const {
    // Grows by a quarter, not by doubling: the share is small and must not be overshot.
    return arena_.size() + more <= arena_.capacity() ? arena_.capacity() : std::max(arena_.size() + more, arena_.size() + arena_.size() / 4);
  }
  std::size_t slots() const { return keys_.size(); }
  std::size_t slots_for(std::size_t entries) const {
    std::size_t n = std::max<std::size_t>(spread_, 256);
    while (entries * 10 > n * 7) n += n / 2;
    return n;
  }
  void grow(std::size_t spread) {
    StateTable bigger;
    bigger.spread_ = static_cast<std::uint32_t>(spread);
    bigger.keys_.resize(spread + kSpare), bigger.values_.resize(spread + kSpare);
    bigger.tags_.resize(spread + kSpare), bigger.used_.resize(spread + kSpare);
    for (std::size_t slot = 0; slot < keys_.size(); ++slot) {
      if (used_[slot] == 0) continue;
      bool fresh = false;
      const std::size_t to = bigger.find_or_add(keys_[slot], &fresh);
      bigger.tags_[to] = tags_[slot], bigger.values_[to] = values_[slot];
    }
    bigger.arena_ = std::move(arena_);
    *this = std::move(bigger);
  }

  std::uint32_t spread_ = 0;  // keys are spread over so many slots
  std::size_t size_ = 0;
  std::vector<Hash128> keys_;
  std::vector<std::int64_t> values_;  // of bytes: where they start in arena_
  std::vector<std::uint8_t> tags_, used_, arena_;
};

}  // namespace godwit::journal_detail
