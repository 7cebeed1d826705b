#pragma once
// Run files of keyed state: sorted, immutable, read by bucket (docs/journal.md, section 4). Internal to core/journal.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/journal/file.hpp"
#include "core/journal/keyed_state.hpp"
#include "core/journal/state_filter.hpp"

namespace godwit::journal_detail {

inline constexpr std::uint8_t kErased = 255;             // tag of an erased key
inline constexpr std::size_t kMostValueBytes = 16 << 20;  // of StateKind::bytes
inline constexpr std::size_t kEntriesPerBucket = 64;

// One entry on its way through a run. `bytes` views memory of whoever gave it.
struct Record {
  Hash128 key;
  std::uint8_t tag = 0;
  std::int64_t value = 0;
  std::span<const std::uint8_t> bytes;
};

// What the manifest knows of a run.
struct RunInfo {
  std::uint64_t file = 0;       // number in its name
  std::uint64_t age = 0;        // greater is newer
  std::uint64_t entries = 0;    // 0: a unit without entries, and no file
  std::uint64_t file_bytes = 0;
  std::optional<UnitId> unit;   // of runs that are one unit's (or a part of it)
};
inline constexpr std::uint64_t kMostRunData = std::uint64_t{0xFFFFFFFF} * 16;  // what the directory can address
std::uint64_t checksum_of(const std::vector<std::uint32_t>& directory, const Filter& filter);
std::filesystem::path run_path(const std::filesystem::path& folder, std::uint64_t file);
// Bytes that an integer needs as two's complement; 0 for 0.
int value_width(std::int64_t value);

// A key of a batch and where it stood there.
struct SortedKey {
  Hash128 key;
  std::uint32_t index = 0;
};

// An open run. Probes may run in several threads.
class Run {
 public:
  // Checks size, header, directory and filter: GW-5030. No data are read.
  static Result<std::unique_ptr<Run>> open(const std::filesystem::path& folder, const RunInfo& info, StateKind kind);

  // Calls found(i, record) for each keys[i] that is here (i counts in `keys`, which are sorted; repeats allowed).
  template <typename Found>
  Result<std::int64_t> probe(std::span<const SortedKey> keys, Found&& found) const;

  const RunInfo& info() const { return info_; }
  RunInfo& info() { return info_; }
  int width() const { return width_; }
  std::uint64_t data_bytes() const { return data_bytes_; }
  std::size_t memory_bytes() const {
    return directory_.capacity() * 4 + filter_.size_bytes() + resident_.capacity() + checked_.capacity() + sizeof *this;
  }
  const Filter& filter() const { return filter_; }
  Filter& filter() { return filter_; }
  bool is_resident() const { return resident_.size() == data_bytes_; }
  // Keeps the data in memory, or lets them go.
  Result<> make_resident();
  void drop_resident() {  // = {} would keep the memory
    std::vector<std::uint8_t>().swap(resident_);
    std::vector<std::atomic<bool>>().swap(checked_);
  }
  Result<> reload_filter();
  Result<> sync() { return file_.sync(); }

 private:
  friend class RunWriter;
  friend class RunCursor;
  static constexpr std::int64_t kHeader = 48;
  std::uint32_t buckets() const { return static_cast<std::uint32_t>(directory_.size() - 1); }
  std::uint64_t bucket_start(std::uint32_t b) const { return std::uint64_t{directory_[b]} * 16; }
  // Bytes [from, to) of the data into `buffer`, or a view of the resident copy.
  Result<std::span<const std::uint8_t>> read(std::uint64_t from, std::uint64_t to, std::vector<std::uint8_t>& buffer) const;
  // The records of one bucket's bytes: their bytes and count; GW-5030 when the checksum does not match. In memory a bucket is checked once.
  struct Bucket {
    std::span<const std::uint8_t> records;
    std::uint32_t count = 0;
  };
  Result<Bucket> open_bucket(std::uint32_t number, std::span<const std::uint8_t> bytes) const;
  // Reads the record at `at` (moves it on); false: damaged.
  bool next_record(std::span<const std::uint8_t> records, std::size_t* at, Record* out) const;
  bool find(const Bucket& bucket, const Hash128& key, Record* out) const;
  // Groups candidates (positions in `keys`, ascending) into reads and answers them.
  struct Range {
    std::size_t first, last;  // candidates [first, last)
    std::uint64_t from, to;   // bytes of the data
  };
  Range next_range(std::span<const SortedKey> keys, std::span<const std::uint32_t> candidates, std::size_t first) const;
  Failure damaged(std::string seen, std::string expected) const;

