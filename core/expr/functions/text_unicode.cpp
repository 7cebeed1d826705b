// nfc, nfkc, to_halfwidth, to_fullwidth, strip_accents, only_digits, only_letters, slug: forms of characters.

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <memory>

#include "core/expr/functions/groups.hpp"
#include "core/expr/functions/match_key.hpp"
#include "core/expr/functions/support.hpp"

namespace godwit::fn {
namespace {

enum class Form { nfc, nfd, nfkc };

const icu::Normalizer2& normalizer(Form form) {
  UErrorCode status = U_ZERO_ERROR;
  switch (form) {
    case Form::nfd:
      return *icu::Normalizer2::getNFDInstance(status);
    case Form::nfkc:
      return *icu::Normalizer2::getNFKCInstance(status);
    default:
      return *icu::Normalizer2::getNFCInstance(status);
  }
}

void normalize(Form form, std::string_view text, std::string& out) {
  out.clear();
  icu::StringByteSink<std::string> sink(&out, static_cast<std::int32_t>(text.size()));
  UErrorCode status = U_ZERO_ERROR;
  normalizer(form).normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), sink,
                                 nullptr, status);
}

template <Form form>
std::string_view normal_form(std::string_view text, std::string& scratch) {
  if (is_ascii(text)) return text;
  normalize(form, text, scratch);
  return scratch;
}

std::string_view to_halfwidth(std::string_view text, std::string& scratch) {
  if (is_ascii(text)) return text;
  scratch.clear();
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_character(text, at);
    append_character(scratch, c >= 0xFF01 && c <= 0xFF5E ? c - 0xFEE0 : c == 0x3000 ? U' ' : c);
  }
  return scratch;
}

bool is_narrow_katakana(char32_t c) { return c >= 0xFF61 && c <= 0xFF9F; }

std::string_view to_fullwidth(std::string_view text, std::string& scratch) {
  scratch.clear();
  std::string wide;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    const char32_t c = next_character(text, at);
    if (is_narrow_katakana(c)) {
      // A run at once: a voicing mark becomes one with the letter before it.
      for (std::size_t next = at; next < text.size() && is_narrow_katakana(next_character(text, next));) at = next;
      normalize(Form::nfkc, text.substr(from, at - from), wide);
      scratch += wide;
    } else {
      append_character(scratch, c >= 0x21 && c <= 0x7E ? c + 0xFEE0 : c == ' ' ? 0x3000 : c);
    }
  }
  return scratch;
}

Result<Bound> bind_strip_accents(const BindArguments&) {
  return Bound{TypeId::utf8, [](const Call& call) {
                 std::string apart, bare, joined;
                 TextOut out(call);
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   if (is_ascii(text)) {
                     out.append(row, text);
                     continue;
                   }
                   normalize(Form::nfd, text, apart);
                   bare.clear();
                   bool kept = false;  // whether the letter before is one whose marks go
                   for (std::size_t at = 0; at < apart.size();) {
                     const std::size_t from = at;
                     const auto c = static_cast<UChar32>(next_character(apart, at));
                     const bool mark = u_charType(c) == U_NON_SPACING_MARK;
                     if (!mark) {
                       UErrorCode status = U_ZERO_ERROR;
                       const UScriptCode script = uscript_getScript(c, &status);
                       kept = script == USCRIPT_LATIN || script == USCRIPT_GREEK || script == USCRIPT_CYRILLIC;
                     }
                     // Marks of Japanese, Arabic, Hebrew and Indic letters are no accents but part of the word.
                     if (!mark || !kept) bare.append(apart, from, at - from);
                   }
                   normalize(Form::nfc, bare, joined);
                   out.append(row, joined);
                 }
               }};
}

