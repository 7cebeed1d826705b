#include "core/expr/source_text.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

namespace godwit::expr {
namespace {

// Cells that the cut line of an excerpt takes at most, and those left of the caret.
constexpr std::size_t kWidestExcerpt = 100, kLeftOfCaret = 60;

struct Glyph {
  std::size_t begin, end;  // bytes
  std::size_t cells;
};

std::size_t cells_of(UChar32 c) {
  if (c < 0x20) return 1;  // printed as a space
  switch (u_charType(c)) {
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_FORMAT_CHAR:
      return 0;
    default:
      break;
  }
  const int width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

std::vector<Glyph> glyphs(std::string_view line) {
  std::vector<Glyph> out;
  const auto size = static_cast<std::int64_t>(line.size());
  for (std::int64_t i = 0; i < size;) {
    const std::int64_t begin = i;
    UChar32 c;
    U8_NEXT_OR_FFFD(line.data(), i, size, c);
    out.push_back({static_cast<std::size_t>(begin), static_cast<std::size_t>(i), cells_of(c)});
  }
  return out;
}

// A piece of a line as it may be printed: bytes that are no UTF-8 become U+FFFD, control characters spaces.
void append_printable(std::string_view piece, std::string& out) {
  const auto size = static_cast<std::int64_t>(piece.size());
  for (std::int64_t i = 0; i < size;) {
    const std::int64_t begin = i;
    UChar32 c;
    U8_NEXT(piece.data(), i, size, c);
    if (c < 0)
      out += "\xEF\xBF\xBD";
    else if (c < 0x20 || c == 0x7F)
      out += ' ';
    else
      out.append(piece, static_cast<std::size_t>(begin), static_cast<std::size_t>(i - begin));
  }
}

std::size_t count_characters(std::string_view text) { return glyphs(text).size(); }

}  // namespace

SourceText::SourceText(std::string_view text, const CompileOptions& options)
    : text_(text), file_(options.file), line_(options.line), column_(options.column) {}

std::string SourceText::place(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const std::string_view before = text_.substr(0, offset);
  const auto lines = static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  const std::size_t column = count_characters(before.substr(line_begin)) + static_cast<std::size_t>(column_);
  std::string out = file_.empty() ? std::string() : file_ + ':';
  return out + std::to_string(line_ + lines) + ':' + std::to_string(column);
}

std::string SourceText::excerpt(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const std::size_t begin = text_.substr(0, offset).rfind('\n') + 1;
  std::size_t end = text_.find('\n', offset);
  if (end == std::string_view::npos) end = text_.size();
  if (end > begin && text_[end - 1] == '\r' && end - 1 >= offset) --end;
  const std::string_view line = text_.substr(begin, end - begin);

  const std::vector<Glyph> all = glyphs(line);
  std::size_t caret = 0, left = 0;  // glyph under which the caret stands, cells before it
  while (caret < all.size() && all[caret].end <= offset - begin) left += all[caret++].cells;
  std::size_t first = 0;
  while (left > kLeftOfCaret && first < caret) left -= all[first++].cells;
  std::size_t last = first, width = 0;
  while (last < all.size() && width + all[last].cells <= kWidestExcerpt) width += all[last++].cells;

  std::string out = "  ";
  if (first > 0) out += "...", left += 3;
  if (last > first) append_printable(line.substr(all[first].begin, all[last - 1].end - all[first].begin), out);
  if (last < all.size()) out += "...";
  return out + "\n  " + std::string(left, ' ') + '^';
}

Error SourceText::error(int number, std::size_t offset, std::initializer_list<Argument> arguments) const {
  return located(make_error(number, arguments), offset);
}

Error SourceText::located(Error error, std::size_t offset) const {
  error.arguments.emplace_back("place", place(offset));
  error.arguments.emplace_back("excerpt", excerpt(offset));
  return error;
}

std::string shortened(std::string_view text, std::size_t characters) {
  const std::vector<Glyph> all = glyphs(text.substr(0, characters * 4 + 4));
  std::string out;
  if (all.size() <= characters) {
    append_printable(text, out);
  } else {
    append_printable(text.substr(0, all[characters].begin), out);
    out += "...";
  }
  return out;
}

}  // namespace godwit::expr
