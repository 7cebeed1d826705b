// Ranges of a table that can be read in parallel.
//
// Where a record begins depends on every quote before it. In the regular grammar (scan.hpp) it depends on their number
// being odd or even only, so pieces of the file are looked at side by side, each under both assumptions, and then
// strung together; what lies behind the beginning of the last range decides nothing and is not looked at. Where a piece leaves that grammar,
// and for dialects that never had it, the file is walked record by record as the reader does.

#include <algorithm>
#include <atomic>
#include <deque>
#include <thread>

#include "plugins/kits/delimited/table.hpp"

namespace godwit::delimited {
namespace {

constexpr std::uint32_t kReadBytes = 256 << 10;  // bytes read at a time

// Every record of a range in order, by where it begins, as the reader itself finds them: right by definition.
// Calls see(offset, line) for each, until it answers false.
template <typename See>
Result<> walk(ByteSource& bytes, const TableOptions& options, const TableHead& head, const Range& range, See&& see) {
  GW_ASSIGN(auto decoder, make_decoder(head.encoding, options.dialect.record_end.empty() ? '\0' : options.dialect.record_end.back()));
  RecordStream records(options.dialect, TextSource(bytes, std::move(decoder), range.from, range.to), range.line, options.window);
  records.expect_width(static_cast<std::uint32_t>(head.columns.size()));
  while (true) {
    GW_ASSIGN(const auto found, records.next());
    if (found == RecordStream::Found::end) return {};
    if (found == RecordStream::Found::run) {
      const Run& run = records.run();
      for (std::uint32_t i = 0; i < run.count; ++i)
        if (!see(run.offsets[i], run.lines[i])) return {};
    } else if (!see(records.offset(), records.line())) {
      return {};
    }
  }
}

// The table's records without the footer.
Result<Range> without_footer(ByteSource& bytes, const TableOptions& options, const TableHead& head) {
  Range range = head.records;
  if (options.skip_footer == 0) return range;
  std::deque<std::int64_t> last;
  GW_TRY(walk(bytes, options, head, range, [&](std::int64_t offset, std::int64_t) {
    last.push_back(offset);
    if (static_cast<std::int64_t>(last.size()) > options.skip_footer) last.pop_front();
    return true;
  }));
  if (!last.empty()) range.to = static_cast<std::uint64_t>(last.front());
  return range;
}

// Whether the file's own bytes can be scanned for delimiters, quotes and line ends.
bool scans_as_bytes(const TableOptions& options, const Encoding& encoding) {
  if (!options.dialect.is_plain() || !options.dialect.comment.empty()) return false;
  const auto never_trails = [](char c) { return static_cast<unsigned char>(c) < 0x40 && (c < '0' || c > '9'); };
  switch (encoding.family) {
    case EncodingFamily::utf8:
    case EncodingFamily::single_byte: return static_cast<unsigned char>(options.dialect.delimiter[0]) < 0x80;
    case EncodingFamily::double_byte: return never_trails(options.dialect.delimiter[0]) && never_trails(options.dialect.quote);
    default: return false;
  }
}

class PieceScan {
 public:
  // For `wanted` (at least 2) ranges of `whole`, in as many pieces as `threads` threads need.
  PieceScan(ByteSource& bytes, const TableOptions& options, const Range& whole, int wanted, int threads)
      : bytes_(bytes), dialect_(options.dialect), whole_(whole), threads_(std::max(threads, 1)) {
    chars_ = {dialect_.delimiter[0], dialect_.quote, dialect_.quote != 0};
    const auto before_last = static_cast<std::uint64_t>(wanted - 1);
    per_range_ = (static_cast<std::uint64_t>(threads_) + before_last - 1) / before_last;
    const std::uint64_t share = (whole.to - whole.from) / static_cast<std::uint64_t>(wanted);
    for (std::uint64_t i = 0; i < before_last; ++i)
      for (std::uint64_t j = 0; j < per_range_; ++j) begins_.push_back(whole.from + share * i + share * j / per_range_);
    states_.resize(begins_.size());
    begins_.push_back(whole.from + share * before_last);
  }

  Result<> run() {
    std::atomic<std::size_t> next{0};
    std::vector<Result<>> done(states_.size());
    const auto work = [&] {
      for (std::size_t i = next++; i < states_.size(); i = next++) done[i] = scan(i);
    };
    std::vector<std::thread> others;
    for (int t = 1; t < std::min<int>(threads_, static_cast<int>(states_.size())); ++t) others.emplace_back(work);
    work();
    for (std::thread& t : others) t.join();
    for (Result<>& d : done) GW_TRY(d);
    return {};
  }

