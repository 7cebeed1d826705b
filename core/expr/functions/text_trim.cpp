// trim, ltrim, rtrim, collapse_spaces, strip_control: what stands around and between words.

#include "core/expr/functions/groups.hpp"
#include "core/expr/functions/support.hpp"

namespace godwit::fn {
namespace {

enum class Side { both, left, right };

// The characters of a constant, decoded once.
std::u32string characters_of(std::string_view text) {
  std::u32string all;
  for (std::size_t at = 0; at < text.size();) all += next_character(text, at);
  return all;
}

template <Side side>
std::string_view trim_set(std::string_view text, const std::u32string& set) {
  std::size_t from = 0, to = text.size();
  if constexpr (side != Side::right) {
    for (std::size_t at = 0; from < to && set.find(next_character(text, at)) != set.npos;) from = at;
  }
  if constexpr (side != Side::left) {
    for (std::size_t at = to; to > from && set.find(previous_character(text, at)) != set.npos;) to = at;
  }
  return text.substr(from, to - from);
}

template <Side side>
Result<Bound> bind_trim(const BindArguments& arguments) {
  if (given(arguments, 1)) {
    return text_to_text([set = characters_of(constant_or(arguments, 1, ""))](std::string_view text, std::string&) {
      return trim_set<side>(text, set);
    });
  }
  return text_to_text([](std::string_view text, std::string&) {
    if constexpr (side == Side::left) return trimmed_left(text);
    if constexpr (side == Side::right) return trimmed_right(text);
    return trimmed(text);
  });
}

// True when the text is ASCII and has nothing to collapse: no control spaces, no two spaces together, none at an end.
bool is_collapsed(std::string_view text) {
  unsigned char before = ' ';
  for (const char ch : text) {
    const auto c = static_cast<unsigned char>(ch);
    if (c >= 0x80 || c == 0x7F || (c < 0x20 && is_space(c)) || (c == ' ' && before == ' ')) return false;
    before = c;
  }
  return text.empty() || before != ' ';
}

std::string_view collapse_spaces(std::string_view text, std::string& scratch) {
  if (is_collapsed(text)) return text;
  scratch.resize(text.size());  // what comes out is never longer
  char* out = scratch.data();
  bool gap = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    const char32_t c = next_character(text, at);
    if (is_space(c)) {
      gap = out != scratch.data();
      continue;
    }
    if (c >= 0x80 && is_invisible(c)) continue;
    if (gap) *out++ = ' ';
    gap = false;
    for (std::size_t i = from; i < at; ++i) *out++ = text[i];
  }
  return {scratch.data(), static_cast<std::size_t>(out - scratch.data())};
}

// C0 and C1 controls, and noncharacters that some exports carry.
bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
}

template <bool keep_lines>
std::string_view strip_control(std::string_view text, std::string& scratch) {
  scratch.clear();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    const char32_t c = next_character(text, at);
    const bool line = c == '\n' || c == '\r' || c == '\t';
    if (is_invisible(c) || (is_control(c) && !(keep_lines && line))) continue;
    scratch.append(text, from, at - from);
  }
  return scratch;
}

Result<Bound> bind_strip_control(const BindArguments& arguments) {
  GW_ASSIGN(const bool keep, constant_bool(arguments, 1, "strip_control", "keep_lines", true));
  return keep ? text_to_text(strip_control<true>) : text_to_text(strip_control<false>);
}

const Parameter kCharacters{.name = "characters",
                            .optional = true,
                            .constant = true,
                            .help = "Characters to take away; without it spaces of any kind and invisible characters."};

}  // namespace

std::vector<Function> text_trim_functions() {
  return {
      {.name = "trim",
       .group = "text",
       .summary = "The text without the spaces at both ends, full-width, no-break and zero-width ones too.",
       .parameters = {kText1, kCharacters},
       .bind = bind_trim<Side::both>,
       .examples = {{"trim('  Meier GmbH ')", "Meier GmbH"},
                    {"trim('　株式会社　')", "株式会社"},
                    {"trim('\u00A0\u200BÄ b\uFEFF')", "Ä b"},
                    {"trim('--5--', characters => '-')", "5"},
                    {"trim('   ')", ""},
                    {"trim(null)", "null"}}},
      {.name = "ltrim",
       .group = "text",
       .summary = "The text without the spaces at its beginning.",
       .parameters = {kText1, kCharacters},
       .bind = bind_trim<Side::left>,
       .examples = {{"ltrim('　上海 ')", "上海 "},
                    {"ltrim('00123', characters => '0')", "123"},
                    {"ltrim('000', characters => '0')", ""},
                    {"ltrim(null)", "null"}}},
      {.name = "rtrim",
       .group = "text",
       .summary = "The text without the spaces at its end.",
       .parameters = {kText1, kCharacters},
       .bind = bind_trim<Side::right>,
       .examples = {{"rtrim(' 上海\u00A0')", " 上海"},
                    {"rtrim('Berlin。。', characters => '。')", "Berlin"},
                    {"rtrim('')", ""},
                    {"rtrim(null)", "null"}}},
      {.name = "collapse_spaces",
       .group = "text",
       .summary = "Every run of spaces, tabs and line ends as one space, none at the ends, invisible characters gone.",
       .parameters = {kText1},
       .bind = plain_text_to_text(collapse_spaces),
       .examples = {{"collapse_spaces('  Karl   Heinz ')", "Karl Heinz"},
                    {"collapse_spaces('張　　三')", "張 三"},
                    {"collapse_spaces('a\u00A0\u202Fb\u200Bc')", "a bc"},
                    {"collapse_spaces('')", ""},
                    {"collapse_spaces(null)", "null"}}},
      {.name = "strip_control",
       .group = "text",
       .summary = "The text without control and invisible characters.",
       .parameters = {kText1,
                      {.name = "keep_lines",
                       .types = kBoolean,
                       .optional = true,
                       .constant = true,
                       .help = "Whether tabs and line ends stay; true when left out."}},
       .bind = bind_strip_control,
       .examples = {{"strip_control('a\u0001b\u0085c')", "abc"},
                    {"strip_control('\uFEFF上海\u200E')", "上海"},
                    {"strip_control('a\tb', keep_lines => false)", "ab"},
                    {"strip_control('👨\u200D👩')", "👨\u200D👩"},
                    {"strip_control(null)", "null"}}},
  };
}

}  // namespace godwit::fn
