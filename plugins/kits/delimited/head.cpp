// What stands before the records: byte order mark, lines to skip, header.

#include <algorithm>
#include <set>

#include "plugins/kits/delimited/table.hpp"

namespace godwit::delimited {
namespace {

Failure refuse(int number, const TableOptions& options, std::vector<Argument> arguments) {
  arguments.insert(arguments.begin(), {"place", options.name});
  return Failure(Error{number, ErrorKind::bad_config, std::move(arguments), {}});
}

// Without spaces, no-break spaces, zero-width characters and byte order marks at either end.
std::string_view clean_name(std::string_view name) {
  static constexpr std::string_view kDropped[] = {" ", "\t", "\r", "\n", "\xC2\xA0", "\xE2\x80\x8B", "\xE2\x80\x8C", "\xE2\x80\x8D", "\xE2\x81\xA0", "\xE3\x80\x80", "\xEF\xBB\xBF"};
  bool changed = true;
  while (changed) {
    changed = false;
    for (std::string_view d : kDropped) {
      if (name.starts_with(d)) name.remove_prefix(d.size()), changed = true;
      if (name.ends_with(d)) name.remove_suffix(d.size()), changed = true;
    }
  }
  return name;
}

// Names that are neither empty nor given twice: column_3, email_2.
void name_columns(std::vector<std::string> names, TableHead* head) {
  std::set<std::string> given(names.begin(), names.end()), used;
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::string name = names[i].empty() ? "column_" + std::to_string(i + 1) : names[i];
    if (names[i].empty() ? given.contains(name) || used.contains(name) : used.contains(name)) {
      if (!names[i].empty()) head->renamed.push_back(name);
      int n = 2;
      std::string other;
      do other = name + "_" + std::to_string(n++);
      while (used.contains(other) || given.contains(other));
      name = other;
    }
    used.insert(name);
    head->columns.push_back(std::move(name));
  }
}

// The cells of several header rows, one above the other. A cell that spans columns stands over the first of them only,
// so in all rows but the last an empty cell repeats its left neighbour.
std::vector<std::string> join_header(std::vector<std::vector<std::string>> rows) {
  std::size_t width = 0;
  for (const auto& row : rows) width = std::max(width, row.size());
  std::vector<std::string> out(width);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    rows[r].resize(width);
    for (std::size_t c = 0; c < width; ++c) {
      if (r + 1 < rows.size() && rows[r][c].empty() && c != 0) rows[r][c] = rows[r][c - 1];
      if (rows[r][c].empty()) continue;
      if (!out[c].empty()) out[c] += '/';
      out[c] += rows[r][c];
    }
  }
  return out;
}

// Size of the byte order mark, and the encoding it leaves no doubt about. A mark that contradicts what was declared is
// refused: every row would be wrong.
Result<std::size_t> take_mark(ByteSource& bytes, const TableOptions& options, Encoding* encoding) {
  std::string start(4, '\0');
  GW_ASSIGN(const std::size_t got, bytes.read(0, start.data(), start.size()));
  start.resize(got);
  *encoding = options.encoding;
  ByteOrderMark mark = find_byte_order_mark(start);
  // FF FE 00 00 is UTF-32's mark, or UTF-16's before a NUL.
  if (mark.encoding == "utf-32le" && encoding->family == EncodingFamily::utf16) mark = {"utf-16le", 2};
  if (mark.size == 0) return mark.size;
  GW_ASSIGN(const Encoding marked, find_encoding(mark.encoding));
  const bool byte_order_open = encoding->name == "utf-16" || encoding->name == "utf-32" || encoding->name == "utf16" || encoding->name == "utf32";
  if (marked.family != encoding->family || (marked.big_endian != encoding->big_endian && !byte_order_open) ||
      (marked.family == EncodingFamily::double_byte && marked.converter != encoding->converter))
    return refuse(1055, options, {{"seen", mark.encoding}, {"expected", options.encoding.name}});
  encoding->big_endian = marked.big_endian;
  return mark.size;
}

}  // namespace

Result<TableHead> read_head(ByteSource& bytes, const TableOptions& options) {
  GW_TRY(check(options.dialect));
  TableHead head;
  GW_ASSIGN(const std::size_t mark, take_mark(bytes, options, &head.encoding));
  GW_ASSIGN(auto decoder, make_decoder(head.encoding, options.dialect.record_end.empty() ? '\0' : options.dialect.record_end.back()));
  RecordStream records(options.dialect, TextSource(bytes, std::move(decoder), mark, bytes.size()), 1, options.window);
  for (std::int64_t i = 0; i < options.skip_rows; ++i) {
    GW_ASSIGN(const bool more, records.skip_line());
    if (!more) break;
  }

  std::vector<std::vector<std::string>> rows;
  std::int64_t offset = records.next_offset(), line = records.next_line();
  const std::int64_t wanted = options.header_rows > 0 ? options.header_rows : options.columns.empty() ? 1 : 0;
  while (static_cast<std::int64_t>(rows.size()) < wanted) {
    GW_ASSIGN(const auto found, records.next());
    if (found == RecordStream::Found::end) {
      if (!options.columns.empty()) break;
      return refuse(1052, options, {{"seen", std::to_string(bytes.size())}});
    }
    if (found == RecordStream::Found::bad) {
      if (options.header_rows == 0) continue;  // no row, but the next one's width will do
      return refuse(1053, options, {{"seen", records.bad().raw.substr(0, 80)}, {"line", std::to_string(records.line())}, {"number", std::to_string(records.bad().number)}});
    }
    auto& row = rows.emplace_back();
    for (std::size_t f = 0; f < records.record().fields.size(); ++f) row.emplace_back(clean_name(records.record().value(f)));
    if (options.header_rows > 0) {
      head.header = options.header_rows == 1 ? std::string(records.raw_text()) : std::string();
      offset = records.next_offset(), line = records.next_line();
    }
  }
  head.records = {static_cast<std::uint64_t>(offset), bytes.size(), line};

  std::vector<std::string> names = join_header(rows);
  if (options.header_rows == 0) std::fill(names.begin(), names.end(), std::string());
  if (!options.columns.empty()) {
    if (options.header_rows > 0 && !rows.empty() && names.size() != options.columns.size())
      return refuse(1054, options, {{"seen", std::to_string(names.size())}, {"expected", std::to_string(options.columns.size())}});
    names = options.columns;
  }
  name_columns(std::move(names), &head);
  return head;
}

}  // namespace godwit::delimited
