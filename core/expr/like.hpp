#pragma once
// SQL's like patterns.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::expr {

// % stands for any characters, _ for exactly one, the escape character makes the next one ordinary. Letters of
// different case differ.
class LikePattern {
 public:
  // `escape` is one character or empty. nullopt: the escape is longer, or the pattern ends with it.
  static std::optional<LikePattern> make(std::string_view pattern, std::string_view escape);
  bool matches(std::string_view text) const;

 private:
  // The pattern between two %: literal bytes with _ among them.
  struct Piece {
    std::string bytes;
    std::vector<bool> any;  // per character of the piece: _; empty when the piece is plain bytes
  };
  static std::size_t match_here(const Piece& piece, std::string_view text, std::size_t at);
  static std::size_t find(const Piece& piece, std::string_view text, std::size_t from, std::size_t* end);

  std::vector<Piece> pieces_;  // one more than there are %
};

}  // namespace godwit::expr