std::string_view only_digits(std::string_view text, std::string& scratch) {
  scratch.clear();
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_character(text, at);
    const int digit =
        c < 0x80 ? (c >= '0' && c <= '9' ? static_cast<int>(c - '0') : -1) : u_charDigitValue(static_cast<UChar32>(c));
    if (digit >= 0) scratch += static_cast<char>('0' + digit);
  }
  return scratch;
}

std::string_view only_letters(std::string_view text, std::string& scratch) {
  scratch.clear();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    const auto c = static_cast<UChar32>(next_character(text, at));
    const std::int8_t type = u_charType(c);
    const bool mark = (type == U_NON_SPACING_MARK || type == U_COMBINING_SPACING_MARK) && !scratch.empty();
    if (u_isalpha(c) || mark) scratch.append(text, from, at - from);
  }
  return scratch;
}

// Spells runs of other scripts in ASCII letters. Slow, so that what a run becomes is kept: names repeat. One per call.
class AsciiSpelling {
 public:
  explicit AsciiSpelling(const icu::Transliterator& made) : latin_(made.clone()) {}  // one thread each
  const std::string& of(std::string_view run) {
    if (const auto known = known_.find(run); known != known_.end()) return known->second;
    if (known_.size() >= 4096) known_.clear();
    icu::UnicodeString wide =
        icu::UnicodeString::fromUTF8(icu::StringPiece(run.data(), static_cast<std::int32_t>(run.size())));
    latin_->transliterate(wide);
    std::string spelt;
    wide.toUTF8String(spelt);
    return known_.emplace(std::string(run), std::move(spelt)).first->second;
  }

 private:
  std::unique_ptr<icu::Transliterator> latin_;
  WordMap<std::string> known_;
};

// Lower-case words of ASCII letters and digits; everything else between them is one hyphen.
void append_slug(std::string_view text, std::string& slug) {
  for (const char ch : text) {
    const char c = ch >= 'A' && ch <= 'Z' ? static_cast<char>(ch | 0x20) : ch;
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      slug += c;
    } else if (!slug.empty() && slug.back() != '-' && c != '\'') {
      slug += '-';
    }
  }
}

Result<Bound> bind_slug(const BindArguments& arguments) {
  GW_ASSIGN(const std::string locale, constant_locale(arguments, 1, "slug"));
  // German spells ä as ae where others write a.
  const bool german = locale.substr(0, 2) == "de";
  UErrorCode status = U_ZERO_ERROR;
  const char* id = german ? "de-ASCII; Any-Latin; Latin-ASCII" : "Any-Latin; Latin-ASCII";
  std::shared_ptr<const icu::Transliterator> made(icu::Transliterator::createInstance(id, UTRANS_FORWARD, status));
  if (U_FAILURE(status)) return bad_constant("slug", "locale", locale, u_errorName(status));
  return Bound{TypeId::utf8, [made](const Call& call) {
                 std::optional<AsciiSpelling> spelling;
                 std::string composed, slug;
                 TextOut out(call);
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = normal_form<Form::nfc>(text_at(call.arguments[0], row), composed);
                   slug.clear();
                   for (std::size_t at = 0; at < text.size();) {
                     std::size_t to = at;
                     const bool ascii = (text[at] & 0x80) == 0;
                     while (to < text.size() && ((text[to] & 0x80) == 0) == ascii) ++to;
                     const std::string_view run = text.substr(at, to - at);
                     if (!ascii && !spelling) spelling.emplace(*made);
                     append_slug(ascii ? run : std::string_view(spelling->of(run)), slug);
                     at = to;
                   }
                   if (!slug.empty() && slug.back() == '-') slug.pop_back();
                   out.append(row, slug);
                 }
               }};
}

}  // namespace

