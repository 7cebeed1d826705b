// A mapping kept as a sheet by the people who know the business: CSV with the columns target and expression, source or
// const, in any order; further columns are theirs. A row without a target, or with nothing but a target, maps nothing.

#include <algorithm>
#include <array>
#include <map>

#include "core/config/lint.hpp"
#include "core/config/parts.hpp"

namespace godwit::config {
namespace {

struct Cell {
  std::string text;
  std::size_t offset = 0;  // of its first character, behind an opening quote
};
using Row = std::vector<Cell>;

// Excel writes what the machine's country uses between cells: the header tells.
char delimiter_of(std::string_view header) {
  char best = ',';
  std::ptrdiff_t most = 0;
  for (char c : {',', ';', '\t'}) {
    const auto n = std::count(header.begin(), header.end(), c);
    if (n > most) most = n, best = c;
  }
  return best;
}

// The next row from `at`; false when a quotation never closes (`at` is where it opens then).
bool next_row(std::string_view text, char delimiter, std::size_t& at, Row& row) {
  row.clear();
  while (true) {
    Cell cell;
    if (at < text.size() && text[at] == '"') {
      const std::size_t open = at++;
      cell.offset = at;
      while (true) {
        const std::size_t quote = text.find('"', at);
        if (quote == std::string_view::npos) return at = open, false;
        cell.text += text.substr(at, quote - at);
        at = quote + 1;
        if (at >= text.size() || text[at] != '"') break;
        cell.text += '"';
        ++at;
      }
    } else {
      cell.offset = at;
    }
    const std::size_t end = std::min(text.find_first_of(std::string{delimiter, '\n'}, at), text.size());
    cell.text += text.substr(at, end - at);
    at = end;
    row.push_back(std::move(cell));
    if (at >= text.size()) return true;
    if (text[at++] == '\n') return true;
  }
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t' || text.front() == '\n')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

enum Column { kTarget, kExpression, kSource, kConst, kColumns };
constexpr std::array<std::array<std::string_view, 3>, kColumns> kHeaders{{{"target", "目标", "目标字段"},
                                                                          {"expression", "表达式", "转换"},
                                                                          {"source", "来源", "来源字段"},
                                                                          {"const", "常量", "固定值"}}};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

struct Sheet {
  const SourceText& source;
  Findings& findings;
  std::vector<NamedExpression>& map;
  std::array<int, kColumns> columns{-1, -1, -1, -1};

  bool read_header(const Row& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string word = lower(trim(row[i].text));
      for (std::size_t c = 0; c < kColumns; ++c) {
        if (std::find(kHeaders[c].begin(), kHeaders[c].end(), word) == kHeaders[c].end()) continue;
        if (columns[c] != -1) {
          findings.add(2063, source.place(row[i].offset), {{"seen", row[i].text}});
          return false;
        }
        columns[c] = static_cast<int>(i);
      }
    }
    const bool complete =
        columns[kTarget] != -1 && (columns[kExpression] != -1 || columns[kSource] != -1 || columns[kConst] != -1);
    if (!complete) findings.add(2062, source.place(0), {{"expected", "target, expression | source | const"}});
    return complete;
  }

  const Cell* cell(const Row& row, Column column) const {
    const int at = columns[column];
    if (at < 0 || at >= static_cast<int>(row.size()) || trim(row[static_cast<std::size_t>(at)].text).empty())
      return nullptr;
    return &row[static_cast<std::size_t>(at)];
  }

  void read_row(const Row& row, std::map<std::string, int>& lines) {
    const Cell* target = cell(row, kTarget);
    const Cell* given = nullptr;
    Column kind = kTarget;
    int count = 0;
    for (Column c : {kExpression, kSource, kConst}) {
      if (const Cell* found = cell(row, c)) given = found, kind = c, ++count;
    }
    if (given == nullptr) return;  // a field that the business leaves unmapped
    const SourcePlace place = source.place(given->offset);
    if (target == nullptr) {
      findings.add(2064, place, {{"seen", std::string(trim(given->text))}});
      return;
    }
    if (count > 1) {
      findings.add(2065, place, {{"seen", std::string(trim(target->text))}});
      return;
    }
    NamedExpression entry;
    entry.name = trim(target->text);
    entry.place = source.place(target->offset);
    entry.expression.place = place;
    const std::string_view text = trim(given->text);
    if (kind == kConst) {
      entry.expression.text = text;
      entry.expression.is_constant = true;
    } else if (kind == kSource) {
      entry.expression.text = column_expression(std::string(text));
    } else {
      entry.expression.text = text;
      const ExpressionShape shape = scan_expression(text);
      if (shape.full_width != std::string_view::npos) {
        const FullWidth found = find_full_width(text, shape.full_width);
        findings.add(2012, source.place(given->offset + shape.full_width),
                     {{"seen", std::string(found.seen)}, {"expected", std::string(found.instead)}});
        return;
      }
    }
    const auto [first, fresh] = lines.emplace(entry.name, entry.place.line);
    if (!fresh) {
      findings.add(2005, entry.place, {{"seen", entry.name}, {"line", std::to_string(first->second)}});
      return;
    }
    map.push_back(std::move(entry));
  }

  void read() {
    std::string_view text = source.text();
    const char delimiter = delimiter_of(text.substr(0, text.find('\n')));
    std::map<std::string, int> lines;
    Row row;
    for (std::size_t at = 0, n = 0; at < text.size(); ++n) {
      if (!next_row(text, delimiter, at, row)) {
        findings.add(2024, source.place(at));
        return;
      }
      if (n == 0) {
        if (!read_header(row)) return;
      } else {
        read_row(row, lines);
      }
    }
    if (text.empty()) findings.add(2062, source.place(0), {{"expected", "target, expression | source | const"}});
  }
};

}  // namespace

bool is_bare_name(std::string_view text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80) != 0;
  });
}

std::string column_expression(const std::string& name) {
  // Full-width marks and the language's own words need the quotes as well.
  static constexpr std::string_view kWords[] = {"and",   "or",    "not",  "is",        "null", "case",    "when",
                                                "then",  "else",  "end",  "in",        "like", "between", "true",
                                                "false", "unset", "date", "timestamp", "try"};
  const std::string word = lower(name);
  const bool reserved = std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
  if (is_bare_name(name) && !reserved && find_full_width(name).offset == std::string_view::npos) return name;
  std::string quoted = "\"";
  for (char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

void read_sheet(const Node& node, const std::string& path, ValueReader& reader, const ProjectFiles& files,
                Findings& findings, std::vector<NamedExpression>& map) {
  const std::string low = lower(path);
  if (low.ends_with(".xlsx") || low.ends_with(".xls") || low.ends_with(".ods")) {
    reader.report(2066, node, {{"seen", path}});
    return;
  }
  if (!low.ends_with(".csv")) {
    reader.report(2067, node, {{"seen", path}});
    return;
  }
  const FileText read = files.read(path, kLargestFile);
  if (read.state == FileText::State::missing) {
    reader.report(2050, node, {{"seen", path}});
    return;
  }
  if (read.state == FileText::State::unreadable) {
    reader.report(2002, node, {{"seen", path}, {"reason", read.reason}});
    return;
  }
  if (read.state == FileText::State::too_large) {
    reader.report(2003, node, {{"seen", read.reason}, {"expected", std::to_string(kLargestFile)}});
    return;
  }
  auto source = SourceText::decode(path, read.bytes);
  if (!source) {
    findings.add(std::move(source).error(), {path, 0, 0});
    return;
  }
  Sheet{*source, findings, map}.read();
}

}  // namespace godwit::config
