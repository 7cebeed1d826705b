#pragma once
// A text as a stream of records: long runs of regular ones, where the scanner sufficed, and single ones, where the
// record parser had to decide. Reads a window of the text at a time; memory follows the longest record, not the text.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/buffer.hpp"
#include "core/model/result.hpp"
#include "plugins/kits/delimited/dialect.hpp"
#include "plugins/kits/delimited/record_parser.hpp"
#include "plugins/kits/delimited/scan.hpp"
#include "plugins/kits/delimited/source.hpp"

namespace godwit::delimited {

// Regular records that follow one another, all of the expected width. Field f of record r is
//   text[ends[first[r] + f - 1] + 1, ends[first[r] + f])
// where the positions are the ends without their two upper bits (scan.hpp). Quoted, by kQuotedEnd: the value is what stands between the
// first and the last byte, with doubled quotes if kDoubledEnd says so. Memory belongs to the stream and holds until its next call;
// kPadding bytes may be read behind the last field.
struct Run {
  const char* text = nullptr;
  const std::uint32_t* ends = nullptr;
  const std::uint32_t* first = nullptr;
  const std::int64_t* offsets = nullptr;  // of each record's first byte in the source
  const std::int64_t* lines = nullptr;    // its line, from 1
  std::uint32_t count = 0, width = 0;
  std::uint32_t stride = 0;  // first[r + 1] - first[r] where that is the same for all records, else 0

  // Where a record's text begins, and where it ends, without its record end.
  std::uint32_t begin(std::uint32_t record) const { return (ends[static_cast<std::int64_t>(first[record]) - 1] + 1) & kEndPosition; }
  std::uint32_t end(std::uint32_t record) const { return ends[first[record] + width - 1] & kEndPosition; }
};

// Why a record is not readable.
struct BadRecord {
  int number = 0;  // GW number
  std::vector<Argument> arguments;
  std::string raw;  // its bytes in the source, at most 64 KiB
};

class RecordStream {
 public:
  enum class Found {
    run,     // run()
    record,  // record(): as many fields as expected, after padding
    bad,     // bad()
    end,
  };
  // Bytes of text held at a time; tests make it small.
  static constexpr std::uint32_t kWindow = 256 << 10;

  // Reads from where `source` begins, which is the beginning of a record in line `line`.
  RecordStream(const Dialect& dialect, TextSource source, std::int64_t line, std::uint32_t window = kWindow);

  // Fields that a record must have; 0 (at first): any number, and every record comes singly.
  void expect_width(std::uint32_t width) { width_ = width, scanned_ = false; }
  // The text of the header record: a record that equals it is bad with GW-1008.
  void expect_no_header(std::string header) { header_ = std::move(header); }

  // The next records, at most `most` of them in a run and about `bytes` bytes.
  Result<Found> next(std::uint32_t most = 1u << 30, std::uint64_t bytes = std::uint64_t{1} << 40);
  // Goes to the next line, whatever stands in this one. False at the end.
  Result<bool> skip_line();

  const Run& run() const { return run_; }
  const ParsedRecord& record() const { return record_; }
  const BadRecord& bad() const { return bad_; }
  // Of the record() or bad() record just found.
  std::int64_t offset() const { return found_offset_; }
  std::int64_t line() const { return found_line_; }
  // Its text without the record end, as UTF-8 where it is. Valid until the next call.
  std::string_view raw_text() const { return {text_.as_chars() + found_at_, found_size_}; }
  // Where the next record begins.
  std::int64_t next_offset() { return static_cast<std::int64_t>(source_.offset_of(base_ + at_)); }
  std::int64_t next_line() const { return line_; }
  std::uint64_t bytes_read() const { return source_.at() - source_.from(); }

 private:
  struct Text : MutableBuffer {
    char* chars() { return as<char>(); }
    const char* as_chars() const { return reinterpret_cast<const char*>(data()); }
  };
  enum class One { found, skipped, need_more };

  Result<> refill();
  void scan();
  bool collect(std::uint32_t most, std::uint64_t bytes);
  std::uint32_t record_first(std::uint32_t record) const;
  bool suits(std::uint32_t start, std::uint32_t end) const;
  Result<One> one(Found* found);
  Result<One> judge(Found* found);
  Result<> set_bad(int number, std::vector<Argument> arguments);
  Result<> set_raw(std::uint64_t end);
  Result<> skip_open_record();
  void advance(std::uint32_t size, std::uint32_t line_ends);
  bool all_read() const { return source_.done(); }

  const Dialect dialect_;
  TextSource source_;
  ScanChars chars_;
  const ScanKernels& kernels_;
  std::uint32_t window_, width_ = 0;
  std::string header_;

  Text text_;                        // size() bytes of text, and padding behind them
  std::uint32_t size_ = 0, at_ = 0;  // text in the window; where the next record begins
  std::uint64_t base_ = 0;           // position of the window's first byte in the whole text
  std::int64_t line_ = 1;            // of the next record

  // What the scanner found from scan_from_ on; records from cursor_ on are not yet given out.
  bool scanned_ = false, irregular_ = false, check_utf8_ = false, check_nul_ = false, carriage_returns_ = false;
  std::uint32_t scanned_records_ = 0, cursor_ = 0;
  std::int64_t scan_line_ = 1;
  MutableBuffer ends_, last_, lines_;

  Run run_;
  std::vector<std::uint32_t> run_first_;
  std::vector<std::int64_t> run_offsets_, run_lines_;
  ParsedRecord record_;
  BadRecord bad_;
  std::int64_t found_offset_ = 0, found_line_ = 0;
  std::uint32_t found_at_ = 0, found_size_ = 0;
};

}  // namespace godwit::delimited
