#pragma once
// Names of months, weekdays and eras, and the calendar arithmetic around them.

#include <cstdint>
#include <optional>
#include <string_view>

namespace godwit::fn {

// 1..12 for a month's name or short name in English, German, French, Spanish, Italian, Portuguese, Dutch, Polish,
// Swedish or Danish; 0 for anything else. `key` is a match_key without the dot behind short names.
int month_of_word(std::string_view key);
// 0 (Sunday) .. 6 for a weekday's name in those languages, Chinese or Japanese; -1 for anything else.
int weekday_of_word(std::string_view key);
// What is added to the year of an era to get the Gregorian year: 民國 1911, 令和 2018, R 2018 ...; 0 for anything else.
int era_offset(std::string_view key);

// Days since 1970-01-01 of any day of the Gregorian calendar, unchecked.
std::int64_t day_count(std::int64_t year, int month, int day);
// The same, or nullopt when there is no such day. Years 1 to 9999.
std::optional<std::int32_t> day_number(int year, int month, int day);

struct Civil {
  int year, month, day;
};
Civil civil_of(std::int32_t days);
int last_day(int year, int month);
// 0 (Sunday) .. 6.
inline int weekday_of(std::int64_t days) { return static_cast<int>((days % 7 + 11) % 7); }

// First and last day of the years 1 to 9999, which is all that dates may be.
inline constexpr std::int32_t kFirstDay = -719162, kLastDay = 2932896;

}  // namespace godwit::fn
