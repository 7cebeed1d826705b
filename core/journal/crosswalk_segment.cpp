#include <algorithm>
#include <cassert>

#include "core/journal/block.hpp"
#include "core/journal/segment.hpp"

namespace godwit {

using journal_detail::as_bytes;
using journal_detail::ByteReader;
using journal_detail::Bytes;
using journal_detail::SegmentWriter;

namespace {
constexpr std::uint8_t kNoIds = 255;
constexpr std::size_t kMostFields = 4096;
}  // namespace

CrosswalkBuilder::CrosswalkBuilder(std::vector<std::string> fields, Schema key, TypeId ids, bool held)
    : fields_(std::move(fields)), key_(std::move(key)), ids_(ids), has_held_(held), keys_(key_.size()), mapped_(fields_.size()) {
  assert(ids == TypeId::null_type || ids == TypeId::int64 || ids == TypeId::utf8);
  if (has_held_) held_.resize(fields_.size());
}

std::int64_t CrosswalkBuilder::append(std::span<const Column> keys, std::span<const std::uint64_t> row_hashes,
                                      CrosswalkState state) {
  assert(keys.size() == key_.size());
  const std::int64_t first = rows_;
  const std::size_t n = row_hashes.size();
  if (n == 0) return first;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    assert(static_cast<std::size_t>(keys[i].length) == n && keys[i].type == key_[i].type);
    keys_[i].push_back(keys[i]);
  }
  rows_ += static_cast<std::int64_t>(n);
  const auto all = static_cast<std::size_t>(rows_);
  row_hashes_.insert(row_hashes_.end(), row_hashes.begin(), row_hashes.end());
  states_.resize(all, static_cast<std::uint8_t>(state));
  for (auto& field : mapped_) field.resize(all, kNoFieldHash);
  for (auto& field : held_) field.resize(all, kNoFieldHash);
  if (ids_ == TypeId::int64) int_ids_.resize(all, 0), id_present_.resize(all, 0);
  if (ids_ == TypeId::utf8) text_ids_.resize(all), id_present_.resize(all, 0);
  return first;
}

namespace {
void fold(std::span<const std::uint64_t> hashes, std::uint32_t* out) {
  for (std::size_t i = 0; i < hashes.size(); ++i) out[i] = field_hash(hashes[i]);
}
}  // namespace

void CrosswalkBuilder::set_mapped(int field, std::int64_t first, std::span<const std::uint64_t> hashes) {
  assert(first >= 0 && first + static_cast<std::int64_t>(hashes.size()) <= rows_);
  fold(hashes, mapped_[static_cast<std::size_t>(field)].data() + first);
}
void CrosswalkBuilder::set_held(int field, std::int64_t first, std::span<const std::uint64_t> hashes) {
  assert(has_held_ && first >= 0 && first + static_cast<std::int64_t>(hashes.size()) <= rows_);
  fold(hashes, held_[static_cast<std::size_t>(field)].data() + first);
}
std::span<std::uint32_t> CrosswalkBuilder::mapped(int field) { return mapped_[static_cast<std::size_t>(field)]; }
std::span<std::uint32_t> CrosswalkBuilder::held(int field) { return held_[static_cast<std::size_t>(field)]; }

void CrosswalkBuilder::set_ids(std::int64_t first, const Column& ids) {
  assert(first >= 0 && first + ids.length <= rows_);
  for (std::int64_t i = 0; i < ids.length; ++i) {
    const auto row = static_cast<std::size_t>(first + i);
    if (ids_ == TypeId::null_type) return;
    id_present_[row] = !ids.is_null(i);
    if (ids.is_null(i)) continue;
    if (ids_ == TypeId::int64)
      int_ids_[row] = ids.int64(i);
    else
      text_ids_[row].assign(ids.text(i));
  }
}

void CrosswalkBuilder::retain(std::span<const std::uint8_t> keep) {
  assert(static_cast<std::int64_t>(keep.size()) == rows_);
  const auto sieve = [&](auto& values) {
    std::size_t to = 0;
    for (std::size_t from = 0; from < values.size(); ++from)
      if (keep[from] != 0) {
        if (to != from) values[to] = std::move(values[from]);
        ++to;
      }
    values.resize(to);
  };
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    std::int64_t first = 0;
    for (Column& part : keys_[i]) {
      std::vector<std::int32_t> rows;
      for (std::int64_t r = 0; r < part.length; ++r)
        if (keep[static_cast<std::size_t>(first + r)] != 0) rows.push_back(static_cast<std::int32_t>(r));
      first += part.length;
      if (static_cast<std::int64_t>(rows.size()) != part.length) part = take(part, rows);
    }
  }
  sieve(row_hashes_), sieve(states_), sieve(id_present_), sieve(int_ids_), sieve(text_ids_);
  for (auto& field : mapped_) sieve(field);
  for (auto& field : held_) sieve(field);
  rows_ = static_cast<std::int64_t>(row_hashes_.size());
}

