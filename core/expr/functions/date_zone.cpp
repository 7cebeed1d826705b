// at_zone, local, now, today, to_epoch, from_epoch: between wall clocks, instants and numbers.

#include <memory>

#include "core/expr/functions/groups.hpp"
#include "core/expr/functions/zone_use.hpp"

namespace godwit::fn {
namespace {

Result<Bound> bind_at_zone(const BindArguments& arguments) {
  GW_ASSIGN(std::shared_ptr<const Zone> zone, needed_zone(arguments, 1, "at_zone"));
  GW_ASSIGN(const ClockChange change, constant_clock_change(arguments, 2, "at_zone"));
  return Bound{TypeId::timestamp_tz, [zone, change](const Call& call) {
                 ZoneCursor cursor(*zone);
                 for (const std::int32_t row : call.rows) {
                   append_instant(call, row, cursor, change, integer_at(call.arguments[0], row));
                 }
               }};
}

std::int64_t to_wall(ZoneCursor& cursor, std::int64_t instant) {
  const std::int64_t seconds = floor_divide(instant, kSecondMicros);
  return cursor.to_local(seconds) * kSecondMicros + floor_modulo(instant, kSecondMicros);
}

Result<Bound> bind_local(const BindArguments& arguments) {
  GW_ASSIGN(std::shared_ptr<const Zone> zone, needed_zone(arguments, 1, "local"));
  return Bound{TypeId::timestamp, [zone](const Call& call) {
                 ZoneCursor cursor(*zone);
                 for (const std::int32_t row : call.rows) {
                   const std::int64_t instant = integer_at(call.arguments[0], row);
                   if (instant < kFirstMicro || instant >= kEndMicro) {
                     reject_range(call, row);
                   } else {
                     append_micros(call, row, to_wall(cursor, instant));
                   }
                 }
               }};
}

Result<Bound> bind_now(const BindArguments& arguments) {
  const std::int64_t now = arguments.options != nullptr ? arguments.options->now_us : 0;
  return Bound{TypeId::timestamp_tz, [now](const Call& call) {
                 for (std::size_t i = 0; i < call.rows.size(); ++i) call.out.append_int64(now);
               }};
}

Result<Bound> bind_today(const BindArguments& arguments) {
  GW_ASSIGN(std::shared_ptr<const Zone> zone, needed_zone(arguments, 0, "today"));
  ZoneCursor cursor(*zone);
  const std::int64_t wall = to_wall(cursor, arguments.options != nullptr ? arguments.options->now_us : 0);
  return Bound{TypeId::date32, [day = static_cast<std::int32_t>(floor_divide(wall, kDayMicros))](const Call& call) {
                 for (std::size_t i = 0; i < call.rows.size(); ++i) call.out.append_date32(day);
               }};
}

Result<std::int64_t> constant_unit(const BindArguments& arguments, std::size_t index, std::string_view function) {
  GW_ASSIGN(const int unit, constant_choice(arguments, index, function, "unit", {"s", "ms", "us"}));
  return unit == 0 ? kSecondMicros : unit == 1 ? std::int64_t{1000} : std::int64_t{1};  // microseconds in one
}

Result<Bound> bind_to_epoch(const BindArguments& arguments) {
  GW_ASSIGN(const std::int64_t unit, constant_unit(arguments, 1, "to_epoch"));
  const TypeId type = arguments.types[0].id;
  std::int64_t offset = 0;
  if (type == TypeId::timestamp_tz) {
    if (given(arguments, 2)) return bad_constant("to_epoch", "offset", constant_or(arguments, 2, ""), "–");
  } else {
    // A zone would not do: dates of Shanghai's summers of 1986 to 1991 would come out a day early.
    const std::string text = constant_or(arguments, 2, "");
    const std::optional<std::int32_t> fixed = parse_fixed_offset(text);
    if (!fixed) return bad_constant("to_epoch", "offset", text, "+08:00, -05:00, UTC …");
    offset = *fixed * kSecondMicros;
  }
  return Bound{TypeId::int64, [unit, offset, is_date = type == TypeId::date32](const Call& call) {
                 const ArgumentColumn& argument = call.arguments[0];
                 for (const std::int32_t row : call.rows) {
                   std::int64_t wall;
                   if (is_date) {
                     const std::int32_t days = argument.column->date32(argument.at(row));
                     wall = has_micros(days) ? days * kDayMicros : INT64_MIN;
                   } else {
                     wall = integer_at(argument, row);
                   }
                   if (wall == INT64_MIN || __builtin_sub_overflow(wall, offset, &wall)) {
                     reject_range(call, row);
                   } else {
                     call.out.append_int64(floor_divide(wall, unit));
                   }
                 }
               }};
}

Result<Bound> bind_from_epoch(const BindArguments& arguments) {
  GW_ASSIGN(const std::int64_t unit, constant_unit(arguments, 1, "from_epoch"));
  return Bound{TypeId::timestamp_tz, [unit](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   std::int64_t micros;
                   if (__builtin_mul_overflow(integer_at(call.arguments[0], row), unit, &micros)) {
                     reject_range(call, row);
                   } else {
                     append_micros(call, row, micros);
                   }
                 }
               }};
}

const Parameter kEpochUnit{.name = "unit",
                           .optional = true,
                           .constant = true,
                           .help = "s (seconds, the default), ms (thousandths) or us (millionths)."};
const Parameter kZone{.name = "zone",
                      .optional = true,
                      .constant = true,
                      .help =
                          "Such as Europe/Berlin or +08:00; the connection's zone when left out. The machine's "
                          "zone is never taken."};

}  // namespace

