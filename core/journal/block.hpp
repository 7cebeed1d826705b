#pragma once
// The blocks that segments are made of (docs/journal.md, section 3). Internal to core/journal.

#include <cstdint>
#include <span>
#include <vector>

#include "core/journal/bytes.hpp"
#include "core/journal/segment.hpp"
#include "core/model/column.hpp"

namespace godwit::journal_detail {

using Bytes = std::span<const std::uint8_t>;

// Puts a segment together out of blocks. Large raw arrays are taken as views; small things and compressed ones are
// owned by the segment.
class SegmentWriter {
 public:
  SegmentWriter(SegmentKind kind, std::int64_t rows);

  // Header bytes of a body: written through `small()`, in order with the blocks.
  ByteWriter& small() { return small_; }

  enum class Effort {
    fast,     // constants and few distinct values are found; the rest is raw
    compress, // zstd where it saves bytes
  };
  // n values of `width` bytes lying in `parts`, one after another. Raw parts stay views.
  void fixed(int width, std::span<const Bytes> parts, Effort effort);
  void fixed(int width, Bytes part, Effort effort) { fixed(width, std::span<const Bytes>(&part, 1), effort); }
  // The same for values that go before the segment does.
  void fixed_owned(int width, std::vector<std::uint8_t> values, Effort effort);
  void bytes(std::span<const Bytes> parts, Effort effort);
  // One column lying in pieces; all of one type.
  void column(std::span<const Column> parts, Effort effort);

  EncodedSegment finish();

 private:
  // Writes the values in a form that is shorter than raw, if there is one.
  bool fixed_short(int width, std::span<const Bytes> parts, Effort effort);
  void flush_small();
  void own(std::vector<std::uint8_t> bytes);
  void view(Bytes bytes);
  // Appends a zstd frame when it is smaller than the parts; false: nothing was written.
  bool compressed(std::span<const Bytes> parts, bool with_plain_size);

  EncodedSegment segment_;
  std::vector<std::uint8_t> small_bytes_;
  ByteWriter small_{&small_bytes_};
};

enum Encoding : std::uint8_t { kRaw = 0, kConstant = 1, kDictionary = 2, kZstd = 3 };

// The body of a segment after magic, version, sizes and checksum were found right; its kind and rows.
struct SegmentBody {
  SegmentKind kind = SegmentKind::crosswalk;
  std::int64_t rows = 0;
  Bytes bytes;
};
Result<SegmentBody> open_segment(Bytes bytes);
// The same, refusing other kinds.
Result<SegmentBody> open_segment_of(Bytes bytes, std::initializer_list<SegmentKind> kinds);
Failure damaged_body();
// What the trailer must say of the bytes before it.
std::uint64_t checksum_of_bytes(Bytes bytes);
// The checksum that the segment ends with; 0 for one that is too short.
std::uint64_t segment_checksum(const EncodedSegment& segment);
// Size of the segment that begins here, or 0 when none does: to walk a segment file.
std::uint64_t segment_size(Bytes header);
inline constexpr std::size_t kSegmentHeader = 24, kSegmentTrailer = 8;

// The reverse of SegmentWriter's blocks. On damage the reader fails and the answer is empty.
std::vector<std::uint8_t> read_fixed(ByteReader& in, int width, std::int64_t n);
std::vector<std::uint8_t> read_bytes(ByteReader& in, std::uint64_t most);
Column read_column(ByteReader& in, std::int64_t n);
std::vector<Hash128> read_keys(ByteReader& in, std::int64_t n);
std::vector<std::uint8_t> pack_keys(std::span<const Hash128> keys);
template <typename T>
std::vector<T> read_values(ByteReader& in, std::int64_t n) {
  const std::vector<std::uint8_t> bytes = read_fixed(in, sizeof(T), n);
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

// Rows in one segment; more is a damaged count. Units hold at most 64 k rows.
inline constexpr std::int64_t kMostSegmentRows = 1 << 24;

template <typename T>
Bytes as_bytes(const std::vector<T>& values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(T)};
}

}  // namespace godwit::journal_detail
