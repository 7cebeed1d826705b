#pragma once
// CSV as Bulk API 2.0 takes and gives it: RFC 4180 with a choice of delimiters and line ends.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::sandbox::salesforce {

// One record of a text, and where it stands there (without its line end).
struct CsvRecord {
  std::vector<std::string> cells;
  std::size_t begin = 0, end = 0;
};

class CsvReader {
 public:
  CsvReader(std::string_view text, char delimiter, std::size_t at = 0) : text_(text), delimiter_(delimiter), at_(at) {}
  // False at the end. Empty lines are passed over. A quote that is never closed ends the text: see broken().
  bool next(CsvRecord& record);
  // The next record's place alone, which is faster.
  bool skip(std::size_t& begin, std::size_t& end);
  bool broken() const { return broken_; }
  std::size_t at() const { return at_; }

 private:
  std::string_view text_;
  char delimiter_;
  std::size_t at_;
  bool broken_ = false;
};

// "a" -> "\"a\"", quotes doubled.
std::string csv_cell(std::string_view text);
// The character of COMMA, TAB …; nullopt: there is no such name.
std::optional<char> csv_delimiter(std::string_view name);

}  // namespace godwit::sandbox::salesforce
