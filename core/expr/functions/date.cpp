// date, timestamp, timestamp_tz, is_date: text into dates and times.

#include <memory>

#include "core/expr/functions/date_parse.hpp"
#include "core/expr/functions/groups.hpp"
#include "core/expr/functions/zone_use.hpp"

namespace godwit::fn {
namespace {

// Parameters formats and century at `index` and the one behind it.
Result<std::shared_ptr<const DateFormats>> constant_formats(const BindArguments& arguments, std::size_t index,
                                                            std::string_view function) {
  GW_ASSIGN(DateFormats formats, DateFormats::of(constant_or(arguments, index, ""), function));
  GW_ASSIGN(const std::int64_t century, constant_integer(arguments, index + 1, function, "century", 1, 9900, 0));
  formats.century = static_cast<int>(century);
  return std::make_shared<const DateFormats>(std::move(formats));
}

Result<Bound> bind_date(const BindArguments& arguments) {
  GW_ASSIGN(std::shared_ptr<const DateFormats> formats, constant_formats(arguments, 1, "date"));
  return Bound{TypeId::date32, [formats, orders = short_orders(*formats)](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   std::int32_t days;
                   if (parse_short_date(text, orders, &days)) [[likely]] {
                     call.out.append_date32(days);
                     continue;
                   }
                   if (is_blank(text)) {
                     call.out.null();
                     continue;
                   }
                   Moment moment;
                   DateFault fault = parse_moment(text, *formats, &moment);
                   // Exports write dates as midnights; any other time would be lost, and an offset might move the day.
                   if (fault.number == 0 && (moment.micros != 0 || moment.offset)) fault.number = 1264;
                   if (fault.number != 0) {
                     reject(call, row, date_error(fault, text, *formats));
                   } else {
                     call.out.append_date32(moment.days);
                   }
                 }
               }};
}

Result<Bound> bind_is_date(const BindArguments& arguments) {
  GW_ASSIGN(std::shared_ptr<const DateFormats> formats, constant_formats(arguments, 1, "is_date"));
  return Bound{TypeId::boolean, [formats](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   Moment moment;
                   call.out.append_bool(!is_blank(text) && parse_moment(text, *formats, &moment).number == 0 &&
                                        moment.micros == 0 && !moment.offset);
                 }
               }};
}

// "2023-01-05 10:20:30" and with T; the rest goes the long way.
bool parse_short_timestamp(std::string_view text, unsigned orders, std::int64_t* out) {
  if (text.size() != 19 || (text[10] != ' ' && text[10] != 'T') || text[13] != ':' || text[16] != ':') return false;
  std::int32_t days;
  if (!parse_short_date(text.substr(0, 10), orders, &days)) return false;
  const auto two = [text](std::size_t i) -> unsigned {
    const unsigned a = static_cast<unsigned char>(text[i]) - '0', b = static_cast<unsigned char>(text[i + 1]) - '0';
    return a < 10 && b < 10 ? a * 10 + b : 10000;
  };
  const unsigned h = two(11), m = two(14), s = two(17);
  if (h > 23 || m > 59 || s > 59) return false;
  *out = days * kDayMicros + std::int64_t{h * 3600 + m * 60 + s} * kSecondMicros;
  return true;
}

Bound wall_bound(std::shared_ptr<const DateFormats> formats, bool is_date) {
  return {TypeId::timestamp, [formats = std::move(formats), is_date](const Call& call) {
            const ArgumentColumn& argument = call.arguments[0];
            const unsigned orders = short_orders(*formats);
            for (const std::int32_t row : call.rows) {
              std::int64_t micros;
              if (is_date) {
                const std::int32_t days = argument.column->date32(argument.at(row));
                has_micros(days) ? append_micros(call, row, days * kDayMicros) : reject_range(call, row);
                continue;
              }
              const std::string_view text = text_at(argument, row);
              if (parse_short_timestamp(text, orders, &micros)) [[likely]] {
                call.out.append_int64(micros);
                continue;
              }
              if (is_blank(text)) {
                call.out.null();
                continue;
              }
              Moment moment;
              DateFault fault = parse_moment(text, *formats, &moment);
              if (fault.number == 0 && moment.offset) fault.number = 1267;
              if (fault.number != 0) {
                reject(call, row, date_error(fault, text, *formats));
              } else {
                call.out.append_int64(moment.days * kDayMicros + moment.micros);
              }
            }
          }};
}

