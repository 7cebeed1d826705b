#define XXH_INLINE_ALL
#include <fcntl.h>
#include <xxhash.h>

#include <algorithm>

#include "core/journal/bytes.hpp"
#include "core/journal/state_run.hpp"

namespace godwit::journal_detail {
namespace {

constexpr std::uint64_t kWriteAtOnce = 256 << 10;

}  // namespace

Result<RunWriter> RunWriter::create(const std::filesystem::path& folder, std::uint64_t file, StateKind kind, int width,
                                    std::uint64_t most_entries, int planes) {
  RunWriter writer;
  writer.run_ = std::make_unique<Run>();
  Run& run = *writer.run_;
  GW_ASSIGN(run.file_, File::open(run_path(folder, file), O_RDWR | O_CREAT | O_TRUNC));
  run.info_.file = file, run.kind_ = kind, run.width_ = kind == StateKind::integer ? width : 0;
  run.directory_.assign(static_cast<std::size_t>(most_entries / kEntriesPerBucket) + 2, 0);
  run.filter_ = Filter(most_entries, planes);
  return writer;
}

RunWriter::~RunWriter() {
  if (run_ == nullptr) return;
  std::error_code ignored;
  std::filesystem::remove(run_->file_.path(), ignored);
}

void RunWriter::close_bucket() {
  if (bucket_entries_ > 0) {
    const std::size_t start = out_.size();
    ByteWriter w(&out_);
    w.fixed(std::uint32_t{0}), w.fixed(bucket_entries_);
    w.raw(records_.data(), records_.size());
    const auto checksum = static_cast<std::uint32_t>(XXH3_64bits(out_.data() + start + 4, out_.size() - start - 4));
    std::memcpy(out_.data() + start, &checksum, 4);
    out_.resize(out_.size() + (16 - out_.size() % 16) % 16, 0);
    records_.clear(), bucket_entries_ = 0;
  }
  run_->directory_[++bucket_] = static_cast<std::uint32_t>((written_ + out_.size()) / 16);
}

Result<> RunWriter::flush() {
  GW_TRY(run_->file_.write_at(static_cast<std::int64_t>(Run::kHeader + written_), out_));
  written_ += out_.size();
  out_.clear();
  if (written_ > kMostRunData)
    return run_->damaged(std::to_string(written_) + " bytes in one run", "at most " + std::to_string(kMostRunData));
  return {};
}

Result<> RunWriter::add(const Record& record) {
  const std::uint32_t bucket = part_of(record.key, run_->buckets());
  while (bucket_ < bucket) close_bucket();
  // Flushed only between buckets, so that out_ stays a multiple of 16 bytes.
  if (bucket_entries_ == 0 && out_.size() >= kWriteAtOnce) GW_TRY(flush());
  ByteWriter w(&records_);
  const std::size_t width = run_->kind_ == StateKind::integer ? static_cast<std::size_t>(run_->width_) : 0;
  const std::size_t at = records_.size();
  records_.resize(at + 17 + width);
  std::memcpy(records_.data() + at, &record.key.high, 8), std::memcpy(records_.data() + at + 8, &record.key.low, 8);
  records_[at + 16] = record.tag;
  if (width > 0) std::memcpy(records_.data() + at + 17, &record.value, width);
  if (run_->kind_ == StateKind::bytes) w.varint(record.bytes.size()), w.raw(record.bytes.data(), record.bytes.size());
  run_->filter_.add(record.key);
  ++bucket_entries_, ++run_->info_.entries;
  return {};
}

Result<std::unique_ptr<Run>> RunWriter::finish(std::uint64_t age, std::optional<UnitId> unit) {
  Run& run = *run_;
  if (run.info_.entries == 0) return nullptr;
  while (bucket_ < run.buckets()) close_bucket();
  GW_TRY(flush());
  run.data_bytes_ = written_;
  std::vector<std::uint8_t> header;
  ByteWriter w(&header);
  w.raw("GWKS", 4), w.fixed(std::uint8_t{1}), w.fixed(static_cast<std::uint8_t>(run.kind_));
  w.fixed(static_cast<std::uint8_t>(run.width_)), w.fixed(static_cast<std::uint8_t>(run.filter_.planes()));
  w.fixed(run.info_.entries), w.fixed(run.buckets()), w.fixed(run.filter_.blocks());
  w.fixed(run.data_bytes_), w.fixed(checksum_of(run.directory_, run.filter_));
  w.fixed(static_cast<std::uint64_t>(XXH3_64bits(header.data(), header.size())));
  const std::span<const std::uint8_t> directory(reinterpret_cast<const std::uint8_t*>(run.directory_.data()), std::size_t{run.buckets()} * 4);
  std::vector<std::span<const std::uint8_t>> index = {directory};
  for (int i = 0; i < run.filter_.planes(); ++i)
    index.emplace_back(reinterpret_cast<const std::uint8_t*>(run.filter_.plane(i).data()), run.filter_.plane_bytes());
  GW_TRY(run.file_.write_at(static_cast<std::int64_t>(Run::kHeader + written_), index));
  GW_TRY(run.file_.write_at(0, header));
  run.info_.age = age, run.info_.unit = std::move(unit);
  run.info_.file_bytes = Run::kHeader + written_ + directory.size() + run.filter_.size_bytes();
  return std::move(run_);
}

void sort_keys(std::span<const Hash128> keys, std::vector<SortedKey>& out, std::vector<std::uint32_t>& scratch) {
  // Keys are uniform: one counting pass into as many parts as there are keys leaves about one key per part.
  const auto n = static_cast<std::uint32_t>(keys.size());
  scratch.assign(std::size_t{n} + 1, 0);
  for (const Hash128& key : keys) ++scratch[part_of(key, n) + 1];
  for (std::uint32_t i = 1; i <= n; ++i) scratch[i] += scratch[i - 1];
  out.resize(n);
  for (std::uint32_t i = 0; i < n; ++i) out[scratch[part_of(keys[i], n)]++] = {keys[i], i};
  // What is left to do is local. Keys that are not uniform after all (a caller's own numbering) are sorted in general.
  std::uint64_t moves = 0;
  for (std::uint32_t i = 1; i < n; ++i) {
    if (!(out[i].key < out[i - 1].key)) continue;
    const SortedKey moving = out[i];
    std::uint32_t at = i;
    for (; at > 0 && moving.key < out[at - 1].key; --at, ++moves) out[at] = out[at - 1];
    out[at] = moving;
    if (moves > std::uint64_t{n} * 16 + 1024) {
      std::stable_sort(out.begin(), out.end(), [](const SortedKey& a, const SortedKey& b) { return a.key == b.key ? a.index < b.index : a.key < b.key; });
      return;
    }
  }
}

}  // namespace godwit::journal_detail
