#pragma once
// What stands in and around a number: separators of a country, currency marks.

#include <cstddef>
#include <string>
#include <string_view>

namespace godwit::fn {

// Length of the currency mark at the beginning of `text`: a symbol (€), an ISO 4217 code (EUR), or a customary word
// (RMB, 元, kr); 0 when there is none.
std::size_t currency_mark_length(std::u32string_view text);

// How ICU's data write numbers in a locale.
struct NumberSymbols {
  std::u32string decimal, group, money_group;
  int group_size = 3, second_size = 0;  // digits in the last group, in the others (0: the same)
  int least_grouped = 1;                // digits that must stand before the last group
};
NumberSymbols number_symbols(const std::string& locale);

}  // namespace godwit::fn
