#include "core/config/lint.hpp"

#include <utility>

#include "core/config/yaml_tree.hpp"

namespace godwit::config {
namespace {

// What an input method types in the place of ASCII.
constexpr std::pair<std::string_view, std::string_view> kFullWidth[] = {
    {"：", ":"}, {"，", ","}, {"（", "("}, {"）", ")"},  {"“", "\""}, {"”", "\""},    {"‘", "'"},
    {"’", "'"},  {"；", ";"}, {"＝", "="}, {"＜", "<"},  {"＞", ">"}, {"＋", "+"},    {"－", "-"},
    {"＊", "*"}, {"／", "/"}, {"｜", "|"}, {"［", "["},  {"］", "]"}, {"｛", "{"},    {"｝", "}"},
    {"＃", "#"}, {"！", "!"}, {"＇", "'"}, {"＂", "\""}, {"　", " "}, {"\u00A0", " "}};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

void report_full_width(const SourceText& source, std::size_t offset, const FullWidth& found, Findings& findings) {
  findings.add(
      2012, source.place(offset),
      {{"seen", std::string(found.seen)}, {"expected", found.instead == " " ? "U+0020" : std::string(found.instead)}});
}

// `value: 'x' || y`: the rest of a line whose value is a quotation that ends too early.
bool quotation_goes_on(const SourceText& source, int line, std::size_t* at) {
  const std::string_view text = source.line(line);
  const std::size_t start = source.line_start(line);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (source.text_class(start + i) != TextClass::quoted) continue;
    const std::size_t begin = i;
    while (i < text.size() && source.text_class(start + i) == TextClass::quoted) ++i;
    std::size_t rest = i;
    while (rest < text.size() && is_space(text[rest])) ++rest;
    if (rest < text.size() && source.text_class(start + rest) == TextClass::code &&
        std::string_view(":,]}").find(text[rest]) == std::string_view::npos) {
      *at = start + begin;
      return true;
    }
  }
  return false;
}

bool diagnose_line(const SourceText& source, int line, Findings& findings) {
  const std::string_view text = source.line(line);
  const std::size_t start = source.line_start(line);
  for (FullWidth found = find_full_width(text); found.offset != std::string_view::npos;
       found = find_full_width(text, found.offset + found.seen.size())) {
    if (source.text_class(start + found.offset) != TextClass::code) continue;
    report_full_width(source, start + found.offset, found, findings);
    return true;
  }
  std::size_t at = 0;
  if (quotation_goes_on(source, line, &at)) {
    findings.add(2015, source.place(at));
    return true;
  }
  // `key:value`, the only colon of the line.
  std::size_t colon = std::string_view::npos;
  int separators = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != ':' || source.text_class(start + i) != TextClass::code) continue;
    if (i + 1 == text.size() || is_space(text[i + 1])) {
      ++separators;
    } else if (colon == std::string_view::npos) {
      colon = i;
    }
  }
  if (separators == 0 && colon != std::string_view::npos && text.substr(colon, 3) != "://") {
    findings.add(2025, source.place(start + colon));
    return true;
  }
  return false;
}

// The characters that no plain value may begin with.
bool reserved_start(const SourceText& source, std::size_t offset) {
  return offset < source.text().size() && std::string_view("@`%").find(source.text()[offset]) != std::string_view::npos;
}

// Letters, digits, blanks and a few signs: a word or a text, but no expression.
bool is_bare(std::string_view text) {
  bool blank = false;
  for (char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c & 0x80) != 0 ||
                       c == '_' || c == '.' || c == '-' || c == ' ';
    if (!plain) return false;
    blank = blank || c == ' ';
  }
  if (!blank) return true;
  // `a is null`, `not closed`: words that make an expression of it.
  std::string spaced = " ";
  for (char c : text) spaced += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  spaced += ' ';
  for (std::string_view word : {" is ", " not ", " and ", " or ", " in ", " like ", " between ", " case ", " - "}) {
    if (spaced.find(word) != std::string::npos) return false;
  }
  return true;
}

// The comment behind a plain scalar in its last line, "" when there is none.
std::string_view comment_behind(const SourceText& source, const Node& node) {
  const std::string& text = source.text();
  std::size_t at = node.end;
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  if (at == node.end || at >= text.size() || text[at] != '#') return {};
  const std::size_t end = std::min(text.find('\n', at), text.size());
  return std::string_view(text).substr(at, end - at);
}

}  // namespace

FullWidth find_full_width(std::string_view text, std::size_t from, std::string_view among) {
  for (std::size_t i = from; i < text.size(); i += character_length(text, i)) {
    if ((text[i] & 0x80) == 0) continue;
    for (const auto& [wide, narrow] : kFullWidth) {
      if (text.substr(i).starts_with(wide) && (among.empty() || among.find(wide) != std::string_view::npos)) {
        return {i, wide, narrow};
      }
    }
  }
  return {std::string_view::npos, {}, {}};
}

