#include "core/cli/table.hpp"

#include <algorithm>
#include <ostream>

#include "core/cli/width.hpp"

namespace godwit::cli {

void Table::row(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = cut(cell, widest_);
  waiting_.push_back(std::move(cells));
  if (waiting_.size() < kMeasured && widths_.empty()) return;
  if (widths_.empty()) print_header();
  std::vector<Align> aligns;
  for (const Column& c : columns_) aligns.push_back(c.align);
  for (const auto& ready : waiting_) print(ready, aligns);
  waiting_.clear();
}

void Table::finish() {
  if (done_) return;
  done_ = true;
  if (widths_.empty()) print_header();
  std::vector<Align> aligns;
  for (const Column& c : columns_) aligns.push_back(c.align);
  for (const auto& ready : waiting_) print(ready, aligns);
  waiting_.clear();
}

void Table::print_header() {
  std::vector<std::string> titles;
  std::vector<Align> aligns;
  for (const Column& c : columns_) titles.push_back(cut(c.title, widest_)), aligns.push_back(c.align);
  widths_.clear();
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    int width = display_width(titles[c]);
    for (const auto& cells : waiting_) width = std::max(width, display_width(cells[c]));
    widths_.push_back(width);
  }
  print(titles, aligns);
  std::string line;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (c != 0) line += "  ";
    for (int i = 0; i < widths_[c]; ++i) line += "─";
  }
  out_ << line << '\n';
}

void Table::print(const std::vector<std::string>& cells, const std::vector<Align>& aligns) {
  std::string line;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const auto spaces = static_cast<std::size_t>(std::max(0, widths_[c] - display_width(cells[c])));
    if (c != 0) line += "  ";
    if (aligns[c] == Align::right) line.append(spaces, ' ');
    line += cells[c];
    if (aligns[c] == Align::left && c + 1 != cells.size()) line.append(spaces, ' ');
  }
  while (line.ends_with(' ')) line.pop_back();
  out_ << line << '\n';
}

}  // namespace godwit::cli
