#include "core/expr/time_literal.hpp"

#include <date/date.h>

namespace godwit::expr {
namespace {

// Exactly `digits` digits at the front of `text`, which they leave; -1 when they are not there.
int take_number(std::string_view* text, std::size_t digits) {
  if (text->size() < digits) return -1;
  int v = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const char c = (*text)[i];
    if (c < '0' || c > '9') return -1;
    v = v * 10 + (c - '0');
  }
  text->remove_prefix(digits);
  return v;
}
bool take_char(std::string_view* text, char c) {
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

std::optional<std::int32_t> take_date(std::string_view* text) {
  const int year = take_number(text, 4);
  if (year < 1 || !take_char(text, '-')) return std::nullopt;
  const int month = take_number(text, 2);
  if (month < 1 || !take_char(text, '-')) return std::nullopt;
  const int day = take_number(text, 2);
  if (day < 1) return std::nullopt;
  const date::year_month_day ymd{date::year(year), date::month(static_cast<unsigned>(month)), date::day(static_cast<unsigned>(day))};
  if (!ymd.ok()) return std::nullopt;
  return static_cast<std::int32_t>(date::sys_days(ymd).time_since_epoch().count());
}

}  // namespace

std::optional<std::int32_t> parse_date(std::string_view text) {
  const auto days = take_date(&text);
  return text.empty() ? days : std::nullopt;
}

std::optional<TimeLiteral> parse_timestamp(std::string_view text) {
  const auto days = take_date(&text);
  if (!days || (!take_char(&text, 'T') && !take_char(&text, ' '))) return std::nullopt;
  const int hour = take_number(&text, 2);
  if (hour < 0 || hour > 23 || !take_char(&text, ':')) return std::nullopt;
  const int minute = take_number(&text, 2);
  if (minute < 0 || minute > 59) return std::nullopt;
  int second = 0;
  std::int64_t fraction = 0;
  if (take_char(&text, ':')) {
    second = take_number(&text, 2);
    if (second < 0 || second > 59) return std::nullopt;
    if (take_char(&text, '.')) {
      int digits = 0;
      for (; digits < 6 && !text.empty() && text.front() >= '0' && text.front() <= '9'; ++digits)
        fraction = fraction * 10 + take_number(&text, 1);
      if (digits == 0) return std::nullopt;
      for (; digits < 6; ++digits) fraction *= 10;
    }
  }
  TimeLiteral out;
  out.us = ((std::int64_t{*days} * 24 + hour) * 60 + minute) * 60'000'000 + second * std::int64_t{1'000'000} + fraction;
  if (text.empty()) return out;
  out.zoned = true;
  if (take_char(&text, 'Z')) return text.empty() ? std::optional(out) : std::nullopt;
  const bool east = text.front() == '+';
  if (!take_char(&text, '+') && !take_char(&text, '-')) return std::nullopt;
  const int hours = take_number(&text, 2);
  if (hours < 0 || hours > 18 || !take_char(&text, ':')) return std::nullopt;
  const int minutes = take_number(&text, 2);
  if (minutes < 0 || minutes > 59 || !text.empty()) return std::nullopt;
  const std::int64_t offset = (hours * 60 + minutes) * std::int64_t{60'000'000};
  out.us += east ? -offset : offset;
  return out;
}

}  // namespace godwit::expr
