#include "connectors/sqlite/encode.hpp"

#include <cmath>

#include "connectors/sqlite/time_text.hpp"
#include "plugins/kits/sql/clean_text.hpp"
#include "plugins/kits/sql/exact.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::sqlite {
namespace {

bool is_text(Type t) { return t.id == TypeId::utf8 || t.id == TypeId::json; }
bool is_moment(Type t) { return t.id == TypeId::timestamp || t.id == TypeId::timestamp_tz; }
bool is_time(Type t) { return t.id == TypeId::date32 || t.id == TypeId::time64 || is_moment(t); }
bool makes_numbers(Affinity a) { return a == Affinity::numeric || a == Affinity::integer || a == Affinity::real; }

// The digits that SQLite would make of a text in a column of numeric affinity, or nullopt when it stays a text
// (https://www.sqlite.org/datatype3.html, section 3: a well-formed literal, blanks around it allowed).
std::optional<std::string> as_number(std::string_view text) {
  static constexpr std::string_view kBlank = " \t\n\v\f\r";
  const std::size_t from = text.find_first_not_of(kBlank);
  if (from == std::string_view::npos) return std::nullopt;
  text = text.substr(from, text.find_last_not_of(kBlank) + 1 - from);
  const char c = text.front() == '-' || text.front() == '+' ? (text.size() > 1 ? text[1] : 'x') : text.front();
  if (!(c >= '0' && c <= '9') && c != '.') return std::nullopt;
  sql::ExactSum digits;
  if (!digits.add_text(text)) return std::nullopt;
  const std::string exact = digits.text();
  if (sql::canonical_integer(exact)) return exact;
  // Any other number becomes a float.
  const double value = std::strtod(std::string(text).c_str(), nullptr);
  return std::isfinite(value) ? sql::float_digits(value) : "Inf";
}

std::string in_quotes(std::string_view text) { return "\"" + sql::excerpt(text) + "\""; }

}  // namespace

std::optional<Encoder> Encoder::plan(Type from, const ColumnInfo& to, const Options& options) {
  Encoder e;
  e.from_ = from, e.to_ = to.type, e.affinity_ = to.affinity, e.longest_ = to.declared_length;
  e.dates_ = options.dates, e.timestamps_ = options.timestamps;
  if (from.id == TypeId::null_type) {
    e.direct_ = How::nothing;
    return e;
  }
  const bool text_keeps = is_text(to.type) && !makes_numbers(to.affinity);
  if (to.type.id == TypeId::binary) {
    e.direct_ = How::blobs;
    return from.id == TypeId::binary ? std::optional<Encoder>(e) : std::nullopt;
  }
  if (from.id == TypeId::binary) return std::nullopt;
  if (is_text(to.type)) {
    if (is_text(from)) {
      e.direct_ = text_keeps ? How::texts : How::cells;
      e.convert_ = &Encoder::convert_text;
    } else {
      e.convert_ = &Encoder::convert_to_text;
    }
    return e;
  }
  if (to.type.is_numeric()) {
    if (is_time(from)) return std::nullopt;
    if (from.id == TypeId::int64 && (to.type.id == TypeId::int64 || to.type.id == TypeId::number_text))
      e.direct_ = How::integers;
    if (from.id == TypeId::float64 && to.type.id == TypeId::float64) e.direct_ = How::reals;
    e.convert_ = &Encoder::convert_number;
    return e;
  }
  if (to.type.id == TypeId::boolean) {
    if (from.id != TypeId::boolean && from.id != TypeId::int64 && !is_text(from)) return std::nullopt;
    e.convert_ = &Encoder::convert_boolean;
    return e;
  }
  if (!is_text(from) && from.id != to.type.id) return std::nullopt;
  e.convert_ = is_text(from) ? &Encoder::convert_time_text : &Encoder::convert_time;
  return e;
}

bool Encoder::all_fit_as_they_are(std::int64_t length) const {
  switch (direct_) {
    case How::texts: {
      if (longest_) {
        // A text has at most as many characters as bytes; only longer ones need counting.
        for (std::int64_t i = 0; i < length; ++i)
          if (static_cast<std::int64_t>(column_->text(first_ + i).size()) > *longest_) return false;
      }
      return sql::all_text_is_clean(*column_, first_, length);
    }
    case How::reals:
      for (std::int64_t i = 0; i < length; ++i)
        if (std::isnan(column_->float64(first_ + i)) && !column_->is_null(first_ + i)) return false;
      return true;
    case How::cells:
      return false;
    default:
      return true;
  }
}

