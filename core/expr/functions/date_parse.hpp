#pragma once
// Reads dates and times as the files of many countries spell them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/expr/functions/date_words.hpp"
#include "core/expr/functions/support.hpp"

namespace godwit::fn {

// Orders of day, month and year that a call allows; several make a text that reads two ways an error.
enum DateOrder : unsigned { kYmd = 1, kDmy = 2, kMdy = 4, kRoc = 8, kExcel1900 = 16, kExcel1904 = 32 };

// A piece of an explicit pattern: a field of so many digits, or a character that must stand there.
struct PatternItem {
  enum Kind {
    literal,
    year,
    short_year,
    month,
    month_name,
    day,
    weekday_name,
    hour,
    half_day_hour,
    minute,
    second,
    fraction,
    half_day,
    offset
  } kind;
  int least = 0, most = 0;  // digits; of a name, how often its letter stood there
  char32_t character = 0;
};
using DatePattern = std::vector<PatternItem>;

// Immutable once made.
struct DateFormats {
  unsigned orders = kYmd;
  std::vector<DatePattern> patterns;  // when there are any, only they and the orders named beside them count
  int century = 0;                    // first year of the hundred that two-digit years fall into; 0: an error
  std::string shown = "ymd";          // for messages

  // "dmy|ymd", "dd.MM.yyyy", "excel" ... GW-2206 for what is none.
  static Result<DateFormats> of(std::string_view text, std::string_view function);
};

struct Moment {
  std::int32_t days = 0;    // since 1970-01-01
  std::int64_t micros = 0;  // since midnight
  bool has_time = false;
  std::optional<std::int32_t> offset;  // seconds east of UTC, when the text has one
};

// Why a text is no date: the GW number, and for 1261 the two ways to read it.
struct DateFault {
  int number = 0;
  std::string first, second;
};

// `text` is not blank.
DateFault parse_moment(std::string_view text, const DateFormats& formats, Moment* out);
// The part of it that knows orders but no explicit patterns.
DateFault parse_by_shape(std::string_view text, const DateFormats& formats, Moment* out);
// Compiles an explicit pattern; nullopt for letters that mean nothing.
std::optional<DatePattern> compile_pattern(std::string_view text);
bool match_pattern(std::string_view text, const DatePattern& pattern, int century, Moment* out, DateFault* fault);
Error date_error(const DateFault& fault, std::string_view text, const DateFormats& formats);

// Two digits in a window of hundred years that begins with `century`.
inline int full_year(int two_digits, int century) { return century + (two_digits - century % 100 + 100) % 100; }

// The short way for what most columns hold: yyyy-MM-dd, dd.MM.yyyy, MM/dd/yyyy with - . or / twice, parts without
// leading zeros, yyyyMMdd, yyyy年M月d日; ASCII digits. `orders` are those of short_orders(). False: take parse_moment.
bool parse_short_date(std::string_view text, unsigned orders, std::int32_t* out);

// Orders that parse_short_date may use: with both dmy and mdy it could miss that a text reads two ways, and with patterns
// that they read it differently.
unsigned short_orders(const DateFormats& formats);

}  // namespace godwit::fn
