#include "plugins/kits/sql/exact.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace godwit::sql {
namespace {

constexpr int kLargestExponent = 10000;
constexpr int kMostDigits = 38;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Sign, significant digits without leading zeros, and scale.
struct Parts {
  bool negative = false;
  std::string digits;
  int scale = 0;
};

std::optional<Parts> split_number(std::string_view text) {
  Parts out;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) out.negative = text[0] == '-', text.remove_prefix(1);
  bool any = false, fraction = false;
  std::size_t i = 0;
  for (; i < text.size() && (is_digit(text[i]) || (text[i] == '.' && !fraction)); ++i) {
    if (text[i] == '.') {
      fraction = true;
      continue;
    }
    any = true;
    if (!out.digits.empty() || text[i] != '0') out.digits += text[i];
    out.scale += fraction;
  }
  if (!any) return std::nullopt;
  if (i < text.size()) {
    if (text[i] != 'e' && text[i] != 'E') return std::nullopt;
    std::string_view rest = text.substr(i + 1);
    if (rest.starts_with('+')) rest.remove_prefix(1);
    int exponent = 0;
    const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), exponent);
    if (parsed.ec != std::errc() || parsed.ptr != rest.data() + rest.size()) return std::nullopt;
    if (exponent > kLargestExponent || exponent < -kLargestExponent) return std::nullopt;
    out.scale -= exponent;
  }
  return out;
}

std::string plain(bool negative, std::string digits, int scale) {
  if (digits.empty()) digits = "0";
  if (scale < 0) digits.append(static_cast<std::size_t>(-scale), '0'), scale = 0;
  if (const auto s = static_cast<std::size_t>(scale); digits.size() <= s) digits.insert(0, s + 1 - digits.size(), '0');
  if (scale > 0) digits.insert(digits.size() - static_cast<std::size_t>(scale), 1, '.');
  return (negative && digits.find_first_not_of("0.") != std::string::npos ? "-" : "") + digits;
}

// |a| + |b| or |a| - |b| (a not smaller) of digit strings of equal length.
std::string add_magnitudes(const std::string& a, const std::string& b, bool subtract) {
  std::string out(a.size(), '0');
  int carry = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    int d = (a[i] - '0') + (subtract ? -(b[i] - '0') : b[i] - '0') + carry;
    carry = 0;
    if (d > 9) d -= 10, carry = 1;
    if (d < 0) d += 10, carry = -1;
    out[i] = static_cast<char>('0' + d);
  }
  if (carry == 1) out.insert(0, 1, '1');
  return out;
}

// Both numbers at one scale and of one length.
void align(Parts* a, Parts* b) {
  const int scale = std::max(a->scale, b->scale);
  for (Parts* p : {a, b}) p->digits.append(static_cast<std::size_t>(scale - p->scale), '0'), p->scale = scale;
  const std::size_t length = std::max(a->digits.size(), b->digits.size());
  for (Parts* p : {a, b}) p->digits.insert(0, length - p->digits.size(), '0');
}

std::string trimmed(std::string digits) {
  if (digits.find('.') == std::string::npos) return digits;
  while (digits.back() == '0') digits.pop_back();
  if (digits.back() == '.') digits.pop_back();
  return digits == "-0" ? "0" : digits;
}

}  // namespace

std::optional<Decimal> parse_decimal(std::string_view text) {
  auto parts = split_number(text);
  if (!parts || parts->digits.size() > kMostDigits) return std::nullopt;
  Decimal out;
  for (char c : parts->digits) out.value = out.value * 10 + (c - '0');
  if (parts->negative) out.value = -out.value;
  out.scale = parts->scale;
  return out;
}

Decimal normal(Decimal d) {
  if (d.value == 0) return {};
  while (d.scale > 0 && d.value % 10 == 0) d.value /= 10, --d.scale;
  if (d.scale < 0 && d.scale >= -kMostDigits) {
    Decimal shifted = d;
    while (shifted.scale < 0 && !__builtin_mul_overflow(shifted.value, static_cast<int128>(10), &shifted.value))
      ++shifted.scale;
    if (shifted.scale == 0) return shifted;
  }
  while (d.scale < 0 && d.value % 10 == 0) d.value /= 10, --d.scale;  // one form for each number that stays large
  return d;
}

