#pragma once
// A filter over uniform 128-bit keys that can be made smaller. Internal to core/journal.

#include <cstdint>
#include <span>
#include <vector>

#include "core/model/hash.hpp"

namespace godwit::journal_detail {

__extension__ using uint128 = unsigned __int128;

// Position of a uniform key among `n` equal parts; keeps the order of keys.
inline std::uint32_t part_of(const Hash128& key, std::uint32_t n) {
  return static_cast<std::uint32_t>((static_cast<uint128>(key.high) * n) >> 64);
}

// Up to six planes of two bits per key. In each, a key has one bit in one 64-byte block: the block is chosen by
// key.high, so that sorted keys walk a plane in order, the bit by nine bits of key.low, other ones in each plane. A plane
// alone lets 39 of 100 strangers through, four planes 2.4, as a Bloom filter of eight bits per key does; unlike that
// one, a plane can be let go when its memory is needed elsewhere.
class Filter {
 public:
  static constexpr int kMostPlanes = 6;
  static constexpr int kBitsPerPlane = 2;

  Filter() = default;
  Filter(std::uint64_t keys, int planes) {
    if (planes <= 0 || keys == 0) return;
    blocks_ = static_cast<std::uint32_t>(keys * kBitsPerPlane / 512 + 1);
    planes_.assign(static_cast<std::size_t>(planes), std::vector<std::uint64_t>(std::size_t{blocks_} * 8, 0));
  }
  explicit Filter(std::vector<std::vector<std::uint64_t>> planes) : planes_(std::move(planes)) {
    blocks_ = planes_.empty() ? 0 : static_cast<std::uint32_t>(planes_[0].size() / 8);
  }

  void add(const Hash128& key) {
    const std::size_t block = std::size_t{part_of(key, blocks_)} * 8;
    std::uint64_t bits = key.low;
    for (auto& plane : planes_) plane[block + ((bits >> 6) & 7)] |= std::uint64_t{1} << (bits & 63), bits >>= 9;
  }
  bool may_contain(const Hash128& key) const {
    const std::size_t block = std::size_t{part_of(key, blocks_)} * 8;
    std::uint64_t bits = key.low;
    for (const auto& plane : planes_) {
      if (((plane[block + ((bits >> 6) & 7)] >> (bits & 63)) & 1) == 0) return false;
      bits >>= 9;
    }
    return true;
  }
  void drop_plane() {
    if (!planes_.empty()) planes_.pop_back();
  }

  std::uint32_t blocks() const { return blocks_; }
  int planes() const { return static_cast<int>(planes_.size()); }
  std::span<const std::uint64_t> plane(int i) const { return planes_[static_cast<std::size_t>(i)]; }
  std::size_t plane_bytes() const { return std::size_t{blocks_} * 64; }
  std::size_t size_bytes() const { return planes_.size() * plane_bytes(); }

 private:
  std::uint32_t blocks_ = 0;  // of each plane
  std::vector<std::vector<std::uint64_t>> planes_;
};

}  // namespace godwit::journal_detail
