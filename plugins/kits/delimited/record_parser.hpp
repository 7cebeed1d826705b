#pragma once
// The exact meaning of one record, for every dialect: what the scanner hands over, and what decides where the two
// could differ.
//
// Rules beyond RFC 4180:
//  - A quote inside an unquoted field is a character like others: 5" pipe.
//  - Text after a closing quote is malformed ("ab"c). Malformed::keep takes the whole field as it stands.
//  - A quote that is never closed, a quoted field longer than max_field_bytes, and a closing quote with text behind
//    it after line ends inside the quotes all say that a quote stands alone somewhere. The record then ends at the
//    first line end after the opening quote, and reading goes on at the next line: one stray quote costs one line.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/kits/delimited/dialect.hpp"

namespace godwit::delimited {

// Row errors, core/model/catalogue/delimited.def.
inline constexpr int kTooFewFields = 1001, kTooManyFields = 1002, kInvalidBytes = 1003, kNulByte = 1004,
                     kTextAfterQuote = 1005, kOpenQuote = 1006, kFieldTooLong = 1007, kHeaderAgain = 1008,
                     kCutByPlannedEnd = 1009;

struct FieldSpan {
  std::uint32_t begin = 0, size = 0;  // in ParsedRecord::values
  bool quoted = false;
  bool null = false;
};

struct ParsedRecord {
  enum class Kind {
    record,     // `fields` are its values
    blank,      // a line of nothing
    comment,
    bad,        // not readable: `error`
    bad_open,   // as bad, but it goes on to the next line end, which is not in the text
    need_more,  // the text ends before the record does
  };
  Kind kind = Kind::need_more;
  std::uint32_t size = 0;  // bytes up to the next record
  std::uint32_t line_ends = 0;  // within them
  std::vector<FieldSpan> fields;
  std::string values;      // the fields' bytes, unescaped
  int error = 0;           // GW number
  std::uint32_t error_field = 0;  // from 1
  std::uint32_t error_at = 0;     // byte within the record

  std::string_view value(std::size_t i) const { return {values.data() + fields[i].begin, fields[i].size}; }
};

// Parses the record that begins at text[0] into `out`, whose memory is reused. `at_end`: nothing follows the text.
// An empty text at the end is need_more. Values are not checked for NUL and valid UTF-8 here.
void parse_record(const Dialect& dialect, std::string_view text, bool at_end, ParsedRecord* out);

// Line ends in the text: LF, CR LF and CR.
std::uint32_t count_line_ends(std::string_view text);

// Position after the first record end at or behind `from`, whether inside quotes or not, or npos. A CR at the very
// end counts only when `at_end`: a LF may follow.
std::size_t after_record_end(const Dialect& dialect, std::string_view text, std::size_t from, bool at_end);

}  // namespace godwit::delimited
