#include "core/expr/functions/date_words.hpp"

#include <unicode/dtfmtsym.h>
#include <unicode/locid.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "core/expr/functions/match_key.hpp"

namespace godwit::fn {
namespace {

constexpr std::array kWordLanguages{"en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da"};

// Words that mean different things in two languages are dropped: no guess is better than a wrong one.
class Words {
 public:
  void add(const icu::UnicodeString& name, int number) {
    std::string text, scratch;
    name.toUTF8String(text);
    while (!text.empty() && text.back() == '.') text.pop_back();
    add_key(match_key(text, scratch), number);
  }
  void add_key(std::string_view key, int number) {
    if (key.empty()) return;
    const auto [entry, added] = numbers_.emplace(std::string(key), number);
    if (!added && entry->second != number) entry->second = kTwofold;
  }
  int find(std::string_view key, int otherwise) const {
    const auto found = numbers_.find(key);
    return found == numbers_.end() || found->second == kTwofold ? otherwise : found->second;
  }

 private:
  static constexpr int kTwofold = -99;
  WordMap<int> numbers_;
};

using Symbols = icu::DateFormatSymbols;

const Words& months() {
  static const Words words = [] {
    Words all;
    for (const char* language : kWordLanguages) {
      UErrorCode status = U_ZERO_ERROR;
      const Symbols symbols(icu::Locale(language), status);
      for (const auto context : {Symbols::FORMAT, Symbols::STANDALONE}) {
        for (const auto width : {Symbols::WIDE, Symbols::ABBREVIATED}) {
          std::int32_t count = 0;
          const icu::UnicodeString* names = symbols.getMonths(count, context, width);
          for (int i = 0; i < count && i < 12; ++i) all.add(names[i], i + 1);
        }
      }
    }
    // Customary, but not in ICU's data for the language.
    for (const auto& [word, number] : {std::pair("sept", 9), {"mrz", 3}, {"maerz", 3}, {"jänner", 1}, {"feber", 2}}) {
      all.add_key(word, number);
    }
    return all;
  }();
  return words;
}

const Words& weekdays() {
  static const Words words = [] {
    Words all;
    const auto add = [&all](const char* language) {
      UErrorCode status = U_ZERO_ERROR;
      const Symbols symbols(icu::Locale(language), status);
      for (const auto width : {Symbols::WIDE, Symbols::ABBREVIATED}) {
        std::int32_t count = 0;
        const icu::UnicodeString* names = symbols.getWeekdays(count, Symbols::FORMAT, width);
        for (int i = 1; i < count && i <= 7; ++i) all.add(names[i], i - 1);  // ICU counts from 1
      }
    };
    for (const char* language : kWordLanguages) add(language);
    add("zh"), add("ja");
    return all;
  }();
  return words;
}

}  // namespace

int month_of_word(std::string_view key) { return months().find(key, 0); }
int weekday_of_word(std::string_view key) { return weekdays().find(key, -1); }

int era_offset(std::string_view key) {
  static constexpr std::array<std::pair<std::string_view, int>, 13> kEras{{{"民國", 1911},
                                                                           {"民国", 1911},
                                                                           {"中華民國", 1911},
                                                                           {"roc", 1911},
                                                                           {"令和", 2018},
                                                                           {"r", 2018},
                                                                           {"平成", 1988},
                                                                           {"h", 1988},
                                                                           {"昭和", 1925},
                                                                           {"s", 1925},
                                                                           {"大正", 1911},
                                                                           {"t", 1911},
                                                                           {"明治", 1867}}};
  const auto found = std::find_if(kEras.begin(), kEras.end(), [key](const auto& era) { return era.first == key; });
  return found == kEras.end() ? 0 : found->second;
}

int last_day(int year, int month) {
  static constexpr std::array<int, 13> kDays{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return kDays[static_cast<std::size_t>(month)] + (month == 2 && leap ? 1 : 0);
}

// Both directions count in years that begin in March, so that the leap day comes last.
std::int64_t day_count(std::int64_t year, int month, int day) {
  const std::int64_t y = month <= 2 ? year - 1 : year, m = month <= 2 ? month + 9 : month - 3;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t yoe = y - era * 400;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + (153 * m + 2) / 5 + day - 1 - 719468;
}

std::optional<std::int32_t> day_number(int year, int month, int day) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > last_day(year, month)) return std::nullopt;
  return static_cast<std::int32_t>(day_count(year, month, day));
}

Civil civil_of(std::int32_t days) {
  const std::int64_t z = std::int64_t{days} + 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const std::int64_t doe = z - era * 146097;
  const std::int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const auto m = static_cast<int>((5 * doy + 2) / 153);
  const int month = m < 10 ? m + 3 : m - 9;
  return {static_cast<int>(yoe + era * 400) + (month <= 2 ? 1 : 0), month,
          static_cast<int>(doy) - (153 * m + 2) / 5 + 1};
}

}  // namespace godwit::fn
