#include "core/journal/segment.hpp"

#include "core/journal/block.hpp"

namespace godwit {

using journal_detail::Bytes;
using journal_detail::ByteReader;
using journal_detail::SegmentWriter;
using Effort = SegmentWriter::Effort;

std::string_view to_string(SegmentKind kind) {
  switch (kind) {
    case SegmentKind::crosswalk: return "crosswalk";
    case SegmentKind::filtered: return "filtered";
    case SegmentKind::before: return "before";
    case SegmentKind::obligation: return "obligation";
  }
  return "";
}

std::size_t EncodedSegment::size_bytes() const {
  std::size_t n = 0;
  for (const Bytes& piece : pieces) n += piece.size();
  return n;
}

std::vector<std::uint8_t> EncodedSegment::bytes() const {
  std::vector<std::uint8_t> all;
  all.reserve(size_bytes());
  for (const Bytes& piece : pieces) all.insert(all.end(), piece.begin(), piece.end());
  return all;
}

EncodedSegment EncodedSegment::copy() const {
  EncodedSegment whole;
  whole.kind = kind, whole.rows = rows;
  whole.owned.push_back(bytes());
  whole.pieces.emplace_back(whole.owned.back());
  return whole;
}

std::string join_key(std::span<const Column> keys, std::int64_t row) {
  std::string text;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i > 0) text += " / ";
    text += value_text(keys[i], row);
  }
  return text;
}

namespace journal_detail {

Result<SegmentBody> open_segment_of(Bytes bytes, std::initializer_list<SegmentKind> kinds) {
  GW_ASSIGN(const SegmentBody body, open_segment(bytes));
  for (const SegmentKind kind : kinds)
    if (body.kind == kind) return body;
  return fail(5020, {{"seen", "a segment of kind " + std::string(to_string(body.kind))},
                     {"expected", std::string(to_string(*kinds.begin()))}});
}

Failure damaged_body() { return fail(5020, {{"seen", "columns that do not fit its size"}, {"expected", "whole columns"}}); }

std::vector<std::uint8_t> pack_keys(std::span<const Hash128> keys) {
  std::vector<std::uint8_t> packed(keys.size() * 16);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    std::memcpy(packed.data() + 16 * i, &keys[i].high, 8);
    std::memcpy(packed.data() + 16 * i + 8, &keys[i].low, 8);
  }
  return packed;
}

std::vector<Hash128> read_keys(ByteReader& in, std::int64_t n) {
  const std::vector<std::uint8_t> packed = read_fixed(in, 16, n);
  std::vector<Hash128> keys(packed.size() / 16);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    std::memcpy(&keys[i].high, packed.data() + 16 * i, 8);
    std::memcpy(&keys[i].low, packed.data() + 16 * i + 8, 8);
  }
  return keys;
}

}  // namespace journal_detail

EncodedSegment encode_filtered(std::span<const Hash128> keys, std::span<const std::uint8_t> unknown) {
  SegmentWriter writer(SegmentKind::filtered, static_cast<std::int64_t>(keys.size()));
  writer.fixed_owned(16, journal_detail::pack_keys(keys), Effort::fast);
  std::vector<std::uint8_t> flags(keys.size(), 0);
  for (std::size_t i = 0; i < unknown.size() && i < flags.size(); ++i) flags[i] = unknown[i] != 0;
  writer.fixed_owned(1, std::move(flags), Effort::compress);
  return writer.finish();
}

Result<FilteredSegment> decode_filtered(std::span<const std::uint8_t> bytes) {
  GW_ASSIGN(const journal_detail::SegmentBody body, journal_detail::open_segment_of(bytes, {SegmentKind::filtered}));
  ByteReader in(body.bytes);
  FilteredSegment segment;
  segment.keys = journal_detail::read_keys(in, body.rows);
  segment.unknown = journal_detail::read_fixed(in, 1, body.rows);
  if (!in.at_end()) return journal_detail::damaged_body();
  return segment;
}

EncodedSegment encode_rows(SegmentKind kind, std::span<const Hash128> keys, const Batch& batch) {
  SegmentWriter writer(kind, batch.rows);
  writer.fixed_owned(16, journal_detail::pack_keys(keys), Effort::fast);
  writer.small().varint(batch.columns.size());
  for (std::size_t i = 0; i < batch.columns.size(); ++i) writer.small().text(batch.schema[i].name);
  for (const Column& column : batch.columns) writer.column(std::span(&column, 1), Effort::compress);
  const bool places = batch.places.length == batch.rows && batch.rows > 0;
  writer.small().fixed(static_cast<std::uint8_t>(places));
  if (places) writer.column(std::span(&batch.places, 1), Effort::compress);
  const bool lines = batch.lines.size() == static_cast<std::size_t>(batch.rows) && batch.rows > 0;
  writer.small().fixed(static_cast<std::uint8_t>(lines));
  if (lines) {
    std::vector<std::uint8_t> packed(batch.lines.size() * 8);
    std::memcpy(packed.data(), batch.lines.data(), packed.size());
    writer.fixed_owned(8, std::move(packed), Effort::compress);
  }
  // Columns may go before the segment does; rows by exception are few, so the copy is cheap.
  return writer.finish().copy();
}

Result<RowsSegment> decode_rows(std::span<const std::uint8_t> bytes) {
  GW_ASSIGN(const journal_detail::SegmentBody body,
            journal_detail::open_segment_of(bytes, {SegmentKind::before, SegmentKind::obligation}));
  ByteReader in(body.bytes);
  RowsSegment segment;
  segment.keys = journal_detail::read_keys(in, body.rows);
  segment.batch.rows = body.rows;
  const std::size_t columns = in.count(1);
  segment.batch.schema.resize(columns);
  for (Field& field : segment.batch.schema) field.name = in.text();
  for (std::size_t i = 0; i < columns && in.ok(); ++i) {
    segment.batch.columns.push_back(journal_detail::read_column(in, body.rows));
    segment.batch.schema[i].type = segment.batch.columns.back().type;
  }
  if (in.fixed<std::uint8_t>() != 0) segment.batch.places = journal_detail::read_column(in, body.rows);
  if (in.fixed<std::uint8_t>() != 0) segment.batch.lines = journal_detail::read_values<std::int64_t>(in, body.rows);
  if (!in.at_end()) return journal_detail::damaged_body();
  return segment;
}

std::vector<std::uint8_t> encode_outcomes(std::span<const std::uint8_t> kinds) {
  std::vector<std::uint8_t> out;
  journal_detail::ByteWriter writer(&out);
  for (std::size_t i = 0; i < kinds.size();) {
    std::size_t end = i + 1;
    while (end < kinds.size() && kinds[end] == kinds[i]) ++end;
    writer.fixed(kinds[i]), writer.varint(end - i);
    i = end;
  }
  return out;
}

Result<std::vector<std::uint8_t>> decode_outcomes(std::span<const std::uint8_t> bytes, std::int64_t max_rows) {
  ByteReader in(bytes);
  std::vector<std::uint8_t> kinds;
  const auto most = static_cast<std::uint64_t>(max_rows);
  while (in.left() > 0) {
    const auto kind = in.fixed<std::uint8_t>();
    const std::uint64_t rows = in.varint();
    if (!in.ok() || rows > most - kinds.size())
      return fail(5020, {{"seen", "outcomes that are cut off or too many"}, {"expected", std::to_string(max_rows) + " rows"}});
    kinds.insert(kinds.end(), static_cast<std::size_t>(rows), kind);
  }
  return kinds;
}

}  // namespace godwit
