#pragma once
// How a delimited text is written: the declared dialect. Nothing is guessed.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/result.hpp"

namespace godwit::delimited {

enum class Ragged {
  set_aside,  // a record with another number of fields is unreadable
  pad,        // short records get nulls; surplus fields are dropped when all are empty, else unreadable
};
enum class Malformed {
  set_aside,  // a record with malformed quotes is unreadable, and reading goes on at the next record
  keep,       // the field is taken as it stands, quotes included
};
enum class Nul {
  set_aside,  // a record with a NUL byte is unreadable
  remove,     // NUL bytes are taken out of the values
  keep,       // NUL bytes are part of the values
};

// Text in the members is UTF-8, whatever the encoding of the file.
struct Dialect {
  std::string delimiter = ",";   // one character or more
  char quote = '"';              // an ASCII character; 0: quotes mean nothing
  char escape = 0;               // an ASCII character that takes the next one literally; 0: quotes are doubled
  bool escape_letters = false;   // \n \r \t \b \0 \Z are control characters, an unquoted \N is null (MySQL, PostgreSQL)
  std::string record_end;        // ""; LF, CR LF and CR in any mixture end a record; else only this text does
  std::string comment;           // records that begin with it are no records; "": none
  bool skip_initial_space = false;  // spaces after a delimiter are not data
  bool trim = false;                // nor are spaces and tabs around a field (inside quotes they are)
  std::vector<std::string> nulls;   // unquoted fields that mean null; "" among them: the empty field
  Ragged ragged = Ragged::set_aside;
  Malformed malformed = Malformed::set_aside;
  Nul nul = Nul::set_aside;
  std::int64_t max_field_bytes = std::int64_t{128} << 20;  // UTF-8 bytes of one field, at most kLargestField

  // Whether the vectorised scanner finds the fields: one-byte delimiter, doubled quotes or none, plain record ends.
  // Every other dialect is read by the record parser alone, several times slower.
  bool is_plain() const { return delimiter.size() == 1 && escape == 0 && record_end.empty(); }
};

// A column's bytes are addressed by 31 bits.
inline constexpr std::int64_t kLargestField = std::int64_t{1} << 30;

// GW-1050 (bad_config, "setting", "seen", "expected") for a dialect that contradicts itself: characters that clash, an
// empty delimiter, one that holds a line end, a quote that is no ASCII character.
Result<> check(const Dialect& dialect);

// "tab" "\t" "comma" "semicolon" "pipe" "space" "\x1f" and any literal text; gives the characters themselves.
std::string parse_characters(std::string_view written);

}  // namespace godwit::delimited
