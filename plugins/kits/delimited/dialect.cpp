#include "plugins/kits/delimited/dialect.hpp"

#include <array>
#include <optional>
#include <utility>

namespace godwit::delimited {
namespace {

Failure clash(std::string setting, std::string seen, std::string expected) {
  return Failure(Error{1050, ErrorKind::bad_config,
                       {{"setting", std::move(setting)}, {"seen", std::move(seen)}, {"expected", std::move(expected)}}, {}});
}

bool is_plain_ascii(char c) { return c > ' ' && c < 0x7f; }
bool is_line_end(char c) { return c == '\n' || c == '\r'; }

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

}  // namespace

Result<> check(const Dialect& d) {
  if (d.delimiter.empty()) return clash("delimiter", "", "a character, e.g. , or ; or tab");
  if (d.delimiter.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
    return clash("delimiter", d.delimiter, "characters that end no line");
  if (d.quote != 0 && !is_plain_ascii(d.quote)) return clash("quote", std::string(1, d.quote), "one ASCII character, e.g. \" or '");
  if (d.escape != 0 && !is_plain_ascii(d.escape)) return clash("escape", std::string(1, d.escape), "one ASCII character, e.g. \\");
  if (d.quote != 0 && d.delimiter.find(d.quote) != std::string::npos)
    return clash("quote", std::string(1, d.quote), "a character that is not in the delimiter");
  if (d.escape != 0 && d.delimiter.find(d.escape) != std::string::npos)
    return clash("escape", std::string(1, d.escape), "a character that is not in the delimiter");
  if (d.escape != 0 && d.escape == d.quote) return clash("escape", std::string(1, d.escape), "\"doubled\", or a character other than the quote");
  if (!d.record_end.empty() && d.record_end == d.delimiter) return clash("record_end", d.record_end, "a text other than the delimiter");
  if (d.quote != 0 && d.record_end.find(d.quote) != std::string::npos)
    return clash("record_end", d.record_end, "a text without the quote character");
  if (d.skip_initial_space && d.delimiter.front() == ' ') return clash("delimiter", d.delimiter, "no space, when initial spaces are skipped");
  if (d.trim && (d.delimiter.front() == ' ' || d.delimiter.front() == '\t'))
    return clash("delimiter", d.delimiter, "neither space nor tab, when fields are trimmed");
  if (!d.comment.empty() && (d.comment.starts_with(d.delimiter) || (d.quote != 0 && d.comment.front() == d.quote) || is_line_end(d.comment.front())))
    return clash("comment", d.comment, "a text that begins with neither delimiter nor quote nor line end");
  if (d.max_field_bytes < 1 || d.max_field_bytes > kLargestField)
    return clash("max_field_bytes", std::to_string(d.max_field_bytes), "1 to " + std::to_string(kLargestField));
  return {};
}

std::string parse_characters(std::string_view written) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kNames{{{"tab", "\t"},
                                                                                        {"comma", ","},
                                                                                        {"semicolon", ";"},
                                                                                        {"pipe", "|"},
                                                                                        {"space", " "},
                                                                                        {"colon", ":"},
                                                                                        {"caret", "^"}}};
  for (const auto& [name, characters] : kNames)
    if (written == name) return std::string(characters);
  std::string out;
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i] != '\\' || i + 1 == written.size()) {
      out += written[i];
      continue;
    }
    const char next = written[i + 1];
    if (next == 't') out += '\t', ++i;
    else if (next == 'n') out += '\n', ++i;
    else if (next == 'r') out += '\r', ++i;
    else if (next == '\\') out += '\\', ++i;
    else if (next == 'x' && i + 3 < written.size() && hex_digit(written[i + 2]) && hex_digit(written[i + 3]))
      out += static_cast<char>(*hex_digit(written[i + 2]) * 16 + *hex_digit(written[i + 3])), i += 3;
    else out += '\\';
  }
  return out;
}

}  // namespace godwit::delimited
