#include "core/journal/state_run.hpp"

#define XXH_INLINE_ALL
#include <fcntl.h>
#include <xxhash.h>

#include <algorithm>
#include <cstdio>

#include "core/journal/bytes.hpp"

namespace godwit::journal_detail {
namespace {

// A read of a few KB costs about as much as copying 8 KB more from the page cache: gaps below that are read over.
constexpr std::uint64_t kGap = 8 << 10;
constexpr std::uint64_t kReadAtOnce = 256 << 10;
constexpr std::uint64_t kCursorRead = 64 << 10;

}  // namespace

std::uint64_t checksum_of(const std::vector<std::uint32_t>& directory, const Filter& filter) {
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  XXH3_64bits_update(&state, directory.data(), (directory.size() - 1) * 4);
  for (int i = 0; i < filter.planes(); ++i) XXH3_64bits_update(&state, filter.plane(i).data(), filter.plane(i).size_bytes());
  return XXH3_64bits_digest(&state);
}

std::filesystem::path run_path(const std::filesystem::path& folder, std::uint64_t file) {
  char name[32];
  std::snprintf(name, sizeof name, "%06llu.run", static_cast<unsigned long long>(file));
  return folder / name;
}

int value_width(std::int64_t value) {
  int width = 0;
  while (width < 8) {
    const int shift = 64 - 8 * width;
    const std::int64_t kept = width == 0 ? 0 : static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << shift) >> shift;
    if (kept == value) return width;
    ++width;
  }
  return 8;
}

Failure Run::damaged(std::string seen, std::string expected) const {
  return fail(5030, {{"place", file_.path().string()}, {"seen", std::move(seen)}, {"expected", std::move(expected)}});
}

Result<std::unique_ptr<Run>> Run::open(const std::filesystem::path& folder, const RunInfo& info, StateKind kind) {
  auto run = std::make_unique<Run>();
  run->info_ = info, run->kind_ = kind;
  const std::filesystem::path path = run_path(folder, info.file);
  auto file = File::open(path, O_RDONLY);
  if (!file) {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored))
      return fail(5030, {{"place", path.string()}, {"seen", "no such file"}, {"expected", "a file of " + std::to_string(info.file_bytes) + " bytes"}});
    return Failure(std::move(file).error());
  }
  run->file_ = std::move(*file);
  GW_ASSIGN(const std::int64_t size, run->file_.size());
  if (static_cast<std::uint64_t>(size) != info.file_bytes || size < kHeader)
    return run->damaged(std::to_string(size) + " bytes", std::to_string(info.file_bytes) + " bytes");
  std::vector<std::uint8_t> header(kHeader);
  GW_ASSIGN(const bool whole, run->file_.read_at(0, header));
  ByteReader in(header);
  const auto magic = in.raw(4);
  const auto version = in.fixed<std::uint8_t>(), found_kind = in.fixed<std::uint8_t>();
  run->width_ = in.fixed<std::uint8_t>();
  const int planes = in.fixed<std::uint8_t>();
  const auto entries = in.fixed<std::uint64_t>();
  const auto buckets = in.fixed<std::uint32_t>(), blocks = in.fixed<std::uint32_t>();
  run->data_bytes_ = in.fixed<std::uint64_t>();
  const auto index_checksum = in.fixed<std::uint64_t>(), checksum = in.fixed<std::uint64_t>();
  if (!whole || std::memcmp(magic.data(), "GWKS", 4) != 0 || XXH3_64bits(header.data(), kHeader - 8) != checksum)
    return run->damaged("a header that is damaged", "GWKS with a right checksum");
  if (version != 1 || found_kind != static_cast<std::uint8_t>(kind))
    return fail(5031, {{"place", path.string()}, {"seen", "version " + std::to_string(version) + ", kind " + std::to_string(found_kind)},
                       {"expected", "version 1, kind " + std::to_string(static_cast<int>(kind))}});
  const std::uint64_t index_bytes = std::uint64_t{buckets} * 4 + std::uint64_t{blocks} * 64 * static_cast<std::uint64_t>(planes);
  if (entries != info.entries || buckets == 0 || run->width_ > 8 || planes > Filter::kMostPlanes || run->data_bytes_ > kMostRunData ||
      static_cast<std::uint64_t>(size) != kHeader + run->data_bytes_ + index_bytes)
    return run->damaged("sizes that do not fit", "header, data, directory and filter side by side");
  run->directory_.resize(std::size_t{buckets} + 1);
  const auto data_end = static_cast<std::int64_t>(kHeader + run->data_bytes_);
  GW_ASSIGN(const bool directory, run->file_.read_at(data_end, {reinterpret_cast<std::uint8_t*>(run->directory_.data()), std::size_t{buckets} * 4}));
  run->directory_.back() = static_cast<std::uint32_t>(run->data_bytes_ / 16);
  std::vector<std::vector<std::uint64_t>> words;
  bool filter = true;
  for (int i = 0; i < planes; ++i) {
    auto& plane = words.emplace_back(std::size_t{blocks} * 8);
    const std::int64_t at = data_end + std::int64_t{buckets} * 4 + std::int64_t{blocks} * 64 * i;
    GW_ASSIGN(const bool there, run->file_.read_at(at, {reinterpret_cast<std::uint8_t*>(plane.data()), plane.size() * 8}));
    filter = filter && there;
  }
  run->filter_ = Filter(std::move(words));
  if (!directory || !filter || checksum_of(run->directory_, run->filter_) != index_checksum)
    return run->damaged("a directory or filter that is damaged", "its checksum " + hex(index_checksum));
  if (!std::is_sorted(run->directory_.begin(), run->directory_.end()))
    return run->damaged("a directory out of order", "ascending places");
  return run;
}

