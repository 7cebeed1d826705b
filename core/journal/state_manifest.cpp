#include "core/journal/state_manifest.hpp"

#define XXH_INLINE_ALL
#include <fcntl.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "core/journal/bytes.hpp"

namespace godwit::journal_detail {
namespace {

constexpr std::int64_t kRewriteAt = 1 << 20;
constexpr std::size_t kRecordHead = 8;

void write_unit(ByteWriter& w, const UnitId& unit) {
  w.varint(static_cast<std::uint64_t>(unit.run)), w.text(unit.flow);
  w.varint(static_cast<std::uint64_t>(unit.shard)), w.varint(static_cast<std::uint64_t>(unit.number));
}
UnitId read_unit(ByteReader& in) {
  UnitId unit;
  unit.run = static_cast<std::int64_t>(in.varint()), unit.flow = in.text();
  unit.shard = static_cast<int>(in.varint()), unit.number = static_cast<std::int64_t>(in.varint());
  return unit;
}

std::uint32_t checksum_of(std::span<const std::uint8_t> content) {
  return static_cast<std::uint32_t>(XXH3_64bits(content.data(), content.size()));
}

}  // namespace

void Coverage::add(const UnitId& unit) {
  Shard& shard = shards_[{unit.run, unit.flow, unit.shard}];
  if (unit.number <= shard.low) return;
  shard.above.insert(unit.number);
  while (!shard.above.empty() && *shard.above.begin() == shard.low + 1) ++shard.low, shard.above.erase(shard.above.begin());
}
bool Coverage::contains(const UnitId& unit) const {
  const auto found = shards_.find({unit.run, unit.flow, unit.shard});
  return found != shards_.end() && (unit.number <= found->second.low || found->second.above.contains(unit.number));
}
std::vector<UnitId> Coverage::frontier() const {
  std::vector<UnitId> units;
  for (const auto& [key, shard] : shards_) {
    const auto& [run, flow, number] = key;
    if (shard.low > 0) units.push_back({run, flow, number, shard.low});
    for (const std::int64_t above : shard.above) units.push_back({run, flow, number, above});
  }
  return units;
}

std::vector<std::uint8_t> Manifest::record(std::span<const std::uint64_t> removed, std::span<const RunInfo> added,
                                           bool with_coverage) const {
  std::vector<std::uint8_t> bytes(kRecordHead);
  ByteWriter w(&bytes);
  w.raw("GWKM", 4), w.fixed(std::uint8_t{1}), w.fixed(static_cast<std::uint8_t>(kind_));
  w.varint(next_file_);
  w.varint(removed.size());
  for (const std::uint64_t file : removed) w.varint(file);
  w.varint(added.size());
  for (const RunInfo& run : added) {
    w.varint(run.file), w.varint(run.age), w.varint(run.entries), w.varint(run.file_bytes);
    w.fixed(static_cast<std::uint8_t>(run.unit.has_value()));
    if (run.unit) write_unit(w, *run.unit);
  }
  w.varint(with_coverage ? coverage_.shards().size() : 0);
  for (const auto& [key, shard] : with_coverage ? coverage_.shards() : std::map<Coverage::Key, Coverage::Shard>()) {
    write_unit(w, {std::get<0>(key), std::get<1>(key), std::get<2>(key), shard.low});
    w.varint(shard.above.size());
    for (const std::int64_t above : shard.above) w.varint(static_cast<std::uint64_t>(above));
  }
  const std::span<const std::uint8_t> content = std::span(bytes).subspan(kRecordHead);
  const auto size = static_cast<std::uint32_t>(content.size()), checksum = checksum_of(content);
  std::memcpy(bytes.data(), &size, 4), std::memcpy(bytes.data() + 4, &checksum, 4);
  return bytes;
}

void Manifest::apply(std::span<const std::uint64_t> removed, std::span<const RunInfo> added) {
  for (const std::uint64_t file : removed) {
    const auto run = std::find_if(runs_.begin(), runs_.end(), [&](const RunInfo& r) { return r.file == file; });
    if (run == runs_.end()) continue;
    if (run->unit) coverage_.add(*run->unit);
    runs_.erase(run);
  }
  runs_.insert(runs_.end(), added.begin(), added.end());
  std::stable_sort(runs_.begin(), runs_.end(), [](const RunInfo& a, const RunInfo& b) { return a.age < b.age; });
}

bool Manifest::apply(std::span<const std::uint8_t> content) {
  ByteReader in(content);
  in.raw(6);
  const std::uint64_t next_file = in.varint();
  std::vector<std::uint64_t> removed(in.count(1));
  for (std::uint64_t& file : removed) file = in.varint();
  std::vector<RunInfo> added(in.count(5));
  for (RunInfo& run : added) {
    run.file = in.varint(), run.age = in.varint(), run.entries = in.varint(), run.file_bytes = in.varint();
    if (in.fixed<std::uint8_t>() != 0) run.unit = read_unit(in);
  }
  Coverage more;
  const std::size_t shards = in.count(5);
  for (std::size_t i = 0; i < shards && in.ok(); ++i) {
    const UnitId unit = read_unit(in);
    Coverage::Shard& shard = more.shards()[{unit.run, unit.flow, unit.shard}];
    shard.low = unit.number;
    const std::size_t above = in.count(1);
    for (std::size_t k = 0; k < above && in.ok(); ++k) shard.above.insert(static_cast<std::int64_t>(in.varint()));
  }
  if (!in.at_end()) return false;
  next_file_ = std::max(next_file_, next_file);
  apply(removed, added);
  for (const auto& [key, shard] : more.shards()) coverage_.shards()[key] = shard;
  return true;
}

Result<Manifest> Manifest::load(const std::filesystem::path& folder, StateKind kind, bool* exists) {
  Manifest manifest;
  manifest.folder_ = folder, manifest.kind_ = kind;
  const std::filesystem::path path = folder / "MANIFEST";
  std::error_code ignored;
  *exists = std::filesystem::exists(path, ignored);
  if (!*exists) return manifest;
  GW_ASSIGN(const File file, File::open(path, O_RDONLY));
  GW_ASSIGN(const std::int64_t size, file.size());
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
  GW_ASSIGN(const bool whole, file.read_at(0, bytes));
  if (!whole) bytes.clear();
  std::size_t at = 0;
  while (bytes.size() - at >= kRecordHead) {
    std::uint32_t length = 0, checksum = 0;
    std::memcpy(&length, bytes.data() + at, 4), std::memcpy(&checksum, bytes.data() + at + 4, 4);
    if (length > bytes.size() - at - kRecordHead || length < 6) break;
    const auto content = std::span<const std::uint8_t>(bytes).subspan(at + kRecordHead, length);
    if (checksum_of(content) != checksum || std::memcmp(content.data(), "GWKM", 4) != 0) break;
    if (content[4] != 1 || content[5] != static_cast<std::uint8_t>(kind))
      return fail(5031, {{"place", path.string()}, {"seen", "version " + std::to_string(content[4]) + ", kind " + std::to_string(content[5])},
                         {"expected", "version 1, kind " + std::to_string(static_cast<int>(kind))}});
    if (!manifest.apply(content)) break;
    at += kRecordHead + length;
  }
  // The first record was renamed into place as a whole: without it the file was damaged, not cut off by a kill.
  if (at == 0)
    return fail(5030, {{"place", path.string()}, {"seen", std::to_string(size) + " bytes without a whole record"}, {"expected", "at least one"}});
  manifest.size_ = static_cast<std::int64_t>(at);
  return manifest;
}

Result<> Manifest::change(std::span<const std::uint64_t> removed, std::span<const RunInfo> added) {
  const std::vector<std::uint8_t> bytes = record(removed, added, false);
  GW_TRY(file_.write_at(size_, bytes));
  size_ += static_cast<std::int64_t>(bytes.size());
  apply(removed, added);
  return size_ > kRewriteAt && bytes.size() < static_cast<std::size_t>(kRewriteAt) / 8 ? rewrite() : Result<>();
}

void Manifest::drop(std::uint64_t file) {
  std::erase_if(runs_, [&](const RunInfo& run) { return run.file == file; });
}

Result<> Manifest::rewrite() {
  const std::filesystem::path path = folder_ / "MANIFEST", fresh = folder_ / "MANIFEST.new";
  GW_ASSIGN(File file, File::open(fresh, O_RDWR | O_CREAT | O_TRUNC));
  const std::vector<std::uint8_t> bytes = record({}, runs_, true);
  GW_TRY(file.write_at(0, bytes));
  if (std::rename(fresh.c_str(), path.c_str()) != 0) return Failure(file_error(path, errno));
  file_ = std::move(file);
  size_ = static_cast<std::int64_t>(bytes.size());
  return {};
}

Result<> Manifest::sync() {
  GW_TRY(file_.sync());
  return sync_folder(folder_);
}

std::uint64_t Manifest::newest_age() const { return runs_.empty() ? 0 : runs_.back().age; }

bool Manifest::covers(const UnitId& unit) const {
  if (coverage_.contains(unit)) return true;
  return std::any_of(runs_.begin(), runs_.end(), [&](const RunInfo& run) { return run.unit == unit; });
}

}  // namespace godwit::journal_detail
