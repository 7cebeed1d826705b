#pragma once
// From typed columns to SQLite's cells. What a column would alter is refused here, before SQLite sees it.

#include <sqlite3.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/sqlite/settings.hpp"
#include "connectors/sqlite/table.hpp"
#include "core/model/column.hpp"
#include "core/model/exchange.hpp"

namespace godwit::sqlite {

// Why one value does not go into its column; `number` is one of sql::RefusalNumber.
struct Fault {
  int number = 0;
  std::string seen, expected;
};

// One value, ready to be bound.
struct Cell {
  enum class Kind : std::uint8_t { null, integer, real, text, blob, fault };
  Kind kind = Kind::null;
  std::int64_t integer = 0;
  double real = 0;
  std::string_view bytes;          // of a text that the column itself holds
  std::size_t made = 0, size = 0;  // of a text that was made: where it stands in the arena, which moves as it grows
  bool in_arena = false;
};

// How one column of a request is written into one column of a table.
//   into a number column    integers and decimals exactly: as INTEGER where they fit, else as the float whose shortest
//                           digits are the number's; a number that neither holds is refused
//   into a text column      texts as they are; other values as people read them (12.50, true, 2024-01-31)
//   into DATE, TIMESTAMP …  in the form that the settings name
//   texts into a column that would turn them into numbers ('007' into NUMERIC) are refused
// Texts must be valid UTF-8 without NUL and not longer than a declared VARCHAR(n).
class Encoder {
 public:
  // Nullopt when no value of the type could ever go into the column.
  static std::optional<Encoder> plan(Type from, const ColumnInfo& to, const Options& options);

  // Looks at rows [from, from + length) of `column`. A fault is reported for each row that has one.
  template <typename OnFault>
  void load(const Column& column, std::int64_t from, std::int64_t length, OnFault on_fault) {
    column_ = &column, first_ = from;
    load_cells(length);
    for (std::size_t i = 0; i < faults_.size(); ++i) on_fault(faults_[i].first, faults_[i].second);
  }

  // Calls one of sink.null(), .integer(v), .real(v), .text(view), .blob(view) for row `from + i` of the last load().
  // Views live until the next load(), as long as the column does.
  template <typename Sink>
  void put(std::int64_t i, Sink sink) const {
    const std::int64_t row = first_ + i;
    if (how_ == How::texts) {  // the usual case first
      if (column_->is_null(row)) return sink.null();
      return sink.text(column_->text(row));
    }
    if (how_ == How::cells) return put_cell(cells_[static_cast<std::size_t>(i)], sink);
    if (column_->is_null(row)) return sink.null();
    switch (how_) {
      case How::blobs:
        return sink.blob(column_->text(row));
      case How::integers:
        return sink.integer(column_->int64(row));
      case How::reals:
        return sink.real(column_->float64(row));
      default:
        return sink.null();
    }
  }

  bool is_null(std::int64_t i) const { return column_->is_null(first_ + i); }
  // Value as people read it, for messages.
  std::string value_text(std::int64_t i) const { return godwit::value_text(*column_, first_ + i); }

 private:
  using Convert = std::optional<Fault> (Encoder::*)(std::int64_t row, Cell* cell);
  enum class How : std::uint8_t { nothing, texts, blobs, integers, reals, cells };

  template <typename Sink>
  void put_cell(const Cell& cell, Sink sink) const {
    switch (cell.kind) {
      case Cell::Kind::integer:
        return sink.integer(cell.integer);
      case Cell::Kind::real:
        return sink.real(cell.real);
      case Cell::Kind::text:
        return sink.text(bytes_of(cell));
      case Cell::Kind::blob:
        return sink.blob(bytes_of(cell));
      default:
        return sink.null();
    }
  }
  std::string_view bytes_of(const Cell& cell) const {
    return cell.in_arena ? std::string_view(arena_).substr(cell.made, cell.size) : cell.bytes;
  }

  void load_cells(std::int64_t length);
  bool all_fit_as_they_are(std::int64_t length) const;
  std::optional<Fault> text_fault(std::string_view text) const;
  void set_text(std::string_view text, Cell* cell);

  std::optional<Fault> convert_text(std::int64_t row, Cell* cell);
  std::optional<Fault> convert_to_text(std::int64_t row, Cell* cell);
  std::optional<Fault> convert_number(std::int64_t row, Cell* cell);
  std::optional<Fault> convert_boolean(std::int64_t row, Cell* cell);
  std::optional<Fault> convert_time(std::int64_t row, Cell* cell);
  std::optional<Fault> convert_time_text(std::int64_t row, Cell* cell);

  Type from_, to_;
  Affinity affinity_ = Affinity::blob;
  std::optional<std::int64_t> longest_;
  DateForm dates_ = DateForm::iso;
  TimestampForm timestamps_ = TimestampForm::iso;
  How direct_ = How::cells;    // what load() uses when no value needs a change
  Convert convert_ = nullptr;  // otherwise

  How how_ = How::nothing;
  const Column* column_ = nullptr;
  std::int64_t first_ = 0;
  std::vector<Cell> cells_;
  std::string arena_;
  std::vector<std::pair<std::int64_t, Fault>> faults_;
};

// Binds to parameter `index` of a statement; texts and blobs are not copied.
struct BindSink {
  sqlite3_stmt* statement;
  int index;
  void null() const { sqlite3_bind_null(statement, index); }
  void integer(std::int64_t v) const { sqlite3_bind_int64(statement, index, v); }
  void real(double v) const { sqlite3_bind_double(statement, index, v); }
  void text(std::string_view v) const {
    sqlite3_bind_text64(statement, index, v.data(), v.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  void blob(std::string_view v) const { sqlite3_bind_blob64(statement, index, v.data(), v.size(), SQLITE_STATIC); }
};

// Answers a cell of a virtual table; texts and blobs are not copied.
struct ResultSink {
  sqlite3_context* context;
  void null() const { sqlite3_result_null(context); }
  void integer(std::int64_t v) const { sqlite3_result_int64(context, v); }
  void real(double v) const { sqlite3_result_double(context, v); }
  void text(std::string_view v) const {
    sqlite3_result_text64(context, v.data(), v.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  void blob(std::string_view v) const { sqlite3_result_blob64(context, v.data(), v.size(), SQLITE_STATIC); }
};

}  // namespace godwit::sqlite
