#pragma once
// Words compared as people compare them: without case, width and compatibility forms.

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace godwit::fn {

// The text without surrounding spaces, in NFKC with case folded: "ＪＡ" and "ja" are one. A view of `text` or
// `scratch`.
std::string_view match_key(std::string_view text, std::string& scratch);

// The key without accents, punctuation and spaces: for names that are spelt in many ways. A view of `scratch`.
std::string_view loose_key(std::string_view text, std::string& scratch, std::string& more);

// A map that is asked with a view, without making a string.
struct WordHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view word) const { return std::hash<std::string_view>()(word); }
};
template <typename T>
using WordMap = std::unordered_map<std::string, T, WordHash, std::equal_to<>>;

}  // namespace godwit::fn
