#include "connectors/zoho/sandbox/time_pattern.hpp"

#include <cctype>
#include <cstdio>

#include "plugins/kits/sandbox/clock.hpp"

namespace godwit::sandbox::zoho {
namespace {

// Up to `most` digits from the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t most) {
  int out = 0;
  std::size_t digits = 0;
  while (digits < most && digits < text.size() && std::isdigit(static_cast<unsigned char>(text[digits])) != 0) out = out * 10 + (text[digits++] - '0');
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return out;
}

}  // namespace

std::optional<std::string> by_pattern(std::string_view text, std::string_view pattern, bool with_time, int zone_minutes) {
  int year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0;
  std::string offset;
  bool literal = false;
  for (std::size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    if (c == '\'') {
      literal = !literal;
      ++i;
      continue;
    }
    if (literal || std::string_view("yMdHmsX").find(c) == std::string_view::npos) {
      if (text.empty() || text.front() != c) return std::nullopt;
      text.remove_prefix(1);
      ++i;
      continue;
    }
    while (i < pattern.size() && pattern[i] == c) ++i;
    if (c == 'X') {
      offset = text;
      text = {};
      continue;
    }
    const auto number = take_number(text, c == 'y' ? 4 : 2);
    if (!number) return std::nullopt;
    (c == 'y' ? year : c == 'M' ? month : c == 'd' ? day : c == 'H' ? hour : c == 'm' ? minute : second) = *number;
  }
  if (!text.empty()) return std::nullopt;
  char out[64];
  std::snprintf(out, sizeof out, "%04d-%02d-%02dT%02d:%02d:%02d", year, month, day, hour, minute, second);
  const auto ms = parse_iso_time(out + offset, zone_minutes);
  if (!ms) return std::nullopt;
  return with_time ? iso_time(*ms, Zone::plus_00_00, false, zone_minutes) : std::string(out).substr(0, 10);
}

}  // namespace godwit::sandbox::zoho
