#include "core/expr/functions/number_locale.hpp"

#include <unicode/decimfmt.h>
#include <unicode/locid.h>
#include <unicode/numberformatter.h>
#include <unicode/uchar.h>
#include <unicode/ucurr.h>
#include <unicode/uenum.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include "core/expr/functions/number_parse.hpp"

namespace godwit::fn {
namespace {

std::u32string decoded(const icu::UnicodeString& text) {
  std::u32string out;
  for (int i = 0; i < text.length(); i = text.moveIndex32(i, 1)) out += static_cast<char32_t>(text.char32At(i));
  return out;
}

// Words that are customary beside ISO codes and symbols; longer ones first, so that US$ is not read as U, S, $.
constexpr std::array<std::u32string_view, 26> kWords{
    U"人民币", U"人民幣", U"SFr.", U"Euro", U"EURO", U"euro", U"RMB", U"US$", U"HK$", U"NT$", U"CN¥", U"JP¥", U"SFr",
    U"Fr.",    U"kr.",    U"R$",   U"A$",   U"C$",   U"S$",   U"Kč",  U"zł",  U"Ft",  U"kr",  U"元",  U"圆",  U"円"};

// Further customary marks by currency; what ICU calls the symbol is added to them.
struct Customary {
  std::string_view code;
  std::array<std::u32string_view, 7> marks;
};
constexpr std::array<Customary, 7> kCustomary{{{"CNY", {U"¥", U"￥", U"RMB", U"元", U"圆", U"人民币", U"人民幣"}},
                                               {"JPY", {U"¥", U"￥", U"円", U"JP¥"}},
                                               {"TWD", {U"NT$", U"元", U"$"}},
                                               {"HKD", {U"HK$", U"元", U"$"}},
                                               {"EUR", {U"€", U"Euro", U"EURO", U"euro"}},
                                               {"CHF", {U"Fr.", U"SFr.", U"SFr"}},
                                               {"GBP", {U"£", U"￡"}}}};

// ISO 4217 as ICU lists it, historic ones included: old systems hold Deutschmarks.
const std::set<std::u32string>& currency_codes() {
  static const std::set<std::u32string> codes = [] {
    std::set<std::u32string> all;
    UErrorCode status = U_ZERO_ERROR;
    UEnumeration* list = ucurr_openISOCurrencies(UCURR_ALL, &status);
    for (const char* code; U_SUCCESS(status) && (code = uenum_next(list, nullptr, &status)) != nullptr;) {
      all.emplace(code, code + std::char_traits<char>::length(code));
    }
    uenum_close(list);
    return all;
  }();
  return codes;
}

}  // namespace

std::size_t currency_mark_length(std::u32string_view text) {
  if (text.empty()) return 0;
  for (const std::u32string_view word : kWords) {
    if (text.substr(0, word.size()) == word) return word.size();
  }
  if (text[0] >= 0x80 || text[0] == U'$') return u_charType(static_cast<UChar32>(text[0])) == U_CURRENCY_SYMBOL ? 1 : 0;
  const auto letter = [](char32_t c) { return c >= 'A' && c <= 'Z'; };
  if (text.size() >= 3 && std::all_of(text.begin(), text.begin() + 3, letter) &&
      currency_codes().count(std::u32string(text.substr(0, 3))) != 0) {
    return 3;
  }
  return 0;
}

NumberSymbols number_symbols(const std::string& locale) {
  NumberSymbols out{.decimal = U".", .group = U",", .money_group = U","};
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::NumberFormat> made(icu::NumberFormat::createInstance(icu::Locale(locale.c_str()), status));
  const auto* format = dynamic_cast<const icu::DecimalFormat*>(made.get());
  if (U_FAILURE(status) || format == nullptr) return out;
  const icu::DecimalFormatSymbols* symbols = format->getDecimalFormatSymbols();
  out.decimal = decoded(symbols->getConstSymbol(icu::DecimalFormatSymbols::kDecimalSeparatorSymbol));
  out.group = decoded(symbols->getConstSymbol(icu::DecimalFormatSymbols::kGroupingSeparatorSymbol));
  out.money_group = decoded(symbols->getConstSymbol(icu::DecimalFormatSymbols::kMonetaryGroupingSeparatorSymbol));
  out.group_size = format->getGroupingSize();
  out.second_size = format->getSecondaryGroupingSize();
  // Some languages group only from five digits on (1234, but 12.345). DecimalFormat does not tell; its successor shows.
  const icu::UnicodeString four_digits =
      icu::number::NumberFormatter::withLocale(icu::Locale(locale.c_str())).formatInt(1234, status).toString(status);
  out.least_grouped = U_SUCCESS(status) && out.group_size == 3 && four_digits.length() == 4 ? 2 : 1;
  return out;
}

NumberFormat NumberFormat::of(const std::string& locale) {
  NumberFormat out;
  out.sample = "1234567.89";
  if (locale.empty()) return out;
  const NumberSymbols symbols = number_symbols(locale);
  if (symbols.decimal.size() == 1) out.decimal = symbols.decimal[0];
  // Spaces of several kinds part groups in every country's files; the rest is the country's own.
  out.groups = U" \u00A0\u202F\u2009";
  for (const std::u32string& group : {symbols.group, symbols.money_group}) {
    if (group.size() == 1 && group[0] != out.decimal && out.groups.find(group[0]) == std::u32string::npos) {
      out.groups += group;
    }
  }
  // The keyboard's apostrophe stands for the typographic one that ICU names.
  if (out.groups.find(U'’') != std::u32string::npos) out.groups += U'\'';
  // Austria writes 1.234,56 although its standard, and ICU, have a space.
  if (locale == "de_AT") out.groups += U'.';
  out.fast_group = ' ';
  for (const char32_t c : out.groups) {
    if (c == U',' || c == U'.') out.fast_group = static_cast<char>(c);
  }
  out.twos = symbols.second_size == 2;
  const std::string_view language = std::string_view(locale).substr(0, locale.find('_'));
  out.myriads = language == "zh" || language == "ja" || language == "yue";
  const char32_t shown = symbols.group.size() == 1 ? symbols.group[0] : U' ';
  out.sample.clear();
  for (const char32_t c : {U'1', shown, U'2', U'3', U'4', shown, U'5', U'6', U'7', out.decimal, U'8', U'9'}) {
    append_character(out.sample, c);
  }
  return out;
}

bool NumberFormat::only_currency(const std::string& code) {
  const std::u32string wide(code.begin(), code.end());
  if (currency_codes().count(wide) == 0) return false;
  marks = {wide};
  icu::UnicodeString iso = icu::UnicodeString::fromUTF8(code);
  for (const UCurrNameStyle style : {UCURR_SYMBOL_NAME, UCURR_NARROW_SYMBOL_NAME}) {
    UErrorCode status = U_ZERO_ERROR;
    std::int32_t length = 0;
    const UChar* name = ucurr_getName(iso.getTerminatedBuffer(), "en", style, nullptr, &length, &status);
    if (U_SUCCESS(status)) marks.insert(decoded(icu::UnicodeString(name, length)));
  }
  for (const Customary& customary : kCustomary) {
    if (customary.code != code) continue;
    for (const std::u32string_view mark : customary.marks) {
      if (!mark.empty()) marks.emplace(mark);
    }
  }
  return true;
}

}  // namespace godwit::fn
