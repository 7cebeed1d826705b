#pragma once
// JSON whose numbers keep their digits. A double would turn 1234567890123456.78 into another amount.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::rest {

// The document; nullopt when `text` is none (cut in half, HTML, nested deeper than 512). Whole numbers of 64 bits are integers; all
// other numbers are kept as the digits that were written, see number_digits().
std::optional<nlohmann::json> parse_exact(std::string_view text);

// The digits of a number as they were written, of any number of a document that parse_exact() made.
std::optional<std::string> number_digits(const nlohmann::json& value);

// The text of a string, "true", "false", or the digits of a number; nullopt for null, arrays and objects.
std::optional<std::string> scalar_text(const nlohmann::json& value);

// The document as text, numbers with their digits, in the order of its members' names.
std::string exact_text(const nlohmann::json& value);

// Appends `text`, which is valid UTF-8, in quotes.
void append_quoted(std::string_view text, std::string* out);

// The value at a path of names and array positions, "/data/0/id"; null when there is none. "" is the document itself.
const nlohmann::json* find_at(const nlohmann::json& document, std::string_view path);

}  // namespace godwit::rest
