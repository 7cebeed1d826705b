// The long way of reading a date: what its tokens look like decides.

#include "core/expr/functions/date_parse.hpp"

#include <array>

#include "core/expr/functions/date_tokens.hpp"

namespace godwit::fn {
namespace {

// Walks over the tokens of one text and tries the shapes.
class DateReader {
 public:
  DateReader(std::vector<DateToken> tokens, const DateFormats& formats)
      : tokens_(std::move(tokens)), formats_(formats) {}

  DateFault read(Moment* out) {
    int weekday = -1;
    // Thu, 5 Jan 2023; but mar is March before it is the French Tuesday.
    if (is_word(0) && month_of_word(token(0).key) == 0 && (weekday = weekday_of_word(token(0).key)) >= 0) {
      ++at_;
      skip('.'), skip(',');
    }
    if (!era() && !marked() && !named() && !serial(out) && !numeric() && !compact()) return fault(1260);
    if (fault_.number != 0) return fault_;
    if (!serial_) {
      if (!choose(out)) return fault_;
      if (!time(out)) return fault_.number != 0 ? fault_ : fault(1260);
    }
    // A name of the day behind or before the date must not contradict it.
    if (weekday < 0 && is_word(0) && (weekday = weekday_of_word(token(0).key)) >= 0) ++at_;
    if (at_ != tokens_.size()) return fault(1260);
    if (weekday >= 0 && weekday != weekday_of(out->days)) return fault(1263);
    return {};
  }

 private:
  const DateToken& token(std::size_t ahead) const {
    static const DateToken kNone{.sign_character = 0};
    return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead] : kNone;
  }
  bool is_number(std::size_t ahead) const {
    return token(ahead).kind == DateToken::number && at_ + ahead < tokens_.size();
  }
  bool is_word(std::size_t ahead) const { return token(ahead).kind == DateToken::word; }
  bool is_sign(std::size_t ahead, char32_t c) const {
    return token(ahead).kind == DateToken::sign && token(ahead).sign_character == c;
  }
  void skip(char32_t c) {
    if (is_sign(0, c)) ++at_;
  }
  DateFault fault(int number) {
    if (fault_.number == 0) fault_.number = number;
    return fault_;
  }

  // One way to read the date; years are full by now.
  void candidate(std::int64_t year, std::int64_t month, std::int64_t day) {
    any_ = true;
    const auto days = day_number(static_cast<int>(year), static_cast<int>(month), static_cast<int>(day));
    if (days && std::find(days_.begin(), days_.end(), *days) == days_.end()) days_.push_back(*days);
  }
  // Fills up a two-digit year; false when that needs a century and none is named.
  bool year(const DateToken& number, std::int64_t* out) {
    *out = number.value;
    if (number.digits >= 3) return number.digits == 4;
    if (formats_.century == 0) {
      short_year_ = true;
      return false;
    }
    *out = full_year(static_cast<int>(number.value), formats_.century);
    return true;
  }
  bool choose(Moment* out) {
    if (days_.size() == 1) {
      out->days = days_[0];
      return true;
    }
    if (days_.size() > 1) {
      fault_ = {1261, iso(days_[0]), iso(days_[1])};
    } else {
      fault(any_ ? 1263 : short_year_ ? 1262 : 1260);
    }
    return false;
  }
  static std::string iso(std::int32_t days) {
    ColumnBuilder builder(TypeId::date32);
    builder.append_date32(days);
    return value_text(builder.finish(), 0);
  }

  // 民國112年1月5日, 令和元年5月1日, R5.1.5
  bool era() {
    if (!is_word(0)) return false;
    std::string_view key = token(0).key;
    // 元年 is the first year; 元 sticks to the era's name.
    const bool first = key.size() > 3 && key.substr(key.size() - 3) == "元";
    if (first) key.remove_suffix(3);
    const int offset = era_offset(key);
    if (offset == 0 || (!first && !is_number(1))) return false;
    const std::size_t n = first ? 0 : 1;  // tokens between the era and the sign behind the year
    const std::int64_t year_in_era = first ? 1 : token(1).value;
    const char32_t sign = token(n + 1).sign_character;
    if (!is_number(n + 2) || !is_number(n + 4) || token(n + 1).kind != DateToken::sign) return false;
    if (sign == U'年') {
      if (!is_sign(n + 3, U'月')) return false;
      candidate(offset + year_in_era, token(n + 2).value, token(n + 4).value);
      at_ += n + 5;
      if (!is_sign(0, U'日') && !is_sign(0, U'号') && !is_sign(0, U'號')) return false;
      ++at_;
      return true;
    }
    if ((sign != '.' && sign != '/' && sign != '-') || !is_sign(n + 3, sign)) return false;
    candidate(offset + year_in_era, token(n + 2).value, token(n + 4).value);
    at_ += n + 5;
    return true;
  }

