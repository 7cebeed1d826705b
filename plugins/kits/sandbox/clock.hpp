#pragma once
// The sandbox's time: that of the machine, moved by --clock-offset and by POST /__sandbox/clock, so that tests can let tokens
// run out and quotas come back without waiting. Safe to use from several threads.

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::sandbox {

class Clock {
 public:
  explicit Clock(std::int64_t offset_ms = 0) : offset_ms_(offset_ms) {}
  std::int64_t now_ms() const;  // since 1970, UTC
  std::int64_t offset_ms() const { return offset_ms_; }
  void set_offset_ms(std::int64_t offset) { offset_ms_ = offset; }

 private:
  std::atomic<std::int64_t> offset_ms_;
};

// How a time is written: 2026-01-02T03:04:05, then ".006" with `millis`, then the offset.
enum class Zone { none, z, plus_0000, plus_00_00 };
std::string iso_time(std::int64_t ms, Zone zone, bool millis, int offset_minutes = 0);
std::string iso_date(std::int64_t ms, int offset_minutes = 0);
// "2026-01-02T03:04:05[.006][Z|+08:00|+0800]" or "2026-01-02"; a time without an offset is taken at `offset_minutes`. nullopt: no such
// time exists (day 31 of April, hour 25) or it is written otherwise.
std::optional<std::int64_t> parse_iso_time(std::string_view text, int offset_minutes = 0);
// Exactly "2026-01-02", a day that exists.
bool is_iso_date(std::string_view text);
// For the HTTP headers Date, Last-Modified and If-Modified-Since.
std::string http_date(std::int64_t ms);
std::optional<std::int64_t> parse_http_date(std::string_view text);
// Ms since 1970 of the last midnight at that offset.
std::int64_t midnight_ms(std::int64_t ms, int offset_minutes);

}  // namespace godwit::sandbox
