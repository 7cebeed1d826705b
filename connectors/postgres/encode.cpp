#include "connectors/postgres/encode.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "plugins/kits/sql/clean_text.hpp"
#include "plugins/kits/sql/exact.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::postgres {
namespace {

constexpr int kStoredOtherwise = 3331;

// The days and moments that PostgreSQL holds (https://www.postgresql.org/docs/current/datatype-datetime.html).
// The last moment lies beyond what Godwit's own timestamps reach.
constexpr std::int64_t kFirstDay = -2440588, kLastDay = 2145042905;
constexpr std::int64_t kFirstMoment = -210866803200000000;

bool is_text(Type t) { return t.id == TypeId::utf8 || t.id == TypeId::json || t.id == TypeId::number_text; }

std::string in_quotes(std::string_view text) { return "\"" + sql::excerpt(text) + "\""; }

// Whether any byte has to be escaped in COPY's text form.
bool has_escapes(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101u, kHigh = 0x8080808080808080u;
  std::size_t at = 0;
  const auto any = [](std::uint64_t word, unsigned char c) {
    const std::uint64_t x = word ^ (kOnes * c);
    return ((x - kOnes) & ~x & kHigh) != 0;
  };
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    if (any(word, '\\') || any(word, '\n') || any(word, '\r') || any(word, '\t')) return true;
  }
  for (; at < text.size(); ++at)
    if (text[at] == '\\' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t') return true;
  return false;
}

void append_escaped(std::string_view text, MutableBuffer* out) {
  while (!text.empty()) {
    const std::size_t at = text.find_first_of("\\\n\r\t");
    const std::size_t plain = at == std::string_view::npos ? text.size() : at;
    out->append(text.data(), plain);
    if (at == std::string_view::npos) return;
    const char two[2] = {'\\', text[at] == '\n' ? 'n' : text[at] == '\r' ? 'r' : text[at] == '\t' ? 't' : '\\'};
    out->append(two, 2);
    text.remove_prefix(at + 1);
  }
}

// "2024-01-31", "0044-03-15 BC".
std::string day_text(std::int64_t days, bool* before_christ) {
  std::string text = date_text(days);
  const bool negative = text.front() == '-';
  if (negative) text.erase(0, 1);
  const std::size_t dash = text.find('-');
  std::int64_t year = 0;
  std::from_chars(text.data(), text.data() + dash, year);
  *before_christ = negative || year == 0;
  if (!*before_christ) return text;
  std::string of = std::to_string(year + 1);  // 0 is 1 BC
  of.insert(0, of.size() < 4 ? 4 - of.size() : 0, '0');
  return of + text.substr(dash);
}

std::string moment_text(std::int64_t us, bool with_zone) {
  std::int64_t day = us / 86400000000, rest = us % 86400000000;
  if (rest < 0) rest += 86400000000, --day;
  bool before_christ = false;
  std::string out = day_text(day, &before_christ);
  out += " " + time_text(rest);
  if (with_zone) out += "+00";
  return before_christ ? out + " BC" : out;
}

std::string float_text(double v) {
  char digits[40];
  const auto end = std::to_chars(digits, digits + sizeof digits, v);
  return {digits, static_cast<std::size_t>(end.ptr - digits)};
}

// A uuid as the server prints it, or "" when the text is none.
std::string canonical_uuid(std::string_view text) {
  if (text.size() >= 2 && text.front() == '{' && text.back() == '}') text = text.substr(1, text.size() - 2);
  std::string hex;
  for (char c : text) {
    if (c == '-') continue;
    const char low = c >= 'A' && c <= 'F' ? static_cast<char>(c + ('a' - 'A')) : c;
    if (!((low >= '0' && low <= '9') || (low >= 'a' && low <= 'f'))) return {};
    hex += low;
  }
  if (hex.size() != 32) return {};
  for (const std::size_t at : {8u, 13u, 18u, 23u}) hex.insert(at, 1, '-');
  return hex;
}

}  // namespace

