#include "plugins/kits/delimited/utf8.hpp"

#include <cstring>

namespace godwit::delimited {

InvalidUtf8 find_invalid_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  std::size_t i = 0;
  while (i < text.size()) {
    if (text.size() - i >= 8) {
      std::uint64_t word;
      std::memcpy(&word, text.data() + i, 8);
      if ((word & 0x8080808080808080) == 0) {
        i += 8;
        continue;
      }
    }
    const unsigned char lead = byte(i);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
    if (length == 0) return {i, 1};
    // The second byte has the narrow ranges; the others are any continuation.
    const unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    std::size_t have = 1;
    while (have < length && i + have < text.size() && byte(i + have) >= (have == 1 ? low : 0x80) && byte(i + have) <= (have == 1 ? high : 0xbf))
      ++have;
    if (have < length) return {i, have};
    i += length;
  }
  return {};
}

std::string show_bytes(std::string_view bytes, std::size_t most) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (std::size_t i = 0; i < bytes.size() && i < most; ++i) {
    const auto b = static_cast<unsigned char>(bytes[i]);
    if (i != 0) out += ' ';
    out += "0x", out += kDigits[b >> 4], out += kDigits[b & 15];
  }
  if (bytes.size() > most) out += " ...";
  return out;
}

}  // namespace godwit::delimited
