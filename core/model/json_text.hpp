#pragma once
// Texts as JSON strings, without a JSON document around them: for the rows that a run sets aside by the thousand.

#include <string>
#include <string_view>

namespace godwit {

// Length of the UTF-8 sequence at `at`, or 0 when the bytes are none (Unicode 15, table 3-7).
std::size_t utf8_sequence(std::string_view text, std::size_t at);

// Appends `text` in quotes, escaped, as nlohmann::json dumps it: bytes that are no UTF-8 become U+FFFD.
void append_json_text(std::string_view text, std::string* out);

}  // namespace godwit
