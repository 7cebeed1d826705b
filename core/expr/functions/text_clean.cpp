// empty_to_null, null_if_in, mask, remove_chars, translate, fix_csv_excel: repairs of what exports do to texts.

#include <algorithm>
#include <memory>
#include <unordered_map>

#include "core/expr/functions/groups.hpp"
#include "core/expr/functions/match_key.hpp"
#include "core/expr/functions/support.hpp"

namespace godwit::fn {
namespace {

Result<Bound> bind_empty_to_null(const BindArguments&) {
  return Bound{TypeId::utf8, [](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   is_blank(text) ? call.out.null() : call.out.append_text(text);
                 }
               }};
}

// The literals from parameter `first` on, as keys.
Result<WordMap<bool>> constant_words(const BindArguments& arguments, std::size_t first) {
  WordMap<bool> words;
  std::string scratch;
  for (std::size_t i = first; i < arguments.types.size(); ++i) {
    words.emplace(match_key(constant_or(arguments, i, ""), scratch), true);
  }
  return words;
}

Result<Bound> bind_null_if_in(const BindArguments& arguments) {
  GW_ASSIGN(WordMap<bool> words, constant_words(arguments, 1));
  return Bound{TypeId::utf8, [words = std::make_shared<const WordMap<bool>>(std::move(words))](const Call& call) {
                 std::string scratch;
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   words->contains(match_key(text, scratch)) ? call.out.null() : call.out.append_text(text);
                 }
               }};
}

Result<Bound> bind_in_set(const BindArguments& arguments) {
  GW_ASSIGN(WordMap<bool> words, constant_words(arguments, 1));
  return Bound{TypeId::boolean, [words = std::make_shared<const WordMap<bool>>(std::move(words))](const Call& call) {
                 std::string scratch;
                 for (const std::int32_t row : call.rows) {
                   call.out.append_bool(words->contains(match_key(text_at(call.arguments[0], row), scratch)));
                 }
               }};
}

Result<Bound> bind_mask(const BindArguments& arguments) {
  GW_ASSIGN(const std::int64_t first, constant_integer(arguments, 1, "mask", "first", 0, 1 << 20, 0));
  GW_ASSIGN(const std::int64_t last, constant_integer(arguments, 2, "mask", "last", 0, 1 << 20, 0));
  const std::string sign = constant_or(arguments, 3, "*");
  if (count_characters(sign) != 1) return bad_constant("mask", "sign", sign, "'*', '●' …");
  return Bound{TypeId::utf8, [first, last, sign](const Call& call) {
                 std::string scratch;
                 TextOut out(call);
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   const std::int64_t length = count_characters(text);
                   // A text that would be shown whole is hidden whole.
                   const bool short_text = first + last >= length;
                   scratch.clear();
                   std::size_t at = 0;
                   for (std::int64_t i = 0; i < length; ++i) {
                     const std::size_t from = at;
                     next_character(text, at);
                     const bool shown = !short_text && (i < first || i >= length - last);
                     scratch += shown ? text.substr(from, at - from) : std::string_view(sign);
                   }
                   out.append(row, scratch);
                 }
               }};
}

// What becomes of a character: another one, or nothing.
struct Swap {
  std::unordered_map<char32_t, char32_t> to;  // 0: goes
  std::string_view apply(std::string_view text, std::string& scratch) const {
    scratch.clear();
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t from = at;
      const char32_t c = next_character(text, at);
      const auto found = to.find(c);
      if (found == to.end()) {
        scratch.append(text, from, at - from);
      } else if (found->second != 0) {
        append_character(scratch, found->second);
      }
    }
    return scratch;
  }
};

Result<Bound> bind_swap(const BindArguments& arguments) {
  auto swap = std::make_shared<Swap>();
  const std::string from = constant_or(arguments, 1, ""), to = constant_or(arguments, 2, "");
  std::size_t at = 0, with = 0;
  while (at < from.size()) {
    const char32_t c = next_character(from, at);
    const char32_t other = with < to.size() ? next_character(to, with) : 0;
    swap->to.emplace(c, other);
  }
  return text_to_text([swap = std::shared_ptr<const Swap>(swap)](std::string_view text, std::string& scratch) {
    return swap->apply(text, scratch);
  });
}

// ="00123", '00123 and a tab before or behind digits are tricks to keep spreadsheets from changing a text.
std::string_view fix_csv_excel(std::string_view text, std::string& scratch) {
  while (!text.empty() && text.front() == '\t') text.remove_prefix(1);
  while (!text.empty() && text.back() == '\t') text.remove_suffix(1);
  if (text.size() >= 3 && text.starts_with("=\"") && text.back() == '"') {
    text = text.substr(2, text.size() - 3);
    if (text.find('"') == text.npos) return text;
    scratch.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
      scratch += text[i];
      if (text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"') ++i;
    }
    return scratch;
  }
  // Only before what a spreadsheet would change: 't Hart is a name.
  if (text.size() >= 2 && text[0] == '\'' &&
      (std::string_view("0123456789=+-@").find(text[1]) != std::string_view::npos)) {
    text.remove_prefix(1);
  }
  return text;
}

}  // namespace

