// position, contains, starts_with, ends_with, replace, split_part and the regular expressions.

#include <re2/re2.h>

#include <memory>

#include "core/expr/functions/groups.hpp"
#include "core/expr/functions/support.hpp"

namespace godwit::fn {
namespace {

using Pattern = std::shared_ptr<const RE2>;

// RE2 runs in time linear in the text, whatever pattern a user or a hostile text brings.
Result<Pattern> constant_pattern(const BindArguments& arguments, std::string_view function) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(16 << 20);
  const std::string text = constant_or(arguments, 1, "");
  auto pattern = std::make_shared<const RE2>(text, options);
  if (!pattern->ok()) {
    return fail(2203, {{"function", std::string(function)}, {"seen", excerpt(text)}, {"reason", pattern->error()}});
  }
  return Pattern(std::move(pattern));
}

Result<Bound> bind_regex_match(const BindArguments& arguments) {
  GW_ASSIGN(Pattern pattern, constant_pattern(arguments, "regex_match"));
  return Bound{TypeId::boolean, [pattern](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   call.out.append_bool(RE2::PartialMatch({text.data(), text.size()}, *pattern));
                 }
               }};
}

Result<Bound> bind_regex_extract(const BindArguments& arguments) {
  GW_ASSIGN(Pattern pattern, constant_pattern(arguments, "regex_extract"));
  const int groups = pattern->NumberOfCapturingGroups();
  GW_ASSIGN(const std::int64_t group,
            constant_integer(arguments, 2, "regex_extract", "group", 0, groups, groups > 0 ? 1 : 0));
  return Bound{TypeId::utf8, [pattern, group = static_cast<int>(group)](const Call& call) {
                 std::vector<re2::StringPiece> found(static_cast<std::size_t>(group) + 1);
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   const bool matched = pattern->Match({text.data(), text.size()}, 0, text.size(), RE2::UNANCHORED,
                                                       found.data(), group + 1);
                   const re2::StringPiece& part = found.back();
                   // A group that took no part in the match has no data either.
                   if (!matched || part.data() == nullptr) {
                     call.out.null();
                   } else {
                     call.out.append_text({part.data(), part.size()});
                   }
                 }
               }};
}

Result<Bound> bind_regex_replace(const BindArguments& arguments) {
  GW_ASSIGN(Pattern pattern, constant_pattern(arguments, "regex_replace"));
  const std::string replacement = constant_or(arguments, 2, "");
  std::string reason;
  if (!pattern->CheckRewriteString(replacement, &reason)) {
    return fail(2203, {{"function", "regex_replace"}, {"seen", excerpt(replacement)}, {"reason", reason}});
  }
  return Bound{TypeId::utf8, [pattern, replacement](const Call& call) {
                 std::string scratch;
                 TextOut out(call);
                 for (const std::int32_t row : call.rows) {
                   scratch.assign(text_at(call.arguments[0], row));
                   RE2::GlobalReplace(&scratch, *pattern, replacement);
                   out.append(row, scratch);
                 }
               }};
}

Result<Bound> bind_position(const BindArguments&) {
  return Bound{TypeId::int64, [](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   const std::size_t at = text.find(text_at(call.arguments[1], row));
                   call.out.append_int64(at == text.npos ? 0 : count_characters(text.substr(0, at)) + 1);
                 }
               }};
}

enum class Where { anywhere, start, end };

template <Where where>
Result<Bound> bind_holds(const BindArguments&) {
  return Bound{TypeId::boolean, [](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row),
                                          part = text_at(call.arguments[1], row);
                   bool holds;
                   if constexpr (where == Where::anywhere) holds = text.find(part) != text.npos;
                   if constexpr (where == Where::start) holds = text.starts_with(part);
                   if constexpr (where == Where::end) holds = text.ends_with(part);
                   call.out.append_bool(holds);
                 }
               }};
}

