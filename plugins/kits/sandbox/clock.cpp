#include "plugins/kits/sandbox/clock.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace godwit::sandbox {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Civil {
  int year, month, day, hour, minute, second, millis, weekday;
};

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

Civil civil(std::int64_t ms) {
  const std::int64_t days = floor_div(ms, kDayMs), rest = ms - days * kDayMs;
  const std::chrono::sys_days at{std::chrono::days(days)};
  const std::chrono::year_month_day ymd(at);
  return {static_cast<int>(ymd.year()), static_cast<int>(static_cast<unsigned>(ymd.month())), static_cast<int>(static_cast<unsigned>(ymd.day())),
          static_cast<int>(rest / 3'600'000), static_cast<int>(rest / 60'000 % 60), static_cast<int>(rest / 1000 % 60), static_cast<int>(rest % 1000),
          static_cast<int>(std::chrono::weekday(at).c_encoding())};
}

std::optional<std::int64_t> day_ms(int year, int month, int day) {
  const std::chrono::year_month_day ymd{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)), std::chrono::day(static_cast<unsigned>(day))};
  if (!ymd.ok()) return std::nullopt;
  return std::chrono::sys_days(ymd).time_since_epoch().count() * kDayMs;
}

// Takes exactly `digits` digits from the front of `text`.
bool take(std::string_view& text, std::size_t digits, int& out) {
  if (text.size() < digits) return false;
  out = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    out = out * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::int64_t> take_date(std::string_view& text) {
  int year = 0, month = 0, day = 0;
  if (!take(text, 4, year) || !take(text, '-') || !take(text, 2, month) || !take(text, '-') || !take(text, 2, day)) return std::nullopt;
  return day_ms(year, month, day);
}

// Fraction of a second, in ms; any number of digits.
bool take_fraction(std::string_view& text, int& millis) {
  std::size_t digits = 0;
  for (int unit = 100; !text.empty() && text.front() >= '0' && text.front() <= '9'; unit /= 10, ++digits) {
    millis += (text.front() - '0') * unit;
    text.remove_prefix(1);
  }
  return digits > 0;
}

bool take_zone(std::string_view& text, int& offset_minutes) {
  if (take(text, 'Z') || take(text, 'z')) {
    offset_minutes = 0;
    return true;
  }
  const bool minus = !text.empty() && text.front() == '-';
  if (!take(text, '+') && !take(text, '-')) return false;
  int hours = 0, minutes = 0;
  if (!take(text, 2, hours)) return false;
  take(text, ':');
  if (!take(text, 2, minutes) || hours > 18 || minutes > 59) return false;
  offset_minutes = (minus ? -1 : 1) * (hours * 60 + minutes);
  return true;
}

}  // namespace

std::int64_t Clock::now_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count() + offset_ms_;
}

std::string iso_date(std::int64_t ms, int offset_minutes) {
  const Civil c = civil(ms + offset_minutes * 60'000LL);
  char out[32];
  std::snprintf(out, sizeof out, "%04d-%02d-%02d", c.year, c.month, c.day);
  return out;
}

std::string iso_time(std::int64_t ms, Zone zone, bool millis, int offset_minutes) {
  const Civil c = civil(ms + offset_minutes * 60'000LL);
  char out[64];
  int used = std::snprintf(out, sizeof out, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
  if (millis) used += std::snprintf(out + used, sizeof out - static_cast<std::size_t>(used), ".%03d", c.millis);
  std::string text(out, static_cast<std::size_t>(used));
  const int away = offset_minutes < 0 ? -offset_minutes : offset_minutes;
  if (zone == Zone::z) return text + "Z";
  if (zone == Zone::none) return text;
  std::snprintf(out, sizeof out, "%c%02d%s%02d", offset_minutes < 0 ? '-' : '+', away / 60, zone == Zone::plus_00_00 ? ":" : "", away % 60);
  return text + out;
}

std::optional<std::int64_t> parse_iso_time(std::string_view text, int offset_minutes) {
  const std::optional<std::int64_t> day = take_date(text);
  if (!day) return std::nullopt;
  if (text.empty()) return *day - offset_minutes * 60'000LL;
  int hour = 0, minute = 0, second = 0, millis = 0;
  if (!take(text, 'T') && !take(text, ' ')) return std::nullopt;
  if (!take(text, 2, hour) || !take(text, ':') || !take(text, 2, minute)) return std::nullopt;
  if (take(text, ':') && !take(text, 2, second)) return std::nullopt;
  if (take(text, '.') && !take_fraction(text, millis)) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 60) return std::nullopt;
  if (!text.empty() && !take_zone(text, offset_minutes)) return std::nullopt;
  if (!text.empty()) return std::nullopt;
  return *day + ((hour * 60LL + minute - offset_minutes) * 60 + second) * 1000 + millis;
}

bool is_iso_date(std::string_view text) { return take_date(text).has_value() && text.empty(); }

std::string http_date(std::int64_t ms) {
  const Civil c = civil(ms);
  char out[64];
  std::snprintf(out, sizeof out, "%s, %02d %s %04d %02d:%02d:%02d GMT", kDays[static_cast<std::size_t>(c.weekday)], c.day,
                kMonths[static_cast<std::size_t>(c.month - 1)], c.year, c.hour, c.minute, c.second);
  return out;
}

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  // "Sun, 06 Nov 1994 08:49:37 GMT"; the two obsolete forms are not taken.
  if (text.size() != 29 || text.substr(25) != " GMT" || text.substr(3, 2) != ", ") return std::nullopt;
  std::string_view rest = text.substr(5);
  int day = 0, year = 0, hour = 0, minute = 0, second = 0, month = 0;
  if (!take(rest, 2, day) || !take(rest, ' ')) return std::nullopt;
  for (std::size_t i = 0; i < kMonths.size(); ++i)
    if (rest.starts_with(kMonths[i])) month = static_cast<int>(i) + 1;
  rest.remove_prefix(3);
  if (!take(rest, ' ') || !take(rest, 4, year) || !take(rest, ' ') || !take(rest, 2, hour) || !take(rest, ':') || !take(rest, 2, minute) ||
      !take(rest, ':') || !take(rest, 2, second))
    return std::nullopt;
  const std::optional<std::int64_t> start = day_ms(year, month, day);
  if (!start || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return *start + ((hour * 60LL + minute) * 60 + second) * 1000;
}

std::int64_t midnight_ms(std::int64_t ms, int offset_minutes) {
  const std::int64_t shift = offset_minutes * 60'000LL;
  return floor_div(ms + shift, kDayMs) * kDayMs - shift;
}

}  // namespace godwit::sandbox
