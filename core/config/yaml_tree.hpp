#pragma once
// A YAML file as a tree whose scalars stay the text they are (no, 007, 1e5) and whose every node knows its place.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/config/findings.hpp"
#include "core/config/source_text.hpp"

namespace godwit::config {

// Limits that no honest project meets; a small file can unfold to terabytes without them.
inline constexpr std::size_t kMostNodes = 200'000;  // aliases counted as often as they are used

struct Node;
using NodePtr = std::shared_ptr<const Node>;

struct Node {
  enum class Kind { missing, null, scalar, list, map };
  enum class Style { plain, quoted, block };  // of a scalar; quoted: '..' or ".."
  struct Entry {
    NodePtr key, value;
  };

  Kind kind = Kind::missing;  // missing: `key:` without a value; null: `null` or `~` as written in `text`
  Style style = Style::plain;
  bool in_flow = false;    // stands in [..] or {..}
  std::string text;        // of a scalar, as YAML reads it: unquoted, folded
  std::size_t offset = 0;  // of its first byte, or of the opening quote or block sign
  std::size_t end = 0;     // behind its last byte (scalars)
  std::vector<NodePtr> items;
  std::vector<Entry> entries;
  std::size_t weight = 1;  // nodes in it, aliases unfolded

  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_list() const { return kind == Kind::list; }
  bool is_map() const { return kind == Kind::map; }
  // The value of a key, or null. Linear: maps are short.
  const Node* find(std::string_view key) const;
};

// Parses one document. Mistakes go to `findings`: what YAML does not allow (with a guess at the cause), keys given
// twice, tags, a second document, too much nesting. Gives null when there is no tree to go on with; an empty file is an
// empty map. Anchors, aliases and merge keys (<<) are unfolded.
NodePtr parse_yaml(const SourceText& source, Findings& findings);

}  // namespace godwit::config
