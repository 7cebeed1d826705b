#include "plugins/kits/delimited/columns.hpp"

#include <algorithm>
#include <cstring>

#include "plugins/kits/delimited/fields.hpp"

namespace godwit::delimited {
namespace {

// Rows that are taken column by column together: their text and field ends stay in the first-level cache.
constexpr std::uint32_t kGroup = 64;

// A column may take every byte of a group. Up to so many that much room is left in each column; beyond that, hundreds of columns would
// each keep room for the long texts of one, and what they really take is added up.
constexpr std::uint32_t kRoomUnasked = 16 << 10;

// At least the bytes that one field of the records [from, to) takes.
std::size_t bytes_of(const Run& run, std::uint32_t from, std::uint32_t to, std::uint32_t field) {
  std::size_t sum = 0;
  for_each_field(run, from, to, field, [&](RawField f) { sum += f.size; });
  return sum;
}

}  // namespace

ColumnSet::ColumnSet(const Dialect& dialect, std::vector<std::uint32_t> wanted)
    : dialect_(dialect), wanted_(std::move(wanted)), places_(memory_), strip_left_(dialect.trim || dialect.skip_initial_space),
      strip_right_(dialect.trim), nulls_(!dialect.nulls.empty()) {
  columns_.reserve(wanted_.size());
  for (std::size_t i = 0; i < wanted_.size(); ++i) columns_.emplace_back(memory_);
  for (const std::string& token : dialect.nulls) longest_null_ = std::max(longest_null_, token.size());
}

bool ColumnSet::is_null(const char* data, std::uint32_t size) const {
  if (size > longest_null_) return false;
  for (const std::string& token : dialect_.nulls)
    if (token.size() == size && std::memcmp(token.data(), data, size) == 0) return true;
  return false;
}

template <bool kQuote, bool kPlain>
void ColumnSet::append_rows(const Run& run, std::uint32_t from, std::uint32_t to, std::uint32_t field, Building& column) {
  char* const base = reinterpret_cast<char*>(column.bytes.data());
  char* out = base + column.used;
  std::int32_t* const first_offset = column.offsets.as<std::int32_t>() + rows_ + 1;
  std::int32_t* offset = first_offset;
  for_each_field(run, from, to, field, [&](RawField f) __attribute__((always_inline)) {
    if (kQuote && f.quoted) {
      if (f.doubled) {
        out += unescape(f.data, f.size, dialect_.quote, out);
        *offset++ = static_cast<std::int32_t>(out - base);
        return;
      }
    } else if (!kPlain) {
      if (strip_left_)
        while (f.size != 0 && (*f.data == ' ' || (dialect_.trim && *f.data == '\t'))) ++f.data, --f.size;
      if (strip_right_)
        while (f.size != 0 && (f.data[f.size - 1] == ' ' || f.data[f.size - 1] == '\t')) --f.size;
      if (nulls_ && is_null(f.data, f.size)) {
        column.nulls.push_back(static_cast<std::uint32_t>(rows_ + (offset - first_offset)));
        f.size = 0;
      }
    }
    copy_field(f.data, f.size, out);
    out += f.size;
    *offset++ = static_cast<std::int32_t>(out - base);
  });
  column.used = static_cast<std::size_t>(out - base);
}

void ColumnSet::room_for(Building& column, std::size_t bytes) {
  const std::size_t needed = column.used + bytes + kPadding;
  if (column.bytes.capacity() < needed) column.bytes.reserve(std::max(needed, column.last_used + column.last_used / 8), column.used);
}

void ColumnSet::room_for_rows(std::size_t rows) {
  const std::size_t have = static_cast<std::size_t>(rows_), needed = std::max(have + rows + 1, last_rows_ + 1);
  for (Building& column : columns_) column.offsets.reserve(needed * sizeof(std::int32_t), (have + 1) * sizeof(std::int32_t) * (have != 0));
  places_.reserve(needed * sizeof(std::int64_t), have * sizeof(std::int64_t));
}

void ColumnSet::append(const Run& run) {
  const bool plain = !strip_left_ && !strip_right_ && !nulls_;
  room_for_rows(run.count);
  std::memcpy(places_.as<std::int64_t>() + rows_, run.offsets, run.count * sizeof(std::int64_t));
  lines_.insert(lines_.end(), run.lines, run.lines + run.count);
  for (std::uint32_t from = 0; from < run.count; from += kGroup) {
    const std::uint32_t to = std::min(run.count, from + kGroup);
    // No column of these rows can have more bytes than the rows.
    const std::uint32_t begin = run.begin(from), end = run.end(to - 1);
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      Building& column = columns_[c];
      room_for(column, end - begin <= kRoomUnasked ? end - begin : bytes_of(run, from, to, wanted_[c]));
      if (dialect_.quote != 0 && plain) append_rows<true, true>(run, from, to, wanted_[c], column);
      else if (dialect_.quote != 0) append_rows<true, false>(run, from, to, wanted_[c], column);
      else append_rows<false, false>(run, from, to, wanted_[c], column);
    }
    rows_ += to - from;
  }
}

void ColumnSet::append(const ParsedRecord& record, std::int64_t offset, std::int64_t line) {
  room_for_rows(1);
  places_.as<std::int64_t>()[rows_] = offset;
  lines_.push_back(line);
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    Building& column = columns_[c];
    const FieldSpan& f = record.fields[wanted_[c]];
    room_for(column, f.size);
    if (f.null) column.nulls.push_back(static_cast<std::uint32_t>(rows_));
    else std::memcpy(column.bytes.data() + column.used, record.values.data() + f.begin, f.size), column.used += f.size;
    column.offsets.as<std::int32_t>()[rows_ + 1] = static_cast<std::int32_t>(column.used);
  }
  ++rows_;
}

std::size_t ColumnSet::bytes() const {
  std::size_t all = 0;
  for (const Building& column : columns_) all += column.used;
  return all;
}

std::size_t ColumnSet::reserved_bytes() const {
  std::size_t all = 0;
  for (const Building& column : columns_) all += column.bytes.capacity();
  return all;
}

Batch ColumnSet::finish() {
  Batch out;
  out.rows = rows_;
  for (Building& building : columns_) {
    Column column;
    column.type = TypeId::utf8, column.length = rows_;
    const std::size_t offset_bytes = static_cast<std::size_t>(rows_ + 1) * sizeof(std::int32_t);
    building.offsets.reserve(offset_bytes, 0);
    building.offsets.as<std::int32_t>()[0] = 0;
    if (!building.nulls.empty()) {
      MutableBuffer validity(bitmap_bytes(rows_));
      std::memset(validity.data(), 0xff, validity.size());
      for (const std::uint32_t row : building.nulls) clear_bit(validity.data(), row);
      column.validity = validity.finish();
    }
    column.values = building.offsets.finish(offset_bytes), column.bytes = building.bytes.finish(building.used);
    building.last_used = std::min<std::size_t>(building.used, 1 << 20), building.used = 0, building.nulls.clear();
    out.columns.push_back(std::move(column));
  }
  out.places.type = TypeId::int64, out.places.length = rows_, out.places.values = places_.finish(static_cast<std::size_t>(rows_) * sizeof(std::int64_t));
  out.lines = std::move(lines_);
  lines_.clear();
  last_rows_ = std::min<std::size_t>(static_cast<std::size_t>(rows_), 64 << 10);
  rows_ = 0;
  return out;
}

}  // namespace godwit::delimited