  // 2023年1月5日
  bool marked() {
    if (!is_number(0) || !is_sign(1, U'年')) return false;
    if (!is_number(2) || !is_sign(3, U'月') || !is_number(4)) return false;
    if (!is_sign(5, U'日') && !is_sign(5, U'号') && !is_sign(5, U'號')) return false;
    if (std::int64_t y; year(token(0), &y)) candidate(y, token(2).value, token(4).value);
    at_ += 6;
    return true;
  }

  // 3-Jan-2023, 5. Januar 2023, 5 de enero de 2023, Jan 3rd, 2023, 2023-Jan-03
  bool named() {
    const std::size_t start = at_;
    std::array<const DateToken*, 2> numbers{};
    std::size_t count = 0;
    int month = 0, place = 0;  // numbers before the month
    while (count + (month != 0 ? 1 : 0) < 3) {
      if (is_number(0) && count < 2) {
        numbers[count++] = &token(0);
        ++at_;
        if (is_word(0) && !token(0).space_before && is_ordinal(token(0).key)) ++at_;
      } else if (is_word(0) && month == 0 && (month = month_of_word(token(0).key)) != 0) {
        place = static_cast<int>(count);
        ++at_;
      } else {
        break;
      }
      if (count + (month != 0 ? 1 : 0) == 3) break;
      while (is_sign(0, '-') || is_sign(0, '.') || is_sign(0, ',') || is_sign(0, '/') ||
             (is_word(0) && (token(0).key == "de" || token(0).key == "of")))
        ++at_;
    }
    if (month == 0 || count != 2) {
      at_ = start;
      return false;
    }
    const bool year_first = numbers[0]->digits == 4;
    if (year_first && place != 1) {
      at_ = start;
      return false;
    }
    if (std::int64_t y; year(*numbers[year_first ? 0 : 1], &y)) candidate(y, month, numbers[year_first ? 1 : 0]->value);
    return true;
  }
  static bool is_ordinal(std::string_view key) {
    return key == "st" || key == "nd" || key == "rd" || key == "th" || key == "er";
  }

  // 1.5.2023, 2023/1/5, 112/1/5; the same sign twice.
  bool numeric() {
    if (!is_number(0)) return false;
    const char32_t sign = is_number(1) ? U' ' : token(1).sign_character;
    if (sign != ' ' && sign != '-' && sign != '.' && sign != '/') return false;
    const std::size_t step = sign == ' ' ? 1 : 2;
    if (!is_number(step) || !is_number(2 * step) || (step == 2 && !is_sign(3, sign))) return false;
    const DateToken &a = token(0), &b = token(step), &c = token(2 * step);
    if (b.digits > 2) return false;
    std::int64_t y;
    if ((formats_.orders & kYmd) != 0 && (a.digits == 4 || (a.digits <= 2 && c.digits <= 2)) && year(a, &y))
      candidate(y, b.value, c.value);
    const bool year_last = a.digits <= 2 && (c.digits == 4 || c.digits <= 2);
    if ((formats_.orders & kDmy) != 0 && year_last && year(c, &y)) candidate(y, b.value, a.value);
    if ((formats_.orders & kMdy) != 0 && year_last && year(c, &y)) candidate(y, a.value, b.value);
    if ((formats_.orders & kRoc) != 0 && a.digits <= 3 && c.digits <= 2) candidate(a.value + 1911, b.value, c.value);
    at_ += 2 * step + 1;
    return true;
  }

