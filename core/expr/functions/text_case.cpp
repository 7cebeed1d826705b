// upper, lower, title, capitalize: Unicode's case mapping, with the rules of a language where it has its own.

#include <unicode/brkiter.h>
#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/locid.h>

#include <memory>

#include "core/expr/functions/groups.hpp"
#include "core/expr/functions/support.hpp"

namespace godwit::fn {
namespace {

enum class Case { upper, lower };

// Turkish, Azeri and Lithuanian map ASCII letters otherwise than everybody else (i -> İ).
bool ascii_is_special(std::string_view locale) {
  const std::string_view language = locale.substr(0, locale.find('_'));
  return language == "tr" || language == "az" || language == "lt";
}

template <Case to>
std::string_view map_ascii(std::string_view text, std::string& scratch) {
  scratch.resize(text.size());
  constexpr unsigned char kFirst = to == Case::upper ? 'a' : 'A';
  for (std::size_t i = 0; i < text.size(); ++i) {  // branch-free, so that it becomes vector code
    const auto c = static_cast<unsigned char>(text[i]);
    scratch[i] = static_cast<char>(c ^ (static_cast<unsigned char>(c - kFirst) < 26 ? 0x20 : 0));
  }
  return scratch;
}

template <Case to>
std::string_view map_icu(const std::string& locale, std::string_view text, std::string& scratch) {
  scratch.clear();
  icu::StringByteSink<std::string> sink(&scratch, static_cast<std::int32_t>(text.size()));
  UErrorCode status = U_ZERO_ERROR;
  const icu::StringPiece piece(text.data(), static_cast<std::int32_t>(text.size()));
  if constexpr (to == Case::upper) {
    icu::CaseMap::utf8ToUpper(locale.c_str(), 0, piece, sink, nullptr, status);
  } else {
    icu::CaseMap::utf8ToLower(locale.c_str(), 0, piece, sink, nullptr, status);
  }
  return scratch;
}

template <Case to>
Result<Bound> bind_case(const BindArguments& arguments) {
  GW_ASSIGN(std::string locale, constant_locale(arguments, 1, to == Case::upper ? "upper" : "lower"));
  const bool special = ascii_is_special(locale);
  return text_to_text([locale, special](std::string_view text, std::string& scratch) -> std::string_view {
    if (!special && is_ascii(text)) return map_ascii<to>(text, scratch);
    return map_icu<to>(locale, text, scratch);
  });
}

Result<Bound> bind_title(const BindArguments& arguments) {
  GW_ASSIGN(std::string locale, constant_locale(arguments, 1, "title"));
  return Bound{TypeId::utf8, [locale](const Call& call) {
                 UErrorCode status = U_ZERO_ERROR;
                 // A break iterator has state: one per call, never shared between threads.
                 const std::unique_ptr<icu::BreakIterator> words(
                     icu::BreakIterator::createWordInstance(icu::Locale(locale.c_str()), status));
                 std::string scratch;
                 TextOut out(call);
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   scratch.clear();
                   icu::StringByteSink<std::string> sink(&scratch, static_cast<std::int32_t>(text.size()));
                   status = U_ZERO_ERROR;
                   icu::CaseMap::utf8ToTitle(locale.c_str(), 0, words.get(),
                                             icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())),
                                             sink, nullptr, status);
                   out.append(row, scratch);
                 }
               }};
}

Result<Bound> bind_capitalize(const BindArguments& arguments) {
  GW_ASSIGN(std::string locale, constant_locale(arguments, 1, "capitalize"));
  return text_to_text([locale](std::string_view text, std::string& scratch) -> std::string_view {
    if (text.empty()) return text;
    std::size_t end = 0;
    next_character(text, end);
    scratch.clear();
    icu::StringByteSink<std::string> sink(&scratch, static_cast<std::int32_t>(text.size()));
    UErrorCode status = U_ZERO_ERROR;
    // Title case of the one character: ß becomes Ss, not SS.
    icu::CaseMap::utf8ToTitle(locale.c_str(), U_TITLECASE_WHOLE_STRING | U_TITLECASE_NO_LOWERCASE, nullptr,
                              icu::StringPiece(text.data(), static_cast<std::int32_t>(end)), sink, nullptr, status);
    return scratch.append(text.substr(end));
  });
}

const Parameter kCaseLocale{.name = "locale",
                            .optional = true,
                            .constant = true,
                            .help = "Language whose rules apply, such as tr_TR; without it the rules common to all."};

}  // namespace

std::vector<Function> text_case_functions() {
  return {
      {.name = "upper",
       .group = "text",
       .summary = "The text in upper case.",
       .parameters = {kText1, kCaseLocale},
       .bind = bind_case<Case::upper>,
       .examples = {{"upper('Müller & Söhne')", "MÜLLER & SÖHNE"},
                    {"upper('straße')", "STRASSE"},
                    {"upper('istanbul', locale => tr_TR)", "İSTANBUL"},
                    {"upper('ａｂｃ 株式会社')", "ＡＢＣ 株式会社"},
                    {"upper('')", ""},
                    {"upper(null)", "null"}}},
      {.name = "lower",
       .group = "text",
       .summary = "The text in lower case.",
       .parameters = {kText1, kCaseLocale},
       .bind = bind_case<Case::lower>,
       .examples = {{"lower('INFO@Example.COM')", "info@example.com"},
                    {"lower('ÄÖÜ ΣΟΦΟΣ')", "äöü σοφος"},
                    {"lower('ISPARTA', locale => tr_TR)", "ısparta"},
                    {"lower('上海ＡＢ')", "上海ａｂ"},
                    {"lower(null)", "null"}}},
      {.name = "title",
       .group = "text",
       .summary = "Every word with a capital first letter and the rest in lower case.",
       .parameters = {kText1, kCaseLocale},
       .bind = bind_title,
       .examples = {{"title('HANS-PETER MÜLLER')", "Hans-Peter Müller"},
                    {"title('rio de janeiro')", "Rio De Janeiro"},
                    {"title('ijsselmeer', locale => nl_NL)", "IJsselmeer"},
                    {"title('东京 tokyo')", "东京 Tokyo"},
                    {"title(null)", "null"}}},
      {.name = "capitalize",
       .group = "text",
       .summary = "The text with its first letter in upper case and everything behind it as it was.",
       .parameters = {kText1, kCaseLocale},
       .bind = bind_capitalize,
       .examples = {{"capitalize('ärztehaus NORD')", "Ärztehaus NORD"},
                    {"capitalize('éclair')", "Éclair"},
                    {"capitalize('')", ""},
                    {"capitalize(null)", "null"}}},
  };
}

}  // namespace godwit::fn
