// parse_boolean: yes and no as the forms and exports of many countries spell them.

#include <memory>

#include "core/expr/functions/groups.hpp"
#include "core/expr/functions/match_key.hpp"
#include "core/expr/functions/support.hpp"

namespace godwit::fn {
namespace {

// X is SAP's mark of a flag that is set.
constexpr std::string_view kTrueWords =
    "true|t|yes|y|1|on|x|是|真|对|對|√|✓|✔|☑|ja|j|wahr|oui|vrai|sí|verdadero|sim|sì|vero|はい|예|да";
constexpr std::string_view kFalseWords =
    "false|f|no|n|0|off|否|假|错|錯|不是|×|✗|✘|☐|nein|falsch|non|faux|falso|não|いいえ|아니요|нет";

// Adds the words of "a|b|c"; a word that has the other meaning already is the answer.
std::string add_words(WordMap<bool>& words, std::string_view list, bool meaning) {
  std::string scratch;
  for (std::size_t from = 0; from <= list.size();) {
    const std::size_t to = std::min(list.find('|', from), list.size());
    const std::string word(match_key(list.substr(from, to - from), scratch));
    const auto [entry, added] = words.emplace(word, meaning);
    if (!added && entry->second != meaning) return word;
    from = to + 1;
  }
  return {};
}

Result<Bound> bind_parse_boolean(const BindArguments& arguments) {
  if (arguments.types[0].id == TypeId::int64) {
    return Bound{TypeId::boolean, [](const Call& call) {
                   for (const std::int32_t row : call.rows) {
                     const std::int64_t v = integer_at(call.arguments[0], row);
                     if (v == 0 || v == 1) {
                       call.out.append_bool(v == 1);
                     } else {
                       reject(call, row, 1258, {{"seen", std::to_string(v)}, {"expected", "0, 1"}});
                     }
                   }
                 }};
  }
  WordMap<bool> words;
  const std::string yes = constant_or(arguments, 1, kTrueWords), no = constant_or(arguments, 2, kFalseWords);
  add_words(words, yes, true);
  if (const std::string both = add_words(words, no, false); !both.empty()) {
    return bad_constant("parse_boolean", "no", both, "yes ∩ no = ∅");
  }
  std::string expected = excerpt(yes) + " / " + excerpt(no);
  return Bound{TypeId::boolean,
               [words = std::make_shared<const WordMap<bool>>(std::move(words)), expected](const Call& call) {
                 std::string scratch;
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   const std::string_view key = match_key(text, scratch);
                   if (const auto found = words->find(key); found != words->end()) {
                     call.out.append_bool(found->second);
                   } else if (key.empty()) {
                     call.out.null();
                   } else {
                     reject(call, row, 1258, {{"seen", excerpt(text)}, {"expected", expected}});
                   }
                 }
               }};
}

}  // namespace

std::vector<Function> boolean_functions() {
  return {
      {.name = "parse_boolean",
       .group = "condition",
       .summary = "True or false as many countries' forms and exports spell it; a blank text gives null.",
       .parameters = {{.name = "value", .types = kText | kInteger, .help = "The text, or 0 or 1."},
                      {.name = "yes",
                       .optional = true,
                       .constant = true,
                       .help = "The words that mean true, parted by |, instead of the usual ones."},
                      {.name = "no", .optional = true, .constant = true, .help = "The words that mean false."}},
       .bind = bind_parse_boolean,
       .examples = {{"parse_boolean('是')", "true"},
                    {"parse_boolean('Nein')", "false"},
                    {"parse_boolean('Ｙ')", "true"},
                    {"parse_boolean('いいえ')", "false"},
                    {"parse_boolean(0)", "false"},
                    {"parse_boolean('aktiv', yes => 'aktiv|neu', no => 'alt')", "true"},
                    {"parse_boolean('vielleicht')", "GW-1258"},
                    {"parse_boolean(2)", "GW-1258"},
                    {"parse_boolean(' ')", "null"},
                    {"parse_boolean(null)", "null"}}},
  };
}

}  // namespace godwit::fn