  // The ranges up to the first piece that is not regular; `complete`: there was none.
  Result<std::vector<Range>> ranges(bool* complete) {
    std::vector<Range> out{whole_};
    bool inside = false;
    std::int64_t line = whole_.line;
    std::uint64_t gap = 0;  // blocks without a field end that the last piece ended with
    *complete = false;
    for (std::size_t i = 0; i < states_.size(); ++i) {
      const ParityState& s = states_[i];
      const int h = inside ? 1 : 0;
      if (!is_regular(s, h, gap)) {
        // From here on nothing is sure, a beginning that was found beyond this place included.
        while (out.size() > 1 && out.back().from > begins_[i]) out.pop_back();
        out.back().to = whole_.to;
        return out;
      }
      const std::uint64_t gap_before = gap, end = begins_[i + 1];
      gap = s.any_end[h] ? s.trail[h] : gap + s.lead[h];
      inside = inside != s.odd;
      line += static_cast<std::int64_t>(s.line_ends);
      if ((i + 1) % per_range_ != 0) continue;
      GW_ASSIGN(const Range start, record_after(end, inside, line));
      if (i + 1 == states_.size()) {
        // The record that the last range begins behind has not been looked at to its end.
        ParityState rest = s;
        GW_TRY(scan(end, start.from, &rest));
        if (!is_regular(rest, h, gap_before)) return out;
      }
      if (start.from > out.back().from && start.from < whole_.to) {
        out.back().to = start.from;
        out.push_back({start.from, whole_.to, start.line});
      }
    }
    *complete = true;
    return out;
  }

 private:
  // A field that may be longer than a field can be is for the parser to judge.
  bool is_regular(const ParityState& s, int h, std::uint64_t gap) const {
    const std::uint64_t longest = std::max(s.longest[h], gap + s.lead[h]);
    return !s.irregular[h] && static_cast<std::int64_t>((longest + 2) * 64) <= dialect_.max_field_bytes;
  }

  Result<> scan(std::size_t piece) {
    ParityState& s = states_[piece];
    const std::uint64_t begin = begins_[piece];
    s.after_end[0] = true;  // a record begins at the first piece, outside quotes
    s.irregular[1] = piece == 0;
    if (piece != 0) {
      char before = 0;
      GW_TRY(bytes_.read(begin - 1, &before, 1));
      const bool quote = chars_.has_quote && before == chars_.quote;
      s.after_end[0] = quote || before == chars_.delimiter || before == '\n' || before == '\r';
      s.after_close[0] = quote;  // outside now, so it closed
      s.after_end[1] = quote;
      s.after_cr = before == '\r';
    }
    return scan(begin, begins_[piece + 1], &s);
  }

  // Goes on over the bytes [at, end).
  Result<> scan(std::uint64_t at, std::uint64_t end, ParityState* state) {
    std::vector<char> text(kReadBytes + kPadding);
    while (at < end) {
      GW_ASSIGN(const std::size_t got, bytes_.read(at, text.data(), static_cast<std::size_t>(std::min<std::uint64_t>(kReadBytes, end - at))));
      if (got == 0) break;
      kernels().parity(text.data(), static_cast<std::uint32_t>(got), chars_, state);
      at += got;
    }
    return {};
  }

  // Where the next record begins at or behind `at`, which is in line `line`.
  Result<Range> record_after(std::uint64_t at, bool inside, std::int64_t line) {
    std::vector<char> text(4096);
    char before = 0;
    GW_TRY(bytes_.read(at - 1, &before, 1));
    while (true) {
      GW_ASSIGN(const std::size_t got, bytes_.read(at, text.data(), text.size()));
      if (got == 0) return Range{whole_.to, whole_.to, line};
      for (std::size_t i = 0; i < got; ++i) {
        const char c = text[i];
        if (chars_.has_quote && c == chars_.quote) inside = !inside;
        const bool lf = c == '\n';
        // A CR is counted where it stands, and the LF behind it is not.
        if (c == '\r' || (lf && before != '\r')) ++line;
        before = c;
        if (inside || (!lf && c != '\r')) continue;
        std::uint64_t next = at + i + 1;
        if (c == '\r') {
          char after = 0;
          GW_TRY(bytes_.read(next, &after, 1));
          if (after == '\n') ++next;
        }
        return Range{next, whole_.to, line};
      }
      at += got;
    }
  }

  ByteSource& bytes_;
  const Dialect& dialect_;
  Range whole_;
  ScanChars chars_;
  int threads_;
  std::uint64_t per_range_;             // pieces of a range
  std::vector<std::uint64_t> begins_;   // of the pieces, and behind them where the last range may begin
  std::vector<ParityState> states_;
};

}  // namespace

Result<std::vector<Range>> split_table(ByteSource& bytes, const TableOptions& options, const TableHead& head, int wanted, int threads) {
  GW_ASSIGN(const Range whole, without_footer(bytes, options, head));
  std::vector<Range> out{whole};
  if (wanted <= 1 || whole.to - whole.from < static_cast<std::uint64_t>(wanted)) return out;
  if (scans_as_bytes(options, head.encoding)) {
    PieceScan pieces(bytes, options, whole, wanted, threads);
    GW_TRY(pieces.run());
    bool complete = false;
    GW_ASSIGN(out, pieces.ranges(&complete));
    if (complete) return out;
  }
  // The rest record by record, from the last beginning that is sure.
  const std::uint64_t share = (whole.to - whole.from) / static_cast<std::uint64_t>(wanted);
  const Range rest = out.back();
  std::uint64_t next = rest.from + share;
  GW_TRY(walk(bytes, options, head, rest, [&](std::int64_t offset, std::int64_t line) {
    const auto at = static_cast<std::uint64_t>(offset);
    if (at >= whole.to || static_cast<int>(out.size()) >= wanted) return false;
    if (at < next) return true;
    out.back().to = at;
    out.push_back({at, whole.to, line});
    next = std::max(next + share, at + 1);
    return true;
  }));
  return out;
}

}  // namespace godwit::delimited
