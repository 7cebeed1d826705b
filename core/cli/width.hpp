#pragma once
// How much room text takes on a terminal.

#include <string>
#include <string_view>

namespace godwit::cli {

// Terminal columns of UTF-8 text: 2 for East Asian wide and full-width characters and emoji, 0 for combining marks; control characters
// count as the one column that printable() gives them.
int display_width(std::string_view text);

// The text on one line: line feeds, tabs and other control characters are shown as symbols (↵, →, ·), bytes that are no
// UTF-8 as U+FFFD.
std::string printable(std::string_view text);

// printable(text), cut to `width` columns with a final … where it is longer.
std::string cut(std::string_view text, int width);

}  // namespace godwit::cli
