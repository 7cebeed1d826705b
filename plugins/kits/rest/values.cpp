#include "plugins/kits/rest/values.hpp"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/sql/clean_text.hpp"
#include "plugins/kits/sql/exact.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::rest {
namespace {

std::string in_quotes(std::string_view text) { return '"' + sql::excerpt(text) + '"'; }

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<ValueFault> text_fault(std::string_view text) {
  const sql::TextCheck check = sql::check_text(text);
  if (check.fault == sql::TextFault::none) return std::nullopt;
  return ValueFault{check.fault == sql::TextFault::nul ? sql::kHoldsNul : sql::kNotUtf8, std::to_string(check.at + 1), ""};
}

std::optional<ValueFault> write_text(std::string_view text, const ValueForm& form, WrittenValue* out) {
  if (auto fault = text_fault(text)) return fault;
  if (form.blanks != ValueForm::Blanks::keep) {
    const std::string_view kept = trimmed(text);
    if (form.blanks == ValueForm::Blanks::refuse && (kept.size() != text.size() || text.empty()))
      return ValueFault{sql::kWouldBeAltered, in_quotes(text), kept.empty() ? "null" : in_quotes(kept)};
    if (kept.empty()) {
      out->null = true;
      return std::nullopt;
    }
    text = kept;
  }
  out->text.assign(text), out->quoted = true;
  return std::nullopt;
}

std::optional<ValueFault> write_number(const Column& column, std::int64_t row, const ValueForm& form, WrittenValue* out) {
  out->quoted = form.numbers == ValueForm::Numbers::text;
  if (column.type.id == TypeId::float64) {
    const double value = column.float64(row);
    if (!std::isfinite(value)) return ValueFault{sql::kNotANumber, value_text(column, row), ""};
    char text[40];  // the shortest digits that read back as the same double
    const auto end = std::to_chars(text, text + sizeof text, value);
    out->text.assign(text, end.ptr);
    return std::nullopt;
  }
  out->text = value_text(column, row);
  if (column.type.id == TypeId::number_text) {
    const auto number = sql::parse_decimal(out->text);
    if (number) out->text = sql::decimal_digits(*number);  // "+1" and ".5" are no JSON
    else if (!sql::ExactSum().add_text(out->text)) return ValueFault{sql::kWrongType, in_quotes(out->text), to_string(column.type)};
    else if (form.numbers == ValueForm::Numbers::as_double) return ValueFault{sql::kNotExact, out->text, "a double"};
    else out->text = sql::add_digits(out->text, "0");
  }
  if (form.numbers != ValueForm::Numbers::as_double) return std::nullopt;
  const auto number = sql::parse_decimal(out->text);
  if (!number || !sql::decimal_float(*number)) return ValueFault{sql::kNotExact, out->text, "a double"};
  return std::nullopt;
}

std::optional<ValueFault> write_time(const Column& column, std::int64_t row, const ValueForm& form, WrittenValue* out) {
  const auto beyond = [&] { return ValueFault{sql::kOutOfRange, value_text(column, row), "0000-01-01 ... 9999-12-31"}; };
  const auto too_fine = [&](int digits) { return ValueFault{sql::kNotExact, value_text(column, row), digits == 0 ? "whole seconds" : std::to_string(digits) + " digits of a second"}; };
  out->quoted = true;
  if (column.type.id == TypeId::date32) {
    const std::int32_t day = column.date32(row);
    if (form.dates != DateForm::iso) {
      const std::int64_t seconds = day * std::int64_t{86400} - form.date_offset_s;
      out->text = std::to_string(form.dates == DateForm::epoch_s ? seconds : seconds * 1000), out->quoted = false;
      return std::nullopt;
    }
    const auto text = date_form_text(day);
    if (!text) return beyond();
    out->text = *text;
    return std::nullopt;
  }
  const std::int64_t us = column.int64(row);
  if (column.type.id == TypeId::time64) {
    if (!fits_digits(us, form.fraction_digits)) return too_fine(form.fraction_digits);
    const auto text = time_form_text(us, form.fraction_digits);
    if (!text) return ValueFault{sql::kOutOfRange, std::to_string(us), "00:00:00 ... 23:59:59"};
    out->text = *text + std::string(form.time_suffix);
    return std::nullopt;
  }
  if (form.moments == MomentForm::epoch_s || form.moments == MomentForm::epoch_ms) {
    const int digits = form.moments == MomentForm::epoch_s ? 0 : 3;
    if (!fits_digits(us, digits)) return too_fine(digits);
    out->text = std::to_string(us / (digits == 0 ? 1000000 : 1000)), out->quoted = false;
    return std::nullopt;
  }
  if (!fits_digits(us, form.fraction_digits)) return too_fine(form.fraction_digits);
  std::string_view zone;  // a timestamp without zone is written without one
  if (column.type.id == TypeId::timestamp_tz)
    zone = form.moments == MomentForm::iso_z ? "Z" : form.moments == MomentForm::iso_offset ? "+00:00" : "+0000";
  const auto text = moment_form_text(us, form.fraction_digits, zone);
  if (!text) return beyond();
  out->text = *text;
  return std::nullopt;
}

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t out = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() ? std::optional(out) : std::nullopt;
}

