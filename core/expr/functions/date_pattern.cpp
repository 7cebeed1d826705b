// Explicit patterns such as dd.MM.yyyy, and what formats => may name.

#include <unicode/uchar.h>

#include <algorithm>
#include <array>

#include "core/expr/functions/date_parse.hpp"
#include "core/expr/functions/date_tokens.hpp"
#include "core/expr/functions/match_key.hpp"

namespace godwit::fn {
namespace {

constexpr std::int64_t kHour = 3600000000, kMinute = 60000000, kSecond = 1000000;

// The field that `count` times the letter stands for; false when it stands for none.
bool field_of(char letter, int count, PatternItem* out) {
  using Item = PatternItem;
  const auto number = [&](Item::Kind kind) {  // one letter: one or two digits; two letters: two
    *out = {kind, count, 2, 0};
    return count <= 2;
  };
  switch (letter) {
    case 'y':
      *out = count == 4 ? Item{Item::year, 4, 4, 0} : Item{Item::short_year, 2, 2, 0};
      return count == 4 || count == 2;
    case 'M':
      if (count > 2) *out = {Item::month_name, count, 0, 0};
      return count > 2 ? count <= 4 : number(Item::month);
    case 'd':
      return number(Item::day);
    case 'E':
      *out = {Item::weekday_name, count, 0, 0};
      return count <= 4;
    case 'H':
      return number(Item::hour);
    case 'h':
      return number(Item::half_day_hour);
    case 'm':
      return number(Item::minute);
    case 's':
      return number(Item::second);
    case 'S':
      *out = {Item::fraction, count, count, 0};
      return count <= 9;
    case 'a':
      *out = {Item::half_day, 0, 0, 0};
      return count == 1;
    case 'X':
      *out = {Item::offset, 0, 0, 0};
      return count <= 3;
    default:
      return false;
  }
}

bool is_ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Reads one text by one pattern.
class Matcher {
 public:
  Matcher(std::string_view text, int century) : text_(text), century_(century) {}

  int match(const DatePattern& pattern, Moment* out) {
    for (const PatternItem& item : pattern) {
      if (const int fault = item_matches(item); fault != 0) return fault;
    }
    if (at_ != text_.size()) return 1260;
    const auto days = day_number(year_, month_, day_);
    if (!days || hour_ > 23 || minute_ > 59 || second_ > 59) return 1263;
    if (half_ != 0) {
      if (hour_ < 1 || hour_ > 12) return 1263;
      hour_ = hour_ % 12 + (half_ > 0 ? 12 : 0);
    }
    if (weekday_ >= 0 && weekday_ != weekday_of(*days)) return 1263;
    *out = {*days, hour_ * kHour + minute_ * kMinute + second_ * kSecond + micros_, has_time_, offset_};
    return 0;
  }

 private:
  int item_matches(const PatternItem& item) {
    int value = 0;
    switch (item.kind) {
      case PatternItem::literal:
        return take_character() == item.character ? 0 : 1260;
      case PatternItem::month_name:
      case PatternItem::weekday_name: {
        const int found =
            item.kind == PatternItem::month_name ? month_of_word(take_word()) : weekday_of_word(take_word());
        (item.kind == PatternItem::month_name ? month_ : weekday_) = found;
        return found > 0 || (found == 0 && item.kind == PatternItem::weekday_name) ? 0 : 1260;
      }
      case PatternItem::half_day: {
        const std::string_view word = take_word();
        half_ = word == "am" || word == "上午" || word == "午前"   ? -1
                : word == "pm" || word == "下午" || word == "午後" ? 1
                                                                   : 0;
        return half_ != 0 ? 0 : 1260;
      }
      case PatternItem::offset:
        return take_offset() ? 0 : 1260;
      default:
        break;
    }
    if (!take_digits(item.least, item.most, &value)) return 1260;
    switch (item.kind) {
      case PatternItem::year:
        year_ = value;
        break;
      case PatternItem::short_year:
        if (century_ == 0) return 1262;
        year_ = full_year(value, century_);
        break;
      case PatternItem::month:
        month_ = value;
        break;
      case PatternItem::day:
        day_ = value;
        break;
      case PatternItem::fraction:
        micros_ = value;
        for (int i = item.most; i < 6; ++i) micros_ *= 10;
        for (int i = item.most; i > 6; --i) micros_ /= 10;
        break;
      case PatternItem::minute:
        minute_ = value;
        break;
      case PatternItem::second:
        second_ = value;
        break;
      default:
        hour_ = value;
        break;
    }
    has_time_ |= item.kind >= PatternItem::hour;
    return 0;
  }