std::optional<Encoder> Encoder::plan(Type from, const ColumnInfo& to, Charset* charset) {
  const Type own = to.type.type;
  // Values come in the column's own type, as texts that the server reads, or go into a text as people read them.
  const bool possible = from.id == own.id || from.id == TypeId::null_type || is_text(from) ||
                        (own.id == TypeId::utf8 && from.id != TypeId::binary) ||
                        (from.is_numeric() && own.is_numeric());
  if (!possible || (own.id == TypeId::binary && from.id != TypeId::binary && from.id != TypeId::null_type))
    return std::nullopt;
  Encoder e;
  e.from_ = from, e.to_ = to, e.charset_ = charset, e.is_text_ = is_text(from);
  const bool unlike = from.id != own.id && own.id != TypeId::utf8;
  e.looks_at_values_ = unlike || from.id == TypeId::float64 || own.id == TypeId::json || own.id == TypeId::date32 ||
                       own.id == TypeId::timestamp || own.id == TypeId::timestamp_tz || own.id == TypeId::time64 ||
                       to.type.is_uuid || to.type.is_blank_padded || !to.choices.empty() ||
                       to.type.least != INT64_MIN || own.id == TypeId::number_text || own.id == TypeId::decimal128;
  if (from.id == own.id && own.id == TypeId::decimal128 && from == own) e.looks_at_values_ = false;
  // A text that the server has to read is staged as such.
  if (is_text(from) && !is_text(own)) e.to_.type.staged_as_text = true;
  return e;
}

bool Encoder::texts_fit(const Column& column) const {
  if (to_.length) {
    // A text has at most as many characters as bytes; only longer ones need counting.
    for (std::int64_t i = 0; i < column.length; ++i)
      if (static_cast<std::int64_t>(column.text(i).size()) > *to_.length) return false;
  }
  if (!charset_->holds_everything()) return false;
  return sql::all_text_is_clean(column, 0, column.length);
}

void Encoder::look_at(const Column& column) {
  column_ = &column, escapes_ = false;
  if (is_text_ && column.length > 0) {
    const std::int32_t* offsets = column.values.as<std::int32_t>();
    escapes_ = has_escapes(
        {column.bytes.as<char>() + offsets[0], static_cast<std::size_t>(offsets[column.length] - offsets[0])});
    if (!looks_at_values_ && texts_fit(column)) return;
  } else if (!looks_at_values_) {
    return;
  }
  for (std::int64_t row = 0; row < column.length; ++row) {
    if (column.is_null(row)) continue;
    auto fault = is_text_ ? text_fault(column.text(row)) : std::nullopt;
    if (!fault && looks_at_values_) fault = value_fault(column, row);
    if (fault) faults_.emplace_back(row, std::move(*fault));
  }
}

std::optional<Fault> Encoder::text_fault(std::string_view text) const {
  const sql::TextCheck check = sql::check_text(text);
  if (check.fault != sql::TextFault::none)
    return Fault{check.fault == sql::TextFault::nul ? sql::kHoldsNul : sql::kNotUtf8, std::to_string(check.at + 1), ""};
  if (!charset_->holds(text)) return Fault{3332, in_quotes(text), charset_->name()};
  if (to_.length && static_cast<std::int64_t>(text.size()) > *to_.length)
    if (const std::int64_t n = sql::count_characters(text); n > *to_.length)
      return Fault{sql::kTooLong, std::to_string(n), std::to_string(*to_.length)};
  return std::nullopt;
}

