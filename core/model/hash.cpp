#include "core/model/hash.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <cmath>

namespace godwit {
namespace {

// Seeds keep kinds of values apart: the text "5" is not the number 5.
enum Kind : std::uint64_t { kNull = 1, kBool, kNumber, kText, kBinary, kDate, kTime, kWallClock, kMoment, kJson };

// A number hashes by its shortest exact decimal digits, so that 5, 5.00 and "5.0" as number_text are alike.
std::uint64_t hash_decimal(int128 value, int scale) {
  while (scale > 0 && value % 10 == 0) value /= 10, --scale;
  struct { int128 value; std::int64_t scale; } canonical{value, scale};
  char bytes[24];
  std::memcpy(bytes, &canonical.value, 16), std::memcpy(bytes + 16, &canonical.scale, 8);
  return XXH3_64bits_withSeed(bytes, sizeof bytes, kNumber);
}

// Exact digits of any length: sign, digits without leading and trailing zeros, scale.
std::uint64_t hash_digits(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) negative = text[0] == '-', text.remove_prefix(1);
  std::string digits;
  std::int64_t scale = 0, exponent = 0;
  bool fraction = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.') { fraction = true; continue; }
    if (text[i] == 'e' || text[i] == 'E') {
      exponent = std::strtoll(std::string(text.substr(i + 1)).c_str(), nullptr, 10);
      break;
    }
    digits += text[i], scale += fraction;
  }
  scale -= exponent;
  const std::size_t first = digits.find_first_not_of('0');
  digits.erase(0, first == std::string::npos ? digits.size() : first);
  while (scale > 0 && !digits.empty() && digits.back() == '0') digits.pop_back(), --scale;
  if (digits.empty()) return hash_decimal(0, 0);
  while (scale < 0 && digits.size() < 400) digits += '0', ++scale;
  if (digits.size() <= 38) {
    int128 value = 0;
    for (char c : digits) value = value * 10 + (c - '0');
    return hash_decimal(negative ? -value : value, static_cast<int>(scale));
  }
  return XXH3_64bits_withSeed(digits.data(), digits.size(), kNumber * 31 + static_cast<std::uint64_t>(scale) * 2 + negative);
}

// A float hashes as the shortest decimal that reads back as the same float.
std::uint64_t hash_float(double value) {
  if (std::isfinite(value) && value == std::trunc(value) && std::fabs(value) < 9.0e18)
    return hash_decimal(static_cast<std::int64_t>(value), 0);
  if (!std::isfinite(value)) return XXH3_64bits_withSeed(&value, sizeof value, kNumber * 7);
  char text[40];
  const auto end = std::to_chars(text, text + sizeof text, value);
  return hash_digits({text, static_cast<std::size_t>(end.ptr - text)});
}

std::uint64_t hash_one(const Column& c, std::int64_t i) {
  switch (c.type.id) {
    case TypeId::null_type: return XXH3_64bits_withSeed("", 0, kNull);
    case TypeId::boolean: return XXH3_64bits_withSeed(c.boolean(i) ? "1" : "0", 1, kBool);
    case TypeId::int64: return hash_decimal(c.int64(i), 0);
    case TypeId::float64: return hash_float(c.float64(i));
    case TypeId::decimal128: return hash_decimal(c.decimal(i), c.type.scale);
    case TypeId::number_text: return hash_digits(c.text(i));
    case TypeId::utf8: return XXH3_64bits_withSeed(c.text(i).data(), c.text(i).size(), kText);
    case TypeId::json: return XXH3_64bits_withSeed(c.text(i).data(), c.text(i).size(), kJson);
    case TypeId::binary: return XXH3_64bits_withSeed(c.text(i).data(), c.text(i).size(), kBinary);
    case TypeId::date32: { const std::int64_t v = c.date32(i); return XXH3_64bits_withSeed(&v, 8, kDate); }
    case TypeId::time64: { const std::int64_t v = c.int64(i); return XXH3_64bits_withSeed(&v, 8, kTime); }
    case TypeId::timestamp: { const std::int64_t v = c.int64(i); return XXH3_64bits_withSeed(&v, 8, kWallClock); }
    case TypeId::timestamp_tz: { const std::int64_t v = c.int64(i); return XXH3_64bits_withSeed(&v, 8, kMoment); }
  }
  return 0;
}

}  // namespace

void hash_values(const Column& column, std::span<std::uint64_t> out) {
  const std::uint64_t null_hash = XXH3_64bits_withSeed("", 0, kNull);
  const auto n = static_cast<std::int64_t>(out.size());
  if (column.type.id == TypeId::utf8) {  // the hot case, without a switch per value
    const std::int32_t* offsets = column.values.as<std::int32_t>();
    const char* bytes = column.bytes.as<char>();
    for (std::int64_t i = 0; i < n; ++i)
      out[static_cast<std::size_t>(i)] =
          column.is_null(i) ? null_hash
                            : XXH3_64bits_withSeed(bytes + offsets[i], static_cast<std::size_t>(offsets[i + 1] - offsets[i]), kText);
    return;
  }
  for (std::int64_t i = 0; i < n; ++i) out[static_cast<std::size_t>(i)] = column.is_null(i) ? null_hash : hash_one(column, i);
}

std::uint64_t hash_value(const Column& column, std::int64_t i) {
  return column.is_null(i) ? XXH3_64bits_withSeed("", 0, kNull) : hash_one(column, i);
}

std::vector<Hash128> hash_keys(std::span<const Column> columns) {
  std::vector<Hash128> out;
  if (columns.empty()) return out;
  const std::int64_t rows = columns.front().length;
  out.reserve(static_cast<std::size_t>(rows));
  // Text keys hash their bytes with 128 bits; other types go through their exact text, which is canonical per type.
  if (columns.size() == 1 && columns.front().type.id == TypeId::utf8) {
    const Column& c = columns.front();
    for (std::int64_t i = 0; i < rows; ++i) {
      const std::string_view v = c.is_null(i) ? std::string_view() : c.text(i);
      const XXH128_hash_t h = XXH3_128bits_withSeed(v.data(), v.size(), c.is_null(i) ? kNull : kText);
      out.push_back({h.high64, h.low64});
    }
    return out;
  }
  std::string key;
  for (std::int64_t i = 0; i < rows; ++i) {
    key.clear();
    for (const Column& c : columns) {
      auto kind = static_cast<std::uint64_t>(32 + static_cast<int>(c.type.id));
      if (c.is_null(i)) kind = kNull;
      else if (c.type.is_numeric()) kind = kNumber;
      else if (c.type.id == TypeId::utf8) kind = kText;
      std::string value = value_text(c, i);
      if (kind == kNumber && value.find('.') != std::string::npos) {  // 5.00 and 5 are one key
        while (value.back() == '0') value.pop_back();
        if (value.back() == '.') value.pop_back();
      }
      const auto size = static_cast<std::uint32_t>(value.size());
      key += static_cast<char>(kind), key.append(reinterpret_cast<const char*>(&size), 4), key += value;
    }
    const XXH128_hash_t h = XXH3_128bits_withSeed(key.data(), key.size(), kNumber);
    out.push_back({h.high64, h.low64});
  }
  return out;
}

void combine_row_hash(std::span<const std::uint64_t> values, std::span<std::uint64_t> rows) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint64_t h = rows[i] ^ (values[i] + 0x9E3779B97F4A7C15ull + (rows[i] << 6) + (rows[i] >> 2));
    h ^= h >> 32, h *= 0xD6E8FEB86659FD93ull, h ^= h >> 29;
    rows[i] = h;
  }
}

}  // namespace godwit
