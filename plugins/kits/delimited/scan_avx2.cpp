// The scanner for x86-64 processors with AVX2 (2013 and later), and the choice of the kernels.

#include <cstdlib>
#include <cstring>

#include "plugins/kits/delimited/scan.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#define GW_TARGET __attribute__((target("avx2,bmi,bmi2,popcnt,pclmul")))

namespace godwit::delimited {
namespace {

class Masks {
 public:
  GW_TARGET explicit Masks(ScanChars chars)
      : quote_(_mm256_set1_epi8(chars.quote)), delimiter_(_mm256_set1_epi8(chars.delimiter)), seen_(_mm256_setzero_si256()), crs_(seen_),
        least_(_mm256_set1_epi8(-1)), quotes_(chars.has_quote ? ~std::uint64_t{0} : 0) {}

  template <bool kCr>
  GW_TARGET void load(const char* text) {
    const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text));
    const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + 32));
    quote = mask(a, b, quote_) & quotes_;
    delimiter = mask(a, b, delimiter_);
    lf = mask(a, b, _mm256_set1_epi8('\n'));
    if constexpr (kCr) cr = mask(a, b, _mm256_set1_epi8('\r'));
    crs_ = _mm256_or_si256(crs_, _mm256_or_si256(_mm256_cmpeq_epi8(a, _mm256_set1_epi8('\r')), _mm256_cmpeq_epi8(b, _mm256_set1_epi8('\r'))));
    seen_ = _mm256_or_si256(seen_, _mm256_or_si256(a, b));
    least_ = _mm256_min_epu8(least_, _mm256_min_epu8(a, b));
  }
  GW_TARGET static std::uint64_t inside(std::uint64_t quotes) {
    const __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<long long>(quotes)), _mm_set1_epi8(-1), 0);
    return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
  }
  GW_TARGET static int count(std::uint64_t bits) { return static_cast<int>(_mm_popcnt_u64(bits)); }
  GW_TARGET static int lowest(std::uint64_t bits) { return static_cast<int>(_tzcnt_u64(bits)); }
  GW_TARGET static std::uint64_t without_lowest(std::uint64_t bits) { return _blsr_u64(bits); }
  GW_TARGET bool any_high() const { return _mm256_movemask_epi8(seen_) != 0; }
  GW_TARGET bool any_nul() const { return _mm256_movemask_epi8(_mm256_cmpeq_epi8(least_, _mm256_setzero_si256())) != 0; }
  GW_TARGET bool any_cr() const { return _mm256_movemask_epi8(crs_) != 0; }

  std::uint64_t quote = 0, delimiter = 0, lf = 0, cr = 0;

 private:
  GW_TARGET static std::uint64_t mask(__m256i a, __m256i b, __m256i c) {
    const auto low = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, c)));
    const auto high = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, c)));
    return low | static_cast<std::uint64_t>(high) << 32;
  }
  __m256i quote_, delimiter_, seen_, crs_, least_;
  std::uint64_t quotes_;
};

}  // namespace
}  // namespace godwit::delimited

#include "plugins/kits/delimited/scan_loop.hpp"

