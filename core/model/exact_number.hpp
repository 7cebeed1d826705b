#pragma once
// Exact decimal arithmetic on numbers of any length, for sums of money: control totals, reports, tolerances.
// Slow and small; columns of numbers use decimal128 (core/model/column.hpp).

#include <optional>
#include <string>
#include <string_view>

namespace godwit {

class ExactNumber {
 public:
  ExactNumber() = default;  // 0

  // "-1234.50", "+7", ".5", "1.5e3". Digits are ASCII; no grouping, no spaces; nullopt for anything else. The
  // scale as written is kept (1.50 has two places). At most 400 digits before and after the point.
  static std::optional<ExactNumber> parse(std::string_view text);

  // The number without exponent, with exactly scale() places; zero never has a sign.
  std::string to_string() const;

  int scale() const { return scale_; }
  bool is_zero() const { return digits_.empty(); }
  bool is_negative() const { return negative_; }
  ExactNumber negated() const;
  ExactNumber magnitude() const;

  // The result has the larger of both scales.
  friend ExactNumber operator+(const ExactNumber& a, const ExactNumber& b);
  friend ExactNumber operator-(const ExactNumber& a, const ExactNumber& b) { return a + b.negated(); }

  // By value: 1.5 equals 1.50.
  static int compare(const ExactNumber& a, const ExactNumber& b);
  friend bool operator==(const ExactNumber& a, const ExactNumber& b) { return compare(a, b) == 0; }
  friend bool operator<(const ExactNumber& a, const ExactNumber& b) { return compare(a, b) < 0; }
  friend bool operator<=(const ExactNumber& a, const ExactNumber& b) { return compare(a, b) <= 0; }

 private:
  std::string digits_;  // without leading zeros, most significant first; "" is zero
  int scale_ = 0;       // how many of the digits stand behind the point
  bool negative_ = false;
};

}  // namespace godwit
