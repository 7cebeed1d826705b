#pragma once
// What goes wrong in hand-written project files although, or because, YAML takes it.

#include <cstddef>
#include <string>
#include <string_view>

#include "core/config/findings.hpp"
#include "core/config/source_text.hpp"

namespace godwit::config {

struct Node;

// A full-width character that looks like one of ASCII's.
struct FullWidth {
  std::size_t offset = 0;    // within the text looked at
  std::string_view seen;     // "："
  std::string_view instead;  // ":"
};

// The first full-width character among `among` (all known ones when empty) at or after `from`; offset npos: none.
FullWidth find_full_width(std::string_view text, std::size_t from = 0, std::string_view among = {});

// Indentation that YAML does not see as such: tabs, full-width and unbreakable spaces. False when one was found, so
// that parsing on would only confuse.
bool lint_layout(const SourceText& source, Findings& findings);

// YAML refused the file at `offset` with `words`: finds the likely cause nearby and reports that, else the words.
void diagnose(const SourceText& source, std::size_t offset, std::string_view words, Findings& findings);

// The scan of an expression's text, quotations left out.
struct ExpressionShape {
  bool open_quote = false;                          // '.. or ".. that never closes
  int depth = 0;                                    // opening less closing parentheses and brackets
  bool ends_open = false;                           // the last thing is an operator or a comma
  std::size_t full_width = std::string_view::npos;  // offset of the first full-width character
};
ExpressionShape scan_expression(std::string_view text);

// Looks at the expression in `node` (a scalar), which stands in the file as `text` from `offset` on. True when it is
// fit to be compiled; else the finding has been made: full-width characters (GW-2012), a comment that cuts it
// (GW-2013), a quoted bare word (GW-2014), a comma of {..} that cuts it (GW-2016).
bool lint_expression(const SourceText& source, const Node& node, std::string_view text, std::size_t offset,
                     Findings& findings);

}  // namespace godwit::config
