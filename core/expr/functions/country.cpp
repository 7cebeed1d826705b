// country_code, country_name: names of countries and their ISO codes.

#include "core/expr/functions/country.hpp"

#include <unicode/locid.h>
#include <unicode/uloc.h>

#include <algorithm>
#include <array>
#include <memory>

#include "core/expr/functions/groups.hpp"
#include "core/expr/functions/match_key.hpp"
#include "core/expr/functions/support.hpp"

namespace godwit::fn {
namespace {

constexpr std::array kLanguages{"en", "de", "zh", "zh_Hant", "ja", "fr", "es", "it",
                                "pt", "nl", "pl", "ko",      "ru", "sv", "tr", "cs"};

class CountryNames {
 public:
  CountryNames() {
    std::string name;
    for (const char* const* code = icu::Locale::getISOCountries(); *code != nullptr; ++code) {
      const icu::Locale country("", *code);
      add(*code, *code, true);
      add(country.getISO3Country(), *code, true);
      for (const char* language : kLanguages) {
        icu::UnicodeString shown;
        country.getDisplayCountry(icu::Locale(language), shown);
        name.clear();
        shown.toUTF8String(name);
        add_forms(name, *code);
      }
    }
    for (int i = 0; i < kCountryAliasCount; ++i) {
      const auto& [code, names] = kCountryAliases[i];
      for (std::size_t from = 0; from <= names.size();) {
        const std::size_t to = std::min(names.find('|', from), names.size());
        add(names.substr(from, to - from), code, true);
        from = to + 1;
      }
    }
  }

  std::string_view find(std::string_view key) const {
    const auto found = codes_.find(key);
    return found == codes_.end() ? std::string_view()
                                 : std::string_view(found->second.code.data(), found->second.code[0] == 0 ? 0 : 2);
  }

 private:
  struct Code {
    std::array<char, 2> code;
    bool certain;  // a code or one of our own aliases, which no display name overrules
  };

  void add(std::string_view name, std::string_view code, bool certain) {
    const std::string_view key = loose_key(name, scratch_, more_);
    if (key.empty()) return;
    const auto [entry, added] = codes_.emplace(std::string(key), Code{{code[0], code[1]}, certain});
    if (added) return;
    Code& known = entry->second;
    if (std::string_view(known.code.data(), 2) == code || (known.certain && !certain)) return;
    // A name that two languages give to two countries means neither; an alias of ours decides.
    known = certain ? Code{{code[0], code[1]}, true} : Code{{0, 0}, false};
  }

  // "Myanmar (Burma)", "St. Lucia", "Bosnia & Herzegovina" and what people make of them.
  void add_forms(const std::string& name, std::string_view code) {
    add(name, code, false);
    if (const std::size_t at = name.find(" ("); at != name.npos) add(name.substr(0, at), code, false);
    const auto replaced = [&](std::string_view from, std::string_view to) {
      const std::size_t at = name.find(from);
      if (at != name.npos) add(std::string(name).replace(at, from.size(), to), code, false);
    };
    replaced("St. ", "Saint ");
    replaced("&", "and");
  }

  WordMap<Code> codes_;
  std::string scratch_, more_;
};

Result<Bound> bind_country_code(const BindArguments&) {
  return Bound{TypeId::utf8, [](const Call& call) {
                 std::string scratch, more;
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   const std::string_view key = loose_key(text, scratch, more);
                   const std::string_view code = country_of_key(key);
                   if (!code.empty()) {
                     call.out.append_text(code);
                   } else if (is_blank(text)) {
                     call.out.null();
                   } else {
                     reject(call, row, 1272, {{"seen", excerpt(text)}});
                   }
                 }
               }};
}

Result<Bound> bind_country_name(const BindArguments& arguments) {
  GW_ASSIGN(std::string locale, constant_locale(arguments, 1, "country_name"));
  if (locale.empty()) locale = "en";
  return Bound{TypeId::utf8, [locale](const Call& call) {
                 std::string scratch, more, name;
                 const icu::Locale language(locale.c_str());
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   const std::string_view code = country_of_key(loose_key(text, scratch, more));
                   if (code.empty()) {
                     is_blank(text) ? call.out.null() : reject(call, row, 1272, {{"seen", excerpt(text)}});
                     continue;
                   }
                   icu::UnicodeString shown;
                   icu::Locale("", std::string(code).c_str()).getDisplayCountry(language, shown);
                   name.clear();
                   shown.toUTF8String(name);
                   call.out.append_text(name);
                 }
               }};
}

}  // namespace

std::string_view country_of_key(std::string_view key) {
  static const CountryNames names;
  return names.find(key);
}

std::vector<Function> country_functions() {
  const Parameter country{.name = "country",
                          .help = "A name in one of many languages, or an ISO 3166-1 code of two or three letters."};
  return {
      {.name = "country_code",
       .group = "text",
       .summary = "The ISO 3166-1 code of two letters of a country; a blank text gives null.",
       .parameters = {country},
       .bind = bind_country_code,
       .examples = {{"country_code('Deutschland')", "DE"},
                    {"country_code('中华人民共和国')", "CN"},
                    {"country_code('ドイツ')", "DE"},
                    {"country_code(' u.s.a. ')", "US"},
                    {"country_code('AUT')", "AT"},
                    {"country_code('Oesterreich')", "AT"},
                    {"country_code('Korea')", "GW-1272"},
                    {"country_code('Atlantis')", "GW-1272"},
                    {"country_code('')", "null"},
                    {"country_code(null)", "null"}}},
      {.name = "country_name",
       .group = "text",
       .summary = "The name of a country in a language.",
       .parameters =
           {country,
            {.name = "locale", .optional = true, .constant = true, .help = "The language; English when left out."}},
       .bind = bind_country_name,
       .examples = {{"country_name('DE')", "Germany"},
                    {"country_name('Schweiz', locale => zh_CN)", "瑞士"},
                    {"country_name('XX')", "GW-1272"},
                    {"country_name(null)", "null"}}},
  };
}

}  // namespace godwit::fn