Bound instant_bound(std::shared_ptr<const DateFormats> formats, std::shared_ptr<const Zone> zone, ClockChange change) {
  return {TypeId::timestamp_tz, [formats = std::move(formats), zone = std::move(zone), change](const Call& call) {
            const ArgumentColumn& argument = call.arguments[0];
            const unsigned orders = zone != nullptr ? short_orders(*formats) : 0;
            static const std::shared_ptr<const Zone> kUtc = Zone::fixed(0);
            ZoneCursor cursor(zone != nullptr ? *zone : *kUtc);
            for (const std::int32_t row : call.rows) {
              const std::string_view text = text_at(argument, row);
              std::int64_t micros;
              if (parse_short_timestamp(text, orders, &micros)) {
                append_instant(call, row, cursor, change, micros);
                continue;
              }
              if (is_blank(text)) {
                call.out.null();
                continue;
              }
              Moment moment;
              DateFault fault = parse_moment(text, *formats, &moment);
              if (fault.number == 0 && !moment.offset && zone == nullptr) fault.number = 1269;
              if (fault.number != 0) {
                reject(call, row, date_error(fault, text, *formats));
                continue;
              }
              micros = moment.days * kDayMicros + moment.micros;
              if (moment.offset) {
                append_micros(call, row, micros - *moment.offset * kSecondMicros);
              } else {
                append_instant(call, row, cursor, change, micros);
              }
            }
          }};
}

// (value, formats, century, zone, gap, overlap)
Result<Bound> bind_timestamp(const BindArguments& arguments) {
  const bool is_date = arguments.types[0].id == TypeId::date32;
  GW_ASSIGN(std::shared_ptr<const DateFormats> formats, constant_formats(arguments, 1, "timestamp"));
  GW_ASSIGN(const ClockChange change, constant_clock_change(arguments, 4, "timestamp"));
  if (!given(arguments, 3)) return wall_bound(std::move(formats), is_date);
  if (is_date) return bad_constant("timestamp", "zone", constant_or(arguments, 3, ""), "at_zone(timestamp(…), …)");
  GW_ASSIGN(std::shared_ptr<const Zone> zone, Zone::find(constant_or(arguments, 3, "")));
  return instant_bound(std::move(formats), std::move(zone), change);
}

Result<Bound> bind_timestamp_tz(const BindArguments& arguments) {
  GW_ASSIGN(std::shared_ptr<const DateFormats> formats, constant_formats(arguments, 1, "timestamp_tz"));
  GW_ASSIGN(const ClockChange change, constant_clock_change(arguments, 4, "timestamp_tz"));
  GW_ASSIGN(std::shared_ptr<const Zone> zone, constant_zone(arguments, 3));
  return instant_bound(std::move(formats), std::move(zone), change);
}

const Parameter kFormats{
    .name = "formats",
    .optional = true,
    .constant = true,
    .help =
        "What may stand there, parted by |: the orders ymd (the default), dmy, mdy, roc (years of the Republic of "
        "China), the day counts excel and excel1904, or patterns such as dd.MM.yyyy. Names of months, 年月日 and "
        "era names are read with any order. A text that two of them read differently is an error."};
const Parameter kCentury{.name = "century",
                         .types = kInteger,
                         .optional = true,
                         .constant = true,
                         .help =
                             "First year of the hundred years that two-digit years mean, such as 1950; without it "
                             "two digits are an error."};
const Parameter kZoneOfText{.name = "zone",
                            .optional = true,
                            .constant = true,
                            .help = "Zone of the texts that name no offset, such as Asia/Shanghai or +08:00."};

}  // namespace

