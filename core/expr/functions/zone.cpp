#include "core/expr/functions/zone.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "core/expr/functions/date_words.hpp"
#include "core/model/read_text.hpp"

namespace godwit::fn {
namespace {

// Before and behind all time that a timestamp can hold, with room to add offsets.
constexpr std::int64_t kEver = std::int64_t{1} << 56;
constexpr std::int64_t kDay = 86400;

// The year of a second, kept inside what the calendar computes.
std::int64_t year_of(std::int64_t second) {
  second = std::clamp<std::int64_t>(second, -60000000000, 250000000000);
  return civil_of(static_cast<std::int32_t>(second >= 0 ? second / kDay : -((-second + kDay - 1) / kDay))).year;
}

bool is_zone_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '/' || c == '_' ||
           c == '+' || c == '-';
  };
  return !name.empty() && name.front() != '/' && name.front() >= 'A' && name.front() <= 'Z' &&
         std::all_of(name.begin(), name.end(), allowed);
}

}  // namespace

std::optional<std::int32_t> parse_fixed_offset(std::string_view text) {
  if (text == "UTC" || text == "Z" || text == "GMT") return 0;
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  std::string digits;
  for (const char c : text.substr(1)) {
    if (c >= '0' && c <= '9') {
      digits += c;
    } else if (c != ':' || digits.size() != 2) {
      return std::nullopt;
    }
  }
  if (digits.size() == 1) digits.insert(0, "0");
  if (digits.size() == 2) digits += "00";
  if (digits.size() != 4) return std::nullopt;
  const int hours = (digits[0] - '0') * 10 + digits[1] - '0', minutes = (digits[2] - '0') * 10 + digits[3] - '0';
  if (hours > 18 || minutes > 59) return std::nullopt;
  const std::int32_t seconds = hours * 3600 + minutes * 60;
  return text[0] == '-' ? -seconds : seconds;
}

Result<std::shared_ptr<const Zone>> Zone::find(std::string_view name) {
  if (const auto offset = parse_fixed_offset(name)) return fixed(*offset);
  // A name is a path below the folder of zones; nothing that climbs out of it is a name.
  if (is_zone_name(name)) {
    const char* folder = std::getenv("TZDIR");
    std::ifstream file(
        std::string(folder != nullptr && *folder != 0 ? folder : "/usr/share/zoneinfo") + '/' + std::string(name),
        std::ios::binary);
    if (const auto bytes = read_text(file))
      if (auto zone = parse(*bytes)) return zone;
  }
  return fail(2202, {{"seen", std::string(name)}});
}

std::shared_ptr<const Zone> Zone::fixed(std::int32_t offset_seconds) {
  auto zone = std::make_shared<Zone>();
  zone->first_offset_ = offset_seconds;
  return zone;
}

std::int64_t Zone::Change::second_of(std::int64_t year) const {
  if (form == zero_based) return (day_count(year, 1, 1) + day) * kDay + seconds;
  if (form == julian) {  // 29 February is never counted
    const bool leap = last_day(static_cast<int>(year), 2) == 29;
    return (day_count(year, 1, 1) + day - 1 + (leap && day >= 60 ? 1 : 0)) * kDay + seconds;
  }
  const std::int64_t first = day_count(year, month, 1);
  const std::int64_t next = month == 12 ? day_count(year + 1, 1, 1) : day_count(year, month + 1, 1);
  std::int64_t at = first + (day - weekday_of(first) + 7) % 7 + (week - 1) * 7;
  while (at >= next) at -= 7;  // week 5 is the last one
  return at * kDay + seconds;
}

ZonePeriod Zone::rule_period_at(std::int64_t utc) const {
  const std::int64_t start = transitions_.empty() ? -kEver : transitions_.back();
  if (!rule_->has_summer) return {start, kEver, rule_->standard};
  // The changes of the years around, in order; the one before `utc` tells the offset.
  struct Moment {
    std::int64_t at;
    std::int32_t offset;
  };
  std::vector<Moment> moments;
  const std::int64_t year = year_of(utc);
  for (std::int64_t y = year - 1; y <= year + 1; ++y) {
    moments.push_back({rule_->to_summer.second_of(y) - rule_->standard, rule_->summer});
    moments.push_back({rule_->to_standard.second_of(y) - rule_->summer, rule_->standard});
  }
  std::sort(moments.begin(), moments.end(), [](const Moment& a, const Moment& b) { return a.at < b.at; });
  ZonePeriod period{start, kEver, rule_->standard};
  for (const Moment& moment : moments) {
    if (moment.at > utc) {
      period.end = moment.at;
      break;
    }
    period.begin = std::max(start, moment.at), period.offset = moment.offset;
  }
  return period;
}

ZonePeriod Zone::period_at(std::int64_t utc) const {
  const auto next = std::upper_bound(transitions_.begin(), transitions_.end(), utc);
  if (next == transitions_.end() && rule_) return rule_period_at(utc);
  const auto i = static_cast<std::size_t>(next - transitions_.begin());
  return {i == 0 ? -kEver : transitions_[i - 1], next == transitions_.end() ? kEver : *next,
          i == 0 ? first_offset_ : offsets_[i - 1]};
}

LocalTime Zone::instants_of(std::int64_t local) const {
  constexpr std::int64_t kReach = 26 * 3600;  // no offset is larger
  std::int64_t least = kEver, most = -kEver;
  std::int32_t before = 0, behind = 0;
  bool found = false, has_behind = false;
  for (ZonePeriod period = period_at(local - kReach);; period = period_at(period.end)) {
    const std::int64_t utc = local - period.offset;
    if (utc >= period.end) {
      before = period.offset;
    } else if (utc >= period.begin) {
      found = true;
      least = std::min(least, utc), most = std::max(most, utc);
    } else if (!has_behind) {
      behind = period.offset, has_behind = true;
    }
    if (period.end > local + kReach) break;
  }
  if (!found) return {LocalTime::gap, local - behind, local - before};
  return {least == most ? LocalTime::unique : LocalTime::overlap, least, most};
}

}  // namespace godwit::fn