  RunInfo info_;
  StateKind kind_ = StateKind::integer;
  int width_ = 0;
  std::uint64_t data_bytes_ = 0;
  std::vector<std::uint32_t> directory_;  // buckets + 1
  Filter filter_;
  std::vector<std::uint8_t> resident_;
  mutable std::vector<std::atomic<bool>> checked_;  // per bucket of resident_
  File file_;
};

template <typename Found>
Result<std::int64_t> Run::probe(std::span<const SortedKey> keys, Found&& found) const {
  std::vector<std::uint32_t> candidates(keys.size());
  std::size_t passed = 0;
  for (std::size_t i = 0; i < keys.size(); ++i)
    candidates[passed] = static_cast<std::uint32_t>(i), passed += filter_.may_contain(keys[i].key);
  candidates.resize(passed);
  std::vector<std::uint8_t> buffer;
  std::int64_t reads = 0;
  for (std::size_t c = 0; c < candidates.size();) {
    const Range range = next_range(keys, candidates, c);
    if (range.to == range.from) {
      c = range.last;
      continue;
    }
    GW_ASSIGN(const std::span<const std::uint8_t> bytes, read(range.from, range.to, buffer));
    ++reads;
    std::uint32_t open = ~0u;
    Bucket bucket;
    for (; c < range.last; ++c) {
      const SortedKey& key = keys[candidates[c]];
      const std::uint32_t b = part_of(key.key, buckets());
      const std::uint64_t from = bucket_start(b), to = bucket_start(b + 1);
      if (from == to) continue;
      if (b != open) {
        GW_ASSIGN(bucket, open_bucket(b, bytes.subspan(from - range.from, to - from)));
        open = b;
      }
      Record record;
      if (find(bucket, key.key, &record)) found(candidates[c], record);
    }
  }
  return reads;
}

// Reads a run's records in order of their keys.
class RunCursor {
 public:
  explicit RunCursor(const Run* run) : run_(run) {}
  // False at the end. The record is valid until the next call.
  Result<bool> next(Record* out);

 private:
  const Run* run_;
  std::vector<std::uint8_t> buffer_;
  std::span<const std::uint8_t> bytes_;  // of buckets [bucket_, end_), not yet opened
  std::uint32_t bucket_ = 0, end_ = 0;
  Run::Bucket open_;
  std::size_t at_ = 0;
  std::uint32_t left_ = 0;  // records of the open bucket
};

// Writes a run file from records in order of their keys, each key once.
class RunWriter {
 public:
  // `most_entries` is an upper bound; `planes` of the filter, 0 for none; `width` fits every value.
  static Result<RunWriter> create(const std::filesystem::path& folder, std::uint64_t file, StateKind kind, int width,
                                  std::uint64_t most_entries, int planes);
  Result<> add(const Record& record);
  // A run that was not finished (the disk is full) leaves no file.
  ~RunWriter();
  RunWriter(RunWriter&&) = default;
  RunWriter& operator=(RunWriter&&) = default;
  // The finished run, open for probing. Without records there is no file, and the answer is null.
  Result<std::unique_ptr<Run>> finish(std::uint64_t age, std::optional<UnitId> unit);

 private:
  RunWriter() = default;
  void close_bucket();
  Result<> flush();
  std::unique_ptr<Run> run_;
  std::uint32_t bucket_ = 0, bucket_entries_ = 0;
  std::vector<std::uint8_t> records_;  // of the bucket at work
  std::vector<std::uint8_t> out_;
  std::uint64_t written_ = 0;          // bytes of data in the file
};

// Sorted by key; equal keys keep their order. `scratch` is reused memory.
void sort_keys(std::span<const Hash128> keys, std::vector<SortedKey>& out, std::vector<std::uint32_t>& scratch);

}  // namespace godwit::journal_detail
