#pragma once
// Time zones: wall clock to instant and back, by the machine's zone files (RFC 8536) and nothing else of the machine.
//
// The files are read here rather than through a library, because those at hand stop at 2037: they ignore the rule at
// the end of a zone file, and every summer behind that year comes out an hour wrong.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/result.hpp"

namespace godwit::fn {

// A stretch of time with one offset. Seconds since 1970-01-01T00:00Z; begin is inside, end is not.
struct ZonePeriod {
  std::int64_t begin = 0, end = 0;
  std::int32_t offset = 0;  // seconds east of UTC
};

// "+08:00", "-0330", "+8", "UTC", "Z": seconds east of UTC; nullopt for anything else.
std::optional<std::int32_t> parse_fixed_offset(std::string_view text);

// What a wall clock time names.
struct LocalTime {
  enum Kind { unique, gap, overlap } kind = unique;
  std::int64_t earlier = 0, later = 0;  // the instant, or in a gap and an overlap the two that it may mean
};

// Immutable; shared between threads.
class Zone {
 public:
  // "Europe/Berlin", "UTC", "Z", "+08:00", "-0330". GW-2202 for what is none. Zone files lie in $TZDIR, or in
  // /usr/share/zoneinfo.
  static Result<std::shared_ptr<const Zone>> find(std::string_view name);
  // The zone in a file's bytes; nullptr when they are no zone file.
  static std::shared_ptr<const Zone> parse(std::string_view bytes);
  static std::shared_ptr<const Zone> fixed(std::int32_t offset_seconds);

  ZonePeriod period_at(std::int64_t utc) const;
  // In a gap `earlier` is what the offset behind it makes of the time, `later` what the offset before it makes.
  LocalTime instants_of(std::int64_t local) const;

 private:
  // A day on which a footer's rule changes the clocks: Mm.w.d, Jn or n, and a time of day.
  struct Change {
    enum { month_week_day, julian, zero_based } form = zero_based;
    int month = 0, week = 0, day = 0;
    std::int64_t seconds = 7200;
    std::int64_t second_of(std::int64_t year) const;  // wall clock second since 1970 at which it happens
  };
  struct Rule {
    std::int32_t standard = 0, summer = 0;
    bool has_summer = false;
    Change to_summer, to_standard;
  };
  static std::optional<Rule> parse_rule(std::string_view text);
  ZonePeriod rule_period_at(std::int64_t utc) const;

  std::vector<std::int64_t> transitions_;  // ascending
  std::vector<std::int32_t> offsets_;      // offsets_[i] holds from transitions_[i] on
  std::int32_t first_offset_ = 0;          // before the first transition
  std::optional<Rule> rule_;               // behind the last transition
};

// Conversions of a whole column: remembers the period of the last value. One per call, used by one thread.
class ZoneCursor {
 public:
  explicit ZoneCursor(const Zone& zone) : zone_(zone) {}

  std::int64_t to_local(std::int64_t utc) { return utc + at(utc).offset; }
  LocalTime to_instants(std::int64_t local) {
    const std::int64_t utc = local - period_.offset;
    // Far enough from both ends no other period can claim this wall clock time.
    if (utc - kReach >= period_.begin && utc + kReach < period_.end) return {LocalTime::unique, utc, utc};
    const LocalTime found = zone_.instants_of(local);
    at(found.earlier);
    return found;
  }

 private:
  static constexpr std::int64_t kReach = 26 * 3600;  // more than any offset
  const ZonePeriod& at(std::int64_t utc) {
    if (utc < period_.begin || utc >= period_.end) period_ = zone_.period_at(utc);
    return period_;
  }
  const Zone& zone_;
  ZonePeriod period_;  // empty at first
};

}  // namespace godwit::fn
