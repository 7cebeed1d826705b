// W9: parse every record of a delimited file, unescape every field and consume it: its length and a hash.
//
//   bench_w9 FILE [--threads N] [--rounds N] [--lengths | --columns]
//
// Prints one JSON object: records, fields, seconds of the fastest and the median round, GB/s, and one hash per column,
// which tests/bench/w9_gate.py computes independently. --lengths consumes each field by its length alone, so that the time is
// that of the parser rather than of the hash. --columns builds Arrow columns of all fields instead, as the csv
// connector does, and hashes nothing.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "plugins/kits/delimited/fields.hpp"
#include "plugins/kits/delimited/table.hpp"

namespace {

using namespace godwit;
using namespace godwit::delimited;

class PlainFile : public ByteSource {
 public:
  explicit PlainFile(const char* path) : descriptor_(::open(path, O_RDONLY)) {
    struct stat s {};
    if (descriptor_ >= 0 && ::fstat(descriptor_, &s) == 0) size_ = static_cast<std::uint64_t>(s.st_size);
  }
  ~PlainFile() override { ::close(descriptor_); }
  bool opened() const { return descriptor_ >= 0; }
  std::uint64_t size() const override { return size_; }
  Result<std::size_t> read(std::uint64_t offset, char* out, std::size_t room) override {
    const ssize_t got = ::pread(descriptor_, out, room, static_cast<off_t>(offset));
    return got < 0 ? std::size_t{0} : static_cast<std::size_t>(got);
  }