EncodedSegment CrosswalkBuilder::encode() {
  constexpr auto kFast = SegmentWriter::Effort::fast;
  SegmentWriter writer(SegmentKind::crosswalk, rows_);
  auto& small = writer.small();
  small.varint(fields_.size());
  for (const std::string& name : fields_) small.text(name);
  small.varint(key_.size());
  for (const Field& field : key_) small.text(field.name);
  small.fixed(ids_ == TypeId::null_type ? kNoIds : static_cast<std::uint8_t>(ids_));
  small.fixed(static_cast<std::uint8_t>(has_held_));
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (keys_[i].empty()) keys_[i].push_back(null_column(key_[i].type, 0));
    writer.column(keys_[i], kFast);
  }
  writer.fixed(8, as_bytes(row_hashes_), kFast);
  writer.fixed(1, as_bytes(states_), SegmentWriter::Effort::compress);
  for (const auto& field : mapped_) writer.fixed(4, as_bytes(field), kFast);
  for (const auto& field : held_) writer.fixed(4, as_bytes(field), kFast);
  if (ids_ != TypeId::null_type) {
    ColumnBuilder ids((Type(ids_)));
    ids.reserve(rows_);
    for (std::size_t i = 0; i < id_present_.size(); ++i) {
      if (id_present_[i] == 0)
        ids.null();
      else if (ids_ == TypeId::int64)
        ids.append_int64(int_ids_[i]);
      else
        ids.append_text(text_ids_[i]);
    }
    encoded_ids_ = ids.finish();  // the segment's pieces may point into it
    // Generated ids are mostly a sequence, ids as text share their beginning: zstd earns its time here.
    writer.column(std::span(&encoded_ids_, 1), SegmentWriter::Effort::compress);
  }
  return writer.finish();
}

void CrosswalkBuilder::clear() {
  rows_ = 0;
  for (auto& key : keys_) key.clear();
  row_hashes_.clear(), states_.clear(), id_present_.clear(), int_ids_.clear(), text_ids_.clear();
  for (auto& field : mapped_) field.clear();
  for (auto& field : held_) field.clear();
  encoded_ids_ = Column();
}

std::size_t CrosswalkBuilder::size_bytes() const {
  std::size_t n = row_hashes_.capacity() * 8 + states_.capacity() + id_present_.capacity() + int_ids_.capacity() * 8 +
                  text_ids_.capacity() * sizeof(std::string);
  for (const auto& field : mapped_) n += field.capacity() * 4;
  for (const auto& field : held_) n += field.capacity() * 4;
  for (const auto& key : keys_)
    for (const Column& part : key) n += part.size_bytes();
  return n;
}

std::string CrosswalkSegment::key_text(std::int64_t row) const { return join_key(keys, row); }

Result<CrosswalkSegment> decode_crosswalk(std::span<const std::uint8_t> bytes) {
  GW_ASSIGN(const journal_detail::SegmentBody body, journal_detail::open_segment_of(bytes, {SegmentKind::crosswalk}));
  ByteReader in(body.bytes);
  CrosswalkSegment segment;
  segment.rows = body.rows;
  const std::size_t fields = in.count(1);
  if (fields > kMostFields) in.fail();
  for (std::size_t i = 0; i < fields && in.ok(); ++i) segment.fields.emplace_back(in.text());
  const std::size_t keys = in.count(1);
  if (keys > kMostFields || (keys == 0 && body.rows > 0)) in.fail();  // a row without a key cannot be found again
  for (std::size_t i = 0; i < keys && in.ok(); ++i) segment.key_schema.push_back({std::string(in.text()), Type()});
  const auto ids = in.fixed<std::uint8_t>();
  const auto held = in.fixed<std::uint8_t>();
  for (std::size_t i = 0; i < keys && in.ok(); ++i) {
    segment.keys.push_back(journal_detail::read_column(in, body.rows));
    segment.key_schema[i].type = segment.keys.back().type;
  }
  segment.row_hashes = journal_detail::read_values<std::uint64_t>(in, body.rows);
  segment.states = journal_detail::read_fixed(in, 1, body.rows);
  for (std::size_t i = 0; i < fields && in.ok(); ++i)
    segment.mapped.push_back(journal_detail::read_values<std::uint32_t>(in, body.rows));
  for (std::size_t i = 0; held != 0 && i < fields && in.ok(); ++i)
    segment.held.push_back(journal_detail::read_values<std::uint32_t>(in, body.rows));
  if (ids != kNoIds) {
    segment.ids = journal_detail::read_column(in, body.rows);
    if (in.ok() && segment.ids.type.id != TypeId::int64 && segment.ids.type.id != TypeId::utf8) in.fail();
  }
  if (!in.at_end()) return journal_detail::damaged_body();
  segment.key_hashes = hash_keys(segment.keys);
  return segment;
}

}  // namespace godwit