bool lint_layout(const SourceText& source, Findings& findings) {
  bool good = true;
  for (int l = 0; l < source.line_count(); ++l) {
    const std::string_view text = source.line(l);
    const std::size_t start = source.line_start(l);
    if (text.empty() || source.text_class(start) == TextClass::block || source.text_class(start) == TextClass::quoted)
      continue;
    std::size_t at = 0;
    while (at < text.size() && text[at] == ' ') ++at;
    if (at == text.size() || text[at] == '#') continue;
    if (text[at] == '\t' && !source.begins_in_flow(l)) {
      if (trimmed(text).empty() || trimmed(text).front() == '#') continue;
      findings.add(2010, source.place(start + at));
      good = false;
    } else if (const FullWidth space = find_full_width(text.substr(at), 0, "　\u00A0"); space.offset == 0) {
      report_full_width(source, start + at, space, findings);
      good = false;
    }
  }
  return good;
}

void diagnose(const SourceText& source, std::size_t offset, std::string_view words, Findings& findings) {
  const int line = source.line_of(offset);
  // YAML often stumbles one line after the mistake.
  int before = line - 1;
  while (before >= 0 && trimmed(source.line(before)).empty()) --before;
  if (before >= 0 && diagnose_line(source, before, findings)) return;
  if (diagnose_line(source, line, findings)) return;
  if (before >= 0) {
    // A comment in the middle of a value of several lines ends the value.
    const std::size_t start = source.line_start(before);
    const std::string_view text = source.line(before);
    for (std::size_t i = 1; i < text.size(); ++i) {
      if (source.text_class(start + i) != TextClass::comment || trimmed(text.substr(0, i)).empty()) continue;
      const std::string_view here = source.line(line);
      if (here.find(": ") == std::string_view::npos && !here.ends_with(':') && here.starts_with(' ')) {
        findings.add(2013, source.place(start + i), {{"seen", std::string(text.substr(i))}});
        return;
      }
      break;
    }
  }
  if (reserved_start(source, offset)) {
    findings.add(2026, source.place(offset), {{"seen", source.text().substr(offset, 1)}});
  } else if (words == "illegal map value") {
    findings.add(2027, source.place(offset));
  } else {
    findings.add(2011, source.place(offset), {{"seen", std::string(words)}});
  }
}

ExpressionShape scan_expression(std::string_view text) {
  ExpressionShape shape;
  char last = 0;
  for (std::size_t i = 0; i < text.size(); i += character_length(text, i)) {
    const char c = text[i];
    if (is_space(c)) continue;
    last = c;
    if (c == '\'' || c == '"') {
      const std::size_t close = text.find(c, i + 1);  // a doubled quote opens the next piece at once
      if (close == std::string_view::npos) {
        shape.open_quote = true;
        return shape;
      }
      i = close;
    } else if (c == '(' || c == '[') {
      ++shape.depth;
    } else if (c == ')' || c == ']') {
      --shape.depth;
    } else if ((c & 0x80) != 0 && shape.full_width == std::string_view::npos &&
               find_full_width(text.substr(i, character_length(text, i))).offset == 0) {
      shape.full_width = i;
    }
  }
  shape.ends_open = last != 0 && std::string_view("+-*/|<>=,(").find(last) != std::string_view::npos;
  return shape;
}

bool lint_expression(const SourceText& source, const Node& node, std::string_view text, std::size_t offset,
                     Findings& findings) {
  if (node.style == Node::Style::quoted && is_bare(text)) {
    findings.add(2014, source.place(node.offset),
                 {{"seen", source.text().substr(node.offset, node.end - node.offset)}, {"word", std::string(text)}});
    return false;
  }
  const ExpressionShape shape = scan_expression(text);
  if (shape.full_width != std::string_view::npos) {
    const std::size_t at = node.style == Node::Style::quoted ? node.offset : offset + shape.full_width;
    report_full_width(source, at, find_full_width(text, shape.full_width), findings);
    return false;
  }
  const bool cut = shape.open_quote || shape.depth > 0 || shape.ends_open;
  if (node.style == Node::Style::plain) {
    const std::string_view comment = comment_behind(source, node);
    const bool no_comment = comment.size() > 1 && comment[1] != ' ' && comment[1] != '\t' && comment[1] != '#';
    if (!comment.empty() && (cut || no_comment)) {
      const auto at = static_cast<std::size_t>(comment.data() - source.text().data());
      findings.add(2013, source.place(at), {{"seen", std::string(comment)}});
      return false;
    }
    const char next = node.end < source.text().size() ? source.text()[node.end] : ' ';
    if (node.in_flow && cut && (next == ',' || next == ']' || next == '}' || next == '[' || next == '{')) {
      findings.add(2016, source.place(node.end), {{"seen", std::string(1, next)}});
      return false;
    }
  }
  return true;
}

}  // namespace godwit::config