Result<Bound> bind_replace(const BindArguments&) {
  return Bound{TypeId::utf8, [](const Call& call) {
                 std::string scratch;
                 TextOut out(call);
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   const std::string_view from = text_at(call.arguments[1], row), to = text_at(call.arguments[2], row);
                   std::size_t at = from.empty() ? text.npos : text.find(from);
                   if (at == text.npos) {
                     out.append(row, text);
                     continue;
                   }
                   scratch.clear();
                   std::size_t done = 0;
                   for (; at != text.npos && scratch.size() <= kLongestText; at = text.find(from, done)) {
                     scratch.append(text, done, at - done).append(to);
                     done = at + from.size();
                   }
                   out.append(row, scratch.append(text, done));
                 }
               }};
}

// Part number n from 1, or from the end when negative; false when there is none.
bool split_part(std::string_view text, std::string_view separator, std::int64_t n, std::string_view* out) {
  if (n < 0) {
    std::size_t end = text.size();
    for (;;) {
      const std::size_t at = end >= separator.size() ? text.rfind(separator, end - separator.size()) : text.npos;
      const std::size_t from = at == text.npos ? 0 : at + separator.size();
      if (++n == 0) return *out = text.substr(from, end - from), true;
      if (at == text.npos) return false;
      end = at;
    }
  }
  for (std::size_t from = 0;;) {
    const std::size_t at = text.find(separator, from);
    if (--n == 0) return *out = text.substr(from, at == text.npos ? text.npos : at - from), true;
    if (at == text.npos) return false;
    from = at + separator.size();
  }
}

Result<Bound> bind_split_part(const BindArguments&) {
  return Bound{TypeId::utf8, [](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   const std::string_view separator = text_at(call.arguments[1], row);
                   const std::int64_t n = integer_at(call.arguments[2], row);
                   std::string_view part;
                   if (separator.empty()) {
                     reject(call, row, 1274, {{"parameter", "separator"}, {"seen", "''"}, {"expected", "≥ 1"}});
                   } else if (n == 0) {
                     reject(call, row, 1274, {{"parameter", "n"}, {"seen", "0"}, {"expected", "≠ 0"}});
                   } else if (split_part(text_at(call.arguments[0], row), separator, n, &part)) {
                     call.out.append_text(part);
                   } else {
                     call.out.null();
                   }
                 }
               }};
}

const Parameter kPart{.name = "part", .help = "What is looked for; letters of another case are others."};
const Parameter kPattern{
    .name = "pattern", .constant = true, .help = "Regular expression (RE2); (?i) at its beginning ignores case."};

}  // namespace

