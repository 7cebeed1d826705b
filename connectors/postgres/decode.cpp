#include "connectors/postgres/decode.hpp"

#include <charconv>
#include <cmath>

#include "plugins/kits/sql/exact.hpp"
#include "plugins/kits/sql/identifier.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::postgres {
namespace {

constexpr std::int64_t kDays2000 = 10957;                    // 2000-01-01, PostgreSQL's day 0, from 1970-01-01
constexpr std::int64_t kMicroseconds2000 = 946684800000000;  // the same moment
constexpr std::uint16_t kNegative = 0x4000, kNaN = 0xC000, kInfinity = 0xD000, kMinusInfinity = 0xF000;

void append_hex(std::string_view bytes, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  for (char c : bytes) *out += kHex[static_cast<unsigned char>(c) >> 4], *out += kHex[c & 15];
}

void uuid_text(std::string_view bytes, std::string* out) {
  out->clear();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *out += '-';
    append_hex(bytes.substr(i, 1), out);
  }
}

// Four digits of a numeric.
void append_group(unsigned group, std::string* out) {
  *out += static_cast<char>('0' + group / 1000), *out += static_cast<char>('0' + group / 100 % 10);
  *out += static_cast<char>('0' + group / 10 % 10), *out += static_cast<char>('0' + group % 10);
}

// A float4 is the number that its shortest digits spell: 0.1, not 0.10000000149.
double widen(float v) {
  if (!std::isfinite(v)) return v;
  char digits[40];
  const auto end = std::to_chars(digits, digits + sizeof digits, v);
  double out = v;
  std::from_chars(digits, end.ptr, out);
  return out;
}

}  // namespace

std::string select_item(const ColumnInfo& column, std::string_view prefix) {
  const std::string name = std::string(prefix) + sql::quote_identifier(column.name);
  return column.type.read_as.empty() ? name : name + "::" + column.type.read_as;
}

// ndigits, weight, sign, dscale, then base-10000 digits (src/backend/utils/adt/numeric.c, numeric_send).
void append_numeric_digits(std::string_view value, std::string* out) {
  const int groups = static_cast<std::int16_t>(read_u16(value.data()));
  int weight = static_cast<std::int16_t>(read_u16(value.data() + 2));
  const std::uint16_t sign = read_u16(value.data() + 4);
  const int scale = read_u16(value.data() + 6);
  if (sign == kNaN) return void(*out += "NaN");
  if (sign == kInfinity) return void(*out += "Infinity");
  if (sign == kMinusInfinity) return void(*out += "-Infinity");
  const auto group = [&](int i) -> unsigned { return i >= 0 && i < groups ? read_u16(value.data() + 8 + 2 * i) : 0; };
  if (sign == kNegative) *out += '-';
  if (groups == 0) weight = -1;
  if (weight < 0) {
    *out += '0';
  } else {
    const std::size_t from = out->size();
    for (int i = 0; i <= weight; ++i) append_group(group(i), out);
    const std::size_t first = out->find_first_not_of('0', from);
    out->erase(from, std::min(first == std::string::npos ? out->size() - 1 : first, out->size() - 1) - from);
  }
  if (scale == 0) return;
  *out += '.';
  const std::size_t point = out->size();
  for (int i = weight + 1; static_cast<int>(out->size() - point) < scale; ++i) append_group(group(i), out);
  out->resize(point + static_cast<std::size_t>(scale));
}

bool Decoder::append_numeric(std::string_view value, ColumnBuilder* out) {
  if (value.size() < 8 || value.size() < 8 + 2 * std::size_t{read_u16(value.data())}) return false;
  text_.clear();
  append_numeric_digits(value, &text_);
  if (own_.id == TypeId::decimal128) {
    const auto number = sql::parse_decimal(text_);
    const auto fitted = number ? sql::rescale(*number, own_.precision, own_.scale) : std::nullopt;
    if (!fitted) return false;
    out->append_decimal(*fitted);
    return true;
  }
  if (text_.back() == 'N' || text_.back() == 'y') return false;
  out->append_text(text_);
  return true;
}

bool Decoder::append_own(std::string_view value, ColumnBuilder* out) {
  const char* b = value.data();
  switch (wire_) {
    case Wire::text:
    case Wire::bytea:
      out->append_text(value);
      return true;
    case Wire::int2:
      if (value.size() != 2) return false;
      out->append_int64(static_cast<std::int16_t>(read_u16(b)));
      return true;
    case Wire::int4:
      if (value.size() != 4) return false;
      out->append_int64(static_cast<std::int32_t>(read_u32(b)));
      return true;
    case Wire::int8:
      if (value.size() != 8) return false;
      out->append_int64(static_cast<std::int64_t>(read_u64(b)));
      return true;
    case Wire::float4: {
      if (value.size() != 4) return false;
      const std::uint32_t bits = read_u32(b);
      float v;
      std::memcpy(&v, &bits, 4);
      out->append_float64(widen(v));
      return true;
    }
    case Wire::float8: {
      if (value.size() != 8) return false;
      const std::uint64_t bits = read_u64(b);
      double v;
      std::memcpy(&v, &bits, 8);
      out->append_float64(v);
      return true;
    }
    case Wire::numeric:
      return append_numeric(value, out);
    case Wire::boolean:
      if (value.size() != 1) return false;
      out->append_bool(*b != 0);
      return true;
    case Wire::uuid:
      if (value.size() != 16) return false;
      uuid_text(value, &text_);
      out->append_text(text_);
      return true;
    case Wire::jsonb:  // a byte for the version, then the text
      if (value.empty()) return false;
      out->append_text(value.substr(1));
      return true;
    case Wire::date: {
      if (value.size() != 4) return false;
      const auto days = static_cast<std::int32_t>(read_u32(b));
      if (days == INT32_MAX || days == INT32_MIN) return false;  // infinity
      out->append_date32(static_cast<std::int32_t>(days + kDays2000));
      return true;
    }
    case Wire::time:
      if (value.size() != 8) return false;
      out->append_int64(static_cast<std::int64_t>(read_u64(b)));
      return true;
    case Wire::timestamp: {
      if (value.size() != 8) return false;
      const auto us = static_cast<std::int64_t>(read_u64(b));
      if (us == INT64_MAX || us == INT64_MIN) return false;  // infinity
      out->append_int64(us + kMicroseconds2000);
      return true;
    }
  }
  return false;
}

bool Decoder::append_as_text(std::string_view value, ColumnBuilder* out) {
  ColumnBuilder own(own_);
  if (!append_own(value, &own)) return false;
  out->append_text(value_text(own.finish(), 0));
  return true;
}

bool Decoder::append_other(std::string_view value, ColumnBuilder* out) {
  if (want_ == own_ || (want_.is_variable() && own_.is_variable())) return append_own(value, out);
  return want_.id == TypeId::utf8 && append_as_text(value, out);
}

std::string Decoder::excerpt(std::string_view value, Wire wire) {
  std::string out;
  if (wire == Wire::numeric && value.size() >= 8) append_numeric_digits(value, &out);
  if (wire == Wire::date && value.size() == 4)
    out = static_cast<std::int32_t>(read_u32(value.data())) > 0 ? "infinity" : "-infinity";
  if (wire == Wire::timestamp && value.size() == 8)
    out = static_cast<std::int64_t>(read_u64(value.data())) > 0 ? "infinity" : "-infinity";
  if (wire == Wire::text) out = "\"" + sql::excerpt(value) + "\"";
  return out.empty() ? std::to_string(value.size()) + " bytes" : out;
}

}  // namespace godwit::postgres
