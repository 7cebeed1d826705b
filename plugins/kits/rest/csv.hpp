#pragma once
// Comma-separated rows of bulk interfaces (RFC 4180): written field by field, read in pieces as they arrive.

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::rest {

// Appends `text` as a field: in quotes when it holds a comma, a quote, a line break or a blank at an end, or when `always`.
void append_csv(std::string_view text, bool always, std::string* out);

// Takes text in pieces of any size and gives records. Quoted fields may hold line breaks; LF and CRLF end a record.
class CsvParser {
 public:
  // Adds what has arrived; `last`: nothing follows.
  void feed(std::string_view piece, bool last);
  // The next whole record; false: none yet, or none any more.
  bool next(std::vector<std::string>* fields);
  // A quote was open at the end, or something stood behind a closed one: the text is cut or none.
  bool broken() const { return broken_; }

 private:
  std::string pending_;
  std::size_t at_ = 0;
  bool last_ = false, broken_ = false;
};

// Records of a file, read as they are asked for: memory does not grow with it.
class CsvFile {
 public:
  // The first record is the header. False: the file cannot be read or has none.
  bool open(const std::string& path);
  const std::vector<std::string>& header() const { return header_; }
  // Index of the column, or -1.
  int column(std::string_view name) const;
  bool next(std::vector<std::string>* fields);
  // The file ended in the midst of a record, or a record has another number of fields than the header.
  bool broken() const { return broken_ || parser_.broken(); }

 private:
  bool record(std::vector<std::string>* fields);
  std::ifstream file_;
  CsvParser parser_;
  std::vector<std::string> header_;
  bool end_ = false, broken_ = false;
};

}  // namespace godwit::rest