void Encoder::load_cells(std::int64_t length) {
  faults_.clear(), arena_.clear();
  if (all_fit_as_they_are(length)) {
    how_ = direct_;
    return;
  }
  how_ = How::cells;
  cells_.assign(static_cast<std::size_t>(length), Cell());
  for (std::int64_t i = 0; i < length; ++i) {
    if (column_->is_null(first_ + i)) continue;
    Cell& cell = cells_[static_cast<std::size_t>(i)];
    if (auto fault = (this->*convert_)(first_ + i, &cell)) {
      cell.kind = Cell::Kind::fault;
      faults_.emplace_back(i, std::move(*fault));
    }
  }
}

void Encoder::set_text(std::string_view text, Cell* cell) {
  cell->kind = Cell::Kind::text, cell->in_arena = true;
  cell->made = arena_.size(), cell->size = text.size();
  arena_ += text;
}

std::optional<Fault> Encoder::text_fault(std::string_view text) const {
  const sql::TextCheck check = sql::check_text(text);
  if (check.fault != sql::TextFault::none)
    return Fault{check.fault == sql::TextFault::nul ? sql::kHoldsNul : sql::kNotUtf8, std::to_string(check.at + 1), ""};
  if (longest_ && static_cast<std::int64_t>(text.size()) > *longest_)
    if (const std::int64_t n = sql::count_characters(text); n > *longest_)
      return Fault{sql::kTooLong, std::to_string(n), std::to_string(*longest_)};
  if (makes_numbers(affinity_))
    if (const auto number = as_number(text); number && *number != text)
      return Fault{sql::kWouldBeAltered, in_quotes(text), *number};
  return std::nullopt;
}

std::optional<Fault> Encoder::convert_text(std::int64_t row, Cell* cell) {
  const std::string_view text = column_->text(row);
  cell->kind = Cell::Kind::text, cell->bytes = text;
  return text_fault(text);
}

std::optional<Fault> Encoder::convert_to_text(std::int64_t row, Cell* cell) {
  if (from_.id == TypeId::float64 && !std::isfinite(column_->float64(row)))
    return Fault{sql::kNotANumber, godwit::value_text(*column_, row), ""};
  const std::string text =
      from_.id == TypeId::float64 ? sql::float_digits(column_->float64(row)) : godwit::value_text(*column_, row);
  if (auto fault = text_fault(text)) return fault;
  set_text(text, cell);
  return std::nullopt;
}

std::optional<Fault> Encoder::convert_number(std::int64_t row, Cell* cell) {
  const auto refuse = [&](int number) {
    const std::string seen = godwit::value_text(*column_, row);
    return Fault{number, is_text(from_) ? in_quotes(seen) : seen,
                 number == sql::kNotExact ? "64-bit integers and floats" : to_string(to_)};
  };
  if (from_.id == TypeId::float64) {
    const double v = column_->float64(row);
    if (std::isnan(v) || (std::isinf(v) && to_.id != TypeId::float64)) return refuse(sql::kNotANumber);
    if (to_.id == TypeId::float64) {
      cell->kind = Cell::Kind::real, cell->real = v;
      return std::nullopt;
    }
  }
  std::optional<sql::Decimal> number;
  switch (from_.id) {
    case TypeId::boolean:
      number = sql::Decimal{column_->boolean(row) ? 1 : 0, 0};
      break;
    case TypeId::int64:
      number = sql::Decimal{column_->int64(row), 0};
      break;
    case TypeId::decimal128:
      number = sql::Decimal{column_->decimal(row), from_.scale};
      break;
    case TypeId::float64:
      number = sql::float_decimal(column_->float64(row));
      break;
    default: {
      const std::string_view text = column_->text(row);
      number = sql::parse_decimal(text);
      // Text is no number unless it is spelt as one: 007 and +1 are customer data.
      if (is_text(from_)) {
        const auto exact = as_number(text);
        if (!number || !exact || *exact != text) return refuse(sql::kWrongType);
      }
    }
  }
  if (!number) return refuse(from_.id == TypeId::number_text ? sql::kNotExact : sql::kOutOfRange);
  if (to_.id == TypeId::decimal128 && !sql::rescale(*number, to_.precision, to_.scale)) return refuse(sql::kOutOfRange);
  const auto whole = sql::rescale(*number, 19, 0);
  const bool integer = whole && *whole <= INT64_MAX && *whole >= INT64_MIN;
  if (to_.id == TypeId::int64 && !integer)
    return refuse(whole || number->scale <= 0 ? sql::kOutOfRange : sql::kWrongType);
  if (integer && affinity_ != Affinity::real) {
    cell->kind = Cell::Kind::integer, cell->integer = static_cast<std::int64_t>(*whole);
    return std::nullopt;
  }
  const auto real = sql::decimal_float(*number);
  if (!real) return refuse(sql::kNotExact);
  cell->kind = Cell::Kind::real, cell->real = *real;
  return std::nullopt;
}

