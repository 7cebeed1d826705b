#include "plugins/kits/delimited/table.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace godwit::delimited {
namespace {

// A row's reason says where; the core adds nothing to it.
Unreadable unreadable(const TableOptions& options, const BadRecord& bad, std::int64_t offset, std::int64_t line) {
  Unreadable out;
  out.locator = offset, out.line = line;
  out.error = {bad.number, ErrorKind::row_rejected, {{"place", options.name + ":" + std::to_string(line)}}, {}};
  out.error.arguments.insert(out.error.arguments.end(), bad.arguments.begin(), bad.arguments.end());
  out.raw = bad.raw;
  return out;
}

}  // namespace

std::string position_text(std::int64_t offset, std::int64_t line) { return std::to_string(offset) + ":" + std::to_string(line); }

std::optional<Position> parse_position(std::string_view text) {
  Position out;
  const char* const end = text.data() + text.size();
  const auto offset = std::from_chars(text.data(), end, out.offset);
  if (offset.ec != std::errc() || offset.ptr == end || *offset.ptr != ':') return std::nullopt;
  const auto line = std::from_chars(offset.ptr + 1, end, out.line);
  if (line.ec != std::errc() || line.ptr != end || out.offset < 0 || out.line < 1) return std::nullopt;
  return out;
}

TableReader::TableReader(ByteSource& bytes, const TableOptions& options, const TableHead& head, std::vector<std::uint32_t> wanted,
                         std::unique_ptr<Decoder> decoder, const Range& range, Position start)
    : options_(options), records_(options.dialect, TextSource(bytes, std::move(decoder), static_cast<std::uint64_t>(start.offset), range.to),
                                  start.line, options.window),
      columns_(options_.dialect, wanted) {
  for (const std::uint32_t i : wanted) schema_.push_back({head.columns[i], TypeId::utf8});
  records_.expect_width(static_cast<std::uint32_t>(head.columns.size()));
  records_.expect_no_header(head.header);
}

Result<std::unique_ptr<TableReader>> TableReader::open(ByteSource& bytes, const TableOptions& options, const TableHead& head,
                                                       std::vector<std::uint32_t> wanted, const Range& range,
                                                       std::optional<Position> position) {
  const Position start = position.value_or(Position{static_cast<std::int64_t>(range.from), range.line});
  GW_ASSIGN(auto decoder, make_decoder(head.encoding, options.dialect.record_end.empty() ? '\0' : options.dialect.record_end.back()));
  return std::unique_ptr<TableReader>(new TableReader(bytes, options, head, std::move(wanted), std::move(decoder), range, start));
}

Result<ReadBatch> TableReader::read(std::int64_t rows, std::int64_t bytes) {
  rows = std::clamp<std::int64_t>(rows, 1, 1 << 30);
  // Columns are addressed by 31 bits, and the longest record may come on top.
  bytes = std::clamp<std::int64_t>(bytes, 1, kLargestField - (64 << 20));
  ReadBatch out;
  std::int64_t taken = 0;
  while (columns_.rows() < rows && taken < bytes) {
    GW_ASSIGN(const auto found, records_.next(static_cast<std::uint32_t>(rows - columns_.rows()), static_cast<std::uint64_t>(bytes - taken)));
    if (found == RecordStream::Found::end) {
      out.end = true;
      break;
    }
    if (found == RecordStream::Found::run) {
      const Run& run = records_.run();
      taken += run.end(run.count - 1) - run.begin(0);
      columns_.append(run);
    } else if (found == RecordStream::Found::record) {
      taken += static_cast<std::int64_t>(records_.record().values.size());
      columns_.append(records_.record(), records_.offset(), records_.line());
    } else {
      taken += static_cast<std::int64_t>(records_.bad().raw.size());
      out.unreadable.push_back(unreadable(options_, records_.bad(), records_.offset(), records_.line()));
    }
  }
  out.batch = columns_.finish();
  out.batch.schema = schema_;
  out.position = position_text(records_.next_offset(), records_.next_line());
  out.bytes_read = static_cast<std::int64_t>(records_.bytes_read());
  return out;
}

}  // namespace godwit::delimited