std::optional<int128> rescale(Decimal decimal, int precision, int scale) {
  Decimal d = normal(decimal);
  if (d.scale > scale || d.scale < 0) return std::nullopt;
  for (; d.scale < scale; ++d.scale)
    if (__builtin_mul_overflow(d.value, static_cast<int128>(10), &d.value)) return std::nullopt;
  int128 limit = 1;
  for (int i = 0; i < precision; ++i) limit *= 10;
  if (d.value >= limit || d.value <= -limit) return std::nullopt;
  return d.value;
}

std::string decimal_digits(Decimal d) {
  if (d.value == 0 && d.scale < 0) return "0";
  const std::string digits = decimal_text(d.value, 0);
  return plain(d.value < 0, d.value < 0 ? digits.substr(1) : digits, d.scale);
}

std::string float_digits(double value) {
  char text[1100];
  if (value == 0) return "0";
  // The shortest digits come with an exponent; spelt out they keep exactly those digits.
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific);
  const auto parts = split_number({text, static_cast<std::size_t>(end.ptr - text)});
  return parts ? plain(parts->negative, parts->digits, parts->scale) : std::string();
}

std::optional<Decimal> float_decimal(double value) {
  if (!std::isfinite(value)) return std::nullopt;
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific);
  auto out = parse_decimal({text, static_cast<std::size_t>(end.ptr - text)});
  return out ? std::optional<Decimal>(normal(*out)) : std::nullopt;
}

std::optional<double> decimal_float(Decimal decimal) {
  const Decimal wanted = normal(decimal);
  const std::string digits = decimal_digits(wanted);
  double value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (parsed.ec != std::errc()) return std::nullopt;
  const auto spelt = float_decimal(value);
  if (!spelt || spelt->value != wanted.value || spelt->scale != wanted.scale) return std::nullopt;
  return value;
}

std::optional<std::int64_t> canonical_integer(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.size() > 1 && digits[0] == '0') return std::nullopt;
  if (value == 0 && digits.size() != text.size()) return std::nullopt;  // "-0"
  return value;
}

void ExactSum::add(Decimal d) {
  int128& sum = by_scale_[d.scale];
  int128 next = 0;
  if (__builtin_add_overflow(sum, d.value, &next)) {
    overflow_ = add_digits(overflow_, decimal_digits({sum, d.scale}));
    next = d.value;
  }
  sum = next;
}

bool ExactSum::add_text(std::string_view text) {
  if (const auto d = parse_decimal(text)) {
    add(*d);
    return true;
  }
  const auto parts = split_number(text);
  if (!parts) return false;
  overflow_ = add_digits(overflow_, plain(parts->negative, parts->digits, parts->scale));
  return true;
}

std::string ExactSum::text() const {
  std::string out = overflow_;
  for (const auto& [scale, sum] : by_scale_) out = add_digits(out, decimal_digits({sum, scale}));
  return trimmed(out);
}

std::string add_digits(std::string_view left, std::string_view right) {
  Parts a = split_number(left).value_or(Parts{}), b = split_number(right).value_or(Parts{});
  align(&a, &b);
  if (a.negative == b.negative) return plain(a.negative, add_magnitudes(a.digits, b.digits, false), a.scale);
  if (a.digits < b.digits) std::swap(a, b);
  std::string digits = add_magnitudes(a.digits, b.digits, true);
  const std::size_t first = digits.find_first_not_of('0');
  digits.erase(0, first == std::string::npos ? digits.size() : first);
  return plain(a.negative, std::move(digits), a.scale);
}

int compare_digits(std::string_view left, std::string_view right) {
  Parts a = split_number(left).value_or(Parts{}), b = split_number(right).value_or(Parts{});
  align(&a, &b);
  const bool zero_a = a.digits.find_first_not_of('0') == std::string::npos;
  const bool zero_b = b.digits.find_first_not_of('0') == std::string::npos;
  if (zero_a) a.negative = false;
  if (zero_b) b.negative = false;
  if (a.negative != b.negative) return a.negative ? -1 : 1;
  const int order = a.digits.compare(b.digits);
  return a.negative ? -order : order;
}

}  // namespace godwit::sql