 private:
  int descriptor_;
  std::uint64_t size_ = 0;
};

// ---- the hash: words of eight bytes, each times a constant of its own, and the length; then mixed ----

constexpr std::uint64_t kLengthFactor = 0x9e3779b97f4a7c15, kMixFactor = 0xd6e8feb86659fd93;
constexpr std::uint64_t word_factor(std::uint64_t i) { return 0xff51afd7ed558ccd + i * 0x9fb21c651e98df26; }

inline std::uint64_t load(const char* p) {
  std::uint64_t word;
  std::memcpy(&word, p, 8);
  return word;
}

// 32 bytes of ones and 32 of zeros: from kMask + 32 - n on, n ones.
struct MaskBytes {
  alignas(64) unsigned char bytes[64] = {};
  constexpr MaskBytes() {
    for (int i = 0; i < 32; ++i) bytes[i] = 255;
  }
};
constexpr MaskBytes kMask;

inline std::uint64_t mix(std::uint64_t h) { return (h ^ h >> 32) * kMixFactor; }

[[gnu::noinline]] std::uint64_t hash_long(const char* data, std::uint32_t size) {
  std::uint64_t h = size * kLengthFactor, i = 0;
  for (; size >= 8; size -= 8, data += 8) h += load(data) * word_factor(i++);
  return mix(h + (load(data) & load(reinterpret_cast<const char*>(kMask.bytes) + 32 - size)) * word_factor(i));
}

// `data` has 32 readable bytes behind it. kWords is four or two: up to so many words without a branch.
template <int kWords>
inline std::uint64_t hash_field(const char* data, std::uint32_t size) {
  if (size > kWords * 8) [[unlikely]] return kWords == 4 ? hash_long(data, size) : hash_field<4>(data, size);
  const auto* mask = reinterpret_cast<const char*>(kMask.bytes) + 32 - size;
  std::uint64_t h = size * kLengthFactor + (load(data) & load(mask)) * word_factor(0) + (load(data + 8) & load(mask + 8)) * word_factor(1);
  if (kWords == 4) h += (load(data + 16) & load(mask + 16)) * word_factor(2) + (load(data + 24) & load(mask + 24)) * word_factor(3);
  return mix(h);
}

// Processor time of all threads: what is left to compare by on a machine that does other things as well.
double cpu_seconds() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

struct Sums {
  std::uint64_t records = 0, fields = 0, bytes = 0, bad = 0;
  std::vector<std::uint64_t> hashes, column_bytes;
};

// A field whose doubled quotes are made single. Out of line: the loop below keeps its registers.
[[gnu::noinline]] RawField unquote(RawField f, char quote, std::vector<char>& scratch) {
  if (scratch.size() < f.size + kPadding) scratch.resize(f.size + kPadding);
  return {scratch.data(), unescape(f.data, f.size, quote, scratch.data())};
}

// One column of a group of records. kWords: what most of the values need.
template <int kWords>
[[gnu::noinline]] void consume_column(const Run& run, std::uint32_t from, std::uint32_t to, std::uint32_t field, char quote,
                                      std::vector<char>& scratch, Sums& sums) {
  std::uint64_t sum = 0, bytes = 0;
  for_each_field(run, from, to, field, [&](RawField f) __attribute__((always_inline)) {
    if (f.doubled) [[unlikely]] f = unquote(f, quote, scratch);
    bytes += f.size;
    sum += hash_field<kWords>(f.data, f.size);
  });
  sums.hashes[field] += sum, sums.column_bytes[field] += bytes;
}

// The lengths of a run's fields alone: record by record, since the ends of a record's fields stand side by side.
void consume_lengths(const Run& run, char quote, std::vector<char>& scratch, Sums& sums) {
  std::uint64_t* __restrict bytes = sums.column_bytes.data();
  for (std::uint32_t r = 0; r < run.count; ++r) {
    const std::uint32_t* __restrict ends = run.ends + run.first[r];
    std::uint32_t seen = 0;
    for (std::uint32_t f = 0; f < run.width; ++f) {
      const RawField field = field_at(run.text, ends + f);
      bytes[f] += field.size, seen |= ends[f];
    }
    if ((seen & kDoubledEnd) == 0) continue;
    for (std::uint32_t f = 0; f < run.width; ++f) {
      const RawField field = field_at(run.text, ends + f);
      if (field.doubled) bytes[f] -= field.size - unquote(field, quote, scratch).size;
    }
  }
  sums.records += run.count, sums.fields += static_cast<std::uint64_t>(run.count) * run.width;
}

void consume(const Run& run, char quote, std::vector<char>& scratch, Sums& sums) {
  constexpr std::uint32_t kGroup = 64;
  for (std::uint32_t from = 0; from < run.count; from += kGroup) {
    const std::uint32_t to = std::min(run.count, from + kGroup);
    for (std::uint32_t f = 0; f < run.width; ++f) {
      // Values that tend to pass 16 bytes make the short hash's branch hard to guess.
      const bool is_long = sums.column_bytes[f] > 11 * sums.records;
      if (is_long) consume_column<4>(run, from, to, f, quote, scratch, sums);
      else consume_column<2>(run, from, to, f, quote, scratch, sums);
    }
    sums.records += to - from;
  }
  sums.fields += static_cast<std::uint64_t>(run.count) * run.width;
}

bool parse(ByteSource& file, const TableOptions& options, const TableHead& head, const Range& range, bool lengths, Sums* sums) {
  sums->hashes.resize(head.columns.size()), sums->column_bytes.resize(head.columns.size());
  std::vector<char> scratch(64 << 10);
  RecordStream records(options.dialect, TextSource(file, nullptr, range.from, range.to), range.line);
  records.expect_width(static_cast<std::uint32_t>(head.columns.size()));
  while (true) {
    const auto found = records.next();
    if (!found) return false;
    if (*found == RecordStream::Found::end) return true;
    if (*found == RecordStream::Found::run) {
      if (lengths) consume_lengths(records.run(), options.dialect.quote, scratch, *sums);
      else consume(records.run(), options.dialect.quote, scratch, *sums);
    } else if (*found == RecordStream::Found::record) {
      ++sums->records, sums->fields += records.record().fields.size();
      for (std::size_t f = 0; f < records.record().fields.size(); ++f) {
        const std::string_view value = records.record().value(f);
        sums->column_bytes[f] += value.size();
        if (lengths) continue;
        if (scratch.size() < value.size() + kPadding) scratch.resize(value.size() + kPadding);
        std::memcpy(scratch.data(), value.data(), value.size());
        sums->hashes[f] += hash_field<4>(scratch.data(), static_cast<std::uint32_t>(value.size()));
      }
    } else {
      ++sums->bad;
    }
  }
}

bool build(ByteSource& file, const TableOptions& options, const TableHead& head, const Range& range, Sums* sums) {
  std::vector<std::uint32_t> all;
  for (std::uint32_t i = 0; i < head.columns.size(); ++i) all.push_back(i);
  const auto reader = TableReader::open(file, options, head, all, range);
  if (!reader) return false;
  while (true) {
    const auto read = (*reader)->read(8192, 4 << 20);
    if (!read) return false;
    sums->records += static_cast<std::uint64_t>(read->batch.rows), sums->bad += read->unreadable.size();
    for (const Column& c : read->batch.columns)
      sums->fields += static_cast<std::uint64_t>(c.length), sums->bytes += static_cast<std::uint64_t>(c.values.as<std::int32_t>()[c.length]);
    if (read->end) return true;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const char* path = nullptr;
  int threads = 1, rounds = 5;
  bool columns = false, lengths = false;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--threads") == 0 && i + 1 < argc) threads = std::max(1, std::atoi(argv[++i]));
    else if (std::strcmp(argv[i], "--rounds") == 0 && i + 1 < argc) rounds = std::max(1, std::atoi(argv[++i]));
    else if (std::strcmp(argv[i], "--columns") == 0) columns = true;
    else if (std::strcmp(argv[i], "--lengths") == 0) lengths = true;
    else path = argv[i];
  }
  if (path == nullptr) {
    std::fprintf(stderr, "usage: bench_w9 FILE [--threads N] [--rounds N] [--lengths | --columns]\n");
    return 2;
  }
  PlainFile file(path);
  TableOptions options;
  options.encoding = *find_encoding("utf-8"), options.name = path;
  const auto head = file.opened() ? read_head(file, options) : Result<TableHead>(Failure(Error{3101, ErrorKind::bad_config, {}, {}}));
  if (!head) {
    std::fprintf(stderr, "GW-%d %s\n", head.error().number, path);
    return 2;
  }

  std::vector<double> seconds, cpu;
  Sums total;
  for (int round = 0; round < rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    const double cpu_start = cpu_seconds();
    // The time to find the ranges counts.
    const auto ranges = split_table(file, options, *head, threads, threads);
    if (!ranges) return 1;
    std::vector<Sums> parts(ranges->size());
    std::vector<char> good(ranges->size());
    std::vector<std::thread> others;
    const auto work = [&](std::size_t i) {
      good[i] = columns ? build(file, options, *head, (*ranges)[i], &parts[i]) : parse(file, options, *head, (*ranges)[i], lengths, &parts[i]);
    };
    for (std::size_t i = 1; i < ranges->size(); ++i) others.emplace_back(work, i);
    work(0);
    for (std::thread& t : others) t.join();
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    cpu.push_back(cpu_seconds() - cpu_start);
    total = Sums();
    total.hashes.resize(head->columns.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (!good[i]) return 1;
      total.records += parts[i].records, total.fields += parts[i].fields, total.bytes += parts[i].bytes, total.bad += parts[i].bad;
      for (std::size_t f = 0; f < parts[i].hashes.size(); ++f) total.hashes[f] += parts[i].hashes[f], total.bytes += parts[i].column_bytes[f];
    }
  }
  std::sort(seconds.begin(), seconds.end());
  std::sort(cpu.begin(), cpu.end());
  const double best = seconds.front(), median = seconds[seconds.size() / 2], gigabytes = static_cast<double>(file.size()) / 1e9;
  std::printf("{\"workload\":\"W9\",\"mode\":\"%s\",\"kernel\":\"%s\",\"threads\":%d,\"file_bytes\":%llu,\"records\":%llu,\"fields\":%llu,\"field_bytes\":%llu,\"bad\":%llu,"
              "\"seconds\":%.4f,\"gb_per_s\":%.3f,\"best_gb_per_s\":%.3f,\"cpu_seconds\":%.4f,\"best_cpu_seconds\":%.4f,\"hashes\":[",
              columns ? "columns" : lengths ? "lengths" : "fields", kernels().name, threads, static_cast<unsigned long long>(file.size()), static_cast<unsigned long long>(total.records),
              static_cast<unsigned long long>(total.fields), static_cast<unsigned long long>(total.bytes), static_cast<unsigned long long>(total.bad),
              median, gigabytes / median, gigabytes / best, cpu[cpu.size() / 2], cpu.front());
  for (std::size_t f = 0; f < total.hashes.size(); ++f) std::printf("%s\"%016llx\"", f == 0 ? "" : ",", static_cast<unsigned long long>(total.hashes[f]));
  std::printf("]}\n");
  return 0;
}
