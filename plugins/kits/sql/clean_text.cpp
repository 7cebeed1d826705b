#include "plugins/kits/sql/clean_text.hpp"

#include <cstring>

namespace godwit::sql {
namespace {

bool is_continuation(unsigned char c) { return (c & 0xC0) == 0x80; }

// Bytes from `at` that are ASCII and not NUL, in steps of 8; may stop early.
std::size_t skip_plain(const unsigned char* bytes, std::size_t at, std::size_t size) {
  while (at + 8 <= size) {
    std::uint64_t word;
    std::memcpy(&word, bytes + at, 8);
    // Without high bits, subtracting one from each byte sets a high bit exactly where a byte was 0.
    if (((word | (word - 0x0101010101010101u)) & 0x8080808080808080u) != 0) break;
    at += 8;
  }
  return at;
}

// Length of the well-formed character of two or more bytes at `at`, or 0 (Unicode 15, table 3-7).
std::size_t character(const unsigned char* b, std::size_t at, std::size_t size) {
  const unsigned char c = b[at];
  const std::size_t left = size - at;
  if (c >= 0xC2 && c <= 0xDF) return left >= 2 && is_continuation(b[at + 1]) ? 2 : 0;
  if (c >= 0xE0 && c <= 0xEF) {
    if (left < 3 || !is_continuation(b[at + 1]) || !is_continuation(b[at + 2])) return 0;
    if (c == 0xE0 && b[at + 1] < 0xA0) return 0;  // overlong
    if (c == 0xED && b[at + 1] > 0x9F) return 0;  // surrogate
    return 3;
  }
  if (c >= 0xF0 && c <= 0xF4) {
    if (left < 4 || !is_continuation(b[at + 1]) || !is_continuation(b[at + 2]) || !is_continuation(b[at + 3])) return 0;
    if (c == 0xF0 && b[at + 1] < 0x90) return 0;  // overlong
    if (c == 0xF4 && b[at + 1] > 0x8F) return 0;  // beyond U+10FFFF
    return 4;
  }
  return 0;
}

}  // namespace

TextCheck check_text(std::string_view text) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t at = 0;
  while (at < text.size()) {
    at = skip_plain(bytes, at, text.size());
    if (at >= text.size()) break;
    if (bytes[at] == 0) return {TextFault::nul, at};
    const std::size_t length = bytes[at] < 0x80 ? 1 : character(bytes, at, text.size());
    if (length == 0) return {TextFault::not_utf8, at};
    at += length;
  }
  return {TextFault::none, text.size()};
}

bool all_text_is_clean(const Column& column, std::int64_t from, std::int64_t length) {
  if (length == 0) return true;
  const std::int32_t* offsets = column.values.as<std::int32_t>() + from;
  const char* bytes = column.bytes.as<char>();
  const auto begin = static_cast<std::size_t>(offsets[0]), end = static_cast<std::size_t>(offsets[length]);
  if (check_text({bytes + begin, end - begin}).fault != TextFault::none) return false;
  // The bytes are fine as a whole; what is left is a character that two values share.
  for (std::int64_t i = 1; i < length; ++i)
    if (static_cast<std::size_t>(offsets[i]) < end && is_continuation(static_cast<unsigned char>(bytes[offsets[i]])))
      return false;
  return true;
}

std::int64_t count_characters(std::string_view text) {
  std::int64_t n = 0;
  for (char c : text) n += !is_continuation(static_cast<unsigned char>(c));
  return n;
}

}  // namespace godwit::sql
