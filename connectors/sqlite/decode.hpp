#pragma once
// From SQLite's cells to typed columns, without changing a value on the way.

#include <sqlite3.h>

#include <string>

#include "connectors/sqlite/settings.hpp"
#include "connectors/sqlite/table.hpp"
#include "core/model/column.hpp"

namespace godwit::sqlite {

// How the cells of one result column become values of one type. SQLite stores any class of value in any column (unless
// the table is STRICT), so that every cell is looked at: one that is no value of the type is a misfit, never a guess.
//   text          text; integers and reals as their digits
//   integer       integers; reals and texts that are exactly an integer
//   float         reals; integers that a float holds exactly; texts of digits
//   decimal(p,s)  integers, reals (as their shortest digits) and texts of digits, where they fit
//   number        the same, without limit
//   boolean       0 and 1; the texts true and false
//   binary        blobs; texts as their bytes
//   date, time, timestamps: the form that the settings name for declared columns; ISO text in all others
class Decoder {
 public:
  Decoder(Type want, const ColumnInfo& column, const Options& options);

  // Appends the cell, null included. False, and nothing appended, when it does not fit.
  bool append(sqlite3_stmt* row, int cell, ColumnBuilder* out) const;

  // The first byte at which a text cell is no UTF-8, or -1: why append() refused a text.
  static std::int64_t bad_byte(sqlite3_stmt* row, int cell);

 private:
  bool append_text(sqlite3_stmt* row, int cell, int cell_class, ColumnBuilder* out) const;
  bool append_number(sqlite3_stmt* row, int cell, int cell_class, ColumnBuilder* out) const;
  bool append_time(sqlite3_stmt* row, int cell, int cell_class, ColumnBuilder* out) const;

  Type want_;
  DateForm dates_;
  TimestampForm timestamps_;
};

// The cell as people would write it, shortened, for messages: text in quotes, "blob of 12 bytes".
std::string cell_excerpt(sqlite3_stmt* row, int cell);

}  // namespace godwit::sqlite
