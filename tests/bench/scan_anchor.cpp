// scan_anchor FILE [--threads N] [--rounds N]: what finding the fields costs at least.
//
// Reads the file in blocks and stores where every field ends: commas and line feeds outside quotes, found 64 bytes at a time, the
// quoted stretches by a prefix sum of the quotes' bits. The loop over the bits is the plain one; some tricks against wrongly guessed
// branches make it half as fast again, and the parser's own scanner knows them. It looks at no field, keeps nothing and trusts its input; a parser that
// gives up less than half of this speed to unescape and consume every field is near what the machine can do.
// Each of N threads scans the whole file: what that many threads together could do if the file came in parts for nothing.
// Prints {"threads", "kernel", "ends", "records", "seconds", "cpu_seconds", "gb_per_s"}, the last three as medians of the rounds; the
// processor seconds are those of all threads.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <thread>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace {

constexpr std::size_t kBlock = 1 << 20;

struct Bits {
  std::uint64_t quotes, commas, lines;
};

struct State {
  std::uint64_t inside = 0;  // all ones when the block begins inside quotes
  std::uint64_t ends = 0, records = 0;
};

std::uint64_t prefix_xor(std::uint64_t x) {
  for (int shift = 1; shift < 64; shift *= 2) x ^= x << shift;
  return x;
}

Bits portable_bits(const char* text) {
  Bits out{};
  for (int i = 0; i < 64; ++i) {
    const std::uint64_t bit = std::uint64_t{1} << i;
    if (text[i] == '"') out.quotes |= bit;
    if (text[i] == ',') out.commas |= bit;
    if (text[i] == '\n') out.lines |= bit;
  }
  return out;
}

// text[0, size) with 64 bytes behind it that are neither quotes, commas nor line feeds; `ends` has room for size + 64.
void portable_scan(const char* text, std::size_t size, State& state, std::uint32_t* ends) {
  std::uint32_t* out = ends;
  for (std::size_t base = 0; base < size; base += 64) {
    const Bits bits = portable_bits(text + base);
    const std::uint64_t inside = prefix_xor(bits.quotes) ^ state.inside;
    state.inside = std::uint64_t{0} - (inside >> 63);
    state.records += static_cast<std::uint64_t>(__builtin_popcountll(bits.lines & ~inside));
    for (std::uint64_t found = (bits.commas | bits.lines) & ~inside; found != 0; found &= found - 1)
      *out++ = static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(__builtin_ctzll(found));
  }
  state.ends += static_cast<std::uint64_t>(out - ends);
}

#if defined(__x86_64__)
#define ANCHOR_TARGET __attribute__((target("avx2,bmi,bmi2,popcnt,pclmul")))

ANCHOR_TARGET inline std::uint64_t equal_bits(__m256i low, __m256i high, char c) {
  const __m256i wanted = _mm256_set1_epi8(c);
  const auto a = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)));
  const auto b = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)));
  return a | static_cast<std::uint64_t>(b) << 32;
}

ANCHOR_TARGET void avx2_scan(const char* text, std::size_t size, State& state, std::uint32_t* ends) {
  std::uint32_t* out = ends;
  std::uint64_t records = 0, before = state.inside;
  const __m128i ones = _mm_set1_epi8(-1);
  for (std::size_t base = 0; base < size; base += 64) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + base));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + base + 32));
    const std::uint64_t quotes = equal_bits(low, high, '"'), lines = equal_bits(low, high, '\n');
    const __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<long long>(quotes)), ones, 0);
    const std::uint64_t inside = static_cast<std::uint64_t>(_mm_cvtsi128_si64(product)) ^ before;
    before = static_cast<std::uint64_t>(static_cast<std::int64_t>(inside) >> 63);
    std::uint64_t found = (equal_bits(low, high, ',') | lines) & ~inside;
    records += static_cast<std::uint64_t>(_mm_popcnt_u64(lines & ~inside));
    for (; found != 0; found = _blsr_u64(found)) *out++ = static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(_tzcnt_u64(found));
  }
  state.inside = before, state.records += records, state.ends += static_cast<std::uint64_t>(out - ends);
}
#endif

using ScanFunction = void (*)(const char*, std::size_t, State&, std::uint32_t*);

ScanFunction fastest() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("pclmul")) return avx2_scan;
#endif
  return portable_scan;
}

double cpu_seconds() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

bool scan_file(int file, ScanFunction scan, State& state) {
  std::vector<char> text(kBlock + 64);
  std::vector<std::uint32_t> ends(kBlock + 128);
  for (off_t at = 0;;) {
    const ssize_t got = ::pread(file, text.data(), kBlock, at);
    if (got <= 0) return got == 0;
    std::memset(text.data() + got, ' ', 64);
    scan(text.data(), static_cast<std::size_t>(got), state, ends.data());
    at += got;
  }
}

}  // namespace

int main(int count, char** arguments) {
  const char* path = nullptr;
  int threads = 1, rounds = 5;
  for (int i = 1; i < count; ++i) {
    if (std::strcmp(arguments[i], "--threads") == 0 && i + 1 < count) threads = std::max(1, std::atoi(arguments[++i]));
    else if (std::strcmp(arguments[i], "--rounds") == 0 && i + 1 < count) rounds = std::max(1, std::atoi(arguments[++i]));
    else path = arguments[i];
  }
  const int file = path == nullptr ? -1 : ::open(path, O_RDONLY);
  struct stat s {};
  if (file < 0 || ::fstat(file, &s) != 0 || s.st_size == 0) {
    std::fprintf(stderr, "usage: scan_anchor FILE [--threads N] [--rounds N]\n");
    return 2;
  }
  const ScanFunction scan = fastest();
  std::vector<double> seconds, cpu;
  State total;
  for (int round = 0; round < rounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    const double cpu_begin = cpu_seconds();
    std::vector<State> states(static_cast<std::size_t>(threads));
    std::vector<char> good(states.size());
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < states.size(); ++i) others.emplace_back([&, i] { good[i] = scan_file(file, scan, states[i]); });
    good[0] = scan_file(file, scan, states[0]);
    for (std::thread& t : others) t.join();
    if (std::count(good.begin(), good.end(), 0) != 0) return 1;
    total = states[0];
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    cpu.push_back(cpu_seconds() - cpu_begin);
  }
  std::sort(seconds.begin(), seconds.end());
  std::sort(cpu.begin(), cpu.end());
  const double median = seconds[seconds.size() / 2];
  std::printf("{\"threads\": %d, \"kernel\": \"%s\", \"ends\": %llu, \"records\": %llu, \"seconds\": %.6f, \"cpu_seconds\": %.6f, \"gb_per_s\": %.3f}\n", threads,
              scan == portable_scan ? "portable" : "avx2", static_cast<unsigned long long>(total.ends), static_cast<unsigned long long>(total.records), median, cpu[cpu.size() / 2],
              static_cast<double>(s.st_size) * threads / 1e9 / median);
  return 0;
}
