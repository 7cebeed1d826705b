#include "core/model/json_text.hpp"

#include <cstring>
#include <nlohmann/json.hpp>

namespace godwit {

std::size_t utf8_sequence(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u; };
  const unsigned first = byte(0);
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!tail(1) || !tail(2) || (first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F)) return 0;
    return 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!tail(1) || !tail(2) || !tail(3) || (first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F))
      return 0;
    return 4;
  }
  return 0;
}

namespace {

// Bytes from `at` on, in steps of eight, that stand in a JSON text as they are: ASCII without quotes, backslashes and
// controls.
std::size_t skip_plain(std::string_view text, std::size_t at) {
  constexpr std::uint64_t kOnes = 0x0101010101010101u, kHigh = 0x8080808080808080u;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    const std::uint64_t quote = word ^ (kOnes * '"'), backslash = word ^ (kOnes * '\\');
    // A byte below n borrows when n is taken from it; high bits are looked at as they are.
    if ((((word - kOnes * 0x20) | (quote - kOnes) | (backslash - kOnes) | word) & kHigh) != 0) break;
  }
  return at;
}

}  // namespace

void append_json_text(std::string_view text, std::string* out) {
  // Nearly every text stands between its quotes as it is; the others are left to the library.
  for (std::size_t at = 0; (at = skip_plain(text, at)) < text.size();) {
    const auto c = static_cast<unsigned char>(text[at]);
    const std::size_t length = c < 0x20 || c == '"' || c == '\\' ? 0 : utf8_sequence(text, at);
    if (length == 0) {
      *out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
      return;
    }
    at += length;
  }
  *out += '"', out->append(text), *out += '"';
}

}  // namespace godwit
