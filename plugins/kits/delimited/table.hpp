#pragma once
// A delimited text as a table: header, column names, ranges that can be read in parallel, batches with positions.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/exchange.hpp"
#include "core/model/result.hpp"
#include "plugins/kits/delimited/columns.hpp"
#include "plugins/kits/delimited/dialect.hpp"
#include "plugins/kits/delimited/encoding.hpp"
#include "plugins/kits/delimited/records.hpp"
#include "plugins/kits/delimited/source.hpp"

namespace godwit::delimited {

struct TableOptions {
  Dialect dialect;
  Encoding encoding;
  std::int64_t skip_rows = 0;    // lines before the header (or the first record), whatever stands in them
  std::int64_t header_rows = 1;  // 0: none; of several, each column's name is their cells joined by '/'
  std::int64_t skip_footer = 0;  // records at the end that are no rows
  std::vector<std::string> columns;  // names; empty: from the header, or column_1, column_2 ...
  std::string name;              // how places call the file: "customers.csv"
  std::uint32_t window = RecordStream::kWindow;
};

// A part of the file's records: [from, to) in bytes, `from` in line `line`.
struct Range {
  std::uint64_t from = 0, to = 0;
  std::int64_t line = 1;
  friend bool operator==(const Range&, const Range&) = default;
};

// What stands before the records.
struct TableHead {
  std::vector<std::string> columns;  // unique and not empty
  std::vector<std::string> renamed;  // names that were given more than once, as they stand in the header
  Encoding encoding;                 // with the byte order that the file's mark tells
  std::string header;                // text of the header record, when there is exactly one
  Range records;                     // from the first record to the end, footer included
};

// Reads up to the first record. GW-1052 for a file without the header it should have, GW-1053 for a header that is no
// readable record, GW-1054 for another number of names than fields, GW-1055 for a byte order mark that contradicts the
// declared encoding.
Result<TableHead> read_head(ByteSource& bytes, const TableOptions& options);

// Up to `wanted` ranges of about equal size that together are the table's records (without the footer), in order, each
// beginning with a record. Reads the whole text when more than one is wanted, with `threads` threads where the dialect
// allows; `bytes` must then stand calls of read() from several threads.
Result<std::vector<Range>> split_table(ByteSource& bytes, const TableOptions& options, const TableHead& head, int wanted,
                                       int threads = 1);

// "offset:line", the position of a reader.
std::string position_text(std::int64_t offset, std::int64_t line);
struct Position {
  std::int64_t offset = 0, line = 1;
};
std::optional<Position> parse_position(std::string_view text);

// Reads ranges of a table as batches. One thread at a time; `bytes` outlives it.
class TableReader {
 public:
  // `wanted`: columns by index, in the order of the batches. `position`: where an earlier reader of this range stood.
  static Result<std::unique_ptr<TableReader>> open(ByteSource& bytes, const TableOptions& options, const TableHead& head,
                                                   std::vector<std::uint32_t> wanted, const Range& range,
                                                   std::optional<Position> position = std::nullopt);

  const Schema& schema() const { return schema_; }
  // The next rows, at most `rows` of them and about `bytes` bytes of values. Records that cannot be read are among the
  // batch's `unreadable`, in order.
  Result<ReadBatch> read(std::int64_t rows, std::int64_t bytes);

 private:
  TableReader(ByteSource& bytes, const TableOptions& options, const TableHead& head, std::vector<std::uint32_t> wanted,
              std::unique_ptr<Decoder> decoder, const Range& range, Position start);

  const TableOptions options_;
  RecordStream records_;
  ColumnSet columns_;
  Schema schema_;
};

}  // namespace godwit::delimited
