// The short way of reading a date: a few tests per character, no tokens.

#include "core/expr/functions/date_parse.hpp"

namespace godwit::fn {
namespace {

unsigned digit(char c) { return static_cast<unsigned>(static_cast<unsigned char>(c)) - '0'; }

// A number of at most four digits at `p`, which moves behind it; how many digits it had.
int take_number(const char*& p, const char* end, unsigned* value) {
  const char* const from = p;
  *value = 0;
  for (unsigned d; p < end && p - from < 4 && (d = digit(*p)) < 10; ++p) *value = *value * 10 + d;
  return static_cast<int>(p - from);
}

bool take(const char*& p, const char* end, std::string_view what) {
  if (static_cast<std::size_t>(end - p) < what.size() || std::string_view(p, what.size()) != what) return false;
  p += what.size();
  return true;
}

bool finish(unsigned year, unsigned month, unsigned day, std::int32_t* out) {
  if (month > 12 || day > 31) return false;
  const auto days = day_number(static_cast<int>(year), static_cast<int>(month), static_cast<int>(day));
  if (!days) return false;
  *out = *days;
  return true;
}

}  // namespace

unsigned short_orders(const DateFormats& formats) {
  if (!formats.patterns.empty()) return 0;
  const bool both = (formats.orders & kDmy) != 0 && (formats.orders & kMdy) != 0;
  return both ? formats.orders & kYmd : formats.orders;
}

bool parse_short_date(std::string_view text, unsigned orders, std::int32_t* out) {
  const char* p = text.data();
  const char* const end = p + text.size();
  if (text.size() < 8 || text.size() > 17 || digit(*p) > 9 || orders == 0) return false;
  unsigned a, b, c;
  const int first = take_number(p, end, &a);
  if (p < end && digit(*p) < 10) {
    // yyyyMMdd, unless another order could read the eight digits, too.
    if (orders != kYmd || text.size() != 8) return false;
    const int second = take_number(p, end, &b);
    return second == 4 && p == end && finish(a, b / 100, b % 100, out);
  }
  if (first == 4 && take(p, end, "年")) {
    const int second = take_number(p, end, &b);
    if (second < 1 || second > 2 || !take(p, end, "月")) return false;
    const int third = take_number(p, end, &c);
    return third >= 1 && third <= 2 && take(p, end, "日") && p == end && finish(a, b, c, out);
  }
  if (p == end || (*p != '-' && *p != '.' && *p != '/')) return false;
  const char separator = *p++;
  const int second = take_number(p, end, &b);
  if (second < 1 || second > 2 || p == end || *p++ != separator) return false;
  const int third = take_number(p, end, &c);
  if (p != end) return false;
  if (first == 4 && third >= 1 && third <= 2 && (orders & kYmd) != 0) return finish(a, b, c, out);
  if (first > 2 || third != 4) return false;
  if ((orders & kDmy) != 0) return finish(c, b, a, out);
  return (orders & kMdy) != 0 && finish(c, a, b, out);
}

}  // namespace godwit::fn
