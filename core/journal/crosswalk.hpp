#pragma once
// The crosswalk of one flow in one scope: source key -> target id, hash of the source row, hash per field as mapped
// and as the target held it. The journal's segments are the truth; this is their index, built when first needed, kept
// on disk, and brought up to date by reading only segments that it has not seen.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/journal/segment.hpp"
#include "core/journal/unit_id.hpp"
#include "core/model/column.hpp"
#include "core/model/hash.hpp"
#include "core/model/result.hpp"

namespace godwit {

class Journal;
class KeyedState;

// What the crosswalk has for a batch of keys.
struct CrosswalkRows {
  std::vector<std::uint8_t> found;         // 1: the row is there (and not forgotten)
  std::vector<std::int64_t> runs;          // run that wrote it last; 0 when not found
  std::vector<std::uint64_t> row_hashes;   // of the source row then
  // Per requested field, per row. kNoFieldHash: not kept.
  std::vector<std::vector<std::uint32_t>> mapped, held;
  Column ids;                              // int64 or utf8, null where none; for identity crosswalks all null
};

// One row as `crosswalk export` shows it.
struct CrosswalkEntry {
  Hash128 key;
  std::string source_key;                  // values joined by " / "
  std::int64_t run = 0;
  std::string id;                          // "" for identity
  std::uint64_t row_hash = 0;
  std::span<const std::string> fields;     // names of the hashes below
  std::span<const std::uint32_t> mapped, held;
};

// One thread at a time; lookups may run in several.
class Crosswalk {
 public:
  // The flow's crosswalk in `scope`, in .godwit/state/<scope>/. `ids` as the flow_run says: null_type for identity.
  static Result<std::unique_ptr<Crosswalk>> open(Journal& journal, std::int64_t scope, std::string_view flow,
                                                 TypeId ids, std::size_t memory_bytes);
  ~Crosswalk();

  // Reads the segments settled since the last refresh. open() has done it once.
  Result<> refresh();
  // A segment that was just settled: what refresh() would do, without reading it back.
  Result<> append(const UnitId& unit, const CrosswalkSegment& segment);

  // `fields`: names of the field hashes wanted, may be empty.
  Result<> lookup(std::span<const Hash128> keys, std::span<const std::string> fields, CrosswalkRows* out);
  // Rows that are no longer in the target. Lasting only together with a segment whose rows say `forgotten`.
  Result<> forget(std::span<const Hash128> keys);
  // Living rows in order of the key's hash.
  Result<> each(const std::function<Result<>(const CrosswalkEntry&)>& visit);
  Result<std::int64_t> count();
  // One sorted run: after a flow.
  Result<> compact();

 private:
  struct Parts;
  explicit Crosswalk(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace godwit
