// Conversions into the type of a target field that lose nothing. Whatever may lose something is the mapping's
// business: it says round(), number(), date() ...

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/expr/decimal_math.hpp"
#include "core/expr/expression.hpp"
#include "core/expr/source_text.hpp"
#include "core/expr/vector.hpp"

namespace godwit::expr {
namespace {

bool is_numeric(Type t) { return t.id == TypeId::int64 || t.id == TypeId::float64 || t.id == TypeId::decimal128; }

enum class Misfit : std::uint8_t { none, fraction, digits };

// 123.4500 at scale 4 is 123.45: trailing zeros are no fraction.
Misfit to_scale(int128 v, int from, Type to, int128* out) {
  int128 scaled = v;
  if (from > to.scale) {
    const int128 power = power_of_ten(from - to.scale);
    if (v % power != 0) return Misfit::fraction;
    scaled = v / power;
  } else if (from < to.scale && __builtin_mul_overflow(v, power_of_ten(to.scale - from), &scaled)) {
    return Misfit::digits;
  }
  const int128 limit = power_of_ten(to.precision == 0 ? kMostDigits : to.precision);
  *out = scaled;
  return scaled < limit && scaled > -limit ? Misfit::none : Misfit::digits;
}

// The shortest digits that read back as this double, as a decimal of `scale` places.
bool double_digits(double v, int128* digits, int* scale) {
  if (!std::isfinite(v)) return false;
  char text[64];
  const char* end = std::to_chars(text, text + sizeof text, v, std::chars_format::scientific).ptr;
  const char* mark = static_cast<const char*>(std::memchr(text, 'e', static_cast<std::size_t>(end - text)));
  int exponent = 0;
  std::from_chars(mark[1] == '+' ? mark + 2 : mark + 1, end, exponent);
  int128 n = 0;
  int places = 0;
  bool point = false;
  for (const char* p = text; p != mark; ++p) {
    if (*p == '.') point = true;
    if (*p < '0' || *p > '9') continue;
    n = n * 10 + (*p - '0');
    places += point ? 1 : 0;
  }
  places -= exponent;
  while (places > 0 && n != 0 && n % 10 == 0) n /= 10, --places;
  if (n == 0) places = 0;
  if (places < 0) {
    if (-places > kMostDigits || __builtin_mul_overflow(n, power_of_ten(-places), &n)) return false;
    places = 0;
  }
  if (places > kMostDigits) return false;
  *digits = text[0] == '-' ? -n : n, *scale = places;
  return true;
}

Misfit number_at(const Column& from, std::int64_t row, Type to, int128* out) {
  if (from.type.id == TypeId::int64) return to_scale(from.int64(row), 0, to, out);
  if (from.type.id == TypeId::decimal128) return to_scale(from.decimal(row), from.type.scale, to, out);
  int128 digits;
  int scale;
  if (!double_digits(from.float64(row), &digits, &scale)) return Misfit::digits;
  return to_scale(digits, scale, to, out);
}

// A double that says the same number: integers up to 2^53 and decimals that read back unchanged.
bool double_at(const Column& from, std::int64_t row, double* out) {
  const int scale = from.type.id == TypeId::int64 ? 0 : from.type.scale;
  const int128 v = from.type.id == TypeId::int64 ? int128{from.int64(row)} : from.decimal(row);
  *out = decimal_to_double(v, scale);
  int128 digits;
  int places;
  return double_digits(*out, &digits, &places) && decimal_compare(v, scale, digits, places) == 0;
}

Error misfit(Misfit kind, const Column& column, std::int64_t row, Type to) {
  return make_error(kind == Misfit::fraction ? 1220 : 1221, {{"seen", shortened(value_text(column, row))}, {"expected", to_string(to)}});
}

}  // namespace
}  // namespace godwit::expr

namespace godwit {

bool fits(Type from, Type to) {
  if (from.id == to.id || from.id == TypeId::null_type) return true;
  if (expr::is_numeric(from)) return expr::is_numeric(to) || to.id == TypeId::utf8 || to.id == TypeId::number_text;
  switch (from.id) {
    case TypeId::date32:
    case TypeId::time64:
    case TypeId::timestamp:
    case TypeId::timestamp_tz:
    case TypeId::json:
    case TypeId::number_text: return to.id == TypeId::utf8;
    default: return false;
  }
}

Fitted fit(const Column& column, Type to) {
  Fitted out;
  const Type from = column.type;
  if (from == to) return out.column = column, out;
  if (from.id == TypeId::null_type || !fits(from, to)) {
    out.column = null_column(to, column.length);
    if (from.id == TypeId::null_type) return out;
    for (std::int64_t row = 0; row < column.length; ++row)
      if (!column.is_null(row)) out.errors.push_back({row, expr::misfit(expr::Misfit::digits, column, row, to)});
    return out;
  }
  // The same bytes under another name.
  if (from.is_variable() && to.is_variable()) return out.column = column, out.column.type = to, out;

  ColumnBuilder builder(to);
  builder.reserve(column.length);
  for (std::int64_t row = 0; row < column.length; ++row) {
    if (column.is_null(row)) {
      builder.null();
      continue;
    }
    if (to.is_variable()) {
      builder.append_text(value_text(column, row));
      continue;
    }
    if (to.id == TypeId::float64) {
      double v;
      const bool same = expr::double_at(column, row, &v);
      if (same) builder.append_float64(v);
      else builder.null(), out.errors.push_back({row, expr::misfit(expr::Misfit::digits, column, row, to)});
      continue;
    }
    int128 v = 0;
    const Type whole = to.id == TypeId::int64 ? Type::decimal(kMostDigits, 0) : to;
    expr::Misfit kind = expr::number_at(column, row, whole, &v);
    if (kind == expr::Misfit::none && to.id == TypeId::int64 &&
        (v > std::numeric_limits<std::int64_t>::max() || v < std::numeric_limits<std::int64_t>::min()))
      kind = expr::Misfit::digits;
    if (kind != expr::Misfit::none) builder.null(), out.errors.push_back({row, expr::misfit(kind, column, row, to)});
    else if (to.id == TypeId::int64) builder.append_int64(static_cast<std::int64_t>(v));
    else builder.append_decimal(v);
  }
  out.column = builder.finish();
  return out;
}

}  // namespace godwit