std::vector<Function> text_unicode_functions() {
  return {
      {.name = "nfc",
       .group = "text",
       .summary = "The text in Unicode's composed form NFC, in which equal words have equal bytes.",
       .parameters = {kText1},
       .bind = plain_text_to_text(normal_form<Form::nfc>),
       .examples =
           {{"nfc('Mu\u0308ller')", "Müller"}, {"nfc('か\u3099')", "が"}, {"nfc('ａ')", "ａ"}, {"nfc(null)", "null"}}},
      {.name = "nfkc",
       .group = "text",
       .summary = "The text in form NFKC: composed, and full-width letters, ligatures and the like as plain ones.",
       .parameters = {kText1},
       .bind = plain_text_to_text(normal_form<Form::nfkc>),
       .examples = {{"nfkc('ＡＢＣ　１２')", "ABC 12"},
                    {"nfkc('ｶﾞﾗｽ')", "ガラス"},
                    {"nfkc('ﬁn㈱')", "fin(株)"},
                    {"nfkc(null)", "null"}}},
      {.name = "to_halfwidth",
       .group = "text",
       .summary = "Full-width letters, digits, signs and spaces as ASCII ones; katakana stay.",
       .parameters = {kText1},
       .bind = plain_text_to_text(to_halfwidth),
       .examples = {{"to_halfwidth('ＴＥＬ：０３－１２３４')", "TEL:03-1234"},
                    {"to_halfwidth('株式会社　カナ')", "株式会社 カナ"},
                    {"to_halfwidth('')", ""},
                    {"to_halfwidth(null)", "null"}}},
      {.name = "to_fullwidth",
       .group = "text",
       .summary = "ASCII characters and half-width katakana as full-width ones.",
       .parameters = {kText1},
       .bind = plain_text_to_text(to_fullwidth),
       .examples = {{"to_fullwidth('AB-12 x')", "ＡＢ－１２　ｘ"},
                    {"to_fullwidth('ﾊﾟﾝ')", "パン"},
                    {"to_fullwidth('ä')", "ä"},
                    {"to_fullwidth(null)", "null"}}},
      {.name = "strip_accents",
       .group = "text",
       .summary = "Latin, Greek and Cyrillic letters without their marks.",
       .parameters = {kText1},
       .bind = bind_strip_accents,
       .examples = {{"strip_accents('Müller Éclair Škoda')", "Muller Eclair Skoda"},
                    {"strip_accents('Αθήνα')", "Αθηνα"},
                    {"strip_accents('が東京')", "が東京"},
                    {"strip_accents(null)", "null"}}},
      {.name = "only_digits",
       .group = "text",
       .summary = "The digits of the text and nothing else, those of any script as 0 to 9.",
       .parameters = {kText1},
       .bind = plain_text_to_text(only_digits),
       .examples = {{"only_digits('+49 (30) 12-34')", "49301234"},
                    {"only_digits('電話０３－１２')", "0312"},
                    {"only_digits('abc')", ""},
                    {"only_digits(null)", "null"}}},
      {.name = "only_letters",
       .group = "text",
       .summary = "The letters of the text, of any script, and nothing else.",
       .parameters = {kText1},
       .bind = plain_text_to_text(only_letters),
       .examples = {{"only_letters('Müller-Lüdenscheidt 3')", "MüllerLüdenscheidt"},
                    {"only_letters('张三（123）')", "张三"},
                    {"only_letters('12')", ""},
                    {"only_letters(null)", "null"}}},
      {.name = "slug",
       .group = "text",
       .summary = "The text as lower-case ASCII words joined by hyphens, other scripts spelt in Latin letters.",
       .parameters =
           {kText1,
            {.name = "locale", .optional = true, .constant = true, .help = "de_DE spells ä as ae; a when left out."}},
       .bind = bind_slug,
       .examples = {{"slug('Café & Bar, Nr. 7')", "cafe-bar-nr-7"},
                    {"slug('Müller Straße', locale => de_DE)", "mueller-strasse"},
                    {"slug('上海 Trading')", "shang-hai-trading"},
                    {"slug('---')", ""},
                    {"slug(null)", "null"}}},
  };
}

}  // namespace godwit::fn
