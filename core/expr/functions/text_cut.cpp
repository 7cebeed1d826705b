// length, left, right, substring, truncate, char_width: measuring and cutting, in characters.

#include <unicode/uchar.h>

#include "core/expr/functions/graphemes.hpp"
#include "core/expr/functions/groups.hpp"
#include "core/expr/functions/support.hpp"

namespace godwit::fn {
namespace {

enum Unit { kCharacter, kGrapheme, kByte, kUtf16 };

std::int64_t utf16_units(std::string_view text) {
  std::int64_t n = 0;
  for (std::size_t at = 0; at < text.size();) n += next_character(text, at) > 0xFFFF ? 2 : 1;
  return n;
}

std::int64_t measure(std::string_view text, int unit) {
  switch (unit) {
    case kByte:
      return static_cast<std::int64_t>(text.size());
    case kUtf16:
      return utf16_units(text);
    default:
      return count_characters(text);
  }
}

// One CRLF is one grapheme, so plain ASCII without CR can be counted in bytes.
bool one_byte_each(std::string_view text) { return is_ascii(text) && text.find('\r') == text.npos; }

Result<Bound> bind_length(const BindArguments& arguments) {
  GW_ASSIGN(const int unit,
            constant_choice(arguments, 1, "length", "unit", {"characters", "graphemes", "bytes", "utf16"}));
  return Bound{TypeId::int64, [unit](const Call& call) {
                 std::optional<Graphemes> graphemes;
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   if (unit != kGrapheme || one_byte_each(text)) {
                     call.out.append_int64(measure(text, unit));
                     continue;
                   }
                   if (!graphemes) graphemes.emplace();
                   graphemes->start(text);
                   std::int64_t n = 0;
                   while (graphemes->next() >= 0) ++n;
                   call.out.append_int64(n);
                 }
               }};
}

// Refuses negative counts; true when the row was answered.
bool refuse_negative(const Call& call, std::int32_t row, std::string_view parameter, std::int64_t seen) {
  if (seen >= 0) return false;
  reject(call, row, 1274, {{"parameter", std::string(parameter)}, {"seen", std::to_string(seen)}, {"expected", "≥ 0"}});
  return true;
}

Result<Bound> bind_left(const BindArguments&) {
  return Bound{TypeId::utf8, [](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   const std::int64_t n = integer_at(call.arguments[1], row);
                   if (refuse_negative(call, row, "count", n)) continue;
                   call.out.append_text(text.substr(0, byte_of_character(text, n)));
                 }
               }};
}

Result<Bound> bind_right(const BindArguments&) {
  return Bound{TypeId::utf8, [](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   std::int64_t n = integer_at(call.arguments[1], row);
                   if (refuse_negative(call, row, "count", n)) continue;
                   std::size_t from = text.size();
                   for (; from > 0 && n > 0; --n) previous_character(text, from);
                   call.out.append_text(text.substr(from));
                 }
               }};
}

Result<Bound> bind_substring(const BindArguments&) {
  return Bound{TypeId::utf8, [](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   // So far before the text that nothing of it is reached either way; sums must fit.
                   const std::int64_t start = std::max(integer_at(call.arguments[1], row), -(std::int64_t{1} << 62));
                   const std::int64_t count = integer_or(call.arguments[2], row, INT64_MAX);
                   if (refuse_negative(call, row, "count", count)) continue;
                   // SQL's window [start, start + count) over positions from 1; what lies before 1 is empty.
                   const std::int64_t end = start > 0 && count > INT64_MAX - start ? INT64_MAX : start + count;
                   const std::size_t from = byte_of_character(text, start - 1);
                   const std::string_view rest = text.substr(from);
                   const std::int64_t left = end - (start > 1 ? start : 1);
                   call.out.append_text(rest.substr(0, byte_of_character(rest, left)));
                 }
               }};
}

struct Cut {
  std::int64_t limit;
  int unit;
  std::string mark;  // put behind a text that was cut; counts as part of the limit
};

// Longest beginning of whole graphemes that fits in `room` units.
std::size_t fitting_bytes(Graphemes& graphemes, std::string_view text, std::int64_t room, int unit) {
  graphemes.start(text);
  std::size_t end = 0;
  for (std::int64_t at; (at = graphemes.next()) >= 0;) {
    const auto next = static_cast<std::size_t>(at);
    room -= unit == kGrapheme ? 1 : measure(text.substr(end, next - end), unit);
    if (room < 0) break;
    end = next;
  }
  return end;
}

Result<Bound> bind_truncate(const BindArguments& arguments) {
  Cut cut;
  GW_ASSIGN(cut.limit, constant_integer(arguments, 1, "truncate", "limit", 0, INT64_MAX, 0));
  GW_ASSIGN(cut.unit, constant_choice(arguments, 2, "truncate", "unit", {"characters", "graphemes", "bytes", "utf16"}));
  cut.mark = constant_or(arguments, 3, "");
  const std::int64_t mark = cut.unit == kGrapheme ? count_characters(cut.mark) : measure(cut.mark, cut.unit);
  if (mark > cut.limit) return bad_constant("truncate", "mark", cut.mark, "≤ " + std::to_string(cut.limit));
  return Bound{TypeId::utf8, [cut, mark](const Call& call) {
                 std::optional<Graphemes> graphemes;
                 std::string scratch;
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   // No unit is smaller than a byte, so most texts need no look at their characters.
                   if (static_cast<std::int64_t>(text.size()) <= cut.limit) {
                     call.out.append_text(text);
                     continue;
                   }
                   if (!graphemes) graphemes.emplace();
                   if (fitting_bytes(*graphemes, text, cut.limit, cut.unit) == text.size()) {
                     call.out.append_text(text);
                     continue;
                   }
                   scratch.assign(text, 0, fitting_bytes(*graphemes, text, cut.limit - mark, cut.unit));
                   call.out.append_text(scratch.append(cut.mark));
                 }
               }};
}

