#pragma once
// A blocked Bloom filter over uniform 128-bit keys. Internal to core/journal.

#include <cstdint>
#include <vector>

#include "core/model/hash.hpp"

namespace godwit::journal_detail {

__extension__ using uint128 = unsigned __int128;

// Position of a uniform key among `n` equal parts; keeps the order of keys.
inline std::uint32_t part_of(const Hash128& key, std::uint32_t n) {
  return static_cast<std::uint32_t>((static_cast<uint128>(key.high) * n) >> 64);
}

// One 64-byte block per key, chosen by key.high so that sorted keys walk the filter in order; up to seven bits in it,
// nine bits of key.low each.
class Filter {
 public:
  Filter() = default;
  // For `keys` keys at `bits` bits each; a multiple of eight blocks, so that it can be folded three times.
  Filter(std::uint64_t keys, double bits) {
    if (bits < 2 || keys == 0) return;
    const double blocks = static_cast<double>(keys) * bits / 512;
    blocks_ = (static_cast<std::uint32_t>(blocks) + 8) & ~7u;
    set_bits_ = bits >= 10 ? 7 : bits >= 8 ? 6 : bits >= 6 ? 5 : bits >= 4 ? 3 : 2;
    words_.assign(std::size_t{blocks_} * 8, 0);
  }
  Filter(std::vector<std::uint64_t> words, int set_bits)
      : words_(std::move(words)), blocks_(static_cast<std::uint32_t>(words_.size() / 8)), set_bits_(set_bits) {}

  void add(const Hash128& key) {
    if (blocks_ == 0) return;
    std::uint64_t* block = words_.data() + std::size_t{part_of(key, blocks_)} * 8;
    std::uint64_t bits = key.low;
    for (int i = 0; i < set_bits_; ++i, bits >>= 9) block[(bits >> 6) & 7] |= std::uint64_t{1} << (bits & 63);
  }
  bool may_contain(const Hash128& key) const {
    if (blocks_ == 0) return true;
    const std::uint64_t* block = words_.data() + std::size_t{part_of(key, blocks_)} * 8;
    std::uint64_t bits = key.low, all = 1;
    for (int i = 0; i < set_bits_; ++i, bits >>= 9) all &= block[(bits >> 6) & 7] >> (bits & 63);
    return (all & 1) != 0;
  }
  // Half the memory, more false hits: neighbouring blocks become one. False when it cannot be folded further.
  bool fold() {
    if (blocks_ < 16 || blocks_ % 2 != 0) return false;
    blocks_ /= 2;
    for (std::size_t b = 0; b < blocks_; ++b)
      for (std::size_t w = 0; w < 8; ++w) words_[b * 8 + w] = words_[b * 16 + w] | words_[b * 16 + 8 + w];
    words_.resize(std::size_t{blocks_} * 8);
    words_.shrink_to_fit();
    return true;
  }

  std::uint32_t blocks() const { return blocks_; }
  int set_bits() const { return set_bits_; }
  const std::vector<std::uint64_t>& words() const { return words_; }
  std::size_t size_bytes() const { return words_.capacity() * 8; }

 private:
  std::vector<std::uint64_t> words_;
  std::uint32_t blocks_ = 0;
  int set_bits_ = 0;
};

}  // namespace godwit::journal_detail
