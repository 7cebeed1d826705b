#include "core/run/moment.hpp"

#include <chrono>
#include <cstdio>
#include <ctime>

namespace godwit {

std::int64_t system_now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Result<std::int64_t> parse_moment(std::string_view iso) {
  std::tm t{};
  int micros = 0;
  const std::string text(iso);
  if (std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%d.%dZ", &t.tm_year, &t.tm_mon, &t.tm_mday, &t.tm_hour, &t.tm_min, &t.tm_sec, &micros) < 6)
    return fail(5900, {{"seen", "a moment that reads " + text}});
  t.tm_year -= 1900, t.tm_mon -= 1;
  return static_cast<std::int64_t>(::timegm(&t)) * 1000000 + micros;
}

Result<std::int64_t> parse_until(std::string_view text, std::int64_t now_us) {
  const std::string s(text);
  std::tm t{};
  int used = 0;
  if (std::sscanf(s.c_str(), "%d-%d-%d%*[T ]%d:%d%n", &t.tm_year, &t.tm_mon, &t.tm_mday, &t.tm_hour, &t.tm_min, &used) == 5 && used == static_cast<int>(s.size())) {
    t.tm_year -= 1900, t.tm_mon -= 1, t.tm_isdst = -1;
    return static_cast<std::int64_t>(std::mktime(&t)) * 1000000;
  }
  int hour = -1, minute = -1;
  if (std::sscanf(s.c_str(), "%d:%d%n", &hour, &minute, &used) == 2 && used == static_cast<int>(s.size()) && hour >= 0 && hour < 24 && minute >= 0 && minute < 60) {
    const std::time_t now = now_us / 1000000;
    ::localtime_r(&now, &t);
    t.tm_hour = hour, t.tm_min = minute, t.tm_sec = 0, t.tm_isdst = -1;
    std::time_t at = std::mktime(&t);
    if (at <= now) ++t.tm_mday, at = std::mktime(&t);
    return static_cast<std::int64_t>(at) * 1000000;
  }
  return fail(4078, {{"seen", s}});
}

}  // namespace godwit
