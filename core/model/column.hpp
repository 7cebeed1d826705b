#pragma once
// A column of values in Arrow layout, and the builders that make one.

#include <charconv>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "core/model/buffer.hpp"
#include "core/model/type.hpp"

namespace godwit {

__extension__ using int128 = __int128;
__extension__ using uint128 = unsigned __int128;

inline bool bit_is_set(const std::uint8_t* bits, std::int64_t i) { return (bits[i >> 3] >> (i & 7)) & 1; }
inline void set_bit(std::uint8_t* bits, std::int64_t i) { bits[i >> 3] = static_cast<std::uint8_t>(bits[i >> 3] | (1u << (i & 7))); }
inline void clear_bit(std::uint8_t* bits, std::int64_t i) { bits[i >> 3] = static_cast<std::uint8_t>(bits[i >> 3] & ~(1u << (i & 7))); }
inline std::size_t bitmap_bytes(std::int64_t n) { return static_cast<std::size_t>((n + 7) / 8); }

// Immutable; copying shares the buffers. Values always start at index 0 (import realigns sliced arrays).
struct Column {
  Type type;
  std::int64_t length = 0;
  Buffer validity;  // bit per value, 1 = present; empty: no nulls
  Buffer values;    // fixed-width values, the boolean bitmap, or length + 1 int32 offsets
  Buffer bytes;     // variable types only

  bool is_null(std::int64_t i) const { return validity && !bit_is_set(validity.data(), i); }
  bool has_nulls() const { return static_cast<bool>(validity); }
  // Whether one of the values [first, first + n) is null.
  bool any_null(std::int64_t first, std::int64_t n) const {
    for (std::int64_t i = first; validity && i < first + n; ++i)
      if (!bit_is_set(validity.data(), i)) return true;
    return false;
  }
  bool boolean(std::int64_t i) const { return bit_is_set(values.data(), i); }
  std::int64_t int64(std::int64_t i) const { return values.as<std::int64_t>()[i]; }  // also time64, timestamps
  double float64(std::int64_t i) const { return values.as<double>()[i]; }
  std::int32_t date32(std::int64_t i) const { return values.as<std::int32_t>()[i]; }
  int128 decimal(std::int64_t i) const {
    int128 v;
    std::memcpy(&v, values.data() + 16 * i, 16);
    return v;
  }
  std::string_view text(std::int64_t i) const {
    const std::int32_t* o = values.as<std::int32_t>();
    return {reinterpret_cast<const char*>(bytes.data()) + o[i], static_cast<std::size_t>(o[i + 1] - o[i])};
  }
  // Memory that the values of this column take, in bytes (shared buffers count fully).
  std::size_t size_bytes() const { return validity.size() + values.size() + bytes.size(); }
};

// Builds any column type. append_* must match the type; null() works for all.
class ColumnBuilder {
 public:
  explicit ColumnBuilder(Type type) : type_(type) { start(); }

  Type type() const { return type_; }
  std::int64_t length() const { return length_; }
  void reserve(std::int64_t rows, std::size_t bytes = 0) {
    const auto n = static_cast<std::size_t>(rows);
    if (type_.is_variable()) values_.reserve((n + 1) * 4), bytes_.reserve(bytes);
    else if (type_.id == TypeId::boolean) values_.reserve(bitmap_bytes(rows));
    else values_.reserve(n * static_cast<std::size_t>(type_.width()));
  }

  void null() {
    if (!any_null_) {
      any_null_ = true;
      validity_.resize(bitmap_bytes(length_ + 1));
      std::memset(validity_.data(), 0xFF, validity_.size());
    }
    grow_bitmap(validity_, length_, false);
    static constexpr std::uint8_t zeros[16] = {};
    if (type_.is_variable()) values_.push(static_cast<std::int32_t>(bytes_.size()));
    else if (type_.id == TypeId::boolean || type_.id == TypeId::null_type) grow_bitmap(values_, length_, false);
    else values_.append(zeros, static_cast<std::size_t>(type_.width()));
    ++length_;
  }
  void append_bool(bool v) {
    grow_bitmap(values_, length_, v);
    present();
  }
  void append_int64(std::int64_t v) { present(); values_.push(v); }
  void append_float64(double v) { present(); values_.push(v); }
  void append_date32(std::int32_t v) { present(); values_.push(v); }
  void append_decimal(int128 v) { present(); values_.append(&v, 16); }
  void append_text(std::string_view v) {
    present();
    bytes_.append(v.data(), v.size());
    values_.push(static_cast<std::int32_t>(bytes_.size()));
  }
  // Value i of `from`, which has this builder's type.
  void append_from(const Column& from, std::int64_t i) {
    if (from.is_null(i)) return null();
    if (type_.is_variable()) return append_text(from.text(i));
    if (type_.id == TypeId::boolean) return append_bool(from.boolean(i));
    if (type_.id == TypeId::null_type) return null();
    present();
    const auto width = static_cast<std::size_t>(type_.width());
    values_.append(from.values.data() + width * static_cast<std::size_t>(i), width);
  }

