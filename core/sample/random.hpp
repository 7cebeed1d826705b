#pragma once
// Random numbers that are the same on every machine and with every compiler, and that can be drawn for any row
// without drawing those of the rows before it.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace godwit::sample {

// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). A value, one per row.
class Random {
 public:
  // The stream of numbers of one row of one thing ("customers.name"), for one seed.
  Random(std::uint64_t seed, std::string_view stream, std::int64_t index) {
    std::uint64_t hash = 0xCBF29CE484222325u;  // FNV-1a of the name
    for (char c : stream) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
    state_ =
        mix(mix(seed + 0x9E3779B97F4A7C15u) ^ hash) + mix(static_cast<std::uint64_t>(index) * 0xD1342543DE82EF95u + 1);
  }

  std::uint64_t next() { return mix(state_ += 0x9E3779B97F4A7C15u); }
  // 0 <= result < n; n >= 1. The bias is below n / 2^64.
  std::int64_t below(std::int64_t n) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::int64_t>((static_cast<Wide>(next()) * static_cast<Wide>(n)) >> 64);
  }
  // True in `millionths` of 1,000,000 cases.
  bool chance(std::int64_t millionths) { return below(1'000'000) < millionths; }
  template <typename T>
  const T& pick(std::span<const T> from) {
    return from[static_cast<std::size_t>(below(static_cast<std::int64_t>(from.size())))];
  }
  template <typename T, std::size_t N>
  const T& pick(const T (&from)[N]) {
    return from[static_cast<std::size_t>(below(static_cast<std::int64_t>(N)))];
  }

 private:
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  std::uint64_t state_ = 0;
};

}  // namespace godwit::sample
