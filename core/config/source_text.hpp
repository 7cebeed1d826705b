#pragma once
// The text of one project file: decoded, normalised, with places, and with a rough idea of what is code,
// quotation, comment or block text - the part of a file that a YAML parser does not tell.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/project.hpp"
#include "core/model/result.hpp"

namespace godwit::config {

inline constexpr std::size_t kLargestFile = 4 << 20;  // bytes of a YAML file or a mapping sheet
inline constexpr int kDeepestNesting = 64;            // lists and maps in one another

// What the byte at an offset belongs to. Judged line by line, so a file that is no YAML has classes as well.
enum class TextClass : std::uint8_t { code, quoted, comment, block };

class SourceText {
 public:
  // Takes the bytes of a file as they are on disk. A byte order mark is dropped, CRLF and CR become LF.
  // Refused, each with its remedy: UTF-16 and UTF-32 (GW-2007), GBK and GB18030 (GW-2006), other bytes that are no
  // UTF-8 (GW-2008), NUL and other control characters (GW-2009), more than kLargestFile (GW-2003).
  static Result<SourceText> decode(std::string file, std::string_view bytes);

  const std::string& file() const { return file_; }
  const std::string& text() const { return text_; }
  // Line and column of a byte offset; the column counts characters (code points), as an editor does.
  SourcePlace place(std::size_t offset) const;
  // Byte offset of a line (from 0) and byte column (from 0), as yaml-cpp's marks have them; clamped to the text.
  std::size_t offset(int line, int byte_column) const;
  int line_count() const { return static_cast<int>(lines_.size()); }
  std::string_view line(int line) const;  // from 0, without the line feed
  std::size_t line_start(int line) const { return lines_[static_cast<std::size_t>(line)]; }
  int line_of(std::size_t offset) const;  // from 0
  TextClass text_class(std::size_t offset) const { return classes_[offset]; }
  // Where [ and { nest deeper than any honest file; npos when nowhere. A YAML parser takes a kilobyte for each.
  std::size_t too_deep() const { return too_deep_; }
  // True when the line begins inside [..] or {..}.
  bool begins_in_flow(int line) const { return in_flow_[static_cast<std::size_t>(line)]; }

 private:
  void classify();
  std::size_t characters_before(std::size_t offset) const;

  std::string file_, text_;
  std::vector<std::size_t> lines_;       // start offsets
  std::vector<std::size_t> characters_;  // characters before each kilobyte, so that long lines are not counted anew
  std::vector<TextClass> classes_;       // one per byte
  std::size_t too_deep_ = std::string::npos;
  std::vector<bool> in_flow_;  // one per line
};

// True when `bytes` are well-formed UTF-8; else *bad is the offset of the first wrong byte.
bool is_utf8(std::string_view bytes, std::size_t* bad = nullptr);

// Length in bytes of the UTF-8 character at text[at]; at least 1.
std::size_t character_length(std::string_view text, std::size_t at);

}  // namespace godwit::config
