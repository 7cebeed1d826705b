// Parts of dates, and counting with them: year, weekday, add_months, days_between, start_of_month ...

#include "core/expr/functions/date_words.hpp"
#include "core/expr/functions/groups.hpp"
#include "core/expr/functions/zone_use.hpp"

namespace godwit::fn {
namespace {

constexpr TypeSet kWall = one_of(TypeId::date32) | one_of(TypeId::timestamp);

// A date, or a timestamp without zone, as day and time of day.
struct WallTime {
  std::int32_t days;
  std::int64_t micros;
};
WallTime wall_at(const ArgumentColumn& argument, std::int64_t row) {
  if (argument.column->type.id == TypeId::date32) return {argument.column->date32(argument.at(row)), 0};
  const std::int64_t micros = integer_at(argument, row);
  return {static_cast<std::int32_t>(floor_divide(micros, kDayMicros)), floor_modulo(micros, kDayMicros)};
}

// Appends a day with the time of day of the argument, in the argument's own type.
void append_wall(const Call& call, std::int32_t row, std::int64_t days, std::int64_t micros) {
  if (days < kFirstDay || days > kLastDay) return reject_range(call, row);
  if (call.out.type().id == TypeId::date32) {
    call.out.append_date32(static_cast<std::int32_t>(days));
  } else {
    call.out.append_int64(days * kDayMicros + micros);
  }
}

// A whole number out of each date or timestamp.
template <typename F>
auto part(F f) {
  return [f](const BindArguments&) -> Result<Bound> {
    return Bound{TypeId::int64, [f](const Call& call) {
                   for (const std::int32_t row : call.rows)
                     call.out.append_int64(f(wall_at(call.arguments[0], row).days));
                 }};
  };
}

int iso_weekday(std::int32_t days) { return (weekday_of(days) + 6) % 7 + 1; }

// The week with the year's first Thursday is week 1 (ISO 8601).
int iso_week(std::int32_t days) {
  const std::int64_t thursday = std::int64_t{days} - iso_weekday(days) + 4;
  const int year = civil_of(static_cast<std::int32_t>(std::clamp<std::int64_t>(thursday, INT32_MIN, INT32_MAX))).year;
  return static_cast<int>((thursday - day_count(year, 1, 1)) / 7) + 1;
}

Result<Bound> bind_date_of(const BindArguments&) {
  return Bound{TypeId::date32, [](const Call& call) {
                 for (const std::int32_t row : call.rows) call.out.append_date32(wall_at(call.arguments[0], row).days);
               }};
}

Result<Bound> bind_time_of(const BindArguments&) {
  return Bound{TypeId::time64, [](const Call& call) {
                 for (const std::int32_t row : call.rows) call.out.append_int64(wall_at(call.arguments[0], row).micros);
               }};
}

Result<Bound> bind_add_days(const BindArguments& arguments) {
  return Bound{arguments.types[0], [](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   const WallTime wall = wall_at(call.arguments[0], row);
                   std::int64_t days;
                   if (__builtin_add_overflow(wall.days, integer_at(call.arguments[1], row), &days)) {
                     reject_range(call, row);
                   } else {
                     append_wall(call, row, days, wall.micros);
                   }
                 }
               }};
}

Result<Bound> bind_add_months(const BindArguments& arguments) {
  return Bound{
      arguments.types[0], [](const Call& call) {
        for (const std::int32_t row : call.rows) {
          const WallTime wall = wall_at(call.arguments[0], row);
          const Civil civil = civil_of(wall.days);
          const std::int64_t count = integer_at(call.arguments[1], row);
          const std::int64_t months =
              std::int64_t{civil.year} * 12 + civil.month - 1 + std::clamp<std::int64_t>(count, -200000, 200000);
          const auto year = static_cast<int>(floor_divide(months, 12));
          const auto month = static_cast<int>(months - std::int64_t{year} * 12) + 1;
          if (year < 1 || year > 9999) {
            reject_range(call, row);
          } else {
            // 31 January and a month is the last day of February.
            append_wall(call, row, day_count(year, month, std::min(civil.day, last_day(year, month))), wall.micros);
          }
        }
      }};
}

Result<Bound> bind_days_between(const BindArguments&) {
  return Bound{TypeId::int64, [](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   call.out.append_int64(std::int64_t{wall_at(call.arguments[1], row).days} -
                                         wall_at(call.arguments[0], row).days);
                 }
               }};
}

