// How a keyed state's runs come and go: open, seal, merge, memory.

#include <fcntl.h>

#include <algorithm>
#include <mutex>

#include "core/journal/keyed_state_parts.hpp"

namespace godwit::journal_detail {
namespace {

constexpr std::size_t kLeastMemory = 256 << 10;
constexpr std::size_t kMergeAtOnce = 8;
constexpr std::uint64_t kSmallestClass = 4096;  // entries; each further class holds eight times as many

int size_class(std::uint64_t entries) {
  int c = 0;
  for (std::uint64_t limit = kSmallestClass; entries >= limit && c < 20; limit *= kMergeAtOnce) ++c;
  return c;
}

}  // namespace

KeyedStateFiles::KeyedStateFiles(Options options) : options_(std::move(options)) {
  options_.memory_bytes = std::max(options_.memory_bytes, kLeastMemory);
}

Result<> KeyedStateFiles::check_writable() const {
  if (!options_.read_only) return {};
  return fail(5009, {{"place", options_.folder.string()}, {"seen", "opened for reading only"}});
}

Result<> KeyedStateFiles::load() {
  if (!options_.read_only) GW_TRY(make_folder(options_.folder));
  if (options_.fresh && !options_.read_only) {
    std::error_code failed;
    std::filesystem::remove(options_.folder / "MANIFEST", failed);
    if (failed) return Failure(file_error(options_.folder / "MANIFEST", failed.value()));
    remove_leftovers();
  }
  // A reader may meet a writer that merges: runs named by the manifest it read are gone a moment later. It reads again.
  for (int attempt = 0;; ++attempt) {
    bool exists = false;
    GW_ASSIGN(manifest_, Manifest::load(options_.folder, options_.kind, &exists));
    slots_.clear();
    std::optional<Error> failed;
    for (const RunInfo& info : manifest_.runs()) {
      Slot slot{info, nullptr, true};
      if (info.unit && options_.is_settled && !options_.is_settled(*info.unit)) slot.settled = false;
      if (info.entries > 0 && slot.settled) {
        auto run = Run::open(options_.folder, info, options_.kind);
        if (!run) {
          failed = std::move(run).error();
          break;
        }
        slot.run = std::move(*run);
      }
      slots_.push_back(std::move(slot));
    }
    if (failed && options_.read_only && attempt < 5) continue;
    if (failed) return Failure(std::move(*failed));
    if (!exists && !options_.read_only) {
      std::error_code ignored;
      for (const auto& file : std::filesystem::directory_iterator(options_.folder, ignored))
        if (file.path().extension() == ".run")
          return fail(5030, {{"place", options_.folder.string()}, {"seen", "runs without a MANIFEST"}, {"expected", "MANIFEST"}});
    }
    break;
  }
  GW_TRY(drop_unsettled());
  // The journal may have lost its last transactions to a power cut, while merged runs still hold their entries: such a
  // state is ahead of the journal and must not be used.
  for (const UnitId& unit : manifest_.coverage().frontier())
    if (options_.is_settled && !options_.is_settled(unit))
      return fail(5030, {{"place", options_.folder.string()},
                         {"seen", "entries of unit " + std::to_string(unit.number) + " of " + unit.flow + " in run " + std::to_string(unit.run) + ", which the journal does not have"},
                         {"expected", "units that are settled"}});
  if (!options_.read_only) {
    GW_TRY(manifest_.rewrite());
    remove_leftovers();
  }
  return balance();
}

Result<> KeyedStateFiles::drop_unsettled() {
  std::vector<Slot> kept;
  for (Slot& slot : slots_) {
    if (slot.settled)
      kept.push_back(std::move(slot));
    else
      manifest_.drop(slot.info.file);
  }
  slots_ = std::move(kept);
  return {};
}

void KeyedStateFiles::remove_leftovers() {
  std::error_code ignored;
  for (const auto& file : std::filesystem::directory_iterator(options_.folder, ignored)) {
    const std::filesystem::path& path = file.path();
    const bool known = std::any_of(slots_.begin(), slots_.end(), [&](const Slot& slot) {
      return slot.run != nullptr && run_path(options_.folder, slot.info.file) == path;
    });
    if ((path.extension() == ".run" && !known) || path.filename() == "MANIFEST.new") std::filesystem::remove(path, ignored);
  }
}

std::size_t KeyedStateFiles::fixed_memory() const {
  // A quarter for the unit at work, an eighth for sorting and reading.
  std::size_t n = options_.memory_bytes / 4 + options_.memory_bytes / 8;
  for (const auto* slots : {&slots_, &unsealed_})
    for (const Slot& slot : *slots)
      if (slot.run != nullptr)
        n += slot.run->memory_bytes() - slot.run->filter().size_bytes() - (slot.run->is_resident() ? slot.run->data_bytes() : 0);
  return n;
}

int KeyedStateFiles::filter_planes(std::uint64_t entries, std::uint64_t replaced) const {
  // Every run gets as many bits per key as there is room for when all that is there is counted in.
  std::uint64_t all = entries - replaced;
  for (const auto* slots : {&slots_, &unsealed_})
    for (const Slot& slot : *slots) all += slot.info.entries;
  const std::size_t fixed = fixed_memory();
  if (fixed >= options_.memory_bytes || all == 0) return 0;
  const double planes = static_cast<double>(options_.memory_bytes - fixed) * 8 / (static_cast<double>(all) * Filter::kBitsPerPlane);
  return planes >= Filter::kMostPlanes ? Filter::kMostPlanes : static_cast<int>(planes);
}

Result<> KeyedStateFiles::balance() {
  std::vector<Run*> runs;
  for (const auto* slots : {&slots_, &unsealed_})
    for (const Slot& slot : *slots)
      if (slot.run != nullptr) runs.push_back(slot.run.get());
  std::size_t used = fixed_memory();
  for (const Run* run : runs) used += run->filter().size_bytes();
  while (used > options_.memory_bytes) {
    // The filter with the most planes loses least by one fewer; of those the largest gives most.
    const auto least_loss = std::max_element(runs.begin(), runs.end(), [](const Run* a, const Run* b) {
      return std::pair(a->filter().planes(), a->filter().blocks()) < std::pair(b->filter().planes(), b->filter().blocks());
    });
    if (least_loss == runs.end() || (*least_loss)->filter().planes() == 0) break;
    used -= (*least_loss)->filter().plane_bytes();
    (*least_loss)->filter().drop_plane();
  }
  // Small runs first: most of them for the memory that is left.
  std::sort(runs.begin(), runs.end(), [](const Run* a, const Run* b) { return a->data_bytes() < b->data_bytes(); });
  for (Run* run : runs) {
    if (used + run->data_bytes() <= options_.memory_bytes) {
      used += run->data_bytes();
      GW_TRY(run->make_resident());
    } else {
      run->drop_resident();
    }
  }
  return {};
}

Result<> KeyedStateFiles::make_room(std::size_t entries, std::size_t bytes) {
  if (table_.size() > 0 && table_.memory_with(entries, bytes) > options_.memory_bytes / 4) GW_TRY(flush_table());
  table_.reserve(entries, bytes);
  return {};
}

Result<> KeyedStateFiles::flush_table() {
  if (table_.size() == 0) return {};
  const std::vector<std::uint32_t> order = table_.sorted();
  int width = 0;
  if (options_.kind == StateKind::integer)
    for (const std::uint32_t slot : order) width = std::max(width, value_width(table_.value(slot)));
  GW_ASSIGN(RunWriter writer, RunWriter::create(options_.folder, manifest_.take_file_number(), options_.kind, width, order.size(),
                                                filter_planes(order.size(), 0)));
  for (const std::uint32_t slot : order) GW_TRY(writer.add(table_.record(slot, options_.kind)));
  const std::uint64_t age = (unsealed_.empty() ? manifest_.newest_age() : unsealed_.back().info.age) + 1;
  GW_ASSIGN(std::unique_ptr<Run> run, writer.finish(age, std::nullopt));
  const RunInfo info = run->info();
  unsealed_.push_back({info, std::move(run), false});
  table_.clear();
  if (table_.memory_bytes() > options_.memory_bytes / 4) table_ = StateTable();  // one huge text must not stay
  return balance();
}

Result<> KeyedStateFiles::seal(const UnitId& unit) {
  const std::unique_lock lock(mutex_);
  GW_TRY(check_writable());
  GW_TRY(flush_table());
  if (unsealed_.empty()) {
    if (manifest_.covers(unit)) return {};
    unsealed_.push_back({{manifest_.take_file_number(), manifest_.newest_age() + 1, 0, 0, unit}, nullptr, false});
  }
  std::vector<RunInfo> added;
  for (Slot& slot : unsealed_) {
    slot.info.unit = unit, slot.settled = false;
    if (slot.run != nullptr) slot.run->info().unit = unit;
    added.push_back(slot.info);
  }
  GW_TRY(manifest_.change({}, added));
  for (Slot& slot : unsealed_) slots_.push_back(std::move(slot));
  unsealed_.clear();
  return {};
}

Result<> KeyedStateFiles::settled(const UnitId& unit) {
  const std::unique_lock lock(mutex_);
  for (Slot& slot : slots_)
    if (slot.info.unit == unit) slot.settled = true;
  return options_.read_only ? Result<>() : merge_where_due();
}

Result<> KeyedStateFiles::merge_where_due() {
  for (bool again = true; again;) {
    again = false;
    // The newest stretch of settled runs, and within it the newest ones of at most each class.
    std::size_t last = slots_.size();
    while (last > 0 && !slots_[last - 1].settled) --last;
    std::size_t start = last;
    while (start > 0 && slots_[start - 1].settled) --start;
    std::size_t first = last;
    for (int c = 0; first > start; ++c) {
      // Smaller ones between them go along, but only those of the class itself count: each entry is then written
      // once per class, not with every eighth unit again.
      std::size_t of_class = 0;
      for (std::size_t i = first; i < last; ++i) of_class += size_class(slots_[i].info.entries) == c;
      while (first > start && size_class(slots_[first - 1].info.entries) <= c) {
        --first;
        of_class += size_class(slots_[first].info.entries) == c;
      }
      if (of_class >= kMergeAtOnce) {
        GW_TRY(merge(first, last));
        again = true;
        break;
      }
    }
  }
  return {};
}

Result<> KeyedStateFiles::merge(std::size_t first, std::size_t last) {
  std::uint64_t entries = 0;
  int width = 0;
  std::vector<std::uint64_t> removed;
  std::vector<RunCursor> cursors;
  for (std::size_t i = first; i < last; ++i) {
    Slot& slot = slots_[i];
    removed.push_back(slot.info.file);
    entries += slot.info.entries;
    if (slot.run == nullptr) continue;
    width = std::max(width, slot.run->width());
    // Nobody probes meanwhile: the room of these filters and data is needed for the new one's.
    slot.run->drop_resident();
    slot.run->filter() = Filter();
    cursors.emplace_back(slot.run.get());
  }
  const auto write = [&]() -> Result<std::unique_ptr<Run>> {
    if (cursors.empty()) return nullptr;
    GW_ASSIGN(RunWriter writer, RunWriter::create(options_.folder, manifest_.take_file_number(), options_.kind, width, entries,
                                                  filter_planes(entries, entries)));
    const auto next = [&](std::size_t s, Record* record) { return cursors[s].next(record); };
    Merge merge(cursors.size());
    GW_TRY(merge.start(next));
    for (Record record;;) {
      GW_ASSIGN(const bool more, merge.pop(&record, next));
      if (!more) break;
      if (record.tag == kErased && first == 0) continue;  // nothing older is left to hide
      GW_TRY(writer.add(record));
    }
    return writer.finish(slots_[last - 1].info.age, std::nullopt);
  };
  auto merged = write();
  if (!merged) {
    // The disk is full, or a run is damaged: the old runs stay, with their filters.
    for (std::size_t i = first; i < last; ++i)
      if (slots_[i].run != nullptr) GW_TRY(slots_[i].run->reload_filter());
    return Failure(std::move(merged).error());
  }
  std::vector<RunInfo> added;
  if (*merged != nullptr) added.push_back((*merged)->info()), merged_entries_ += static_cast<std::int64_t>(added[0].entries);
  GW_TRY(manifest_.change(removed, added));
  std::vector<Slot> slots;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (i < first || i >= last) {
      slots.push_back(std::move(slots_[i]));
      continue;
    }
    std::error_code ignored;
    if (slots_[i].run != nullptr) std::filesystem::remove(run_path(options_.folder, slots_[i].info.file), ignored);
    if (i + 1 == last && !added.empty()) slots.push_back({added[0], std::move(*merged), true});
  }
  slots_ = std::move(slots);
  return balance();
}

Result<> KeyedStateFiles::compact() {
  const std::unique_lock lock(mutex_);
  GW_TRY(check_writable());
  for (std::size_t first = 0; first < slots_.size();) {
    std::size_t last = first;
    while (last < slots_.size() && slots_[last].settled) ++last;
    if (last - first > 1) {
      const std::size_t before = slots_.size();
      GW_TRY(merge(first, last));
      last -= before - slots_.size();
    }
    first = last + 1;
  }
  return {};
}

Result<> KeyedStateFiles::set_share(std::size_t memory_bytes) {
  const std::unique_lock lock(mutex_);
  options_.memory_bytes = std::max(memory_bytes, kLeastMemory);
  // A smaller share has no room for what a larger one let gather.
  if (table_.memory_bytes() > options_.memory_bytes / 4 && !options_.read_only) GW_TRY(flush_table());
  return balance();
}

Result<> KeyedStateFiles::sync() {
  const std::unique_lock lock(mutex_);
  if (options_.read_only) return {};
  for (const Slot& slot : slots_)
    if (slot.run != nullptr) GW_TRY(slot.run->sync());
  return manifest_.sync();
}

}  // namespace godwit::journal_detail