std::optional<bool> truth(std::string_view text) {
  if (text == "true" || text == "1" || text == "TRUE" || text == "True") return true;
  if (text == "false" || text == "0" || text == "FALSE" || text == "False") return false;
  return std::nullopt;
}

// The integer that the digits are, also when they are written 12.0 or 1.2e1.
std::optional<std::int64_t> integer_of(std::string_view text) {
  if (const auto plain = whole(text)) return plain;
  const auto number = sql::parse_decimal(text);
  const auto value = number ? sql::rescale(*number, 19, 0) : std::nullopt;
  return value && *value <= INT64_MAX && *value >= INT64_MIN ? std::optional(static_cast<std::int64_t>(*value)) : std::nullopt;
}

bool read_number(std::string_view text, ColumnBuilder* out) {
  switch (out->type().id) {
    case TypeId::int64: {
      const auto value = integer_of(text);
      if (value) out->append_int64(*value);
      return value.has_value();
    }
    case TypeId::float64: {
      double value = 0;
      const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
      const bool fits = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
      if (fits) out->append_float64(value);
      return fits;
    }
    case TypeId::decimal128: {
      const auto number = sql::parse_decimal(text);
      const auto value = number ? sql::rescale(*number, out->type().precision, out->type().scale) : std::nullopt;
      if (value) out->append_decimal(*value);
      return value.has_value();
    }
    default: {
      if (const auto number = sql::parse_decimal(text)) return out->append_text(sql::decimal_digits(sql::normal(*number))), true;
      sql::ExactSum sum;
      const bool fits = sum.add_text(text);
      if (fits) out->append_text(sum.text());
      return fits;
    }
  }
}

bool read_time(std::string_view text, const ValueForm& form, ColumnBuilder* out) {
  switch (out->type().id) {
    case TypeId::date32: {
      if (form.dates == DateForm::iso) {
        const auto day = parse_date(text);
        if (day) out->append_date32(*day);
        return day.has_value();
      }
      const auto count = integer_of(text);
      const std::int64_t unit = form.dates == DateForm::epoch_s ? 1 : 1000;
      if (!count || *count > INT64_MAX / 4 || *count < INT64_MIN / 4) return false;
      const std::int64_t local = *count + form.date_offset_s * unit;
      std::int64_t day = local / (86400 * unit);
      if (local % (86400 * unit) != 0) return false;  // no midnight: not the offset that was declared
      if (day < INT32_MIN || day > INT32_MAX) return false;
      out->append_date32(static_cast<std::int32_t>(day));
      return true;
    }
    case TypeId::time64: {
      const auto time = parse_time(text);
      if (time) out->append_int64(*time);
      return time.has_value();
    }
    default: {
      if (form.moments == MomentForm::epoch_s || form.moments == MomentForm::epoch_ms) {
        const auto count = integer_of(text);
        const std::int64_t unit = form.moments == MomentForm::epoch_s ? 1000000 : 1000;
        if (!count || *count > INT64_MAX / unit || *count < INT64_MIN / unit) return false;
        out->append_int64(*count * unit);
        return true;
      }
      const auto moment = parse_moment(text);
      if (!moment || moment->has_zone != (out->type().id == TypeId::timestamp_tz)) return false;
      out->append_int64(moment->us);
      return true;
    }
  }
}

}  // namespace