// Whole months from one moment to the other: the day of the month, clamped as add_months does, must have come again.
std::int64_t months_between(WallTime from, WallTime to) {
  const auto less = [](WallTime a, WallTime b) { return a.days != b.days ? a.days < b.days : a.micros < b.micros; };
  if (less(to, from)) return -months_between(to, from);
  const Civil a = civil_of(from.days), b = civil_of(to.days);
  const std::int64_t months = (std::int64_t{b.year} - a.year) * 12 + b.month - a.month;
  const WallTime again{
      static_cast<std::int32_t>(day_count(b.year, b.month, std::min(a.day, last_day(b.year, b.month)))), from.micros};
  return less(to, again) ? months - 1 : months;
}

template <int divisor>
Result<Bound> bind_months_between(const BindArguments&) {
  return Bound{TypeId::int64, [](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   call.out.append_int64(
                       months_between(wall_at(call.arguments[0], row), wall_at(call.arguments[1], row)) / divisor);
                 }
               }};
}

// The first or last day of a month, as a date.
template <typename F>
auto day_in_month(F f) {
  return [f](const BindArguments&) -> Result<Bound> {
    return Bound{TypeId::date32, [f](const Call& call) {
                   for (const std::int32_t row : call.rows) {
                     const Civil civil = civil_of(wall_at(call.arguments[0], row).days);
                     append_wall(call, row, day_count(civil.year, civil.month, f(civil)), 0);
                   }
                 }};
  };
}

const Parameter kWallValue{.name = "value", .types = kWall, .help = "A date, or a timestamp without zone."};
const Parameter kFrom{.name = "from", .types = kWall, .help = "The earlier date or timestamp."};
const Parameter kTo{.name = "to", .types = kWall, .help = "The later one; an earlier one gives a negative number."};

Function part_function(std::string_view name, std::string_view summary, int (*f)(std::int32_t),
                       std::vector<Example> examples) {
  return {.name = name,
          .group = "date",
          .summary = summary,
          .parameters = {kWallValue},
          .bind = part(f),
          .examples = std::move(examples)};
}

}  // namespace