std::vector<Function> date_functions_zone() {
  return {
      {.name = "at_zone",
       .group = "date",
       .summary = "The instant at which a clock in the zone showed this date and time.",
       .parameters = {{.name = "time", .types = one_of(TypeId::timestamp), .help = "Wall clock time without zone."},
                      kZone,
                      kGapParameter,
                      kOverlapParameter},
       .bind = bind_at_zone,
       .examples = {{"at_zone(timestamp('2023-07-01 12:00'), 'Europe/Berlin')", "2023-07-01T10:00:00Z"},
                    {"at_zone(timestamp('2050-07-01 12:00'), 'Europe/Berlin')", "2050-07-01T10:00:00Z"},
                    {"at_zone(timestamp('2023-07-01 12:00'), '+08:00')", "2023-07-01T04:00:00Z"},
                    {"at_zone(timestamp('2011-12-30 12:00'), 'Pacific/Apia')", "GW-1265"},
                    {"at_zone(timestamp('2023-11-05 01:30'), 'America/New_York', overlap => later)",
                     "2023-11-05T06:30:00Z"},
                    {"at_zone(timestamp(null), 'UTC')", "null"}}},
      {.name = "local",
       .group = "date",
       .summary = "What a clock in the zone showed at the instant.",
       .parameters = {{.name = "instant", .types = one_of(TypeId::timestamp_tz), .help = "Timestamp with zone."},
                      kZone},
       .bind = bind_local,
       .examples = {{"local(timestamp_tz('2023-01-05T02:00:00Z'), 'Asia/Shanghai')", "2023-01-05T10:00:00"},
                    {"local(timestamp_tz('1988-07-01T03:00:00Z'), 'Asia/Shanghai')", "1988-07-01T12:00:00"},
                    {"local(from_epoch(0), '-03:30')", "1969-12-31T20:30:00"},
                    {"local(from_epoch(null), 'UTC')", "null"}}},
      {.name = "now",
       .group = "date",
       .summary = "The instant at which the run began: the same in every row and when the run is resumed.",
       .parameters = {},
       .bind = bind_now,
       .examples = {{"now() = now()", "true"}, {"now() is null", "false"}}},
      {.name = "today",
       .group = "date",
       .summary = "The date in the zone at which the run began.",
       .parameters = {kZone},
       .bind = bind_today,
       .examples = {{"today('Asia/Tokyo') = date_of(local(now(), 'Asia/Tokyo'))", "true"},
                    {"today('UTC') is null", "false"}}},
      {.name = "to_epoch",
       .group = "date",
       .summary = "How much time has passed since 1970-01-01T00:00Z, as many vendors keep dates.",
       .parameters = {{.name = "value", .types = kDate | kTimestamp, .help = "A date, or a timestamp."},
                      kEpochUnit,
                      {.name = "offset",
                       .optional = true,
                       .constant = true,
                       .help = "The fixed offset in which a date or a timestamp without zone is meant, such as +08:00; "
                               "needed for these and for nothing else."}},
       .bind = bind_to_epoch,
       .examples = {{"to_epoch(timestamp_tz('2023-01-05T02:00:00Z'))", "1672884000"},
                    {"to_epoch(date('1988-07-01'), unit => ms, offset => '+08:00')", "583689600000"},
                    {"to_epoch(date('1969-12-31'), offset => UTC)", "-86400"},
                    {"to_epoch(date(null), offset => UTC)", "null"}}},
      {.name = "from_epoch",
       .group = "date",
       .summary = "The instant so much time after 1970-01-01T00:00Z.",
       .parameters = {{.name = "count", .types = kInteger, .help = "How much time."}, kEpochUnit},
       .bind = bind_from_epoch,
       .examples = {{"from_epoch(1672884000)", "2023-01-05T02:00:00Z"},
                    {"from_epoch(-1, unit => ms)", "1969-12-31T23:59:59.999Z"},
                    {"from_epoch(9223372036854775807)", "GW-1268"},
                    {"from_epoch(null)", "null"}}},
  };
}

}  // namespace godwit::fn
