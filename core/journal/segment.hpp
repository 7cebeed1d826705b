#pragma once
// Segments: the columns about a unit's rows that the journal keeps, one block of bytes per unit and kind. The layout,
// byte by byte, is in docs/journal.md.
//
// Encoding is a view of the builder's own memory wherever possible: the hashes of a million rows are written from
// where they were computed. Decoding checks every bound and answers GW-5020 for bytes that are cut off, damaged or of
// a newer version.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/batch.hpp"
#include "core/model/hash.hpp"
#include "core/model/result.hpp"

namespace godwit {

enum class SegmentKind : std::uint8_t { crosswalk = 1, filtered = 2, before = 3, obligation = 4 };
// "crosswalk", "filtered", "before", "obligation": as the segment table has them.
std::string_view to_string(SegmentKind kind);

// A segment ready to be written. `pieces` point into `owned` and into the builder that made it, which must stay as it
// is until the segment was settled (or copy() was called).
struct EncodedSegment {
  SegmentKind kind = SegmentKind::crosswalk;
  std::int64_t rows = 0;
  std::vector<std::span<const std::uint8_t>> pieces;
  std::vector<std::vector<std::uint8_t>> owned;

  EncodedSegment() = default;
  EncodedSegment(EncodedSegment&&) = default;  // `pieces` stay valid: vectors keep their memory when they move
  EncodedSegment& operator=(EncodedSegment&&) = default;
  EncodedSegment(const EncodedSegment&) = delete;
  EncodedSegment& operator=(const EncodedSegment&) = delete;

  std::size_t size_bytes() const;
  // One block with a copy of all pieces: independent of the builder.
  EncodedSegment copy() const;
  std::vector<std::uint8_t> bytes() const;
};

// ---- crosswalk ----

// Field hashes are 32 bits; 0 says "none kept" (the field was not sent, or not in the mapping of that run).
inline constexpr std::uint32_t kNoFieldHash = 0;
// The 32 bits of a value's hash (hash_values) that the crosswalk keeps; never kNoFieldHash.
inline std::uint32_t field_hash(std::uint64_t value_hash) {
  const auto folded = static_cast<std::uint32_t>(value_hash ^ (value_hash >> 32));
  return folded == kNoFieldHash ? 1u : folded;
}

// What a crosswalk row says of its source row.
enum class CrosswalkState : std::uint8_t { present = 0, forgotten = 1 };  // forgotten: undone or deleted in the target

// Collects one unit's crosswalk rows, batch by batch; reusable without new memory. One thread at a time.
class CrosswalkBuilder {
 public:
  // `fields`: mapped target fields, in an order that the flow keeps. `ids`: null_type for an identity crosswalk, else
  // int64 or utf8. `held`: the target's own values are hashed, too.
  CrosswalkBuilder(std::vector<std::string> fields, Schema key, TypeId ids = TypeId::null_type, bool held = false);

  // Appends rows: their source key columns (types as in `key`) and the hashes of their source rows. Answers the index
  // of the first. Field hashes of the new rows are kNoFieldHash until set.
  std::int64_t append(std::span<const Column> keys, std::span<const std::uint64_t> row_hashes,
                      CrosswalkState state = CrosswalkState::present);
  // Hashes (hash_values) of field `field` for rows [first, first + hashes.size()).
  void set_mapped(int field, std::int64_t first, std::span<const std::uint64_t> hashes);
  void set_held(int field, std::int64_t first, std::span<const std::uint64_t> hashes);
  // The 32-bit hashes of all rows appended so far, to be filled in place.
  std::span<std::uint32_t> mapped(int field);
  std::span<std::uint32_t> held(int field);
  // Target ids of rows [first, first + ids.length); null: none.
  void set_ids(std::int64_t first, const Column& ids);

  std::int64_t rows() const { return rows_; }
  // Keeps the rows whose byte in `keep` is not 0 (rows refused by the target leave the crosswalk).
  void retain(std::span<const std::uint8_t> keep);
  // Views this builder's memory; valid until it changes. Call once per unit.
  EncodedSegment encode();
  void clear();
  std::size_t size_bytes() const;

 private:
  std::vector<std::string> fields_;
  Schema key_;
  TypeId ids_;
  bool has_held_;
  std::int64_t rows_ = 0;
  std::vector<std::vector<Column>> keys_;  // per batch
  std::vector<std::uint64_t> row_hashes_;
  std::vector<std::uint8_t> states_;
  std::vector<std::vector<std::uint32_t>> mapped_, held_;  // per field
  std::vector<std::uint8_t> id_present_;
  std::vector<std::int64_t> int_ids_;
  std::vector<std::string> text_ids_;
  Column encoded_ids_;  // what the last encode() points to
};

// A decoded crosswalk segment.
struct CrosswalkSegment {
  std::vector<std::string> fields;
  Schema key_schema;
  std::int64_t rows = 0;
  std::vector<Column> keys;
  std::vector<Hash128> key_hashes;               // hash_keys(keys)
  std::vector<std::uint64_t> row_hashes;
  std::vector<std::uint8_t> states;              // CrosswalkState; empty: all present
  std::vector<std::vector<std::uint32_t>> mapped;  // per field
  std::vector<std::vector<std::uint32_t>> held;    // per field, or empty
  Column ids;                                    // length 0 for an identity crosswalk
  // The key as people read it: values joined by " / ".
  std::string key_text(std::int64_t row) const;
};
Result<CrosswalkSegment> decode_crosswalk(std::span<const std::uint8_t> bytes);

// Values of key columns at one row, joined by " / ".
std::string join_key(std::span<const Column> keys, std::int64_t row);

// ---- filtered rows ----

// `unknown`: 1 where the condition was unknown rather than false; empty: none.
EncodedSegment encode_filtered(std::span<const Hash128> keys, std::span<const std::uint8_t> unknown);
struct FilteredSegment {
  std::vector<Hash128> keys;
  std::vector<std::uint8_t> unknown;  // per key
};
Result<FilteredSegment> decode_filtered(std::span<const std::uint8_t> bytes);

// ---- rows with any columns: before-images, obligations ----

// `batch` with one key per row; its places and lines are kept when they are there. `kind` is before or obligation.
EncodedSegment encode_rows(SegmentKind kind, std::span<const Hash128> keys, const Batch& batch);
struct RowsSegment {
  std::vector<Hash128> keys;
  Batch batch;
};
Result<RowsSegment> decode_rows(std::span<const std::uint8_t> bytes);

// ---- outcomes of a unit, run-length ----

// One byte per row in, repeated (kind, rows as varint) out.
std::vector<std::uint8_t> encode_outcomes(std::span<const std::uint8_t> kinds);
// At most `max_rows` rows; more, or a cut-off run: GW-5020.
Result<std::vector<std::uint8_t>> decode_outcomes(std::span<const std::uint8_t> bytes, std::int64_t max_rows);

}  // namespace godwit
