#include "connectors/sqlite/decode.hpp"

#include <charconv>
#include <cmath>

#include "connectors/sqlite/time_text.hpp"
#include "plugins/kits/sql/clean_text.hpp"
#include "plugins/kits/sql/exact.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::sqlite {
namespace {

std::string_view cell_text(sqlite3_stmt* row, int cell) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, cell));
  return {text == nullptr ? "" : text, static_cast<std::size_t>(sqlite3_column_bytes(row, cell))};
}

std::string_view cell_blob(sqlite3_stmt* row, int cell) {
  const void* bytes = sqlite3_column_blob(row, cell);
  return {bytes == nullptr ? "" : static_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(row, cell))};
}

// The cell as a number; nullopt when it is none, or has more digits than a decimal.
std::optional<sql::Decimal> cell_number(sqlite3_stmt* row, int cell, int cell_class) {
  if (cell_class == SQLITE_INTEGER) return sql::Decimal{sqlite3_column_int64(row, cell), 0};
  if (cell_class == SQLITE_FLOAT) return sql::float_decimal(sqlite3_column_double(row, cell));
  if (cell_class == SQLITE_TEXT) return sql::parse_decimal(cell_text(row, cell));
  return std::nullopt;
}

bool declared_as_date(const ColumnInfo& c) { return c.type.id == TypeId::date32; }
bool declared_as_timestamp(const ColumnInfo& c) {
  return c.type.id == TypeId::timestamp || c.type.id == TypeId::timestamp_tz;
}

}  // namespace

Decoder::Decoder(Type want, const ColumnInfo& column, const Options& options)
    : want_(want),
      dates_(declared_as_date(column) ? options.dates : DateForm::iso),
      timestamps_(declared_as_timestamp(column) ? options.timestamps : TimestampForm::iso) {}

bool Decoder::append(sqlite3_stmt* row, int cell, ColumnBuilder* out) const {
  const int cell_class = sqlite3_column_type(row, cell);
  if (cell_class == SQLITE_NULL) {
    out->null();
    return true;
  }
  switch (want_.id) {
    case TypeId::utf8:
    case TypeId::json:
      return append_text(row, cell, cell_class, out);
    case TypeId::binary:
      if (cell_class == SQLITE_INTEGER || cell_class == SQLITE_FLOAT) return false;
      out->append_text(cell_blob(row, cell));
      return true;
    case TypeId::boolean: {
      if (cell_class == SQLITE_INTEGER) {
        const std::int64_t v = sqlite3_column_int64(row, cell);
        if (v != 0 && v != 1) return false;
        out->append_bool(v == 1);
        return true;
      }
      const std::string_view text = cell_class == SQLITE_TEXT ? cell_text(row, cell) : std::string_view();
      if (text != "true" && text != "false") return false;
      out->append_bool(text == "true");
      return true;
    }
    case TypeId::int64:
    case TypeId::float64:
    case TypeId::decimal128:
    case TypeId::number_text:
      return append_number(row, cell, cell_class, out);
    case TypeId::date32:
    case TypeId::time64:
    case TypeId::timestamp:
    case TypeId::timestamp_tz:
      return append_time(row, cell, cell_class, out);
    case TypeId::null_type:
      break;
  }
  return false;
}

std::int64_t Decoder::bad_byte(sqlite3_stmt* row, int cell) {
  if (sqlite3_column_type(row, cell) != SQLITE_TEXT) return -1;
  std::string_view text = cell_text(row, cell);
  for (std::size_t from = 0; from <= text.size();) {
    const sql::TextCheck check = sql::check_text(text.substr(from));
    if (check.fault == sql::TextFault::none) return -1;
    if (check.fault == sql::TextFault::not_utf8) return static_cast<std::int64_t>(from + check.at);
    from += check.at + 1;  // a NUL is a character like any other when reading
  }
  return -1;
}

bool Decoder::append_text(sqlite3_stmt* row, int cell, int cell_class, ColumnBuilder* out) const {
  if (cell_class == SQLITE_BLOB) return false;
  if (cell_class == SQLITE_FLOAT) {
    const double v = sqlite3_column_double(row, cell);
    if (!std::isfinite(v)) return false;
    out->append_text(sql::float_digits(v));
    return true;
  }
  const std::string_view text = cell_text(row, cell);  // integers: SQLite's digits are the number's
  if (sql::check_text(text).fault != sql::TextFault::none && bad_byte(row, cell) >= 0) return false;
  out->append_text(text);
  return true;
}

