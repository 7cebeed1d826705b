#pragma once
// UTF-8, one character at a time: for the rare record that has something wrong with it, and for writing.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace godwit::delimited {

struct InvalidUtf8 {
  std::size_t position = std::string_view::npos;  // npos: all is valid
  std::size_t length = 0;  // bytes that belong together: the longest beginning of a character, at least 1
};

// The first place that is no UTF-8. Overlong forms, surrogates and code points beyond U+10FFFF are none.
InvalidUtf8 find_invalid_utf8(std::string_view text);

// "0xB0 0xA1": bytes as messages show them, at most `most` of them.
std::string show_bytes(std::string_view bytes, std::size_t most = 4);

// Writes a code point (not a surrogate, at most U+10FFFF) and answers the position after it.
inline char* put_utf8(std::uint32_t c, char* out) {
  if (c < 0x80) {
    *out++ = static_cast<char>(c);
  } else if (c < 0x800) {
    *out++ = static_cast<char>(0xc0 | c >> 6);
    *out++ = static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    *out++ = static_cast<char>(0xe0 | c >> 12);
    *out++ = static_cast<char>(0x80 | (c >> 6 & 0x3f));
    *out++ = static_cast<char>(0x80 | (c & 0x3f));
  } else {
    *out++ = static_cast<char>(0xf0 | c >> 18);
    *out++ = static_cast<char>(0x80 | (c >> 12 & 0x3f));
    *out++ = static_cast<char>(0x80 | (c >> 6 & 0x3f));
    *out++ = static_cast<char>(0x80 | (c & 0x3f));
  }
  return out;
}

}  // namespace godwit::delimited
