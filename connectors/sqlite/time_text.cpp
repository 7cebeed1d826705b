#include "connectors/sqlite/time_text.hpp"

#include "core/model/column.hpp"

namespace godwit::sqlite {
namespace {

constexpr std::int64_t kDay = 86400000000, kHour = 3600000000, kMinute = 60000000, kSecond = 1000000;
constexpr std::int32_t kFirstDay = -719528, kLastDay = 2932896;  // 0000-01-01, 9999-12-31

// `count` digits at the front, taken off; -1 when they are not there.
int take_digits(std::string_view* text, std::size_t count) {
  if (text->size() < count) return -1;
  int out = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const char c = (*text)[i];
    if (c < '0' || c > '9') return -1;
    out = out * 10 + (c - '0');
  }
  text->remove_prefix(count);
  return out;
}

bool take(std::string_view* text, char c) {
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

// Days since 1970-01-01 of a day of the proleptic Gregorian calendar.
std::int32_t days_of(int year, int month, int day) {
  const int y = month <= 2 ? year - 1 : year;
  const int era = (y >= 0 ? y : y - 399) / 400;
  const int yoe = y - era * 400;
  const int doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

int days_in(int year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

std::optional<std::int32_t> take_date(std::string_view* text) {
  const int year = take_digits(text, 4);
  if (year < 0 || !take(text, '-')) return std::nullopt;
  const int month = take_digits(text, 2);
  if (month < 1 || month > 12 || !take(text, '-')) return std::nullopt;
  const int day = take_digits(text, 2);
  if (day < 1 || day > days_in(year, month)) return std::nullopt;
  return days_of(year, month, day);
}

std::optional<std::int64_t> take_time(std::string_view* text) {
  const int hour = take_digits(text, 2);
  if (hour < 0 || hour > 23 || !take(text, ':')) return std::nullopt;
  const int minute = take_digits(text, 2);
  if (minute < 0 || minute > 59) return std::nullopt;
  std::int64_t us = hour * kHour + minute * kMinute;
  if (!take(text, ':')) return us;
  const int second = take_digits(text, 2);
  if (second < 0 || second > 59) return std::nullopt;
  us += second * kSecond;
  if (!take(text, '.')) return us;
  std::int64_t unit = kSecond / 10;
  std::size_t digits = 0;
  for (; !text->empty() && text->front() >= '0' && text->front() <= '9'; text->remove_prefix(1), ++digits, unit /= 10) {
    const int digit = text->front() - '0';
    if (unit == 0 && digit != 0) return std::nullopt;  // finer than a microsecond
    us += digit * unit;
  }
  return digits == 0 ? std::nullopt : std::optional<std::int64_t>(us);
}

}  // namespace

std::optional<std::int32_t> parse_date(std::string_view text) {
  const auto date = take_date(&text);
  return text.empty() ? date : std::nullopt;
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  const auto time = take_time(&text);
  return text.empty() ? time : std::nullopt;
}

std::optional<Moment> parse_moment(std::string_view text) {
  const auto date = take_date(&text);
  if (!date) return std::nullopt;
  Moment out{*date * kDay, false};
  if (text.empty()) return out;
  if (!take(&text, 'T') && !take(&text, ' ')) return std::nullopt;
  const auto time = take_time(&text);
  if (!time) return std::nullopt;
  out.us += *time;
  if (text.empty()) return out;
  out.has_zone = true;
  take(&text, ' ');
  if (take(&text, 'Z')) return text.empty() ? std::optional<Moment>(out) : std::nullopt;
  const bool west = text.starts_with('-');
  if (!take(&text, '+') && !take(&text, '-')) return std::nullopt;
  const int hours = take_digits(&text, 2);
  if (hours < 0 || hours > 14 || !take(&text, ':')) return std::nullopt;
  const int minutes = take_digits(&text, 2);
  if (minutes < 0 || minutes > 59 || !text.empty()) return std::nullopt;
  const std::int64_t offset = hours * kHour + minutes * kMinute;
  out.us -= west ? -offset : offset;
  return out;
}

std::optional<std::string> day_text(std::int32_t days) {
  if (days < kFirstDay || days > kLastDay) return std::nullopt;
  return date_text(days);
}

std::optional<std::string> moment_text(std::int64_t us, bool with_zone) {
  std::int64_t day = us / kDay, rest = us % kDay;
  if (rest < 0) rest += kDay, --day;
  if (day < kFirstDay || day > kLastDay) return std::nullopt;
  return date_text(day) + ' ' + time_text(rest) + (with_zone ? "Z" : "");
}

}  // namespace godwit::sqlite
