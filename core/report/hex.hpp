#pragma once
// SHA-256, hex and base64, as seals are written. Private to the report.

#include <optional>
#include <string>
#include <string_view>

namespace godwit::report {

std::string sha256_hex(std::string_view bytes);
std::string to_base64(std::string_view bytes);
// Strict, with padding; spaces and line ends are skipped. nullopt for anything else.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace godwit::report