  // 20230105, 05012023, 1120105, 230105
  bool compact() {
    if (!is_number(0)) return false;
    const DateToken& n = token(0);
    const std::int64_t v = n.value;
    if (n.digits == 8) {
      if ((formats_.orders & kYmd) != 0) candidate(v / 10000, v / 100 % 100, v % 100);
      if ((formats_.orders & kDmy) != 0) candidate(v % 10000, v / 10000 % 100, v / 1000000);
      if ((formats_.orders & kMdy) != 0) candidate(v % 10000, v / 1000000, v / 10000 % 100);
    } else if (n.digits == 7 && (formats_.orders & kRoc) != 0) {
      candidate(v / 10000 + 1911, v / 100 % 100, v % 100);
    } else if (n.digits == 6) {
      const auto two = [](std::int64_t value) {
        return DateToken{.kind = DateToken::number, .value = value, .digits = 2};
      };
      std::int64_t y;
      if ((formats_.orders & kYmd) != 0 && year(two(v / 10000), &y)) candidate(y, v / 100 % 100, v % 100);
      if ((formats_.orders & kDmy) != 0 && year(two(v % 100), &y)) candidate(y, v / 100 % 100, v / 10000);
      if ((formats_.orders & kMdy) != 0 && year(two(v % 100), &y)) candidate(y, v / 10000, v / 100 % 100);
    } else {
      return false;
    }
    ++at_;
    return true;
  }

  // Days since a spreadsheet's beginning, with the time of day as a fraction.
  bool serial(Moment* out) {
    if ((formats_.orders & (kExcel1900 | kExcel1904)) == 0 || !is_number(0) || token(0).digits > 7) return false;
    const bool fraction = is_sign(1, '.') && is_number(2);
    if (tokens_.size() != at_ + (fraction ? 3 : 1)) return false;
    const std::int64_t n = token(0).value;
    const bool old = (formats_.orders & kExcel1900) != 0;
    // The 1900 system has a 29 February 1900 that never was: serial 60, and one day more in all before it.
    if (old && (n == 60 || n == 0)) return fault(1263), true;
    const std::int64_t days = old ? n - (n > 60 ? 25569 : 25568) : n - 24107;
    if (days > kLastDay) return fault(1263), true;
    out->days = static_cast<std::int32_t>(days);
    if (fraction) {
      double part = static_cast<double>(token(2).value);
      for (int i = 0; i < token(2).digits; ++i) part /= 10;
      // Spreadsheets keep a float of days: to the millisecond it is honest, beyond that it is noise.
      out->micros = static_cast<std::int64_t>(part * 86400000 + 0.5) * 1000;
      out->has_time = true;
      if (out->micros >= 86400000000) ++out->days, out->micros -= 86400000000;
    }
    at_ += fraction ? 3 : 1;
    serial_ = true;
    return true;
  }

  // -1 before noon, 1 behind it, 0 for another word.
  static int half_of_word(std::string_view key) {
    if (key == "am" || key == "上午" || key == "午前" || key == "凌晨" || key == "早上") return -1;
    if (key == "pm" || key == "下午" || key == "午後" || key == "晚上") return 1;
    return 0;
  }

  // What may stand behind the date: T09:05:07.123 PM +08:00
  bool time(Moment* out) {
    skip(',');
    if (is_word(0) && token(0).key == "t" && is_number(1)) ++at_;
    int half = is_word(0) ? half_of_word(token(0).key) : 0;
    if (half != 0) ++at_;
    if (!is_number(0)) return half == 0;
    if (!clock(out)) return false;
    if (half == 0 && is_word(0)) {
      half = half_of_word(token(0).key);
      // a.m. and p.m. come as two words with dots.
      if (half == 0 && (token(0).key == "a" || token(0).key == "p") && is_sign(1, '.') && is_word(2) &&
          token(2).key == "m") {
        half = token(0).key == "a" ? -1 : 1;
        at_ += 2;
        if (is_sign(1, '.')) ++at_;
      }
      if (half != 0) ++at_;
    }
    if (half != 0) {
      if (hour_ < 1 || hour_ > 12) {
        // 下午15:20 is common and clear; 15 before noon is not.
        if (half < 0 || hour_ > 23 || hour_ < 12) return fault(1263), false;
      } else if (half > 0 && hour_ < 12) {
        out->micros += 12 * 3600000000;
      } else if (half < 0 && hour_ == 12) {
        out->micros -= 12 * 3600000000;
      }
    }
    return offset(out);
  }

