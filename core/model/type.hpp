#pragma once
// The types that a column can have, and their Arrow formats.

// Header-only, like the whole of type, buffer, column and batch: a plugin needs no library of the core.

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit {

enum class TypeId : std::uint8_t {
  null_type,     // only ever the type of the literal null in an expression
  boolean,       // bitmap
  int64,
  float64,
  decimal128,    // scaled integer, precision up to 38
  utf8,          // int32 offsets
  binary,        // int32 offsets
  date32,        // days since 1970-01-01, never in a zone
  time64,        // microseconds since midnight
  timestamp,     // microseconds since 1970-01-01T00:00, wall clock without zone
  timestamp_tz,  // microseconds since 1970-01-01T00:00Z
  json,          // utf8 layout
  number_text,   // utf8 layout: exact decimal digits that no decimal128 holds
};

struct Type {
  TypeId id = TypeId::utf8;
  std::int8_t precision = 0;  // decimal128 only: 1..38
  std::int8_t scale = 0;      // decimal128 only: 0..38

  static constexpr Type decimal(int precision, int scale) {
    return {TypeId::decimal128, static_cast<std::int8_t>(precision), static_cast<std::int8_t>(scale)};
  }
  constexpr Type() = default;
  constexpr Type(TypeId i, std::int8_t p = 0, std::int8_t s = 0) : id(i), precision(p), scale(s) {}
  friend constexpr bool operator==(Type, Type) = default;

  // utf8, binary, json, number_text: offsets and bytes.
  constexpr bool is_variable() const {
    return id == TypeId::utf8 || id == TypeId::binary || id == TypeId::json || id == TypeId::number_text;
  }
  constexpr bool is_numeric() const {
    return id == TypeId::int64 || id == TypeId::float64 || id == TypeId::decimal128 || id == TypeId::number_text;
  }
  // Bytes of one value; 0 for booleans and variable types.
  constexpr int width() const {
    switch (id) {
      case TypeId::int64: case TypeId::float64: case TypeId::time64:
      case TypeId::timestamp: case TypeId::timestamp_tz: return 8;
      case TypeId::date32: return 4;
      case TypeId::decimal128: return 16;
      default: return 0;
    }
  }
};

// "text", "integer", "decimal(18,2)", "timestamp with zone" ...: as people, manifests and JSON descriptions write types.
inline std::string to_string(Type type) {
  switch (type.id) {
    case TypeId::null_type: return "null";
    case TypeId::boolean: return "boolean";
    case TypeId::int64: return "integer";
    case TypeId::float64: return "float";
    case TypeId::decimal128:
      return "decimal(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
    case TypeId::utf8: return "text";
    case TypeId::binary: return "binary";
    case TypeId::date32: return "date";
    case TypeId::time64: return "time";
    case TypeId::timestamp: return "timestamp";
    case TypeId::timestamp_tz: return "timestamp with zone";
    case TypeId::json: return "json";
    case TypeId::number_text: return "number";
  }
  return "unknown";
}

// The reverse; nullopt for a name that is none.
inline std::optional<Type> parse_type(std::string_view name) {
  for (TypeId id : {TypeId::null_type, TypeId::boolean, TypeId::int64, TypeId::float64, TypeId::utf8, TypeId::binary,
                    TypeId::date32, TypeId::time64, TypeId::timestamp, TypeId::timestamp_tz, TypeId::json,
                    TypeId::number_text})
    if (name == to_string(Type(id))) return Type(id);
  if (!name.starts_with("decimal(") || !name.ends_with(")")) return std::nullopt;
  name = name.substr(8, name.size() - 9);
  int precision = 0, scale = 0;
  const char* end = name.data() + name.size();
  auto first = std::from_chars(name.data(), end, precision);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != ',') return std::nullopt;
  auto second = std::from_chars(first.ptr + 1, end, scale);
  if (second.ec != std::errc() || second.ptr != end) return std::nullopt;
  if (precision < 1 || precision > 38 || scale < 0 || scale > precision) return std::nullopt;
  return Type::decimal(precision, scale);
}

// Arrow format string ("u", "l", "d:38,2" ...). json and number_text are "u": export_schema adds metadata that tells.
inline std::string arrow_format(Type type) {
  switch (type.id) {
    case TypeId::null_type: return "n";
    case TypeId::boolean: return "b";
    case TypeId::int64: return "l";
    case TypeId::float64: return "g";
    case TypeId::decimal128: return "d:" + std::to_string(type.precision) + "," + std::to_string(type.scale);
    case TypeId::utf8: case TypeId::json: case TypeId::number_text: return "u";
    case TypeId::binary: return "z";
    case TypeId::date32: return "tdD";
    case TypeId::time64: return "ttu";
    case TypeId::timestamp: return "tsu:";
    case TypeId::timestamp_tz: return "tsu:UTC";
  }
  return "u";
}

struct Field {
  std::string name;
  Type type;
  friend bool operator==(const Field&, const Field&) = default;
};

using Schema = std::vector<Field>;

// Index of `name`, or -1. Names compare byte for byte.
inline int find_field(const Schema& schema, std::string_view name) {
  for (std::size_t i = 0; i < schema.size(); ++i)
    if (schema[i].name == name) return static_cast<int>(i);
  return -1;
}

}  // namespace godwit
