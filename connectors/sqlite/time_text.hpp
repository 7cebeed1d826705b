#pragma once
// Dates and times as SQLite's own functions write and read them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::sqlite {

// Microseconds; a moment also says whether the text named a zone (Z or +hh:mm, already applied).
struct Moment {
  std::int64_t us = 0;
  bool has_zone = false;
};

// "2024-01-31": days since 1970-01-01. Years 0000 to 9999, real days only.
std::optional<std::int32_t> parse_date(std::string_view text);
// "08:15", "08:15:30", "08:15:30.25": microseconds since midnight. Digits beyond microseconds must be 0.
std::optional<std::int64_t> parse_time(std::string_view text);
// Date, 'T' or a space, time, and perhaps a zone; a date alone is its midnight.
std::optional<Moment> parse_moment(std::string_view text);

// "2024-01-31 08:15:30.25", with zone "...Z". Nullopt for years outside 0000 to 9999, which SQLite does not know.
std::optional<std::string> moment_text(std::int64_t us, bool with_zone);
std::optional<std::string> day_text(std::int32_t days);

}  // namespace godwit::sqlite
