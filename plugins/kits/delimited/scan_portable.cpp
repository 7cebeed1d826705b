// The scanner for any processor: eight bytes at a time in ordinary registers.

#include <bit>
#include <cstring>

#define GW_TARGET

#include "plugins/kits/delimited/scan.hpp"
#include "plugins/kits/delimited/utf8.hpp"

namespace godwit::delimited {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101, kLow7 = 0x7f7f7f7f7f7f7f7f;

// Bit i of the answer: byte i of `word` is zero.
inline std::uint64_t zero_bytes(std::uint64_t word) {
  const std::uint64_t tops = ~(((word & kLow7) + kLow7) | word | kLow7);  // exact: no carry leaves a byte
  return (tops >> 7) * 0x0102040810204080 >> 56;
}

class Masks {
 public:
  explicit Masks(ScanChars chars)
      : quote_(kOnes * static_cast<unsigned char>(chars.quote)), delimiter_(kOnes * static_cast<unsigned char>(chars.delimiter)),
        quotes_(chars.has_quote ? ~std::uint64_t{0} : 0) {}

  template <bool kCr>
  void load(const char* text) {
    quote = delimiter = lf = cr = 0;
    for (int i = 0; i < 8; ++i) {
      std::uint64_t word;
      std::memcpy(&word, text + 8 * i, 8);
      if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
      quote |= zero_bytes(word ^ quote_) << (8 * i);
      delimiter |= zero_bytes(word ^ delimiter_) << (8 * i);
      lf |= zero_bytes(word ^ kOnes * '\n') << (8 * i);
      cr |= zero_bytes(word ^ kOnes * '\r') << (8 * i);
      seen_ |= word, nuls_ |= zero_bytes(word);
    }
    quote &= quotes_, crs_ |= cr;
  }
  static std::uint64_t inside(std::uint64_t quotes) {
    for (int shift = 1; shift < 64; shift *= 2) quotes ^= quotes << shift;
    return quotes;
  }
  static int count(std::uint64_t bits) { return std::popcount(bits); }
  static int lowest(std::uint64_t bits) { return std::countr_zero(bits); }
  static std::uint64_t without_lowest(std::uint64_t bits) { return bits & (bits - 1); }
  bool any_high() const { return (seen_ & ~kLow7) != 0; }
  bool any_nul() const { return nuls_ != 0; }
  bool any_cr() const { return crs_ != 0; }

  std::uint64_t quote = 0, delimiter = 0, lf = 0, cr = 0;

 private:
  std::uint64_t quote_, delimiter_, quotes_, seen_ = 0, nuls_ = 0, crs_ = 0;
};

}  // namespace
}  // namespace godwit::delimited

#include "plugins/kits/delimited/scan_loop.hpp"

namespace godwit::delimited {

const ScanKernels kPortableKernels{"portable", scan_text, scan_parity, [](const char* text, std::uint64_t size) {
                                     return find_invalid_utf8({text, size}).position == std::string_view::npos;
                                   }};

}  // namespace godwit::delimited
