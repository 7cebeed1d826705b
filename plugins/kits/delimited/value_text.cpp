#include "plugins/kits/delimited/value_text.hpp"

#include <charconv>
#include <cmath>

namespace godwit::delimited {
namespace {

void append_padded(std::int64_t value, int digits, std::string* out) {
  char text[24];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  for (auto have = end - text; have < digits; ++have) *out += '0';
  out->append(text, end);
}

// Days since 1970-01-01 in the proleptic Gregorian calendar, counted in eras of 400 years that begin on 1 March.
void append_date(std::int64_t days, std::string* out) {
  const std::int64_t shifted = days + 719468;  // days since 0000-03-01
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const std::int64_t day_of_era = shifted - era * 146097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const std::int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  if (year < 0) *out += '-', year = -year;
  append_padded(year, 4, out);
  *out += '-';
  append_padded(month, 2, out);
  *out += '-';
  append_padded(day_of_year - (153 * month_from_march + 2) / 5 + 1, 2, out);
}

// Microseconds since midnight.
void append_time(std::int64_t us, std::string* out) {
  append_padded(us / 3'600'000'000, 2, out);
  *out += ':';
  append_padded(us / 60'000'000 % 60, 2, out);
  *out += ':';
  append_padded(us / 1'000'000 % 60, 2, out);
  if (const std::int64_t fraction = us % 1'000'000; fraction != 0) {
    *out += '.';
    append_padded(fraction, 6, out);
    while (out->back() == '0') out->pop_back();
  }
}

void append_timestamp(std::int64_t us, bool zoned, std::string* out) {
  constexpr std::int64_t kDay = 86'400'000'000;
  std::int64_t days = us / kDay, rest = us % kDay;
  if (rest < 0) --days, rest += kDay;
  append_date(days, out);
  *out += 'T';
  append_time(rest, out);
  if (zoned) *out += 'Z';
}

__extension__ typedef unsigned __int128 uint128;

void append_decimal(int128 value, int scale, std::string* out) {
  auto magnitude = static_cast<uint128>(value);
  if (value < 0) *out += '-', magnitude = -magnitude;
  char digits[48];
  int count = 0;
  while (magnitude != 0 || count <= scale) {
    digits[count++] = static_cast<char>('0' + static_cast<int>(magnitude % 10));
    magnitude /= 10;
  }
  for (int i = count - 1; i >= 0; --i) {
    *out += digits[i];
    if (i == scale && scale != 0) *out += '.';
  }
}

void append_float(double value, std::string* out) {
  if (std::isnan(value)) {
    *out += "NaN";
  } else if (std::isinf(value)) {
    *out += value < 0 ? "-Infinity" : "Infinity";
  } else {
    char text[32];
    out->append(text, std::to_chars(text, text + sizeof text, value).ptr);
  }
}

}  // namespace

void append_value(const Column& column, std::int64_t row, std::string* out) {
  switch (column.type.id) {
    case TypeId::null_type: return;
    case TypeId::boolean: out->append(column.boolean(row) ? "true" : "false"); return;
    case TypeId::int64: append_padded(column.int64(row), 0, out); return;
    case TypeId::float64: append_float(column.float64(row), out); return;
    case TypeId::decimal128: append_decimal(column.decimal(row), column.type.scale, out); return;
    case TypeId::date32: append_date(column.date32(row), out); return;
    case TypeId::time64: append_time(column.int64(row), out); return;
    case TypeId::timestamp:
    case TypeId::timestamp_tz: append_timestamp(column.int64(row), column.type.id == TypeId::timestamp_tz, out); return;
    case TypeId::utf8:
    case TypeId::json:
    case TypeId::number_text:
    case TypeId::binary: out->append(column.text(row)); return;
  }
}

bool is_text(Type type) { return type.id == TypeId::utf8 || type.id == TypeId::json || type.id == TypeId::binary; }

}  // namespace godwit::delimited
