#include "connectors/salesforce/sandbox/csv.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace godwit::sandbox::salesforce {

bool CsvReader::skip(std::size_t& begin, std::size_t& end) {
  while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
  if (at_ >= text_.size()) return false;
  begin = at_;
  bool quoted = false;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '"') quoted = !quoted;
    else if (!quoted && (c == '\n' || c == '\r')) break;
  }
  broken_ = broken_ || quoted;
  end = at_;
  return true;
}

bool CsvReader::next(CsvRecord& record) {
  if (!skip(record.begin, record.end)) return false;
  record.cells.clear();
  const std::string_view line = text_.substr(record.begin, record.end - record.begin);
  std::string cell;
  for (std::size_t i = 0; i <= line.size(); ++i) {
    if (i == line.size() || line[i] == delimiter_) {
      record.cells.push_back(std::move(cell));
      cell.clear();
    } else if (line[i] == '"' && cell.empty()) {
      for (++i; i < line.size() && (line[i] != '"' || (i + 1 < line.size() && line[i + 1] == '"')); ++i) {
        if (line[i] == '"') ++i;
        cell += line[i];
      }
    } else {
      cell += line[i];
    }
  }
  return true;
}

std::string csv_cell(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::optional<char> csv_delimiter(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, char>, 6> kDelimiters{{{"BACKQUOTE", '`'}, {"CARET", '^'}, {"COMMA", ','}, {"PIPE", '|'}, {"SEMICOLON", ';'}, {"TAB", '\t'}}};
  const auto found = std::find_if(kDelimiters.begin(), kDelimiters.end(), [&](const auto& one) { return one.first == name; });
  if (found == kDelimiters.end()) return std::nullopt;
  return found->second;
}

}  // namespace godwit::sandbox::salesforce
