#include "core/expr/like.hpp"

namespace godwit::expr {
namespace {

constexpr std::size_t kNoMatch = std::string_view::npos;

// Bytes of the character that begins at `at`; a byte that begins none counts as one.
std::size_t character_bytes(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  std::size_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (size > text.size() - at) size = text.size() - at;
  for (std::size_t i = 1; i < size; ++i)
    if ((static_cast<unsigned char>(text[at + i]) & 0xC0) != 0x80) return i;
  return size;
}

}  // namespace

std::optional<LikePattern> LikePattern::make(std::string_view pattern, std::string_view escape) {
  if (!escape.empty() && character_bytes(escape, 0) != escape.size()) return std::nullopt;
  LikePattern out;
  out.pieces_.emplace_back();
  for (std::size_t i = 0; i < pattern.size();) {
    const std::size_t size = character_bytes(pattern, i);
    std::string_view character = pattern.substr(i, size);
    i += size;
    bool any = false;
    if (!escape.empty() && character == escape) {
      if (i >= pattern.size()) return std::nullopt;
      character = pattern.substr(i, character_bytes(pattern, i));
      i += character.size();
    } else if (character == "%") {
      out.pieces_.emplace_back();
      continue;
    } else {
      any = character == "_";
    }
    Piece& piece = out.pieces_.back();
    piece.bytes += character;
    piece.any.push_back(any);
  }
  for (Piece& piece : out.pieces_) {
    bool plain = true;
    for (const bool any : piece.any) plain = plain && !any;
    if (plain) piece.any.clear();
  }
  return out;
}

// End of the piece's match that begins at `at`, or kNoMatch.
std::size_t LikePattern::match_here(const Piece& piece, std::string_view text, std::size_t at) {
  if (piece.any.empty()) return text.substr(at).starts_with(piece.bytes) ? at + piece.bytes.size() : kNoMatch;
  std::size_t p = 0;
  for (const bool any : piece.any) {
    if (at >= text.size()) return kNoMatch;
    const std::size_t size = character_bytes(text, at);
    if (any) {
      ++p;  // the _ itself
    } else {
      const std::size_t want = character_bytes(piece.bytes, p);
      if (text.substr(at, size) != std::string_view(piece.bytes).substr(p, want)) return kNoMatch;
      p += want;
    }
    at += size;
  }
  return at;
}

// First match at or after `from`.
std::size_t LikePattern::find(const Piece& piece, std::string_view text, std::size_t from, std::size_t* end) {
  if (piece.any.empty()) {
    const std::size_t at = text.find(piece.bytes, from);
    if (at != kNoMatch) *end = at + piece.bytes.size();
    return at;
  }
  for (std::size_t at = from;;) {
    *end = match_here(piece, text, at);
    if (*end != kNoMatch) return at;
    if (at >= text.size()) return kNoMatch;
    at += character_bytes(text, at);
  }
}

bool LikePattern::matches(std::string_view text) const {
  if (pieces_.size() == 1) return match_here(pieces_.front(), text, 0) == text.size();
  std::size_t at = match_here(pieces_.front(), text, 0);
  if (at == kNoMatch) return false;
  // Between two %, the first place that fits is as good as any later one.
  for (std::size_t i = 1; i + 1 < pieces_.size(); ++i)
    if (find(pieces_[i], text, at, &at) == kNoMatch) return false;

  // The last piece must end where the text ends: count its characters from behind.
  const Piece& last = pieces_.back();
  std::size_t begin;
  if (last.any.empty()) {
    if (text.size() < last.bytes.size()) return false;
    begin = text.size() - last.bytes.size();
  } else {
    begin = text.size();
    for (std::size_t n = last.any.size(); n != 0; --n) {
      if (begin <= at) return false;
      do --begin;
      while (begin > at && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80);
    }
  }
  return begin >= at && match_here(last, text, begin) == text.size();
}

}  // namespace godwit::expr