Result<> Run::reload_filter() {
  GW_ASSIGN(const std::unique_ptr<Run> again, open(file_.path().parent_path(), info_, kind_));
  filter_ = std::move(again->filter_);
  return {};
}

Result<> Run::make_resident() {
  if (is_resident()) return {};
  std::vector<std::uint8_t> data(data_bytes_);
  GW_ASSIGN(const bool whole, file_.read_at(kHeader, data));
  if (!whole) return damaged("a cut-off file", std::to_string(info_.file_bytes) + " bytes");
  resident_ = std::move(data);
  checked_ = std::vector<std::atomic<bool>>(buckets());
  return {};
}

Result<std::span<const std::uint8_t>> Run::read(std::uint64_t from, std::uint64_t to, std::vector<std::uint8_t>& buffer) const {
  if (is_resident()) return std::span(resident_).subspan(from, to - from);
  if (buffer.size() < to - from) buffer.resize(to - from);
  const std::span<std::uint8_t> out(buffer.data(), to - from);
  GW_ASSIGN(const bool whole, file_.read_at(static_cast<std::int64_t>(kHeader + from), out));
  if (!whole) return damaged("a cut-off file", std::to_string(info_.file_bytes) + " bytes");
  return std::span<const std::uint8_t>(out);
}

Result<Run::Bucket> Run::open_bucket(std::uint32_t number, std::span<const std::uint8_t> bytes) const {
  ByteReader in(bytes);
  const auto checksum = in.fixed<std::uint32_t>(), count = in.fixed<std::uint32_t>();
  if (!in.ok()) return damaged("a bucket of " + std::to_string(bytes.size()) + " bytes", "at least 8");
  Bucket bucket{bytes.subspan(8), count};
  if (is_resident() && checked_[number].load(std::memory_order_relaxed)) return bucket;
  // The records end before the padding; how long they are follows from their number or from walking them.
  std::size_t size = 0;
  if (kind_ == StateKind::integer) {
    size = std::size_t{count} * (17 + static_cast<std::size_t>(width_));
  } else {
    Record record;
    for (std::uint32_t i = 0; i < count; ++i)
      if (!next_record(bucket.records, &size, &record)) return damaged("a record beyond its bucket", "whole records");
  }
  if (size > bucket.records.size()) return damaged("a bucket of " + std::to_string(count) + " records", "what fits its bytes");
  if (static_cast<std::uint32_t>(XXH3_64bits(bytes.data() + 4, size + 4)) != checksum)
    return damaged("a bucket whose checksum differs", hex(checksum));
  bucket.records = bucket.records.first(size);
  if (is_resident()) checked_[number].store(true, std::memory_order_relaxed);
  return bucket;
}