  char32_t take_character() { return at_ < text_.size() ? half_width(next_character(text_, at_)) : 0; }
  bool take_digits(int least, int most, int* out) {
    int n = 0;
    for (; n < most && at_ < text_.size(); ++n) {
      std::size_t next = at_;
      const char32_t c = half_width(next_character(text_, next));
      if (c < '0' || c > '9') break;
      *out = *out * 10 + static_cast<int>(c - '0');
      at_ = next;
    }
    return n >= least && n > 0;
  }
  // A run of letters and the dot behind a short name, as a key. 月 and its like belong to names (星期一, 1月 are no
  // words here).
  std::string_view take_word() {
    const std::size_t start = at_;
    while (at_ < text_.size()) {
      std::size_t next = at_;
      const auto c = static_cast<UChar32>(next_character(text_, next));
      if (!u_isalpha(c) && u_getCombiningClass(c) == 0) break;
      at_ = next;
    }
    const std::string_view word = text_.substr(start, at_ - start);
    if (at_ < text_.size() && text_[at_] == '.') ++at_;
    return match_key(word, scratch_);
  }
  bool take_offset() {
    if (at_ < text_.size() && (text_[at_] == 'Z' || text_[at_] == 'z')) {
      ++at_;
      offset_ = 0;
      return true;
    }
    const char32_t sign = take_character();
    int hours = 0, minutes = 0;
    if ((sign != '+' && sign != '-') || !take_digits(2, 2, &hours)) return false;
    if (at_ < text_.size() && text_[at_] == ':') ++at_;
    if (at_ < text_.size() && !take_digits(2, 2, &minutes)) return false;
    offset_ = (sign == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    return hours <= 18 && minutes <= 59;
  }

  std::string_view text_;
  int century_;
  std::size_t at_ = 0;
  std::string scratch_;
  int year_ = 0, month_ = 0, day_ = 0, hour_ = 0, minute_ = 0, second_ = 0, half_ = 0, weekday_ = -1;
  std::int64_t micros_ = 0;
  bool has_time_ = false;
  std::optional<std::int32_t> offset_;
};

}  // namespace

std::optional<DatePattern> compile_pattern(std::string_view text) {
  DatePattern pattern;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '\'') {  // 'T' stands for itself, '' for one quote
      const std::size_t end = text.find('\'', at + 1);
      if (end == text.npos) return std::nullopt;
      if (end == at + 1) pattern.push_back({PatternItem::literal, 0, 0, U'\''});
      for (++at; at < end;) pattern.push_back({PatternItem::literal, 0, 0, half_width(next_character(text, at))});
      at = end + 1;
    } else if (is_ascii_letter(c)) {
      const std::size_t end = std::min(text.find_first_not_of(c, at), text.size());
      PatternItem item{};
      if (!field_of(c, static_cast<int>(end - at), &item)) return std::nullopt;
      pattern.push_back(item);
      at = end;
    } else {
      pattern.push_back({PatternItem::literal, 0, 0, half_width(next_character(text, at))});
    }
  }
  return pattern;
}

bool match_pattern(std::string_view text, const DatePattern& pattern, int century, Moment* out, DateFault* fault) {
  const int number = Matcher(text, century).match(pattern, out);
  // Of several patterns that fail, one that came further says more.
  if (number > fault->number) fault->number = number;
  return number == 0;
}

Result<DateFormats> DateFormats::of(std::string_view text, std::string_view function) {
  static constexpr std::array<std::pair<std::string_view, unsigned>, 6> kOrders{
      {{"ymd", kYmd}, {"dmy", kDmy}, {"mdy", kMdy}, {"roc", kRoc}, {"excel", kExcel1900}, {"excel1904", kExcel1904}}};
  DateFormats out;
  if (text.empty()) return out;
  out.orders = 0;
  out.shown = text;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find('|', from), text.size());
    const std::string_view one = trimmed(text.substr(from, to - from));
    from = to + 1;
    const auto order = std::find_if(kOrders.begin(), kOrders.end(), [one](const auto& o) { return o.first == one; });
    if (order != kOrders.end()) {
      out.orders |= order->second;
      continue;
    }
    auto pattern = compile_pattern(one);
    const auto has = [&pattern](auto... kinds) {
      return std::any_of(pattern->begin(), pattern->end(),
                         [&](const PatternItem& i) { return ((i.kind == kinds) || ...); });
    };
    if (!pattern || !has(PatternItem::year, PatternItem::short_year) ||
        !has(PatternItem::month, PatternItem::month_name) || !has(PatternItem::day)) {
      return fail(2206, {{"function", std::string(function)}, {"seen", std::string(one)}});
    }
    out.patterns.push_back(std::move(*pattern));
  }
  constexpr unsigned kSerials = kExcel1900 | kExcel1904;
  if ((out.orders & kSerials) == kSerials) {
    return fail(2206, {{"function", std::string(function)}, {"seen", std::string(text)}});
  }
  return out;
}

DateFault parse_moment(std::string_view text, const DateFormats& formats, Moment* out) {
  text = trimmed(text);
  DateFault fault{1260, {}, {}};
  if (text.size() > kMostDateBytes) return fault;
  std::vector<Moment> read;
  for (const DatePattern& pattern : formats.patterns) {
    Moment moment;
    if (match_pattern(text, pattern, formats.century, &moment, &fault)) read.push_back(moment);
  }
  if (formats.orders != 0) {
    Moment moment;
    DateFault found = parse_by_shape(text, formats, &moment);
    if (found.number == 0) read.push_back(moment);
    if (found.number == 1261) return found;
    if (found.number > fault.number) fault = std::move(found);
  }
  if (read.empty()) return fault;
  for (const Moment& other : read) {
    if (other.days == read[0].days && other.micros == read[0].micros) continue;
    const auto shown = [](const Moment& moment) {
      ColumnBuilder builder(TypeId::timestamp);
      builder.append_int64(moment.days * std::int64_t{86400000000} + moment.micros);
      return value_text(builder.finish(), 0);
    };
    return {1261, shown(read[0]), shown(other)};
  }
  *out = read[0];
  return {};
}

Error date_error(const DateFault& fault, std::string_view text, const DateFormats& formats) {
  return make_error(
      fault.number,
      {{"seen", excerpt(text)}, {"expected", formats.shown}, {"first", fault.first}, {"second", fault.second}});
}

}  // namespace godwit::fn