namespace godwit::delimited {
namespace {

// What two neighbouring bytes can have wrong with them. Each fault is a set of first bytes times a set of second
// bytes, so that three look-ups by four bits (high and low half of the first byte, high half of the second) and an
// AND tell which faults a pair has. The method is that of Keiser and Lemire (2021).
struct Fault {
  unsigned char first_low, first_high, second_low, second_high, bit;
};
constexpr unsigned char kTwoContinuations = 0x80;  // no fault by itself: right as third or fourth byte
constexpr Fault kFaults[] = {
    {0xc0, 0xff, 0x00, 0x7f, 0x01}, {0xc0, 0xff, 0xc0, 0xff, 0x01},  // a lead byte without continuation
    {0x00, 0x7f, 0x80, 0xbf, 0x02},                                  // a continuation after an ASCII character
    {0xe0, 0xe0, 0x80, 0x9f, 0x04},                                  // three bytes where two would do
    {0xf4, 0xff, 0x90, 0xbf, 0x08},                                  // beyond U+10FFFF
    {0xed, 0xed, 0xa0, 0xbf, 0x10},                                  // surrogates
    {0xc0, 0xc1, 0x80, 0xbf, 0x20},                                  // two bytes where one would do
    {0xf0, 0xf0, 0x80, 0x8f, 0x40}, {0xf5, 0xff, 0x80, 0x8f, 0x40},  // four bytes where three would do; no lead byte
    {0x80, 0xbf, 0x80, 0xbf, kTwoContinuations},
};
struct FaultTables {
  alignas(16) unsigned char first_high[16] = {}, first_low[16] = {}, second_high[16] = {};
};
constexpr FaultTables make_fault_tables() {
  FaultTables t;
  for (const Fault& f : kFaults) {
    for (int b = f.first_low; b <= f.first_high; ++b) t.first_high[b >> 4] |= f.bit, t.first_low[b & 15] |= f.bit;
    for (int b = f.second_low; b <= f.second_high; ++b) t.second_high[b >> 4] |= f.bit;
  }
  return t;
}
constexpr FaultTables kFaultTables = make_fault_tables();

class Utf8Checker {
 public:
  GW_TARGET Utf8Checker() : wrong_(_mm256_setzero_si256()), last_(_mm256_setzero_si256()), open_(_mm256_setzero_si256()) {
    first_high_ = table(kFaultTables.first_high), first_low_ = table(kFaultTables.first_low);
    second_high_ = table(kFaultTables.second_high);
  }
  GW_TARGET void ascii() {
    wrong_ = _mm256_or_si256(wrong_, open_);
    open_ = last_ = _mm256_setzero_si256();
  }
  GW_TARGET void bytes(__m256i now) {
    const __m256i across = _mm256_permute2x128_si256(last_, now, 0x21);
    const __m256i one = _mm256_alignr_epi8(now, across, 15);
    const __m256i two = _mm256_alignr_epi8(now, across, 14), three = _mm256_alignr_epi8(now, across, 13);
    const __m256i half = _mm256_set1_epi8(0x0f);
    const __m256i faults = _mm256_and_si256(
        _mm256_and_si256(_mm256_shuffle_epi8(first_high_, _mm256_and_si256(_mm256_srli_epi16(one, 4), half)),
                         _mm256_shuffle_epi8(first_low_, _mm256_and_si256(one, half))),
        _mm256_shuffle_epi8(second_high_, _mm256_and_si256(_mm256_srli_epi16(now, 4), half)));
    // A byte two after a lead of three or four, or three after a lead of four, must follow a continuation: there the
    // bit of "two continuations" must be set, and nowhere else.
    const __m256i third = _mm256_subs_epu8(two, _mm256_set1_epi8(static_cast<char>(0xe0 - 0x80)));
    const __m256i fourth = _mm256_subs_epu8(three, _mm256_set1_epi8(static_cast<char>(0xf0 - 0x80)));
    const __m256i due = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8(static_cast<char>(kTwoContinuations)));
    wrong_ = _mm256_or_si256(wrong_, _mm256_xor_si256(due, faults));
    // Leads among the last three bytes whose characters go on into the next block.
    const __m256i most = _mm256_setr_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                                          -1, -1, -1, -1, -1, -1, static_cast<char>(0xf0 - 1), static_cast<char>(0xe0 - 1),
                                          static_cast<char>(0xc0 - 1));
    open_ = _mm256_subs_epu8(now, most);
    last_ = now;
  }
  GW_TARGET bool good() const {
    const __m256i all = _mm256_or_si256(wrong_, open_);
    return _mm256_testz_si256(all, all) != 0;
  }

 private:
  GW_TARGET static __m256i table(const unsigned char* values) {
    return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(values)));
  }
  __m256i wrong_, last_, open_, first_high_, first_low_, second_high_;
};

GW_TARGET inline __m256i block(const char* at) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)); }

GW_TARGET bool is_utf8(const char* text, std::uint64_t size) {
  Utf8Checker checker;
  std::uint64_t at = 0;
  // 256 bytes at a time: texts have either next to nothing beyond ASCII or something of it in most places, and at this
  // size the processor guesses right which of the two it is.
  for (; size - at >= 256; at += 256) {
    __m256i any = block(text + at);
    for (int i = 32; i < 256; i += 32) any = _mm256_or_si256(any, block(text + at + i));
    if (_mm256_movemask_epi8(any) == 0) {
      checker.ascii();
    } else {
      for (int i = 0; i < 256; i += 32) checker.bytes(block(text + at + i));
    }
  }
  for (; size - at >= 64; at += 64) {
    checker.bytes(block(text + at));
    checker.bytes(block(text + at + 32));
  }
  if (at < size) {
    alignas(32) char rest[64];
    std::memset(rest, ' ', sizeof rest);
    std::memcpy(rest, text + at, size - at);
    checker.bytes(block(rest));
    checker.bytes(block(rest + 32));
  }
  return checker.good();
}

constexpr ScanKernels kAvx2Kernels{"avx2", scan_text, scan_parity, is_utf8};

}  // namespace

const ScanKernels* avx2_kernels() {
  static const bool runs = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
                           __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("pclmul");
  return runs ? &kAvx2Kernels : nullptr;
}

}  // namespace godwit::delimited

#else

namespace godwit::delimited {
const ScanKernels* avx2_kernels() { return nullptr; }
}  // namespace godwit::delimited

#endif

namespace godwit::delimited {

const ScanKernels& kernels() {
  static const ScanKernels& chosen = []() -> const ScanKernels& {
    const char* forced = std::getenv("GODWIT_SCAN");
    const bool portable = forced != nullptr && std::strcmp(forced, "portable") == 0;
    return portable || avx2_kernels() == nullptr ? kPortableKernels : *avx2_kernels();
  }();
  return chosen;
}

}  // namespace godwit::delimited
