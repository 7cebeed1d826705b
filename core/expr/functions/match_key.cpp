#include "core/expr/functions/match_key.hpp"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>

#include "core/expr/functions/support.hpp"

namespace godwit::fn {
namespace {

std::string_view lower_ascii(std::string_view text, std::string& scratch) {
  bool upper = false;
  for (const char c : text) upper |= c >= 'A' && c <= 'Z';
  if (!upper) return text;
  scratch.assign(text);
  for (char& c : scratch) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return scratch;
}

void normalize(const icu::Normalizer2* form, std::string_view text, std::string& out) {
  out.clear();
  icu::StringByteSink<std::string> sink(&out, static_cast<std::int32_t>(text.size()));
  UErrorCode status = U_ZERO_ERROR;
  form->normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), sink, nullptr, status);
}

}  // namespace

std::string_view match_key(std::string_view text, std::string& scratch) {
  text = trimmed(text);
  if (is_ascii(text)) return lower_ascii(text, scratch);
  UErrorCode status = U_ZERO_ERROR;
  normalize(icu::Normalizer2::getNFKCCasefoldInstance(status), text, scratch);
  return scratch;
}

std::string_view loose_key(std::string_view text, std::string& scratch, std::string& more) {
  text = match_key(text, more);
  scratch.clear();
  if (is_ascii(text)) {
    for (const char c : text) {
      if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) scratch += c;
    }
    return scratch;
  }
  UErrorCode status = U_ZERO_ERROR;
  std::string apart;
  normalize(icu::Normalizer2::getNFDInstance(status), text, apart);
  for (std::size_t at = 0; at < apart.size();) {
    const std::size_t from = at;
    const auto c = static_cast<UChar32>(next_character(apart, at));
    // Marks of Latin, Greek and Cyrillic letters go; a Japanese voicing mark is part of the letter.
    if (u_isalnum(c) || (u_charType(c) == U_NON_SPACING_MARK && c >= 0x3000)) scratch.append(apart, from, at - from);
  }
  return scratch;
}

}  // namespace godwit::fn