std::optional<Fault> Encoder::value_fault(const Column& column, std::int64_t row) const {
  const Type own = to_.type.type;
  const auto fault = [&](int number) {
    const std::string seen = value_text(column, row);
    return Fault{number, is_text_ ? in_quotes(seen) : sql::excerpt(seen), to_.type.declared};
  };
  if (is_text_) {
    const std::string_view text = column.text(row);
    if (!to_.choices.empty() && std::find(to_.choices.begin(), to_.choices.end(), text) == to_.choices.end()) {
      std::string expected;
      for (const std::string& choice : to_.choices) expected += (expected.empty() ? "" : ", ") + choice;
      return Fault{sql::kNotAChoice, in_quotes(text), sql::excerpt(expected)};
    }
    if (to_.type.is_uuid) {
      const std::string canonical = canonical_uuid(text);
      if (canonical.empty()) return fault(sql::kWrongType);
      if (canonical != text) return Fault{kStoredOtherwise, in_quotes(text), in_quotes(canonical)};
    }
    if (to_.type.is_blank_padded && text.ends_with(' '))
      return Fault{kStoredOtherwise, in_quotes(text), in_quotes(text.substr(0, text.find_last_not_of(' ') + 1))};
    if (own.id == TypeId::json && !nlohmann::json::accept(text)) return fault(sql::kWrongType);
    if (own.is_numeric()) {
      sql::ExactSum number;
      if (!number.add_text(text)) return fault(sql::kWrongType);
    }
    return std::nullopt;
  }
  switch (own.id) {
    case TypeId::int64: {
      std::optional<sql::Decimal> number;
      if (from_.id == TypeId::int64) number = sql::Decimal{column.int64(row), 0};
      if (from_.id == TypeId::decimal128) number = sql::Decimal{column.decimal(row), from_.scale};
      if (from_.id == TypeId::float64) number = sql::float_decimal(column.float64(row));
      const auto whole = number ? sql::rescale(*number, 38, 0) : std::nullopt;
      if (!whole) return fault(sql::kWrongType);
      return *whole < to_.type.least || *whole > to_.type.most ? std::optional(fault(sql::kOutOfRange)) : std::nullopt;
    }
    case TypeId::decimal128: {
      std::optional<sql::Decimal> number;
      if (from_.id == TypeId::int64) number = sql::Decimal{column.int64(row), 0};
      if (from_.id == TypeId::decimal128) number = sql::Decimal{column.decimal(row), from_.scale};
      if (from_.id == TypeId::float64) number = sql::float_decimal(column.float64(row));
      if (!number) return fault(sql::kNotANumber);
      return sql::rescale(*number, own.precision, own.scale) ? std::nullopt : std::optional(fault(sql::kOutOfRange));
    }
    case TypeId::float64:
      if (from_.id == TypeId::float64 && to_.type.is_float4) {
        const double v = column.float64(row);
        double back = v;
        if (std::isfinite(v)) {
          const auto narrow = static_cast<float>(v);
          char digits[40];
          const auto end = std::to_chars(digits, digits + sizeof digits, narrow);
          if (std::isinf(narrow)) return fault(sql::kOutOfRange);
          std::from_chars(digits, end.ptr, back);
          if (back != v) return Fault{sql::kNotExact, float_text(v), std::string(digits, end.ptr)};
        }
      }
      return std::nullopt;
    case TypeId::number_text:
      return from_.id == TypeId::float64 && !std::isfinite(column.float64(row)) ? std::optional(fault(sql::kNotANumber))
                                                                                : std::nullopt;
    case TypeId::date32:
      return column.date32(row) < kFirstDay || column.date32(row) > kLastDay ? std::optional(fault(sql::kOutOfRange))
                                                                             : std::nullopt;
    case TypeId::time64:
    case TypeId::timestamp:
    case TypeId::timestamp_tz: {
      const std::int64_t us = column.int64(row);
      if (own.id != TypeId::time64 && us < kFirstMoment) return fault(sql::kOutOfRange);
      if (own.id == TypeId::time64 && (us < 0 || us > 86400000000)) return fault(sql::kOutOfRange);
      std::int64_t unit = 1;
      for (int digit = to_.type.fraction; digit < 6; ++digit) unit *= 10;
      return us % unit != 0 ? std::optional(fault(sql::kNotExact)) : std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

std::string Encoder::literal(const Column& column, std::int64_t row) const {
  bool before_christ = false;
  switch (column.type.id) {
    case TypeId::float64:
      return float_text(column.float64(row));
    case TypeId::binary:
      return "\\x" + value_text(column, row);
    case TypeId::date32: {
      const std::string day = day_text(column.date32(row), &before_christ);
      return before_christ ? day + " BC" : day;
    }
    case TypeId::timestamp:
    case TypeId::timestamp_tz:
      // Into a text column a moment goes as people read it.
      if (to_.type.type.id == TypeId::utf8) return value_text(column, row);
      return moment_text(column.int64(row), column.type.id == TypeId::timestamp_tz);
    default:
      return value_text(column, row);
  }
}

void Encoder::put_value(std::int64_t row, MutableBuffer* out) const {
  if (is_text_) return append_escaped(column_->text(row), out);
  if (from_.id == TypeId::int64) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, column_->int64(row));
    return out->append(digits, static_cast<std::size_t>(end.ptr - digits));
  }
  if (from_.id == TypeId::boolean && to_.type.type.id == TypeId::boolean)
    return out->append(column_->boolean(row) ? "t" : "f", 1);
  append_escaped(literal(*column_, row), out);
}

}  // namespace godwit::postgres