std::vector<Function> text_search_functions() {
  return {
      {.name = "position",
       .group = "text",
       .summary = "Where the part begins, in characters from 1; 0 when it is not there.",
       .parameters = {kText1, kPart},
       .bind = bind_position,
       .examples = {{"position('Köln am Rhein', 'am')", "6"},
                    {"position('北京市海淀区', '海淀')", "4"},
                    {"position('abc', 'x')", "0"},
                    {"position(null, 'x')", "null"}}},
      {.name = "contains",
       .group = "text",
       .summary = "Whether the part stands somewhere in the text.",
       .parameters = {kText1, kPart},
       .bind = bind_holds<Where::anywhere>,
       .examples = {{"contains('上海贸易有限公司', '有限公司')", "true"},
                    {"contains('Straße', 'SS')", "false"},
                    {"contains('abc', '')", "true"},
                    {"contains('abc', null)", "null"}}},
      {.name = "starts_with",
       .group = "text",
       .summary = "Whether the text begins with the part.",
       .parameters = {kText1, kPart},
       .bind = bind_holds<Where::start>,
       .examples = {{"starts_with('+49 30 1234', '+49')", "true"},
                    {"starts_with('株式会社山田', '山田')", "false"},
                    {"starts_with(null, 'a')", "null"}}},
      {.name = "ends_with",
       .group = "text",
       .summary = "Whether the text ends with the part.",
       .parameters = {kText1, kPart},
       .bind = bind_holds<Where::end>,
       .examples = {{"ends_with('Müller GmbH', 'GmbH')", "true"},
                    {"ends_with('', 'a')", "false"},
                    {"ends_with(null, 'a')", "null"}}},
      {.name = "replace",
       .group = "text",
       .summary = "The text with every occurrence of one part replaced by another.",
       .parameters = {kText1,
                      {.name = "from", .help = "What is replaced; '' is nowhere."},
                      {.name = "to", .help = "What is put there."}},
       .bind = bind_replace,
       .examples = {{"replace('a-b-c', '-', ' / ')", "a / b / c"},
                    {"replace('（有限）公司', '（有限）', '有限')", "有限公司"},
                    {"replace('aaa', 'aa', 'b')", "ba"},
                    {"replace('abc', '', 'x')", "abc"},
                    {"replace(null, 'a', 'b')", "null"}}},
      {.name = "split_part",
       .group = "text",
       .summary = "One of the parts between separators; null when there are fewer.",
       .parameters = {kText1,
                      {.name = "separator", .help = "What stands between the parts."},
                      {.name = "n", .types = kInteger, .help = "Which part, from 1; -1 is the last."}},
       .bind = bind_split_part,
       .examples = {{"split_part('Meier, Anna', ', ', 2)", "Anna"},
                    {"split_part('江苏省／苏州市／工业园区', '／', -1)", "工业园区"},
                    {"split_part('a,,c', ',', 2)", ""},
                    {"split_part('a,b', ',', 3)", "null"},
                    {"split_part('a,b', ',', 0)", "GW-1274"},
                    {"split_part(null, ',', 1)", "null"}}},
      {.name = "regex_match",
       .group = "text",
       .summary = "Whether the pattern matches somewhere in the text; ^ and $ tie it to the ends.",
       .parameters = {kText1, kPattern},
       .bind = bind_regex_match,
       .examples = {{"regex_match('DE123456789', '^DE\\d{9}$')", "true"},
                    {"regex_match('张三', '^\\p{Han}+$')", "true"},
                    {"regex_match('abc', '(?i)^B')", "false"},
                    {"regex_match(null, 'a')", "null"}}},
      {.name = "regex_extract",
       .group = "text",
       .summary = "What the pattern, or a group of it, matches first; null when it matches nowhere.",
       .parameters =
           {kText1,
            kPattern,
            {.name = "group",
             .types = kInteger,
             .optional = true,
             .constant = true,
             .help = "Number of the group, 0 for the whole match; the first group, if there is one, when left out."}},
       .bind = bind_regex_extract,
       .examples = {{"regex_extract('Kd.-Nr. 4711 (alt)', '\\d+')", "4711"},
                    {"regex_extract('Tel: 030/1234', '(\\d+)/(\\d+)', 2)", "1234"},
                    {"regex_extract('编号：甲12', '：(\\p{Han})')", "甲"},
                    {"regex_extract('abc', '\\d+')", "null"},
                    {"regex_extract(null, 'a')", "null"}}},
      {.name = "regex_replace",
       .group = "text",
       .summary = "The text with every match of the pattern replaced.",
       .parameters = {kText1,
                      kPattern,
                      {.name = "replacement",
                       .constant = true,
                       .help = "What is put there; \\1 is the first group, \\0 the whole match."}},
       .bind = bind_regex_replace,
       .examples = {{"regex_replace('2023-01-05', '(\\d+)-(\\d+)-(\\d+)', '\\3.\\2.\\1')", "05.01.2023"},
                    {"regex_replace('电话：010', '[^0-9]+', '')", "010"},
                    {"regex_replace('abc', 'x*', '-')", "-a-b-c-"},
                    {"regex_replace(null, 'a', 'b')", "null"}}},
  };
}

}  // namespace godwit::fn
