#pragma once
// Sums of money: exact, whatever the number of rows.

#include <cstdint>
#include <string>

#include "core/model/column.hpp"

namespace godwit {

// Adds decimals of different scales without rounding. Sums beyond 38 digits are flagged, not wrapped.
class ExactSum {
 public:
  void add(int128 value, int scale) {
    align(scale);
    for (int s = scale; s < scale_; ++s)
      if (__builtin_mul_overflow(value, int128{10}, &value)) overflow_ = true;
    if (__builtin_add_overflow(sum_, value, &sum_)) overflow_ = true;
    ++rows_;
  }
  // Value i of a numeric column; null adds nothing. A number_text or float is added by its decimal digits.
  void add(const Column& column, std::int64_t i) {
    if (column.is_null(i)) return;
    if (column.type.id == TypeId::int64) return add(column.int64(i), 0);
    if (column.type.id == TypeId::decimal128) return add(column.decimal(i), column.type.scale);
    add_text(value_text(column, i));
  }
  // "-12.30"; texts with an exponent or with more than 38 digits flag the sum.
  void add_text(std::string_view text) {
    bool negative = false, fraction = false;
    int128 value = 0;
    int scale = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      const char c = text[at];
      if (at == 0 && (c == '-' || c == '+')) negative = c == '-';
      else if (c == '.' && !fraction) fraction = true;
      else if (c < '0' || c > '9') overflow_ = true;
      else if (__builtin_mul_overflow(value, int128{10}, &value) || __builtin_add_overflow(value, int128{c - '0'}, &value)) overflow_ = true;
      else scale += fraction;
    }
    if (text.empty()) return;
    add(negative ? -value : value, scale);
  }
  std::int64_t rows() const { return rows_; }
  // Numbers that no 38 digits hold were met: text() cannot be trusted.
  bool overflow() const { return overflow_; }
  std::string text() const { return decimal_text(sum_, scale_); }

 private:
  void align(int scale) {
    for (; scale_ < scale; ++scale_)
      if (__builtin_mul_overflow(sum_, int128{10}, &sum_)) overflow_ = true;
  }
  int128 sum_ = 0;
  int scale_ = 0;
  std::int64_t rows_ = 0;
  bool overflow_ = false;
};

}  // namespace godwit