  bool clock(Moment* out) {
    std::array<std::int64_t, 3> parts{};
    std::size_t n = 0;
    if (token(0).digits > 2) return compact_clock(out);
    const bool words = is_sign(1, U'时') || is_sign(1, U'時') || is_sign(1, U'点') || is_sign(1, U'點');
    if (words) {
      static constexpr std::array<std::array<char32_t, 4>, 3> kMarks{{{U'时', U'時', U'点', U'點'}, {U'分'}, {U'秒'}}};
      while (n < 3 && is_number(0)) {
        const auto& marks = kMarks[n];
        if (std::none_of(marks.begin(), marks.end(), [this](char32_t c) { return c != 0 && is_sign(1, c); }))
          return false;
        parts[n++] = token(0).value;
        at_ += 2;
      }
    } else {
      if (!is_sign(1, ':')) return false;
      while (n < 3 && is_number(0) && token(0).digits <= 2) {
        parts[n++] = token(0).value;
        ++at_;
        if (n == 3 || !is_sign(0, ':') || !is_number(1)) break;
        ++at_;
      }
      if (n < 2) return false;
    }
    std::int64_t micros = 0;
    if (n == 3 && (is_sign(0, '.') || is_sign(0, ',')) && is_number(1)) {
      micros = fraction_micros(token(1));
      at_ += 2;
    }
    return set_clock(out, parts[0], parts[1], parts[2], micros);
  }
  // 2023-01-05T090507
  bool compact_clock(Moment* out) {
    const DateToken& t = token(0);
    if (t.digits != 6 && t.digits != 4) return false;
    const std::int64_t v = t.digits == 6 ? t.value : t.value * 100;
    ++at_;
    return set_clock(out, v / 10000, v / 100 % 100, v % 100, 0);
  }
  static std::int64_t fraction_micros(const DateToken& digits) {
    std::int64_t v = digits.value;
    for (int i = digits.digits; i < 6; ++i) v *= 10;
    for (int i = digits.digits; i > 6; --i) v /= 10;  // what is finer than a microsecond is cut
    return v;
  }
  bool set_clock(Moment* out, std::int64_t h, std::int64_t m, std::int64_t s, std::int64_t micros) {
    const bool midnight = h == 24 && m == 0 && s == 0 && micros == 0;  // ISO 8601: the end of the day
    if ((h > 23 && !midnight) || m > 59 || s > 59) return fault(1263), false;
    if (midnight) {
      if (out->days == kLastDay) return fault(1263), false;
      ++out->days, h = 0;
    }
    hour_ = h;
    out->micros = ((h * 60 + m) * 60 + s) * 1000000 + micros;
    out->has_time = true;
    return true;
  }

  bool offset(Moment* out) {
    if (is_word(0) && (token(0).key == "z" || token(0).key == "utc" || token(0).key == "gmt")) {
      ++at_;
      if (!is_sign(0, '+') && !is_sign(0, '-')) {
        out->offset = 0;
        return true;
      }
    }
    if ((!is_sign(0, '+') && !is_sign(0, '-')) || !is_number(1)) return true;
    const int sign = is_sign(0, '-') ? -1 : 1;
    std::int64_t h = token(1).value, m = 0;
    if (token(1).digits == 4) {
      m = h % 100, h /= 100;
      at_ += 2;
    } else if (token(1).digits <= 2) {
      at_ += 2;
      if (is_sign(0, ':') && is_number(1)) m = token(1).value, at_ += 2;
    } else {
      return false;
    }
    if (h > 18 || m > 59) return fault(1263), false;
    out->offset = sign * static_cast<std::int32_t>(h * 3600 + m * 60);
    return true;
  }

  std::vector<DateToken> tokens_;
  const DateFormats& formats_;
  std::size_t at_ = 0;
  std::vector<std::int32_t> days_;  // what the date may be
  bool any_ = false, short_year_ = false, serial_ = false;
  std::int64_t hour_ = 0;
  DateFault fault_;
};

}  // namespace

DateFault parse_by_shape(std::string_view text, const DateFormats& formats, Moment* out) {
  std::vector<DateToken> tokens;
  if (!tokenize_date(text, &tokens)) return {1260, {}, {}};
  return DateReader(std::move(tokens), formats).read(out);
}

}  // namespace godwit::fn