std::vector<Function> text_clean_functions() {
  return {
      {.name = "empty_to_null",
       .group = "text",
       .summary = "Null for a text of nothing but spaces, else the text.",
       .parameters = {kText1},
       .bind = bind_empty_to_null,
       .examples = {{"empty_to_null('　 ')", "null"},
                    {"empty_to_null(' a')", " a"},
                    {"empty_to_null('')", "null"},
                    {"empty_to_null(null)", "null"}}},
      {.name = "null_if_in",
       .group = "text",
       .summary = "Null for a text that is one of the words, whatever its case, width and spaces around it.",
       .parameters =
           {kText1,
            {.name = "word", .constant = true, .variadic = true, .help = "Words that mean nothing, such as 'n/a'."}},
       .bind = bind_null_if_in,
       .examples = {{"null_if_in(' N/A ', 'n/a', '-')", "null"},
                    {"null_if_in('无', '无', '空')", "null"},
                    {"null_if_in('Ｎ／Ａ', 'N/A')", "null"},
                    {"null_if_in('Nullmeier', 'null')", "Nullmeier"},
                    {"null_if_in(null, '-')", "null"}}},
      {.name = "in_set",
       .group = "condition",
       .summary = "Whether the text is one of the words, whatever its case, width and spaces around it.",
       .parameters = {kText1, {.name = "word", .constant = true, .variadic = true, .help = "The words."}},
       .bind = bind_in_set,
       .examples = {{"in_set('GmbH', 'gmbh', 'ag')", "true"},
                    {"in_set('北京 ', '上海', '北京')", "true"},
                    {"in_set('', 'x')", "false"},
                    {"in_set(null, 'x')", "null"}}},
      {.name = "mask",
       .group = "text",
       .summary = "The text with its characters hidden, all but some at its ends; one that would be shown whole is "
                  "hidden whole.",
       .parameters =
           {kText1,
            {.name = "first",
             .types = kInteger,
             .optional = true,
             .constant = true,
             .help = "How many stay at the beginning; none when left out."},
            {.name = "last",
             .types = kInteger,
             .optional = true,
             .constant = true,
             .help = "How many stay at the end; none when left out."},
            {.name = "sign", .optional = true, .constant = true, .help = "What is shown instead; * when left out."}},
       .bind = bind_mask,
       .examples = {{"mask('13800138000', 3, 4)", "138****8000"},
                    {"mask('张小明', first => 1, sign => '●')", "张●●"},
                    {"mask('1234', last => 4)", "****"},
                    {"mask('')", ""},
                    {"mask(null)", "null"}}},
      {.name = "remove_chars",
       .group = "text",
       .summary = "The text without certain characters.",
       .parameters = {kText1, {.name = "characters", .constant = true, .help = "The characters that go."}},
       .bind = bind_swap,
       .examples = {{"remove_chars('(030) 12-34', '() -')", "0301234"},
                    {"remove_chars('「東京」', '「」')", "東京"},
                    {"remove_chars('abc', '')", "abc"},
                    {"remove_chars(null, 'a')", "null"}}},
      {.name = "translate",
       .group = "text",
       .summary = "The text with each character of one list replaced by that at the same place of another, or gone "
                  "where the other is shorter.",
       .parameters = {kText1,
                      {.name = "from", .constant = true, .help = "Characters that are replaced."},
                      {.name = "to", .constant = true, .help = "What they become."}},
       .bind = bind_swap,
       .examples = {{"translate('1,234.5', ',.', '.,')", "1.234,5"},
                    {"translate('一二三', '一二三', '123')", "123"},
                    {"translate('a-b', '-', '')", "ab"},
                    {"translate(null, 'a', 'b')", "null"}}},
      {.name = "fix_csv_excel",
       .group = "text",
       .summary = "The text without what keeps spreadsheets from changing it: =\"…\", an apostrophe before digits, "
                  "tabs at the ends.",
       .parameters = {kText1},
       .bind = plain_text_to_text(fix_csv_excel),
       .examples = {{"fix_csv_excel('=\"00123\"')", "00123"},
                    {"fix_csv_excel('''00123')", "00123"},
                    {"fix_csv_excel('\t440106199001010000')", "440106199001010000"},
                    {"fix_csv_excel('=\"a\"\"b\"')", "a\"b"},
                    {"fix_csv_excel('''t Hart')", "'t Hart"},
                    {"fix_csv_excel(null)", "null"}}},
  };
}

}  // namespace godwit::fn
