#pragma once
// Values on their way through an expression, and the rows they are wanted for.

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/expr/expression.hpp"
#include "core/model/column.hpp"

namespace godwit::expr {

// What a node answers: a column as long as the batch, of which only the wanted rows mean anything, or one value
// for all rows.
struct Vector {
  Column column;
  bool constant = false;  // the column has one value
  Buffer set;             // bit per value, 0 = unset; empty: all set

  std::int64_t at(std::int64_t row) const { return constant ? 0 : row; }
  bool is_null(std::int64_t row) const { return column.is_null(at(row)); }
  bool is_set(std::int64_t row) const { return !set || bit_is_set(set.data(), at(row)); }
  bool is_constant_null() const { return constant && column.is_null(0); }
};

// Ascending rows of a batch: all of them, or those of a list that outlives this object.
class Rows {
 public:
  Rows() = default;
  explicit Rows(const std::vector<std::int32_t>& list) : list_(&list) {}
  bool all() const { return list_ == nullptr; }
  const std::vector<std::int32_t>& list() const { return *list_; }

 private:
  const std::vector<std::int32_t>* list_ = nullptr;
};

// One evaluation of an expression: its input, and the rows that failed or wait so far. Used by one thread.
class Run {
 public:
  explicit Run(const EvalInput& in) : input(in) {}

  const EvalInput& input;
  std::vector<RowError> errors;
  std::vector<std::int64_t> pending;

  std::int64_t size() const { return input.rows; }
  std::int64_t count(Rows rows) const { return rows.all() ? size() : static_cast<std::int64_t>(rows.list().size()); }
  // The rows one by one; f(row) with a 64-bit row.
  template <typename F>
  void each(Rows rows, F&& f) const {
    if (rows.all()) {
      for (std::int64_t row = 0, n = size(); row < n; ++row) f(row);
    } else {
      for (const std::int32_t row : rows.list()) f(static_cast<std::int64_t>(row));
    }
  }
  // The rows as a list, also when they are all.
  const std::vector<std::int32_t>& listed(Rows rows);

  // Counts bytes of text made on the way. False when it is more than a sane mapping makes of such a batch: a pipe of
  // repeat() calls would otherwise take the machine's memory.
  bool may_make(std::size_t bytes);

  // A row that failed or waits takes part in nothing that is evaluated after it.
  void fail(std::int64_t row, Error error);
  void wait(std::int64_t row);
  // Takes back fail(), for try().
  void forgive(std::int64_t row);
  bool is_stopped(std::int64_t row) const { return !stopped_.empty() && stopped_[static_cast<std::size_t>(row)] != 0; }
  std::size_t stopped() const { return stopped_count_; }
  // `rows` without the stopped ones. `before` is stopped() at the time when `rows` were chosen.
  Rows live(Rows rows, std::size_t before, std::vector<std::int32_t>& store) const;

 private:
  void stop(std::int64_t row);

  std::vector<std::uint8_t> stopped_;  // per row, once one is
  std::size_t stopped_count_ = 0;
  std::size_t made_ = 0, most_ = 0;
  std::vector<std::int32_t> all_;
};

// ---- building columns ----

// `size` bytes of one value.
MutableBuffer filled(std::size_t size, std::uint8_t byte);
inline MutableBuffer zeroed(std::size_t size) { return filled(size, 0); }

// One null for all rows.
Vector null_vector(Type type);

// The validity of a value that is null where any of the operands is: shares a bitmap where it can.
Buffer common_validity(const Vector& a, const Vector& b, std::int64_t rows);

// A bitmap with bit `row` set where f(row); other rows are 0.
template <typename F>
Buffer bitmap_of(const Run& run, Rows rows, F&& f) {
  const std::int64_t n = run.size();
  if (!rows.all()) {
    MutableBuffer out = zeroed(bitmap_bytes(n));
    for (const std::int32_t row : rows.list())
      if (f(static_cast<std::int64_t>(row))) set_bit(out.data(), row);
    return out.finish();
  }
  MutableBuffer out(bitmap_bytes(n));
  std::uint8_t* bytes = out.data();
  const std::int64_t whole = n / 8;
  for (std::int64_t b = 0; b < whole; ++b) {
    unsigned byte = 0;
    for (int k = 0; k < 8; ++k) byte |= static_cast<unsigned>(static_cast<bool>(f(b * 8 + k))) << k;
    bytes[b] = static_cast<std::uint8_t>(byte);
  }
  if (whole * 8 < n) {
    unsigned byte = 0;
    for (std::int64_t row = whole * 8; row < n; ++row) byte |= static_cast<unsigned>(static_cast<bool>(f(row))) << (row - whole * 8);
    bytes[whole] = static_cast<std::uint8_t>(byte);
  }
  return out.finish();
}

// Writes texts row by row in ascending order; rows in between come out empty. A text that would make the column
// larger than its offsets can say (2 GB) fails its row.
class TextColumn {
 public:
  TextColumn(Run& run, Type type);
  // Room for a text of at most `bytes` bytes at the end, or null when the row had to fail.
  char* room(std::int64_t row, std::size_t bytes);
  // The text of `row` takes `bytes` bytes of that room.
  void done(std::int64_t row, std::size_t bytes);
  void append(std::int64_t row, std::string_view text);
  Column finish(Buffer validity);

 private:
  void fill_to(std::int64_t row);

  Run& run_;
  Type type_;
  MutableBuffer offsets_, bytes_;
  std::int64_t next_ = 0;
};

// `dense` has one value per row of `rows`: the same values at their places in a column of the batch's length.
Column scatter(const Column& dense, std::span<const std::int32_t> rows, std::int64_t length);

// The column with nulls where `keep` (a bitmap) is 0.
Column with_nulls(Column column, const std::uint8_t* keep);

// One value for all rows becomes a column of `rows` rows.
Column repeated(const Column& one, std::int64_t rows);

// A part of a column that is put together from several: values of `vector` at `rows`.
struct Part {
  Vector vector;
  std::vector<std::int32_t> rows;
};
// The parts in one column of the type; rows in no part are null. Texts that do not fit fail their row.
Vector merged(Run& run, Type type, std::span<const Part> parts);

}  // namespace godwit::expr
