#include "plugins/kits/rest/times.hpp"

#include "core/model/column.hpp"

namespace godwit::rest {
namespace {

constexpr std::int64_t kDay = 86400000000, kHour = 3600000000, kMinute = 60000000, kSecond = 1000000;
constexpr std::int32_t kFirstDay = -719528, kLastDay = 2932896;  // 0000-01-01, 9999-12-31

// Takes parts off the front of a text; -1 and false when they are not there.
struct Taker {
  std::string_view text;

  int digits(std::size_t count) {
    if (text.size() < count) return -1;
    int out = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (text[i] < '0' || text[i] > '9') return -1;
      out = out * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return out;
  }
  bool sign(char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
  }
  bool done() const { return text.empty(); }
};

int days_in(int year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

// Days since 1970-01-01 of the proleptic Gregorian calendar.
std::int32_t days_of(int year, int month, int day) {
  const int y = month <= 2 ? year - 1 : year, era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
  const int doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

std::optional<std::int32_t> take_date(Taker& t) {
  const int year = t.digits(4);
  if (year < 0 || !t.sign('-')) return std::nullopt;
  const int month = t.digits(2);
  if (month < 1 || month > 12 || !t.sign('-')) return std::nullopt;
  const int day = t.digits(2);
  if (day < 1 || day > days_in(year, month)) return std::nullopt;
  return days_of(year, month, day);
}

std::optional<std::int64_t> take_time(Taker& t) {
  const int hour = t.digits(2);
  if (hour < 0 || hour > 23 || !t.sign(':')) return std::nullopt;
  const int minute = t.digits(2);
  if (minute < 0 || minute > 59) return std::nullopt;
  std::int64_t us = hour * kHour + minute * kMinute;
  if (!t.sign(':')) return us;
  const int second = t.digits(2);
  if (second < 0 || second > 59) return std::nullopt;
  us += second * kSecond;
  if (!t.sign('.')) return us;
  std::size_t count = 0;
  for (std::int64_t unit = kSecond / 10; !t.done() && t.text.front() >= '0' && t.text.front() <= '9'; ++count, unit /= 10) {
    const int digit = t.digits(1);
    if (unit == 0 && digit != 0) return std::nullopt;
    us += digit * unit;
  }
  return count == 0 ? std::nullopt : std::optional<std::int64_t>(us);
}

std::string two(std::int64_t n) { return {static_cast<char>('0' + n / 10), static_cast<char>('0' + n % 10)}; }

}  // namespace

std::optional<std::int32_t> parse_date(std::string_view text) {
  Taker t{text};
  const auto out = take_date(t);
  return t.done() ? out : std::nullopt;
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  Taker t{text};
  const auto out = take_time(t);
  t.sign('Z');
  return t.done() ? out : std::nullopt;
}

std::optional<Moment> parse_moment(std::string_view text) {
  Taker t{text};
  const auto date = take_date(t);
  if (!date || (!t.sign('T') && !t.sign(' '))) return std::nullopt;
  const auto time = take_time(t);
  if (!time) return std::nullopt;
  Moment out{*date * kDay + *time, !t.done()};
  if (t.done()) return out;
  if (t.sign('Z')) return t.done() ? std::optional<Moment>(out) : std::nullopt;
  const bool west = t.text.starts_with('-');
  if (!t.sign('+') && !t.sign('-')) return std::nullopt;
  const int hours = t.digits(2);
  t.sign(':');
  const int minutes = t.digits(2);
  if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59 || !t.done()) return std::nullopt;
  const std::int64_t offset = hours * kHour + minutes * kMinute;
  out.us += west ? offset : -offset;
  return out;
}

bool fits_digits(std::int64_t us, int digits) {
  std::int64_t unit = kSecond;
  for (int i = 0; i < digits; ++i) unit /= 10;
  return us % unit == 0;
}

std::optional<std::string> date_form_text(std::int32_t days) {
  return days < kFirstDay || days > kLastDay ? std::nullopt : std::optional<std::string>(date_text(days));
}

std::optional<std::string> time_form_text(std::int64_t us, int digits) {
  if (us < 0 || us >= kDay || !fits_digits(us, digits)) return std::nullopt;
  std::string out = two(us / kHour) + ':' + two(us / kMinute % 60) + ':' + two(us / kSecond % 60);
  if (digits == 0) return out;
  const std::string fraction = std::to_string(kSecond + us % kSecond);
  return out + '.' + fraction.substr(1, static_cast<std::size_t>(digits));
}

std::optional<std::string> moment_form_text(std::int64_t us, int digits, std::string_view zone) {
  std::int64_t day = us / kDay, rest = us % kDay;
  if (rest < 0) rest += kDay, --day;
  if (day < kFirstDay || day > kLastDay) return std::nullopt;
  const auto time = time_form_text(rest, digits);
  return time ? std::optional<std::string>(date_text(day) + 'T' + *time + std::string(zone)) : std::nullopt;
}

}  // namespace godwit::rest
