#pragma once
// Rows as delimited text, which the same dialect reads back as they were.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/column.hpp"
#include "plugins/kits/delimited/dialect.hpp"
#include "plugins/kits/delimited/encoding.hpp"

namespace godwit::delimited {

enum class Quoting {
  needed,  // fields that would be read differently without
  text,    // and every text that is not null
  all,     // every field that is not null
};

struct WriteStyle {
  Quoting quoting = Quoting::needed;
  std::string record_end = "\n";
  // An apostrophe before texts that a spreadsheet would take for a formula: those that begin with = + - @ tab CR or the
  // full-width forms. Texts of + or - and digits, blanks and .,()/- are phone numbers and negative numbers, and stay.
  bool formula_guard = false;
};

// Why a row cannot be written.
struct Unwritable {
  enum class Reason { none, no_such_character, needs_quotes, holds_nul };
  Reason reason = Reason::none;
  std::size_t column = 0;
  std::string seen;  // the character, or the beginning of the value
};

class RowWriter {
 public:
  // Errors: GW-1050, 1051.
  static Result<std::unique_ptr<RowWriter>> make(const Dialect& dialect, const Encoding& encoding, const WriteStyle& style);

  // Appends a row in the file's encoding: value `row` of each column, `absent(c)` ones and nulls as the dialect's first
  // null token (an empty field where it has none). What cannot be written is told, and `out` is then as it was.
  Unwritable append(const std::vector<Column>& columns, std::int64_t row, const std::vector<bool>& absent, std::string* out);
  // A row of texts: the header.
  Unwritable append(const std::vector<std::string>& texts, std::string* out);
  // The byte order mark of the encoding; "" where it has none.
  static std::string byte_order_mark(const Encoding& encoding);

 private:
  RowWriter(const Dialect& dialect, const WriteStyle& style, std::unique_ptr<Encoder> encoder);
  Unwritable::Reason field(std::string_view value, bool text, bool first, bool only, bool guard);
  void null_field(bool only);
  bool needs_quotes(std::string_view value, bool first, bool only) const;
  void escaped(std::string_view value);
  Unwritable finish(std::string* out);

  const Dialect dialect_;
  const WriteStyle style_;
  const std::unique_ptr<Encoder> encoder_;
  std::string value_, line_;            // UTF-8; memory is reused
  std::vector<std::size_t> field_ends_; // in line_, to name the column of a character
};

}  // namespace godwit::delimited
