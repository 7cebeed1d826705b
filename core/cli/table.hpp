#pragma once
// A table for the terminal, with columns that line up whatever script is in them.

#include <iosfwd>
#include <string>
#include <vector>

namespace godwit::cli {

enum class Align { left, right };

// Collects rows and prints them. A table of millions of rows is printed in parts: the first kMeasured rows decide the widths.
class Table {
 public:
  struct Column {
    std::string title;
    Align align = Align::left;
  };
  static constexpr std::size_t kMeasured = 1000;

  // Cells are cut to `widest` columns.
  Table(std::ostream& out, std::vector<Column> columns, int widest = 40) : out_(out), columns_(std::move(columns)), widest_(widest) {}
  ~Table() { finish(); }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  // As many cells as there are columns.
  void row(std::vector<std::string> cells);
  // Prints what is left. Called by the destructor, too.
  void finish();

 private:
  void print_header();
  void print(const std::vector<std::string>& cells, const std::vector<Align>& aligns);

  std::ostream& out_;
  std::vector<Column> columns_;
  int widest_;
  std::vector<std::vector<std::string>> waiting_;
  std::vector<int> widths_;  // empty until the header is out
  bool done_ = false;
};

}  // namespace godwit::cli
