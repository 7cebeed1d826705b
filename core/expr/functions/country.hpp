#pragma once
// Names of countries in many languages, and their ISO 3166-1 codes.

#include <string_view>

namespace godwit::fn {

// The alpha-2 code that a name, an alpha-2 or an alpha-3 code means; "" when it means none or could mean two. `key` is
// a loose_key. Names are those of ICU in sixteen languages and customary ones beside them.
std::string_view country_of_key(std::string_view key);

// Customary names that ICU's data do not have: "name|name|...", by code.
struct CountryAlias {
  std::string_view code, names;
};
extern const CountryAlias kCountryAliases[];
extern const int kCountryAliasCount;

}  // namespace godwit::fn
