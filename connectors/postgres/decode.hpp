#pragma once
// From PostgreSQL's binary values to columns.

#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/postgres/table.hpp"
#include "core/model/column.hpp"

namespace godwit::postgres {

// Reads the values of one column into a builder of the wanted type.
class Decoder {
 public:
  // `want` is the column's own type, or utf8 for any: then values come as people read them.
  Decoder(Type want, const ColumnInfo& column) : want_(want), own_(column.type.type), wire_(column.type.wire) {
    is_plain_ =
        (want_ == own_ || (want_.is_variable() && own_.is_variable())) && (wire_ == Wire::text || wire_ == Wire::bytea);
  }

  // False when the type holds no such value (infinity among dates, NaN among decimals); nothing was appended then.
  bool append(std::string_view value, ColumnBuilder* out) {
    if (is_plain_) return out->append_text(value), true;  // the usual case first
    return append_other(value, out);
  }

  // The value for a message.
  static std::string excerpt(std::string_view value, Wire wire);

 private:
  bool append_other(std::string_view value, ColumnBuilder* out);
  bool append_own(std::string_view value, ColumnBuilder* out);
  bool append_numeric(std::string_view value, ColumnBuilder* out);
  bool append_as_text(std::string_view value, ColumnBuilder* out);

  Type want_, own_;
  Wire wire_;
  bool is_plain_ = false;  // the bytes are the value
  std::string text_;       // room for values that are made into text
};

// How the column stands in the list of a select: with the cast that its wire form needs. `prefix`: "t." or "".
std::string select_item(const ColumnInfo& column, std::string_view prefix = "");

// The digits of a numeric in binary form; "NaN", "Infinity" or "-Infinity" for those.
void append_numeric_digits(std::string_view value, std::string* out);

// Big-endian integers of the binary forms.
inline std::uint16_t read_u16(const char* b) {
  std::uint16_t v;
  std::memcpy(&v, b, 2);
  return __builtin_bswap16(v);
}
inline std::uint32_t read_u32(const char* b) {
  std::uint32_t v;
  std::memcpy(&v, b, 4);
  return __builtin_bswap32(v);
}
inline std::uint64_t read_u64(const char* b) {
  std::uint64_t v;
  std::memcpy(&v, b, 8);
  return __builtin_bswap64(v);
}

}  // namespace godwit::postgres
