#include "core/report/format.hpp"

#include <fmt/format.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <optional>

#include "core/model/exact_number.hpp"

namespace godwit::report {
namespace {

std::string with_commas(std::string_view digits) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

std::optional<std::int64_t> number_at(std::string_view text, std::size_t at, std::size_t length) {
  std::int64_t value = 0;
  if (text.size() < at + length) return std::nullopt;
  const char* end = text.data() + at + length;
  const auto [stop, error] = std::from_chars(text.data() + at, end, value);
  return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

// Milliseconds since 1970 of "2025-03-08T13:02:11[.123456]Z".
std::optional<std::int64_t> parse_moment(std::string_view iso) {
  if (iso.size() < 20 || iso.back() != 'Z' || iso[4] != '-' || iso[7] != '-' || iso[13] != ':' || iso[16] != ':')
    return std::nullopt;
  const auto year = number_at(iso, 0, 4), month = number_at(iso, 5, 2), day = number_at(iso, 8, 2),
             hour = number_at(iso, 11, 2), minute = number_at(iso, 14, 2), second = number_at(iso, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  std::int64_t fraction = 0;
  if (iso[19] == '.') {
    std::string digits(iso.substr(20, iso.size() - 21));
    digits.resize(3, '0');
    fraction = number_at(digits, 0, 3).value_or(0);
  }
  return ((days * 24 + *hour) * 60 + *minute) * 60'000 + *second * 1000 + fraction;
}

bool is_unsafe(UChar32 c) {
  const auto type = u_charType(c);
  return type == U_CONTROL_CHAR || type == U_FORMAT_CHAR || type == U_LINE_SEPARATOR || type == U_PARAGRAPH_SEPARATOR ||
         type == U_SURROGATE || type == U_PRIVATE_USE_CHAR || type == U_UNASSIGNED ||
         (type == U_SPACE_SEPARATOR && c != ' ' && c != 0x3000);
}

void append_utf8(std::string& out, UChar32 c) {
  char buffer[U8_MAX_LENGTH];
  int32_t length = 0;
  U8_APPEND_UNSAFE(buffer, length, c);
  out.append(buffer, static_cast<std::size_t>(length));
}

// Calls `with` for each character, negative for a byte that belongs to none (then the byte as second argument).
template <typename With>
void each_character(std::string_view text, const With& with) {
  const auto size = static_cast<int32_t>(text.size());
  for (int32_t at = 0; at < size;) {
    const int32_t start = at;
    UChar32 c = 0;
    U8_NEXT(text.data(), at, size, c);
    if (c < 0) at = start + 1;
    with(c, static_cast<unsigned char>(text[static_cast<std::size_t>(start)]));
  }
}

bool is_nfc(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return true;
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
  return U_FAILURE(status) ||
         nfc->isNormalizedUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())), status);
}

std::string replace_spaces(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += "␣";
  return out;
}

}  // namespace

std::string composed(std::string text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status) || is_nfc(text)) return text;
  std::string out;
  nfc->normalize(icu::UnicodeString::fromUTF8(text), status).toUTF8String(out);
  return U_FAILURE(status) ? text : out;
}

std::string group_digits(std::int64_t value) {
  const std::string digits = fmt::format("{}", value);
  return value < 0 ? "-" + with_commas(std::string_view(digits).substr(1)) : with_commas(digits);
}

std::string group_money(std::string_view number) {
  const auto parsed = ExactNumber::parse(number);
  if (!parsed) return std::string(number);
  const std::string plain = parsed->magnitude().to_string();
  const std::size_t point = std::min(plain.find('.'), plain.size());
  return (parsed->is_negative() ? "-" : "") + with_commas(std::string_view(plain).substr(0, point)) +
         plain.substr(point);
}

std::string percent(std::int64_t part, std::int64_t whole) {
  if (whole <= 0) return "";
  const double share = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  if (part > 0 && share < 0.01) return "<0.01%";
  if (part < whole && share > 99.99) return ">99.99%";  // all but a few is not all
  return fmt::format("{:.{}f}%", share, share < 10 ? 2 : 1);
}

std::string duration(std::int64_t milliseconds, Language language) {
  const bool zh = language == Language::zh_cn;
  const std::int64_t seconds = milliseconds / 1000;
  if (milliseconds < 1000) return fmt::format("{} {}", milliseconds, zh ? "毫秒" : "ms");
  if (seconds < 60) return fmt::format("{}.{} {}", seconds, milliseconds % 1000 / 100, zh ? "秒" : "s");
  if (seconds < 3600) return fmt::format("{} {} {} {}", seconds / 60, zh ? "分" : "min", seconds % 60, zh ? "秒" : "s");
  return fmt::format("{} {} {:02} {}", seconds / 3600, zh ? "小时" : "h", seconds / 60 % 60, zh ? "分" : "min");
}

std::string bytes(std::int64_t count) {
  static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(count);
  std::size_t unit = 0;
  for (; value >= 999.95 && unit + 1 < std::size(kUnits); ++unit) value /= 1000;
  return unit == 0 ? fmt::format("{} B", count) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string moment(std::string_view iso) {
  if (!parse_moment(iso)) return std::string(iso);
  return fmt::format("{} {} UTC", iso.substr(0, 10), iso.substr(11, 8));
}

std::int64_t milliseconds_between(std::string_view from, std::string_view to) {
  const auto a = parse_moment(from), b = parse_moment(to);
  return a && b && *b > *a ? *b - *a : 0;
}

std::string presentable(std::string_view text, std::size_t most) {
  const bool spell_marks = !is_nfc(text);
  std::string out;
  std::size_t shown = 0, hidden = 0;
  each_character(text, [&](UChar32 c, unsigned char byte) {
    if (shown == most) {
      ++hidden;
      return;
    }
    ++shown;
    if (c < 0) {
      out += fmt::format("<{:02x}>", byte);
    } else if (c == '\n') {
      out += "⏎";
    } else if (is_unsafe(c) || (spell_marks && u_getCombiningClass(c) != 0)) {
      out += fmt::format("<U+{:04X}>", static_cast<unsigned>(c));
    } else {
      append_utf8(out, c);
    }
  });
  if (hidden != 0) return composed(std::move(out)) + fmt::format("… (+{})", hidden);
  // A space at either end is the commonest difference that nobody sees.
  const std::size_t first = out.find_first_not_of(' ');
  if (first == std::string::npos) return replace_spaces(out.size());
  const std::size_t last = out.find_last_not_of(' ');
  return composed(replace_spaces(first) + out.substr(first, last - first + 1) + replace_spaces(out.size() - last - 1));
}

std::string masked_value(std::string_view value) {
  std::string out;
  each_character(value, [&](UChar32 c, unsigned char) {
    if (out.empty()) c < 0 || is_unsafe(c) ? void(out += "•") : append_utf8(out, c);
  });
  return out.empty() ? out : composed(out) + "•••";
}

std::string masked_key(std::string_view key) {
  bool letters = false, plain = true;
  std::size_t digits = 0;
  for (const char c : key) {
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      ++digits;
    } else if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
      letters = true;
    } else if (std::string_view("-_./ ").find(c) == std::string_view::npos) {
      plain = false;
    }
  }
  const bool looks_like_code = plain && digits > 0 && (letters || digits <= 8) && key.size() <= 40;
  return looks_like_code ? std::string(key) : masked_value(key);
}

}  // namespace godwit::report
