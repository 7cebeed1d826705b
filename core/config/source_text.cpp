#include "core/config/source_text.hpp"

#include <unicode/ucnv.h>

#include <algorithm>

namespace godwit::config {
namespace {

// True when the bytes are GB18030 (of which GBK and GB2312 are parts). Any letter with an accent of a Western code page
// makes a pair with the ASCII letter behind it, and a rare Chinese character; real Chinese text is mostly pairs of two
// high bytes.
bool reads_as_gb18030(std::string_view bytes) {
  UErrorCode status = U_ZERO_ERROR;
  UConverter* converter = ucnv_open("gb18030", &status);
  if (U_FAILURE(status)) return false;
  ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
  const char* source = bytes.data();
  const char* end = source + bytes.size();
  std::size_t high = 0, mixed = 0;  // pairs
  while (source < end && U_SUCCESS(status)) {
    const char* before = source;
    const UChar32 c = ucnv_getNextUChar(converter, &source, end, &status);
    if (c < 0x4E00 || c > 0x9FFF || source - before != 2) continue;
    ((before[1] & 0x80) != 0 ? high : mixed) += 1;
  }
  ucnv_close(converter);
  return U_SUCCESS(status) && high > mixed;
}

// UTF-16 and UTF-32 by their marks, and UTF-16 without one by its many zero bytes at one parity.
const char* wide_encoding(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("\xFF\xFE\0\0"sv) || bytes.starts_with("\0\0\xFE\xFF"sv)) return "UTF-32";
  if (bytes.starts_with("\xFF\xFE"sv) || bytes.starts_with("\xFE\xFF"sv)) return "UTF-16";
  const std::size_t look = std::min<std::size_t>(bytes.size(), 512) & ~std::size_t{1};
  std::size_t zeros[2] = {0, 0};
  for (std::size_t i = 0; i < look; ++i) zeros[i & 1] += bytes[i] == '\0';
  if (look >= 8 && (zeros[0] > look / 8 || zeros[1] > look / 8)) return "UTF-16";
  return nullptr;
}

SourcePlace rough_place(const std::string& file, std::string_view bytes, std::size_t at) {
  const auto before = bytes.substr(0, at);
  const auto line = std::count(before.begin(), before.end(), '\n');
  const std::size_t start = before.rfind('\n') + 1;  // npos + 1 == 0
  return {file, static_cast<int>(line) + 1, static_cast<int>(at - start) + 1};
}

std::string hex(unsigned char byte) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  return {'0', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
}

std::string normalised(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] != '\r') {
      text += bytes[i];
    } else {
      text += '\n';
      if (i + 1 < bytes.size() && bytes[i + 1] == '\n') ++i;
    }
  }
  return text;
}

constexpr std::size_t kCountBlock = 1024;

