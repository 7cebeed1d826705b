// Ranges of a table that can be read in parallel.

#include <algorithm>
#include <deque>

#include "plugins/kits/delimited/table.hpp"

namespace godwit::delimited {
namespace {

// Every record of a range in order, by where it begins, as the reader itself finds them: so a split is right whatever
// the quotes do, because it is where the reader would have begun a record.
class RecordWalk {
 public:
  static Result<std::unique_ptr<RecordWalk>> open(ByteSource& bytes, const TableOptions& options, const TableHead& head) {
    GW_ASSIGN(auto decoder, make_decoder(head.encoding, options.dialect.record_end.empty() ? '\0' : options.dialect.record_end.back()));
    auto records = std::make_unique<RecordStream>(
        options.dialect, TextSource(bytes, std::move(decoder), head.records.from, head.records.to), head.records.line, options.window);
    records->expect_width(static_cast<std::uint32_t>(head.columns.size()));
    return std::unique_ptr<RecordWalk>(new RecordWalk(std::move(records)));
  }

  // Calls see(offset, line) for each record, until it answers false.
  template <typename See>
  Result<> run(See&& see) {
    while (true) {
      GW_ASSIGN(const auto found, records_->next());
      if (found == RecordStream::Found::end) return {};
      if (found == RecordStream::Found::run) {
        const Run& run = records_->run();
        for (std::uint32_t i = 0; i < run.count; ++i)
          if (!see(run.offsets[i], run.lines[i])) return {};
      } else if (!see(records_->offset(), records_->line())) {
        return {};
      }
    }
  }

 private:
  explicit RecordWalk(std::unique_ptr<RecordStream> records) : records_(std::move(records)) {}
  std::unique_ptr<RecordStream> records_;
};

// The table's records without the footer.
Result<Range> without_footer(ByteSource& bytes, const TableOptions& options, const TableHead& head) {
  Range range = head.records;
  if (options.skip_footer == 0) return range;
  GW_ASSIGN(const auto walk, RecordWalk::open(bytes, options, head));
  std::deque<std::int64_t> last;
  GW_TRY(walk->run([&](std::int64_t offset, std::int64_t) {
    last.push_back(offset);
    if (static_cast<std::int64_t>(last.size()) > options.skip_footer) last.pop_front();
    return true;
  }));
  if (!last.empty()) range.to = static_cast<std::uint64_t>(last.front());
  return range;
}

}  // namespace

Result<std::vector<Range>> split_table(ByteSource& bytes, const TableOptions& options, const TableHead& head, int wanted, int) {
  GW_ASSIGN(const Range whole, without_footer(bytes, options, head));
  std::vector<Range> out{whole};
  if (wanted <= 1 || whole.to <= whole.from) return out;
  GW_ASSIGN(const auto walk, RecordWalk::open(bytes, options, head));
  const std::uint64_t share = (whole.to - whole.from) / static_cast<std::uint64_t>(wanted);
  std::uint64_t next = whole.from + std::max<std::uint64_t>(share, 1);
  GW_TRY(walk->run([&](std::int64_t offset, std::int64_t line) {
    const auto at = static_cast<std::uint64_t>(offset);
    if (at >= whole.to) return false;
    if (at < next || at == whole.from) return true;
    out.back().to = at;
    out.push_back({at, whole.to, line});
    next = std::max(next + share, at + 1);
    return static_cast<int>(out.size()) < wanted;
  }));
  return out;
}

}  // namespace godwit::delimited
