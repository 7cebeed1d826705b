#include "core/model/exact_number.hpp"

#include <algorithm>
#include <cstddef>

namespace godwit {
namespace {

constexpr std::size_t kMostDigits = 400;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void drop_leading_zeros(std::string& digits) {
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
}

// Both as many digits long as the longer one.
void align(std::string& a, std::string& b) {
  const std::size_t length = std::max(a.size(), b.size());
  a.insert(0, length - a.size(), '0');
  b.insert(0, length - b.size(), '0');
}

std::string add_digits(std::string a, std::string b) {
  align(a, b);
  int carry = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    const int sum = (a[i] - '0') + (b[i] - '0') + carry;
    a[i] = static_cast<char>('0' + sum % 10);
    carry = sum / 10;
  }
  if (carry != 0) a.insert(0, 1, '1');
  return a;
}

// a - b, where a >= b.
std::string subtract_digits(std::string a, std::string b) {
  align(a, b);
  int borrow = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    const int rest = (a[i] - '0') - (b[i] - '0') - borrow;
    borrow = rest < 0 ? 1 : 0;
    a[i] = static_cast<char>('0' + rest + 10 * borrow);
  }
  return a;
}

int compare_digits(std::string a, std::string b) {
  align(a, b);
  return a.compare(b) < 0 ? -1 : a == b ? 0 : 1;
}

}  // namespace

std::optional<ExactNumber> ExactNumber::parse(std::string_view text) {
  ExactNumber out;
  std::size_t at = 0;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) out.negative_ = text[at++] == '-';
  bool seen_digit = false, behind_point = false;
  for (; at < text.size() && (is_digit(text[at]) || text[at] == '.'); ++at) {
    if (text[at] == '.') {
      if (behind_point) return std::nullopt;
      behind_point = true;
      continue;
    }
    seen_digit = true;
    out.digits_ += text[at];
    if (behind_point) ++out.scale_;
    if (out.digits_.size() > 2 * kMostDigits) return std::nullopt;
  }
  if (!seen_digit) return std::nullopt;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    bool down = false;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) down = text[at++] == '-';
    int exponent = 0;
    if (at == text.size()) return std::nullopt;
    for (; at < text.size() && is_digit(text[at]); ++at) {
      exponent = exponent * 10 + (text[at] - '0');
      if (exponent > static_cast<int>(kMostDigits)) return std::nullopt;
    }
    out.scale_ += down ? exponent : -exponent;
    if (out.scale_ < 0) out.digits_.append(static_cast<std::size_t>(-out.scale_), '0'), out.scale_ = 0;
  }
  if (at != text.size()) return std::nullopt;
  drop_leading_zeros(out.digits_);
  if (out.scale_ > static_cast<int>(kMostDigits) ||
      static_cast<int>(out.digits_.size()) - out.scale_ > static_cast<int>(kMostDigits))
    return std::nullopt;
  if (out.digits_.empty()) out.negative_ = false;
  return out;
}

std::string ExactNumber::to_string() const {
  std::string digits = digits_;
  const std::size_t least = static_cast<std::size_t>(scale_) + 1;
  if (digits.size() < least) digits.insert(0, least - digits.size(), '0');
  if (scale_ > 0) digits.insert(digits.size() - static_cast<std::size_t>(scale_), 1, '.');
  return negative_ ? "-" + digits : digits;
}

ExactNumber ExactNumber::negated() const {
  ExactNumber out = *this;
  out.negative_ = !is_zero() && !negative_;
  return out;
}

ExactNumber ExactNumber::magnitude() const {
  ExactNumber out = *this;
  out.negative_ = false;
  return out;
}

ExactNumber operator+(const ExactNumber& a, const ExactNumber& b) {
  ExactNumber out;
  out.scale_ = std::max(a.scale_, b.scale_);
  std::string left = a.digits_, right = b.digits_;
  left.append(static_cast<std::size_t>(out.scale_ - a.scale_), '0');
  right.append(static_cast<std::size_t>(out.scale_ - b.scale_), '0');
  if (a.negative_ == b.negative_) {
    out.digits_ = add_digits(std::move(left), std::move(right));
    out.negative_ = a.negative_;
  } else if (compare_digits(left, right) >= 0) {
    out.digits_ = subtract_digits(std::move(left), std::move(right));
    out.negative_ = a.negative_;
  } else {
    out.digits_ = subtract_digits(std::move(right), std::move(left));
    out.negative_ = b.negative_;
  }
  drop_leading_zeros(out.digits_);
  if (out.digits_.empty()) out.negative_ = false;
  return out;
}

int ExactNumber::compare(const ExactNumber& a, const ExactNumber& b) {
  const ExactNumber difference = a - b;
  return difference.is_zero() ? 0 : difference.is_negative() ? -1 : 1;
}

}  // namespace godwit