  // Values [first, first + n) of `from`, which has this builder's type.
  void append_rows(const Column& from, std::int64_t first, std::int64_t n) {
    if (n <= 0) return;
    if (n == 1 || any_null_ || from.any_null(first, n) || type_.id == TypeId::boolean || type_.id == TypeId::null_type) {
      for (std::int64_t i = first; i < first + n; ++i) append_from(from, i);
      return;
    }
    if (type_.is_variable()) {
      const std::int32_t* offsets = from.values.as<std::int32_t>() + first;
      const auto shift = static_cast<std::int32_t>(bytes_.size()) - offsets[0];
      bytes_.append(from.bytes.data() + offsets[0], static_cast<std::size_t>(offsets[n] - offsets[0]));
      const std::size_t before = values_.size();
      values_.resize(before + static_cast<std::size_t>(n) * 4);
      auto* to = reinterpret_cast<std::int32_t*>(values_.data() + before);
      for (std::int64_t i = 0; i < n; ++i) to[i] = offsets[i + 1] + shift;
    } else {
      const auto width = static_cast<std::size_t>(type_.width());
      values_.append(from.values.data() + width * static_cast<std::size_t>(first), width * static_cast<std::size_t>(n));
    }
    length_ += n;
  }

  // The column; the builder is empty and usable again.
  Column finish() {
    Column c{type_, length_, {}, values_.finish(), {}};
    if (any_null_) c.validity = validity_.finish();
    if (type_.is_variable()) c.bytes = bytes_.finish();
    length_ = 0, any_null_ = false;
    start();
    return c;
  }

 private:
  void start() {
    if (type_.is_variable()) values_.push(std::int32_t{0});
  }
  void present() {
    if (any_null_) grow_bitmap(validity_, length_, true);
    ++length_;
  }
  static void grow_bitmap(MutableBuffer& bits, std::int64_t at, bool value) {
    const std::size_t need = bitmap_bytes(at + 1);
    if (bits.size() < need) {
      bits.resize(need);
      bits.data()[need - 1] = 0;
    }
    value ? set_bit(bits.data(), at) : clear_bit(bits.data(), at);
  }