std::vector<Function> date_functions_math() {
  return {
      part_function("year", "The year.", [](std::int32_t d) { return civil_of(d).year; },
                    {{"year(date('2023-01-05'))", "2023"},
                     {"year(date('平成31年4月30日'))", "2019"},
                     {"year(date(null))", "null"}}),
      part_function("quarter", "The quarter of the year, 1 to 4.",
                    [](std::int32_t d) { return (civil_of(d).month + 2) / 3; },
                    {{"quarter(date('2023-03-31'))", "1"},
                     {"quarter(date('2023-10-01'))", "4"},
                     {"quarter(date(null))", "null"}}),
      part_function("month", "The month, 1 to 12.", [](std::int32_t d) { return civil_of(d).month; },
                    {{"month(date('2023-12-31'))", "12"},
                     {"month(timestamp('2023-02-01 23:59'))", "2"},
                     {"month(date(null))", "null"}}),
      part_function(
          "week", "The week of the year as ISO 8601 counts it, 1 to 53.", iso_week,
          {{"week(date('2021-01-03'))", "53"}, {"week(date('2021-01-04'))", "1"}, {"week(date(null))", "null"}}),
      part_function(
          "day", "The day of the month.", [](std::int32_t d) { return civil_of(d).day; },
          {{"day(date('2024-02-29'))", "29"}, {"day(date('1969-12-31'))", "31"}, {"day(date(null))", "null"}}),
      part_function("weekday", "The day of the week: 1 is Monday, 7 is Sunday.", iso_weekday,
                    {{"weekday(date('2023-01-01'))", "7"},
                     {"weekday(date('1969-12-29'))", "1"},
                     {"weekday(date(null))", "null"}}),
      {.name = "date_of",
       .group = "date",
       .summary = "The date of a timestamp without zone.",
       .parameters = {kWallValue},
       .bind = bind_date_of,
       .examples = {{"date_of(timestamp('2023-01-05 23:59:59'))", "2023-01-05"},
                    {"date_of(timestamp('1969-12-31 00:00:01'))", "1969-12-31"},
                    {"date_of(timestamp(null))", "null"}}},
      {.name = "time_of",
       .group = "date",
       .summary = "The time of day of a timestamp without zone.",
       .parameters = {kWallValue},
       .bind = bind_time_of,
       .examples = {{"time_of(timestamp('1969-12-31 23:59:59.5'))", "23:59:59.5"},
                    {"time_of(date('2023-01-05'))", "00:00:00"},
                    {"time_of(timestamp(null))", "null"}}},
      {.name = "add_days",
       .group = "date",
       .summary = "The date or timestamp so many days later.",
       .parameters = {kWallValue, {.name = "count", .types = kInteger, .help = "Days; negative ones go back."}},
       .bind = bind_add_days,
       .examples = {{"add_days(date('2024-02-28'), 2)", "2024-03-01"},
                    {"add_days(date('2023-01-01'), -1)", "2022-12-31"},
                    {"add_days(date('9999-12-31'), 1)", "GW-1268"},
                    {"add_days(date(null), 1)", "null"}}},
      {.name = "add_months",
       .group = "date",
       .summary = "The date or timestamp so many months later; where the month is shorter, its last day.",
       .parameters = {kWallValue, {.name = "count", .types = kInteger, .help = "Months; negative ones go back."}},
       .bind = bind_add_months,
       .examples = {{"add_months(date('2023-01-31'), 1)", "2023-02-28"},
                    {"add_months(date('2024-03-31'), -1)", "2024-02-29"},
                    {"add_months(timestamp('2023-11-30 08:00'), 3)", "2024-02-29T08:00:00"},
                    {"add_months(date('2023-01-31'), 999999)", "GW-1268"},
                    {"add_months(date(null), 1)", "null"}}},
      {.name = "days_between",
       .group = "date",
       .summary = "How many midnights lie between.",
       .parameters = {kFrom, kTo},
       .bind = bind_days_between,
       .examples = {{"days_between(date('2024-02-28'), date('2024-03-01'))", "2"},
                    {"days_between(date('2023-01-02'), date('2023-01-01'))", "-1"},
                    {"days_between(date('2023-01-02'), date(null))", "null"}}},
      {.name = "months_between",
       .group = "date",
       .summary = "How many whole months have passed.",
       .parameters = {kFrom, kTo},
       .bind = bind_months_between<1>,
       .examples = {{"months_between(date('2023-01-31'), date('2023-02-28'))", "1"},
                    {"months_between(date('2023-01-15'), date('2023-03-14'))", "1"},
                    {"months_between(date('2023-03-14'), date('2023-01-15'))", "-1"},
                    {"months_between(date(null), date('2023-01-15'))", "null"}}},
      {.name = "years_between",
       .group = "date",
       .summary = "How many whole years have passed: the age.",
       .parameters = {kFrom, kTo},
       .bind = bind_months_between<12>,
       .examples = {{"years_between(date('2000-02-29'), date('2023-02-28'))", "23"},
                    {"years_between(date('1980-06-15'), date('2023-06-14'))", "42"},
                    {"years_between(date(null), date('2023-01-15'))", "null"}}},
      {.name = "start_of_month",
       .group = "date",
       .summary = "The first day of the month, as a date.",
       .parameters = {kWallValue},
       .bind = day_in_month([](const Civil&) { return 1; }),
       .examples = {{"start_of_month(date('2023-02-15'))", "2023-02-01"}, {"start_of_month(date(null))", "null"}}},
      {.name = "end_of_month",
       .group = "date",
       .summary = "The last day of the month, as a date.",
       .parameters = {kWallValue},
       .bind = day_in_month([](const Civil& civil) { return last_day(civil.year, civil.month); }),
       .examples = {{"end_of_month(date('2024-02-15'))", "2024-02-29"},
                    {"end_of_month(timestamp('1900-02-01 10:00'))", "1900-02-28"},
                    {"end_of_month(date(null))", "null"}}},
  };
}

}  // namespace godwit::fn
