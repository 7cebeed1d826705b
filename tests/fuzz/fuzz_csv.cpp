// Delimited text of any bytes, in a dialect that its first three bytes choose: reading it gives rows and unreadable
// records with places, each byte of the records belongs to one of them, and it makes no difference how the text is cut:
// into ranges, into batches, into windows, or at any position.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "plugins/kits/delimited/tests/support.hpp"

namespace {

using namespace godwit;
using namespace godwit::delimited;

void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

void check_same(const ReadTable& a, const ReadTable& b, const char* what) {
  check(first_difference(a, b).empty(), what);
}

TableOptions chosen(std::uint8_t form, std::uint8_t rules, std::uint8_t encoding) {
  static constexpr std::array<std::string_view, 4> kDelimiters{",", "\t", ";", "||"};
  static constexpr std::array<std::string_view, 4> kEncodings{"utf-8", "gb18030", "windows-1252", "utf-16le"};
  TableOptions options = options_for(kEncodings[encoding % 4]);
  Dialect& dialect = options.dialect;
  dialect.delimiter = kDelimiters[form & 3];
  dialect.quote = (form & 4) != 0 ? 0 : '"';
  dialect.escape = (form & 8) != 0 ? '\\' : '\0';
  dialect.escape_letters = (form & 24) == 24;
  if ((form & 32) != 0) dialect.record_end = "\n";
  if ((form & 64) != 0) dialect.comment = "#";
  dialect.trim = (form & 128) != 0;
  dialect.ragged = (rules & 1) != 0 ? Ragged::pad : Ragged::set_aside;
  dialect.malformed = (rules & 2) != 0 ? Malformed::keep : Malformed::set_aside;
  dialect.nul = static_cast<Nul>((rules >> 2) % 3);
  if ((rules & 16) != 0) dialect.nulls = {"", "NULL"};
  if ((rules & 32) != 0) dialect.max_field_bytes = 40;
  options.header_rows = (rules >> 6) % 3;
  options.skip_footer = encoding >> 7;
  options.window = (encoding & 64) != 0 ? 256 : 2048;  // small: setting up large ones would take most of the time
  return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const TableOptions options = chosen(data[0], data[1], data[2]);
  if (!delimited::check(options.dialect)) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 3, size - 3);
  MemorySource bytes(text);
  const auto head = read_head(bytes, options);
  if (!head) return 0;
  check(!head->columns.empty() || head->records.from == head->records.to, "a table with records has columns");

  const auto one = split_table(bytes, options, *head, 1);  // without the footer, if there is one
  if (!one || one->empty()) return 0;
  const Range records = one->front();
  ReadTable whole;
  read_range(bytes, options, *head, records, &whole, std::nullopt, 1 << 20, 1 << 28);
  if (whole.failed != 0) return 0;
  std::int64_t before = -1;
  for (const ReadRow& row : whole.rows) {
    check(row.offset > before && row.offset < static_cast<std::int64_t>(text.size()), "rows stand in order in the text");
    check(row.values.size() == head->columns.size(), "a row has every column");
    before = row.offset;
  }

  ReadTable batches;
  read_range(bytes, options, *head, records, &batches, std::nullopt, 1 + data[0] % 5, 1 + data[1]);
  check_same(whole, batches, "batches make no difference");

  TableOptions narrow = options;
  narrow.window = options.window == 256 ? 300 : 256;
  ReadTable windows;
  read_range(bytes, narrow, *head, records, &windows);
  check_same(whole, windows, "windows make no difference");

  if (const auto ranges = split_table(bytes, options, *head, 1 + data[2] % 7, 1)) {
    ReadTable together;
    for (const Range& range : *ranges) read_range(bytes, options, *head, range, &together);
    check_same(whole, together, "ranges together are the whole");
  }

  for (std::size_t i = 0; i < batches.positions.size(); i += 1 + batches.positions.size() / 4) {
    const auto position = parse_position(batches.positions[i]);
    check(position.has_value(), "a position can be read back");
    ReadTable rest;
    read_range(bytes, options, *head, records, &rest, position);
    check(std::equal(rest.rows.begin(), rest.rows.end(),
                     whole.rows.begin() + static_cast<std::ptrdiff_t>(batches.rows_before[i]), whole.rows.end()),
          "a position gives exactly the rest");
  }
  return 0;
}