bool Decoder::append_number(sqlite3_stmt* row, int cell, int cell_class, ColumnBuilder* out) const {
  if (want_.id == TypeId::int64 && cell_class == SQLITE_INTEGER) {
    out->append_int64(sqlite3_column_int64(row, cell));
    return true;
  }
  if (want_.id == TypeId::float64 && cell_class == SQLITE_FLOAT) {
    out->append_float64(sqlite3_column_double(row, cell));
    return true;
  }
  if (want_.id == TypeId::number_text && cell_class == SQLITE_FLOAT &&
      std::isfinite(sqlite3_column_double(row, cell))) {
    out->append_text(sql::float_digits(sqlite3_column_double(row, cell)));
    return true;
  }
  if (want_.id == TypeId::number_text && cell_class == SQLITE_TEXT) {
    sql::ExactSum digits;  // any number of them
    if (!digits.add_text(cell_text(row, cell))) return false;
    out->append_text(digits.text());
    return true;
  }
  const auto number = cell_number(row, cell, cell_class);
  if (!number) return false;
  if (want_.id == TypeId::number_text) {
    out->append_text(sql::decimal_digits(*number));
    return true;
  }
  if (want_.id == TypeId::float64) {
    const auto value = sql::decimal_float(*number);
    if (!value) return false;
    out->append_float64(*value);
    return true;
  }
  if (want_.id == TypeId::int64) {
    const auto value = sql::rescale(*number, 19, 0);
    if (!value || *value > INT64_MAX || *value < INT64_MIN) return false;
    out->append_int64(static_cast<std::int64_t>(*value));
    return true;
  }
  const auto value = sql::rescale(*number, want_.precision, want_.scale);
  if (!value) return false;
  out->append_decimal(*value);
  return true;
}

bool Decoder::append_time(sqlite3_stmt* row, int cell, int cell_class, ColumnBuilder* out) const {
  const bool is_date = want_.id == TypeId::date32;
  const bool counted =
      is_date ? dates_ != DateForm::iso : timestamps_ != TimestampForm::iso && want_.id != TypeId::time64;
  if (counted) {
    if (cell_class != SQLITE_INTEGER) return false;
    const std::int64_t v = sqlite3_column_int64(row, cell);
    if (is_date) {
      const std::int64_t day = dates_ == DateForm::days ? v : v / 86400;
      if ((dates_ == DateForm::unix_seconds && v % 86400 != 0) || day < INT32_MIN || day > INT32_MAX) return false;
      out->append_date32(static_cast<std::int32_t>(day));
      return true;
    }
    std::int64_t us = 0;
    if (__builtin_mul_overflow(v, std::int64_t{timestamps_ == TimestampForm::unix_seconds ? 1000000 : 1000}, &us))
      return false;
    out->append_int64(us);
    return true;
  }
  if (cell_class != SQLITE_TEXT) return false;
  const std::string_view text = cell_text(row, cell);
  if (is_date) {
    const auto day = parse_date(text);
    if (day) out->append_date32(*day);
    return day.has_value();
  }
  if (want_.id == TypeId::time64) {
    const auto us = parse_time(text);
    if (us) out->append_int64(*us);
    return us.has_value();
  }
  const auto moment = parse_moment(text);
  if (!moment || moment->has_zone != (want_.id == TypeId::timestamp_tz)) return false;
  out->append_int64(moment->us);
  return true;
}

std::string cell_excerpt(sqlite3_stmt* row, int cell) {
  switch (sqlite3_column_type(row, cell)) {
    case SQLITE_NULL:
      return "null";
    case SQLITE_INTEGER:
      return std::to_string(sqlite3_column_int64(row, cell));
    case SQLITE_FLOAT: {
      const double v = sqlite3_column_double(row, cell);
      char text[40];
      const auto end = std::to_chars(text, text + sizeof text, v);
      return {text, static_cast<std::size_t>(end.ptr - text)};
    }
    case SQLITE_BLOB:
      return "blob of " + std::to_string(sqlite3_column_bytes(row, cell)) + " bytes";
    default:
      return "\"" + sql::excerpt(cell_text(row, cell)) + "\"";
  }
}

}  // namespace godwit::sqlite