std::optional<ValueFault> write_value(const Column& column, std::int64_t row, const ValueForm& form, WrittenValue* out) {
  out->text.clear(), out->quoted = false, out->null = column.is_null(row);
  if (out->null) return std::nullopt;
  switch (column.type.id) {
    case TypeId::null_type: out->null = true; return std::nullopt;
    case TypeId::boolean: {
      const bool value = column.boolean(row);
      out->text = form.booleans == ValueForm::Booleans::digits ? (value ? "1" : "0") : value ? "true" : "false";
      out->quoted = form.booleans == ValueForm::Booleans::text;
      return std::nullopt;
    }
    case TypeId::int64: case TypeId::float64: case TypeId::decimal128: case TypeId::number_text: return write_number(column, row, form, out);
    case TypeId::utf8: return write_text(column.text(row), form, out);
    case TypeId::binary: out->text = base64(column.text(row)), out->quoted = true; return std::nullopt;
    case TypeId::json: {
      if (form.json_as_text) return write_text(column.text(row), form, out);
      const auto parsed = parse_exact(column.text(row));
      if (!parsed) return ValueFault{sql::kWrongType, in_quotes(column.text(row)), to_string(column.type)};
      // JSON's own null cannot be told from no value.
      if (parsed->is_null()) return ValueFault{sql::kWouldBeAltered, in_quotes(column.text(row)), "null"};
      out->text.assign(column.text(row));
      return std::nullopt;
    }
    default: return write_time(column, row, form, out);
  }
}

void append_json(const WrittenValue& value, std::string* out) {
  if (value.null) *out += "null";
  else if (value.quoted) append_quoted(value.text, out);
  else *out += value.text;
}

std::optional<ValueFault> read_text(std::string_view text, const ValueForm& form, ColumnBuilder* out) {
  const Type type = out->type();
  const auto misfit = [&] { return ValueFault{sql::kWrongType, in_quotes(text), to_string(type)}; };
  if (text.empty() && (form.empty_is_null || (type.id != TypeId::utf8 && type.id != TypeId::binary))) return out->null(), std::nullopt;
  switch (type.id) {
    case TypeId::null_type: out->null(); return std::nullopt;
    case TypeId::utf8: {
      if (sql::check_text(text).fault == sql::TextFault::not_utf8) return misfit();
      out->append_text(text);
      return std::nullopt;
    }
    case TypeId::boolean: {
      const auto value = truth(text);
      if (!value) return misfit();
      out->append_bool(*value);
      return std::nullopt;
    }
    case TypeId::binary: {
      const auto bytes = from_base64(text);
      if (!bytes) return misfit();
      out->append_text(*bytes);
      return std::nullopt;
    }
    case TypeId::json: {
      if (!parse_exact(text)) return misfit();
      out->append_text(text);
      return std::nullopt;
    }
    case TypeId::int64: case TypeId::float64: case TypeId::decimal128: case TypeId::number_text:
      return read_number(text, out) ? std::nullopt : std::optional(misfit());
    default: return read_time(text, form, out) ? std::nullopt : std::optional(misfit());
  }
}

std::optional<ValueFault> read_json(const nlohmann::json& value, const ValueForm& form, ColumnBuilder* out) {
  if (value.is_null()) return out->null(), std::nullopt;
  const TypeId type = out->type().id;
  if (type == TypeId::json && !(form.json_as_text && value.is_string())) return out->append_text(exact_text(value)), std::nullopt;
  if (const auto text = scalar_text(value)) return read_text(*text, form, out);
  if (type == TypeId::utf8) return out->append_text(exact_text(value)), std::nullopt;
  return ValueFault{sql::kWrongType, sql::excerpt(exact_text(value)), to_string(out->type())};
}

std::string base64(std::string_view bytes) {
  static constexpr char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t j = 0; j < 3; ++j) group = group << 8 | (j < have ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j) out += j <= have ? kLetters[group >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string out;
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    const int v = c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : c >= '0' && c <= '9' ? c - '0' + 52 : c == '+' ? 62 : c == '/' ? 63 : -1;
    if (v < 0) return std::nullopt;
    group = (group << 6 | static_cast<std::uint32_t>(v)) & 0xFFFFFFu, bits += 6;
    if (bits >= 8) bits -= 8, out += static_cast<char>(group >> bits & 0xFF);
  }
  return bits == 6 ? std::nullopt : std::optional(out);
}

}  // namespace godwit::rest