std::optional<Fault> Encoder::convert_boolean(std::int64_t row, Cell* cell) {
  std::int64_t value = -1;
  if (from_.id == TypeId::boolean)
    value = column_->boolean(row) ? 1 : 0;
  else if (from_.id == TypeId::int64)
    value = column_->int64(row);
  else if (column_->text(row) == "true" || column_->text(row) == "1")
    value = 1;
  else if (column_->text(row) == "false" || column_->text(row) == "0")
    value = 0;
  if (value != 0 && value != 1)
    return Fault{sql::kWrongType, in_quotes(godwit::value_text(*column_, row)), to_string(to_)};
  cell->kind = Cell::Kind::integer, cell->integer = value;
  return std::nullopt;
}

std::optional<Fault> Encoder::convert_time(std::int64_t row, Cell* cell) {
  const auto refuse = [&](int number, std::string expected) {
    return Fault{number, godwit::value_text(*column_, row), std::move(expected)};
  };
  if (from_.id == TypeId::time64) {
    set_text(time_text(column_->int64(row)), cell);
    return std::nullopt;
  }
  if (from_.id == TypeId::date32) {
    const std::int64_t day = column_->date32(row);
    if (dates_ != DateForm::iso) {
      cell->kind = Cell::Kind::integer, cell->integer = dates_ == DateForm::days ? day : day * 86400;
      return std::nullopt;
    }
    const auto text = day_text(column_->date32(row));
    if (!text) return refuse(sql::kOutOfRange, "0000-01-01 to 9999-12-31");
    set_text(*text, cell);
    return std::nullopt;
  }
  const std::int64_t us = column_->int64(row);
  if (timestamps_ != TimestampForm::iso) {
    const std::int64_t unit = timestamps_ == TimestampForm::unix_seconds ? 1000000 : 1000;
    if (us % unit != 0) return refuse(sql::kNotExact, unit == 1000 ? "whole milliseconds" : "whole seconds");
    cell->kind = Cell::Kind::integer, cell->integer = us / unit;
    return std::nullopt;
  }
  const auto text = moment_text(us, from_.id == TypeId::timestamp_tz);
  if (!text) return refuse(sql::kOutOfRange, "0000-01-01 to 9999-12-31");
  set_text(*text, cell);
  return std::nullopt;
}

// A text into a column of dates or times must be one, or the reader would not understand it.
std::optional<Fault> Encoder::convert_time_text(std::int64_t row, Cell* cell) {
  const std::string_view text = column_->text(row);
  if (auto fault = text_fault(text)) return fault;
  const bool counted =
      to_.id == TypeId::date32 ? dates_ != DateForm::iso : is_moment(to_) && timestamps_ != TimestampForm::iso;
  bool fits = false;
  if (to_.id == TypeId::date32) fits = parse_date(text).has_value();
  if (to_.id == TypeId::time64) fits = parse_time(text).has_value();
  if (is_moment(to_)) {
    const auto moment = parse_moment(text);
    fits = moment && moment->has_zone == (to_.id == TypeId::timestamp_tz);
  }
  if (!fits || counted) return Fault{sql::kWrongType, in_quotes(text), to_string(to_)};
  cell->kind = Cell::Kind::text, cell->bytes = text;
  return std::nullopt;
}

}  // namespace godwit::sqlite