bool Run::next_record(std::span<const std::uint8_t> records, std::size_t* at, Record* out) const {
  const std::size_t left = records.size() - *at;
  const std::uint8_t* p = records.data() + *at;
  if (left < 17) return false;
  std::memcpy(&out->key.high, p, 8), std::memcpy(&out->key.low, p + 8, 8);
  out->tag = p[16];
  if (kind_ == StateKind::integer) {
    const auto width = static_cast<std::size_t>(width_);
    if (left < 17 + width) return false;
    std::uint64_t value = 0;
    if (width > 0) {
      std::memcpy(&value, p + 17, width);
      const int shift = 64 - 8 * width_;
      out->value = static_cast<std::int64_t>(value << shift) >> shift;
    } else {
      out->value = 0;
    }
    *at += 17 + width;
    return true;
  }
  ByteReader in(records.subspan(*at + 17));
  const std::size_t before = in.left();
  out->bytes = in.raw(in.varint());
  if (!in.ok()) return false;
  *at += 17 + before - in.left();
  return true;
}

bool Run::find(const Bucket& bucket, const Hash128& key, Record* out) const {
  std::size_t at = 0;
  if (kind_ == StateKind::integer) {
    const std::size_t step = 17 + static_cast<std::size_t>(width_);
    std::size_t low = 0, high = bucket.count;
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      Hash128 there;
      std::memcpy(&there.high, bucket.records.data() + middle * step, 8);
      std::memcpy(&there.low, bucket.records.data() + middle * step + 8, 8);
      if (there < key)
        low = middle + 1;
      else
        high = middle;
    }
    if (low == bucket.count) return false;
    at = low * step;
    return next_record(bucket.records, &at, out) && out->key == key;
  }
  for (std::uint32_t i = 0; i < bucket.count; ++i) {
    if (!next_record(bucket.records, &at, out)) return false;
    if (out->key >= key) return out->key == key;
  }
  return false;
}

Run::Range Run::next_range(std::span<const SortedKey> keys, std::span<const std::uint32_t> candidates, std::size_t first) const {
  const auto bucket_of = [&](std::size_t c) { return part_of(keys[candidates[c]].key, buckets()); };
  const std::uint32_t b = bucket_of(first);
  Range range{first, first + 1, bucket_start(b), bucket_start(b + 1)};
  const bool resident = is_resident();
  for (; range.last < candidates.size(); ++range.last) {
    const std::uint32_t next = bucket_of(range.last);
    const std::uint64_t from = bucket_start(next), to = bucket_start(next + 1);
    if (to == from) continue;
    if (!resident && (from > range.to + kGap || to - range.from > kReadAtOnce)) break;
    range.to = std::max(range.to, to);
  }
  return range;
}

Result<bool> RunCursor::next(Record* out) {
  while (left_ == 0) {
    if (bucket_ == end_) {
      if (end_ == run_->buckets()) return false;
      const std::uint64_t from = run_->bucket_start(end_);
      std::uint32_t to = end_ + 1;
      while (to < run_->buckets() && run_->bucket_start(to + 1) - from <= kCursorRead) ++to;
      end_ = to;
      GW_ASSIGN(bytes_, run_->read(from, run_->bucket_start(end_), buffer_));
    }
    const std::uint64_t size = run_->bucket_start(bucket_ + 1) - run_->bucket_start(bucket_);
    const std::uint32_t number = bucket_++;
    if (size == 0) continue;
    GW_ASSIGN(open_, run_->open_bucket(number, bytes_.first(size)));
    bytes_ = bytes_.subspan(size);
    at_ = 0, left_ = open_.count;
  }
  --left_;
  if (!run_->next_record(open_.records, &at_, out)) return run_->damaged("a record beyond its bucket", "whole records");
  return true;
}

}  // namespace godwit::journal_detail
