#pragma once
// Ids of the vendor: 15 characters that heed case, or 18 that need not: three more say which of the 15 are capitals (contract, section 14).

#include <optional>
#include <string>
#include <string_view>

namespace godwit::sandbox::salesforce {

// The 18 characters of an id given as 15 or 18. nullopt: neither, or the last three do not fit. An 18-character id may come in any
// case: the last three tell what the case was.
std::optional<std::string> full_id(std::string_view id);

// The id of the `number`-th record of an object: prefix, "5g000", seven digits in base 62, checksum. Later numbers sort behind earlier ones.
std::string make_id(std::string_view prefix, long long number);

}  // namespace godwit::sandbox::salesforce