std::size_t count_characters(std::string_view bytes) {
  return static_cast<std::size_t>(
      std::count_if(bytes.begin(), bytes.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

bool is_utf8(std::string_view bytes, std::size_t* bad) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  for (std::size_t i = 0; i < bytes.size();) {
    const unsigned char lead = byte(i);
    std::size_t length = 1;
    std::uint32_t code = lead;
    if (lead >= 0x80) {
      length = lead >= 0xC2 && lead < 0xE0 ? 2 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
      bool good = length != 0 && i + length <= bytes.size();
      if (good) code = lead & (0xFFu >> (length + 1));
      for (std::size_t k = 1; good && k < length; ++k) {
        good = (byte(i + k) & 0xC0) == 0x80;
        code = (code << 6) | (byte(i + k) & 0x3F);
      }
      constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
      good = good && code >= kLeast[length] && code <= 0x10FFFF && !(code >= 0xD800 && code <= 0xDFFF);
      if (!good) {
        if (bad != nullptr) *bad = i;
        return false;
      }
    }
    i += length;
  }
  return true;
}

std::size_t character_length(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return std::min(length, text.size() - at);
}

Result<SourceText> SourceText::decode(std::string file, std::string_view bytes) {
  if (bytes.size() > kLargestFile) {
    return fail(2003,
                {{"place", file}, {"seen", std::to_string(bytes.size())}, {"expected", std::to_string(kLargestFile)}});
  }
  if (const char* wide = wide_encoding(bytes)) return fail(2007, {{"place", file}, {"seen", wide}});
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  std::size_t bad = 0;
  if (!is_utf8(bytes, &bad)) {
    const std::string place = rough_place(file, bytes, bad).to_string();
    if (reads_as_gb18030(bytes)) return fail(2006, {{"place", place}, {"file", file}});
    return fail(2008, {{"place", place}, {"file", file}, {"seen", hex(static_cast<unsigned char>(bytes[bad]))}});
  }
  SourceText source;
  source.file_ = std::move(file);
  source.text_ = normalised(bytes);
  source.lines_.push_back(0);
  source.characters_.push_back(0);
  for (std::string_view rest = source.text_; rest.size() >= kCountBlock; rest.remove_prefix(kCountBlock)) {
    source.characters_.push_back(source.characters_.back() + count_characters(rest.substr(0, kCountBlock)));
  }
  for (std::size_t i = 0; i < source.text_.size(); ++i) {
    const auto c = static_cast<unsigned char>(source.text_[i]);
    if (c == '\n') source.lines_.push_back(i + 1);
    if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F) {
      return fail(2009, {{"place", source.place(i).to_string()}, {"seen", hex(c)}});
    }
  }
  source.classify();
  return source;
}

int SourceText::line_of(std::size_t offset) const {
  const auto after = std::upper_bound(lines_.begin(), lines_.end(), offset);
  return static_cast<int>(after - lines_.begin()) - 1;
}

SourcePlace SourceText::place(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const int line = line_of(offset);
  const std::size_t column = characters_before(offset) - characters_before(line_start(line)) + 1;
  return {file_, line + 1, static_cast<int>(column)};
}

std::size_t SourceText::characters_before(std::size_t offset) const {
  const std::size_t block = offset / kCountBlock;
  return characters_[block] +
         count_characters(std::string_view(text_).substr(block * kCountBlock, offset % kCountBlock));
}

std::size_t SourceText::offset(int line, int byte_column) const {
  if (line < 0) return 0;
  if (line >= line_count()) return text_.size();
  return std::min(line_start(line) + static_cast<std::size_t>(std::max(byte_column, 0)), text_.size());
}

std::string_view SourceText::line(int line) const {
  const std::size_t start = line_start(line);
  const std::size_t end = line + 1 < line_count() ? line_start(line + 1) - 1 : text_.size();
  return std::string_view(text_).substr(start, end - start);
}

void SourceText::classify() {
  classes_.assign(text_.size() + 1, TextClass::code);
  in_flow_.assign(lines_.size(), false);
  char quote = 0;         // the quotation that is open, also across lines
  int flow = 0;           // depth of [ and {
  int block_parent = -2;  // column of the key whose block scalar is open; -2: none
  int block_indent = -1;  // column of its text, -1: not seen yet
  for (int l = 0; l < line_count(); ++l) {
    const std::string_view text = line(l);
    const std::size_t start = line_start(l);
    in_flow_[static_cast<std::size_t>(l)] = flow > 0;
    const std::size_t first = text.find_first_not_of(" ");
    const int indent = first == std::string_view::npos ? -1 : static_cast<int>(first);
    if (block_parent != -2) {
      if (indent == -1 || indent >= (block_indent == -1 ? block_parent + 1 : block_indent)) {
        if (indent != -1 && block_indent == -1) block_indent = indent;
        const std::size_t end = std::min(start + text.size() + 1, text_.size());
        std::fill(classes_.begin() + static_cast<std::ptrdiff_t>(start),
                  classes_.begin() + static_cast<std::ptrdiff_t>(end), TextClass::block);
        continue;
      }
      block_parent = -2;
    }
    bool token_start = true;  // a quotation, a collection or a block scalar may begin here
    int key_column = indent;  // column of the innermost key or dash of this line
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      const char next = i + 1 < text.size() ? text[i + 1] : ' ';
      const bool after_space = i == 0 || text[i - 1] == ' ' || text[i - 1] == '\t';
      if (quote != 0) {
        classes_[start + i] = TextClass::quoted;
        if (quote == '"' && c == '\\') {
          if (++i < text.size()) classes_[start + i] = TextClass::quoted;
        } else if (c == quote && quote == '\'' && next == '\'') {
          classes_[start + ++i] = TextClass::quoted;
        } else if (c == quote) {
          quote = 0;
        }
      } else if (c == '#' && after_space) {
        std::fill_n(classes_.begin() + static_cast<std::ptrdiff_t>(start + i), text.size() - i, TextClass::comment);
        break;
      } else if (c == ' ' || c == '\t') {
        continue;
      } else if (token_start && (c == '\'' || c == '"')) {
        quote = c;
        classes_[start + i] = TextClass::quoted;
        token_start = false;
      } else if (token_start && flow == 0 && (c == '|' || c == '>')) {
        std::size_t rest = text.find_first_not_of("+-0123456789", i + 1);
        rest = rest == std::string_view::npos ? rest : text.find_first_not_of(" \t", rest);
        if (rest == std::string_view::npos || text[rest] == '#') {
          block_parent = key_column;
          block_indent = -1;
        }
        token_start = false;
      } else if ((c == '[' || c == '{') && (token_start || flow > 0)) {
        if (++flow > kDeepestNesting && too_deep_ == std::string::npos) too_deep_ = start + i;
        token_start = true;
      } else if ((c == ']' || c == '}') && flow > 0) {
        --flow;
        token_start = false;
      } else if (c == ',' && flow > 0) {
        token_start = true;
      } else if (c == '-' && token_start && flow == 0 && (next == ' ' || next == '\t')) {
        const std::size_t after = text.find_first_not_of(" \t", i + 1);
        // `- |` hangs on the dash itself, `- check: |` on the key behind it.
        const bool block = after != std::string_view::npos && (text[after] == '|' || text[after] == '>');
        key_column = static_cast<int>(block || after == std::string_view::npos ? i : after);
      } else if (c == ':' && (next == ' ' || next == '\t')) {
        token_start = true;
      } else if (token_start && (c == '&' || c == '!')) {
        while (i + 1 < text.size() && text[i + 1] != ' ') ++i;  // an anchor or a tag stands before its value
      } else {
        token_start = false;
      }
    }
  }
}

}  // namespace godwit::config
