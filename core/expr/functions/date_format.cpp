// format_date: dates and times by an explicit pattern.

#include <unicode/dtfmtsym.h>
#include <unicode/locid.h>

#include <array>
#include <memory>

#include "core/expr/functions/date_parse.hpp"
#include "core/expr/functions/groups.hpp"
#include "core/expr/functions/zone_use.hpp"

namespace godwit::fn {
namespace {

// Names in one language. Immutable.
struct Names {
  std::array<std::string, 12> months, short_months;
  std::array<std::string, 7> weekdays, short_weekdays;
  std::array<std::string, 2> halves;

  explicit Names(const std::string& locale) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::DateFormatSymbols symbols(icu::Locale(locale.empty() ? "en" : locale.c_str()), status);
    using Symbols = icu::DateFormatSymbols;
    std::int32_t count = 0;
    const auto copy = [&count](const icu::UnicodeString* names, auto& out, int first) {
      for (std::size_t i = 0; i < out.size() && static_cast<int>(i) + first < count; ++i)
        names[static_cast<int>(i) + first].toUTF8String(out[i]);
    };
    // FORMAT is the form that a language uses beside a day: Polish stycznia, not styczeń.
    copy(symbols.getMonths(count, Symbols::FORMAT, Symbols::WIDE), months, 0);
    copy(symbols.getMonths(count, Symbols::FORMAT, Symbols::ABBREVIATED), short_months, 0);
    copy(symbols.getWeekdays(count, Symbols::FORMAT, Symbols::WIDE), weekdays, 1);
    copy(symbols.getWeekdays(count, Symbols::FORMAT, Symbols::ABBREVIATED), short_weekdays, 1);
    copy(symbols.getAmPmStrings(count), halves, 0);
  }
};

void append_digits(std::string& out, std::int64_t value, int least) {
  if (value < 0) out += '-', value = -value;  // a year before 1, which a target may hold though no text of ours says it
  char digits[20];
  int n = 0;
  do {
    digits[n++] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  for (int i = n; i < least; ++i) out += '0';
  while (n > 0) out += digits[--n];
}

void write(const DatePattern& pattern, const Names& names, std::int32_t days, std::int64_t micros, std::string& out) {
  const Civil civil = civil_of(days);
  const std::int64_t seconds = micros / kSecondMicros, hour = seconds / 3600;
  const auto month = static_cast<std::size_t>(civil.month - 1), weekday = static_cast<std::size_t>(weekday_of(days));
  for (const PatternItem& item : pattern) {
    switch (item.kind) {
      case PatternItem::literal:
        append_character(out, item.character);
        break;
      case PatternItem::year:
        append_digits(out, civil.year, 4);
        break;
      case PatternItem::short_year:
        append_digits(out, civil.year % 100, 2);
        break;
      case PatternItem::month:
        append_digits(out, civil.month, item.least);
        break;
      case PatternItem::month_name:
        out += (item.least == 3 ? names.short_months : names.months)[month];
        break;
      case PatternItem::day:
        append_digits(out, civil.day, item.least);
        break;
      case PatternItem::weekday_name:
        out += (item.least <= 3 ? names.short_weekdays : names.weekdays)[weekday];
        break;
      case PatternItem::hour:
        append_digits(out, hour, item.least);
        break;
      case PatternItem::half_day_hour:
        append_digits(out, (hour + 11) % 12 + 1, item.least);
        break;
      case PatternItem::minute:
        append_digits(out, seconds / 60 % 60, item.least);
        break;
      case PatternItem::second:
        append_digits(out, seconds % 60, item.least);
        break;
      case PatternItem::fraction: {
        std::string fraction;
        append_digits(fraction, micros % kSecondMicros, 6);
        fraction.resize(static_cast<std::size_t>(item.least), '0');
        out += fraction;
        break;
      }
      case PatternItem::half_day:
        out += names.halves[hour >= 12 ? 1 : 0];
        break;
      case PatternItem::offset:
        break;  // refused in bind
    }
  }
}

Result<Bound> bind_format_date(const BindArguments& arguments) {
  const std::string text = constant_or(arguments, 1, "");
  auto pattern = compile_pattern(text);
  const bool date = arguments.types[0].id == TypeId::date32;
  for (std::size_t i = 0; pattern && i < pattern->size(); ++i) {
    const PatternItem::Kind kind = (*pattern)[i].kind;
    // A wall clock knows no offset, a date no time.
    if (kind == PatternItem::offset || (date && kind >= PatternItem::hour && kind <= PatternItem::half_day))
      pattern.reset();
  }
  if (!pattern || pattern->empty()) return fail(2206, {{"function", "format_date"}, {"seen", text}});
  GW_ASSIGN(const std::string locale, constant_locale(arguments, 2, "format_date"));
  return Bound{TypeId::utf8, [pattern = std::make_shared<const DatePattern>(std::move(*pattern)),
                              names = std::make_shared<const Names>(locale), date](const Call& call) {
                 const ArgumentColumn& argument = call.arguments[0];
                 std::string scratch;
                 for (const std::int32_t row : call.rows) {
                   const std::int64_t micros = date ? 0 : integer_at(argument, row);
                   const auto days = date ? argument.column->date32(argument.at(row))
                                          : static_cast<std::int32_t>(floor_divide(micros, kDayMicros));
                   scratch.clear();
                   write(*pattern, *names, days, floor_modulo(micros, kDayMicros), scratch);
                   call.out.append_text(scratch);
                 }
               }};
}

}  // namespace

std::vector<Function> date_functions_format() {
  return {
      {.name = "format_date",
       .group = "date",
       .summary = "The date or timestamp by a pattern.",
       .parameters = {{.name = "value",
                       .types = one_of(TypeId::date32) | one_of(TypeId::timestamp),
                       .help = "A date, or a timestamp without zone."},
                      {.name = "pattern",
                       .constant = true,
                       .help = "yyyy yy, M MM MMM MMMM, d dd, EEE EEEE, H HH, h hh, mm, ss, SSS and a; other letters "
                               "stand in single quotes."},
                      {.name = "locale",
                       .optional = true,
                       .constant = true,
                       .help = "Language of names; English when left out."}},
       .bind = bind_format_date,
       .examples = {{"format_date(date('2023-01-05'), 'dd.MM.yyyy')", "05.01.2023"},
                    {"format_date(date('2023-01-05'), 'yyyy年M月d日')", "2023年1月5日"},
                    {"format_date(date('2023-03-05'), 'd. MMMM yyyy', locale => de_DE)", "5. März 2023"},
                    {"format_date(timestamp('2023-01-05 15:04:05'), 'yyyyMMdd''T''hhmmss a')", "20230105T030405 PM"},
                    {"format_date(date(null), 'yyyy')", "null"}}},
  };
}

}  // namespace godwit::fn
