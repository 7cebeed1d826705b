// Ranges of a table that can be read in parallel.
//
// Where a record begins depends on every quote before it. In the regular grammar (scan.hpp) it depends on their number
// being odd or even only, so all parts of the file are looked at side by side, each under both assumptions, and then
// strung together. Where a part leaves that grammar, and for dialects that never had it, the file is walked record by
// record as the reader does.

#include <algorithm>
#include <atomic>
#include <deque>
#include <thread>

#include "plugins/kits/delimited/table.hpp"

namespace godwit::delimited {
namespace {

constexpr std::uint32_t kPiece = 256 << 10;  // bytes read at a time

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

class PartScan {
 public:
  PartScan(ByteSource& bytes, const TableOptions& options, const Range& whole, std::size_t parts)
      : bytes_(bytes), dialect_(options.dialect), whole_(whole), states_(parts) {
    chars_ = {dialect_.delimiter[0], dialect_.quote, dialect_.quote != 0};
    const std::uint64_t share = (whole.to - whole.from) / parts;
    for (std::size_t i = 0; i < parts; ++i) begins_.push_back(whole.from + share * i);
    begins_.push_back(whole.to);
  }

  // Looks at all parts with `threads` threads.
  Result<> run(int threads) {
    std::atomic<std::size_t> next{0};
    std::vector<Result<>> done(states_.size());
    const auto work = [&] {
      for (std::size_t i = next++; i < states_.size(); i = next++) done[i] = scan(i);
    };
    std::vector<std::thread> others;
    for (int t = 1; t < std::min<int>(threads, static_cast<int>(states_.size())); ++t) others.emplace_back(work);
    work();
    for (std::thread& t : others) t.join();
    for (Result<>& d : done) GW_TRY(d);
    return {};
  }

  // The ranges of the parts up to the first one that is not regular; `whole`: that was all.
  Result<std::vector<Range>> ranges(bool* complete) {
    std::vector<Range> out{whole_};
    bool inside = false;
    std::int64_t line = whole_.line;
    std::uint64_t gap = 0;  // blocks without a field end that the last part ended with
    *complete = false;
    for (std::size_t i = 0; i < states_.size(); ++i) {
      const ParityState& s = states_[i];
      const int h = inside ? 1 : 0;
      // A field that may be longer than a field can be is for the parser to judge.
      const std::uint64_t longest = std::max(s.longest[h], gap + s.lead[h]);
      if (s.irregular[h] || static_cast<std::int64_t>((longest + 2) * 64) > dialect_.max_field_bytes) {
        // From here on nothing is sure, a beginning that was found beyond this place included.
        while (out.size() > 1 && out.back().from > begins_[i]) out.pop_back();
        out.back().to = whole_.to;
        return out;
      }
      if (i != 0) {
        GW_ASSIGN(const Range start, record_after(begins_[i], inside, line));
        if (start.from > out.back().from && start.from < whole_.to) {
          out.back().to = start.from;
          out.push_back({start.from, whole_.to, start.line});
        }
      }
      gap = s.any_end[h] ? s.trail[h] : gap + s.lead[h];
      inside = inside != s.odd;
      line += static_cast<std::int64_t>(s.line_ends);
    }
    *complete = true;
    return out;
  }

 private:
  Result<> scan(std::size_t part) {
    ParityState& s = states_[part];
    const std::uint64_t begin = begins_[part], end = begins_[part + 1];
    s.after_end[0] = true;  // a record begins at the first part
    if (part != 0) {
      char before = 0;
      GW_TRY(bytes_.read(begin - 1, &before, 1));
      const bool quote = chars_.has_quote && before == chars_.quote;
      s.after_end[0] = quote || before == chars_.delimiter || before == '\n' || before == '\r';
      s.after_close[0] = quote;  // outside now, so it closed
      s.after_end[1] = quote;
      s.after_cr = before == '\r';
    }
    std::vector<char> text(kPiece + kPadding);
    for (std::uint64_t at = begin; at < end;) {
      GW_ASSIGN(const std::size_t got, bytes_.read(at, text.data(), static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, end - at))));
      if (got == 0) break;
      kernels().parity(text.data(), static_cast<std::uint32_t>(got), chars_, &s);
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
  std::vector<std::uint64_t> begins_;
  std::vector<ParityState> states_;
};

}  // namespace

Result<std::vector<Range>> split_table(ByteSource& bytes, const TableOptions& options, const TableHead& head, int wanted, int threads) {
  GW_ASSIGN(const Range whole, without_footer(bytes, options, head));
  std::vector<Range> out{whole};
  if (wanted <= 1 || whole.to - whole.from < static_cast<std::uint64_t>(wanted)) return out;
  if (scans_as_bytes(options, head.encoding)) {
    PartScan parts(bytes, options, whole, static_cast<std::size_t>(wanted));
    GW_TRY(parts.run(threads));
    bool complete = false;
    GW_ASSIGN(out, parts.ranges(&complete));
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
