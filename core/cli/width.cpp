#include "core/cli/width.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace godwit::cli {
namespace {

int width_of(UChar32 c) {
  if (c < 0x20 || c == 0x7F) return 1;
  if (c < 0x300) return c >= 0x80 && c < 0xA0 ? 1 : c == 0xAD ? 0 : 1;
  switch (u_charType(c)) {
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_FORMAT_CHAR: return 0;
    default: break;
  }
  const int width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

// The character at `at`, which moves on; U+FFFD for bytes that are none.
UChar32 next(std::string_view text, std::size_t& at) {
  auto i = static_cast<std::int32_t>(at);
  UChar32 c = 0;
  U8_NEXT_OR_FFFD(text.data(), i, static_cast<std::int32_t>(text.size()), c);
  at = static_cast<std::size_t>(i);
  return c;
}

void append(std::string& out, UChar32 c) {
  char bytes[4];
  std::int32_t n = 0;
  U8_APPEND_UNSAFE(bytes, n, c);
  out.append(bytes, static_cast<std::size_t>(n));
}

}  // namespace

int display_width(std::string_view text) {
  int width = 0;
  for (std::size_t at = 0; at < text.size();) width += width_of(next(text, at));
  return width;
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const UChar32 c = next(text, at);
    if (c == '\n') out += "↵";
    else if (c == '\t') out += "→";
    else if (c == '\r' && at < text.size() && text[at] == '\n') continue;
    else if (c < 0x20 || (c >= 0x7F && c < 0xA0)) out += "·";
    else append(out, c);
  }
  return out;
}

std::string cut(std::string_view text, int width) {
  // A cell of megabytes is cut before it is looked at: no character is wider in columns than in bytes.
  const bool longer = text.size() > static_cast<std::size_t>(width) * 8 + 64;
  std::string whole = printable(longer ? text.substr(0, static_cast<std::size_t>(width) * 8 + 64) : text);
  if (!longer && display_width(whole) <= width) return whole;
  int used = 0;
  for (std::size_t at = 0; at < whole.size();) {
    const std::size_t from = at;
    used += width_of(next(whole, at));
    if (used > width - 1) {
      whole.resize(from);
      break;
    }
  }
  return whole + "…";
}

}  // namespace godwit::cli