std::vector<Function> date_functions_parse() {
  return {
      {.name = "date",
       .group = "date",
       .summary = "The date that a text spells; a blank text gives null.",
       .parameters = {kText1, kFormats, kCentury},
       .bind = bind_date,
       .examples = {{"date('2023-01-05')", "2023-01-05"},
                    {"date('20230105')", "2023-01-05"},
                    {"date('2023年1月5日')", "2023-01-05"},
                    {"date('民國112年1月5日')", "2023-01-05"},
                    {"date('令和５年１月５日')", "2023-01-05"},
                    {"date('3-Jan-2023')", "2023-01-03"},
                    {"date('5. Januar 2023')", "2023-01-05"},
                    {"date('5.1.2023', formats => 'dmy|ymd')", "2023-01-05"},
                    {"date('31/12/99', formats => 'dd/MM/yy', century => 1950)", "1999-12-31"},
                    {"date('43466', formats => excel)", "2019-01-01"},
                    {"date('2023-01-05 00:00:00')", "2023-01-05"},
                    {"date('5.1.2023')", "GW-1260"},
                    {"date('01/02/2023', formats => 'dmy|mdy')", "GW-1261"},
                    {"date('5.1.23', formats => dmy)", "GW-1262"},
                    {"date('2023-02-29')", "GW-1263"},
                    {"date('2023-01-05 09:30')", "GW-1264"},
                    {"date(' ')", "null"},
                    {"date(null)", "null"}}},
      {.name = "is_date",
       .group = "date",
       .summary = "Whether date() would read the text.",
       .parameters = {kText1, kFormats, kCentury},
       .bind = bind_is_date,
       .examples = {{"is_date('2024-02-29')", "true"},
                    {"is_date('2023年2月29日')", "false"},
                    {"is_date('')", "false"},
                    {"is_date(null)", "null"}}},
      {.name = "timestamp",
       .group = "date",
       .summary = "The date and time that a text spells, as a wall clock without zone; with zone => as an instant.",
       .parameters = {{.name = "value", .types = kText | kDate, .help = "The text, or a date whose midnight is meant."},
                      kFormats,
                      kCentury,
                      {.name = "zone",
                       .optional = true,
                       .constant = true,
                       .help = "Zone in which the clock stood; the result is then a timestamp with zone."},
                      kGapParameter,
                      kOverlapParameter},
       .bind = bind_timestamp,
       .examples = {{"timestamp('2023-01-05 10:20:30')", "2023-01-05T10:20:30"},
                    {"timestamp('2023年1月5日 下午3:20')", "2023-01-05T15:20:00"},
                    {"timestamp('5.1.2023 9:05', formats => dmy)", "2023-01-05T09:05:00"},
                    {"timestamp('2023-01-05 10:00', zone => 'Asia/Shanghai')", "2023-01-05T02:00:00Z"},
                    {"timestamp('1988-07-01 12:00', zone => 'Asia/Shanghai')", "1988-07-01T03:00:00Z"},
                    {"timestamp('2023-03-26 02:30', zone => 'Europe/Berlin')", "GW-1265"},
                    {"timestamp('2023-03-26 02:30', zone => 'Europe/Berlin', gap => later)", "2023-03-26T01:30:00Z"},
                    {"timestamp('2023-10-29 02:30', zone => 'Europe/Berlin')", "GW-1266"},
                    {"timestamp('2023-10-29 02:30', zone => 'Europe/Berlin', overlap => earlier)",
                     "2023-10-29T00:30:00Z"},
                    {"timestamp('2023-01-05T10:00:00Z')", "GW-1267"},
                    {"timestamp('2023-01-05 25:00')", "GW-1263"},
                    {"timestamp(null)", "null"}}},
      {.name = "timestamp_tz",
       .group = "date",
       .summary = "The instant that a text spells: by the offset in the text, else in the zone of the call or of the "
                  "connection.",
       .parameters = {kText1, kFormats, kCentury, kZoneOfText, kGapParameter, kOverlapParameter},
       .bind = bind_timestamp_tz,
       .examples = {{"timestamp_tz('2023-01-05T10:00:00+08:00')", "2023-01-05T02:00:00Z"},
                    {"timestamp_tz('2023-01-05T10:00:00Z', zone => 'Europe/Berlin')", "2023-01-05T10:00:00Z"},
                    {"timestamp_tz('2023/7/1 12:00', zone => 'Europe/Berlin')", "2023-07-01T10:00:00Z"},
                    {"timestamp_tz('2023-01-05 10:00')", "GW-1269"},
                    {"timestamp_tz(null)", "null"}}},
  };
}

}  // namespace godwit::fn