  Type type_;
  std::int64_t length_ = 0;
  bool any_null_ = false;
  MutableBuffer validity_, values_, bytes_;
};

// A column of `length` nulls.
inline Column null_column(Type type, std::int64_t length) {
  Column c;
  c.type = type, c.length = length;
  MutableBuffer validity(bitmap_bytes(length));
  if (length != 0) std::memset(validity.data(), 0, validity.size());
  c.validity = validity.finish();
  const std::size_t bytes = type.is_variable() ? static_cast<std::size_t>(length + 1) * 4
                            : type.width() == 0 ? bitmap_bytes(length)
                                                : static_cast<std::size_t>(length) * static_cast<std::size_t>(type.width());
  MutableBuffer values(bytes);
  if (bytes != 0) std::memset(values.data(), 0, bytes);
  c.values = values.finish();
  if (type.is_variable()) c.bytes = MutableBuffer().finish();
  return c;
}

// Rows `indices` of `column`, in that order; an index of -1 gives a null.
inline Column take(const Column& column, std::span<const std::int32_t> indices) {
  ColumnBuilder out(column.type);
  const auto n = static_cast<std::int64_t>(indices.size());
  out.reserve(n, column.length == 0 ? 0 : column.bytes.size() * indices.size() / static_cast<std::size_t>(column.length) + 16);
  // Neighbours go together: where few rows of a column are left out, it is copied in a few pieces.
  for (std::size_t at = 0; at < indices.size();) {
    const std::int32_t first = indices[at];
    std::size_t next = at + 1;
    if (first < 0) {
      out.null();
    } else {
      while (next < indices.size() && indices[next] == indices[next - 1] + 1) ++next;
      out.append_rows(column, first, static_cast<std::int64_t>(next - at));
    }
    at = next;
  }
  return out.finish();
}

// The columns one after another; all of one type. None at all gives an empty column of text.
inline Column concat(std::span<const Column> columns) {
  if (columns.empty()) return ColumnBuilder(TypeId::utf8).finish();
  if (columns.size() == 1) return columns.front();
  std::int64_t rows = 0;
  std::size_t bytes = 0;
  for (const Column& c : columns) rows += c.length, bytes += c.bytes.size();
  ColumnBuilder out(columns.front().type);
  out.reserve(rows, bytes);
  for (const Column& c : columns) out.append_rows(c, 0, c.length);
  return out.finish();
}

// Rows [from, from + length), copied.
inline Column slice(const Column& column, std::int64_t from, std::int64_t length) {
  if (from == 0 && length == column.length) return column;
  ColumnBuilder out(column.type);
  const std::size_t share = column.type.is_variable() && length > 0
                                ? static_cast<std::size_t>(column.values.as<std::int32_t>()[from + length] -
                                                           column.values.as<std::int32_t>()[from])
                                : 0;
  out.reserve(length, share);
  out.append_rows(column, from, length);
  return out.finish();
}

// "123.40" for (12340, 2).
inline std::string decimal_text(int128 value, int scale) {
  const bool negative = value < 0;
  uint128 rest = negative ? -static_cast<uint128>(value) : static_cast<uint128>(value);
  char digits[48];
  int at = sizeof digits;
  do digits[--at] = static_cast<char>('0' + static_cast<int>(rest % 10)), rest /= 10;
  while (rest != 0);
  while (static_cast<int>(sizeof digits) - at <= scale) digits[--at] = '0';
  std::string out(negative ? "-" : "");
  out.append(digits + at, sizeof digits - static_cast<std::size_t>(at) - static_cast<std::size_t>(scale));
  if (scale > 0) out += '.', out.append(digits + sizeof digits - scale, static_cast<std::size_t>(scale));
  return out;
}

// ISO 8601 of a day number (proleptic Gregorian, year at least four digits), of a time of day and of a moment in
// microseconds; fractions of seconds only when they are not 0.
inline std::string date_text(std::int64_t days) {
  std::int64_t z = days + 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const auto doe = static_cast<unsigned>(z - era * 146097);
  const unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  const unsigned day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9;
  const std::int64_t year = static_cast<std::int64_t>(yoe) + era * 400 + (month <= 2);
  std::string y = std::to_string(year < 0 ? -year : year), out = year < 0 ? "-" : "";
  out.append(y.size() < 4 ? 4 - y.size() : 0, '0').append(y);
  for (unsigned part : {month, day}) out += '-', out += static_cast<char>('0' + part / 10), out += static_cast<char>('0' + part % 10);
  return out;
}
inline std::string time_text(std::int64_t us) {
  std::string out;
  for (std::int64_t part : {us / 3600000000, us / 60000000 % 60, us / 1000000 % 60}) {
    if (!out.empty()) out += ':';
    out += static_cast<char>('0' + part / 10), out += static_cast<char>('0' + part % 10);
  }
  if (std::int64_t fraction = us % 1000000; fraction != 0) {
    std::string f = std::to_string(fraction + 1000000);
    f[0] = '.';
    while (f.back() == '0') f.pop_back();
    out += f;
  }
  return out;
}
inline std::string timestamp_text(std::int64_t us, bool with_zone) {
  std::int64_t day = us / 86400000000, rest = us % 86400000000;
  if (rest < 0) rest += 86400000000, --day;
  return date_text(day) + 'T' + time_text(rest) + (with_zone ? "Z" : "");
}

// Value i as people read it: text as it is, numbers exact, dates ISO 8601, timestamps with 'T' and, with zone, 'Z'; binary
// as hex. Null gives "".
inline std::string value_text(const Column& column, std::int64_t i) {
  if (column.is_null(i)) return {};
  switch (column.type.id) {
    case TypeId::null_type: return {};
    case TypeId::boolean: return column.boolean(i) ? "true" : "false";
    case TypeId::int64: return std::to_string(column.int64(i));
    case TypeId::float64: {
      char text[40];
      auto end = std::to_chars(text, text + sizeof text, column.float64(i));
      return std::string(text, end.ptr);
    }
    case TypeId::decimal128: return decimal_text(column.decimal(i), column.type.scale);
    case TypeId::binary: {
      static constexpr char kHex[] = "0123456789abcdef";
      std::string out;
      for (char c : column.text(i)) out += kHex[static_cast<unsigned char>(c) >> 4], out += kHex[c & 15];
      return out;
    }
    case TypeId::date32: return date_text(column.date32(i));
    case TypeId::time64: return time_text(column.int64(i));
    case TypeId::timestamp: return timestamp_text(column.int64(i), false);
    case TypeId::timestamp_tz: return timestamp_text(column.int64(i), true);
    case TypeId::utf8: case TypeId::json: case TypeId::number_text: return std::string(column.text(i));
  }
  return {};
}

}  // namespace godwit