// Columns on a terminal or in a fixed-width file of an Asian encoding: wide and full-width characters take two.
int width_of(char32_t c) {
  if (c < 0x300) return c >= 0x20 && (c < 0x7F || c >= 0xA0) && c != 0xAD ? 1 : 0;
  const auto u = static_cast<UChar32>(c);
  const int type = u_charType(u);
  if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR) return 0;
  const int width = u_getIntPropertyValue(u, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

Result<Bound> bind_width(const BindArguments&) {
  return Bound{TypeId::int64, [](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   std::int64_t n = 0;
                   for (std::size_t at = 0; at < text.size();) n += width_of(next_character(text, at));
                   call.out.append_int64(n);
                 }
               }};
}

const Parameter kCount{.name = "count", .types = kInteger, .help = "How many characters."};
const Parameter kTextUnit{.name = "unit",
                          .optional = true,
                          .constant = true,
                          .help =
                              "characters (Unicode code points, the default), graphemes (what a reader sees as one), "
                              "bytes (of UTF-8) or utf16 (as Salesforce and Windows count)."};

}  // namespace

std::vector<Function> text_cut_functions() {
  return {
      {.name = "length",
       .group = "text",
       .summary = "How long the text is.",
       .parameters = {kText1, kTextUnit},
       .bind = bind_length,
       .examples = {{"length('Müller')", "6"},
                    {"length('上海', unit => bytes)", "6"},
                    {"length('👍🏽', unit => utf16)", "4"},
                    {"length('👍🏽', unit => graphemes)", "1"},
                    {"length('')", "0"},
                    {"length(null)", "null"}}},
      {.name = "left",
       .group = "text",
       .summary = "The first characters of the text.",
       .parameters = {kText1, kCount},
       .bind = bind_left,
       .examples = {{"left('Österreich', 3)", "Öst"},
                    {"left('東京都', 2)", "東京"},
                    {"left('ab', 5)", "ab"},
                    {"left('ab', -1)", "GW-1274"},
                    {"left(null, 2)", "null"}}},
      {.name = "right",
       .group = "text",
       .summary = "The last characters of the text.",
       .parameters = {kText1, kCount},
       .bind = bind_right,
       .examples = {{"right('DE-4711', 4)", "4711"},
                    {"right('東京都', 1)", "都"},
                    {"right('ab', 0)", ""},
                    {"right('ab', -1)", "GW-1274"},
                    {"right(null, 2)", "null"}}},
      {.name = "substring",
       .group = "text",
       .summary = "The characters from a position on, counted from 1.",
       .parameters = {kText1,
                      {.name = "start", .types = kInteger, .help = "Position of the first character, from 1."},
                      {.name = "count",
                       .types = kInteger,
                       .optional = true,
                       .help = "How many characters; all to the end when left out."}},
       .bind = bind_substring,
       .examples = {{"substring('Düsseldorf', 2, 3)", "üss"},
                    {"substring('北京市海淀区', 4)", "海淀区"},
                    {"substring('abc', 0, 2)", "a"},
                    {"substring('abc', 9, 2)", ""},
                    {"substring('abc', 1, -1)", "GW-1274"},
                    {"substring(null, 1, 1)", "null"}}},
      {.name = "truncate",
       .group = "text",
       .summary = "The text cut to a length, never inside what a reader sees as one character.",
       .parameters = {kText1,
                      {.name = "limit", .types = kInteger, .constant = true, .help = "Greatest length."},
                      kTextUnit,
                      {.name = "mark",
                       .optional = true,
                       .constant = true,
                       .help = "Put at the end of a text that was cut, within the limit; nothing when left out."}},
       .bind = bind_truncate,
       .examples = {{"truncate('Donaudampfschifffahrt', 5)", "Donau"},
                    {"truncate('有限责任公司', 9, unit => bytes)", "有限责"},
                    {"truncate('ab👍🏽', 3)", "ab"},
                    {"truncate('Bemerkungen', 5, mark => '…')", "Beme…"},
                    {"truncate('kurz', 5)", "kurz"},
                    {"truncate(null, 5)", "null"}}},
      {.name = "char_width",
       .group = "text",
       .summary = "How many columns the text takes when printed: Chinese, Japanese and full-width characters take two.",
       .parameters = {kText1},
       .bind = bind_width,
       .examples = {{"char_width('Müller')", "6"},
                    {"char_width('上海Ａb')", "7"},
                    {"char_width('e\u0301')", "1"},
                    {"char_width('')", "0"},
                    {"char_width(null)", "null"}}},
  };
}

}  // namespace godwit::fn
