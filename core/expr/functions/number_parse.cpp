// The long way of reading a number: currency marks, accounting parentheses, full-width digits, Chinese units.

#include "core/expr/functions/number_parse.hpp"

#include <unicode/uchar.h>

#include <array>

#include "core/expr/functions/number_locale.hpp"

namespace godwit::fn {
namespace {

// No number that fits 38 digits needs more characters, even with groups and marks.
constexpr std::size_t kMostCharacters = 128;

// Full-width forms as their ASCII selves, all minus signs as one, all spaces as one.
char32_t plain(char32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E) return c - 0xFEE0;
  if (c == 0x2212 || c == 0x2013 || c == 0x2010 || c == 0x2011) return U'-';
  if (c == 0x066A) return U'%';
  return c;
}

int digit_of(char32_t c) {
  if (c < 0x80) return c >= '0' && c <= '9' ? static_cast<int>(c - '0') : -1;
  return u_charDigitValue(static_cast<UChar32>(c));
}

class Parser {
 public:
  Parser(std::string_view text, const NumberFormat& format) : format_(format) {
    const std::string_view body = trimmed(text);
    const auto from = static_cast<std::size_t>(body.data() - text.data());
    skipped_ = count_characters(text.substr(0, from));
    for (std::size_t at = 0; at < body.size(); ++size_) {
      if (size_ == kMostCharacters) {
        too_long_ = true;
        return;
      }
      characters_[size_] = plain(next_character(body, at));
    }
  }

  NumberFault parse(Exact* out) {
    if (too_long_) return fault(1250, size_);
    bool negative = false, parenthesis = false, sign = false, mark = false;
    for (;;) {  // what stands before the digits, in any order, each once
      skip_spaces();
      if (!sign && !parenthesis && (peek() == U'-' || peek() == U'+')) {
        sign = true, negative = peek() == U'-', ++at_;
      } else if (!sign && !parenthesis && peek() == U'(') {
        sign = parenthesis = negative = true, ++at_;
      } else if (!mark && currency()) {
        mark = true;
      } else {
        break;
      }
    }
    if (fault_.number != 0) return fault_;
    if (!digits(out) || !units(out)) return fault_;
    bool percent = false;
    while (at_ < size_) {
      skip_spaces();
      if (peek() == U')' && parenthesis) {
        parenthesis = false, ++at_;
      } else if (peek() == U'-' && !sign) {
        sign = negative = true, ++at_;
      } else if (peek() == U'%' && !percent) {
        if (!format_.percent) return fault(1256, at_);
        percent = true, ++at_;
        out->scale += 2;
      } else if (!mark && currency()) {
        mark = true;
      } else {
        return fault_.number != 0 ? fault_ : fault(1250, at_);
      }
    }
    if (parenthesis) return fault(1250, at_);
    if (negative) out->value = -out->value;
    return {};
  }

 private:
  char32_t peek() const { return at_ < size_ ? characters_[at_] : 0; }
  void skip_spaces() {
    while (at_ < size_ && is_space(characters_[at_])) ++at_;
  }
  NumberFault fault(int number, std::size_t at) {
    fault_ = {number, skipped_ + static_cast<std::int64_t>(at) + 1, {}};
    if (at < size_) append_character(fault_.character, characters_[at]);
    return fault_;
  }
  bool fail_at(int number, std::size_t at) {
    fault(number, at);
    return false;
  }

  bool currency() {
    const std::u32string_view rest(characters_.data() + at_, size_ - at_);
    const std::size_t n = currency_mark_length(rest);
    if (n == 0) return false;
    if (!format_.marks.empty() && format_.marks.count(std::u32string(rest.substr(0, n))) == 0) {
      fault(1255, at_);
      fault_.character.clear();
      for (const char32_t c : rest.substr(0, n)) append_character(fault_.character, c);
      return false;
    }
    at_ += n;
    return true;
  }

  // Digits in right groups, a fraction, an exponent.
  bool digits(Exact* out) {
    int run = 0, groups = 0, count = 0, first = 0;
    char32_t separator = 0;
    bool all_threes = true, all_twos = true;
    for (; at_ < size_; ++at_) {
      const char32_t c = characters_[at_];
      if (const int d = digit_of(c); d >= 0) {
        if (!push(out, d)) return false;
        ++run, ++count;
        continue;
      }
      // A separator is one only with a digit on either side; otherwise it is a space before a mark or the decimal sign.
      const bool between = at_ + 1 < size_ && digit_of(characters_[at_ + 1]) >= 0 && run > 0;
      if (!between || c == format_.decimal || format_.groups.find(c) == std::u32string::npos) break;
      if (separator != 0 && c != separator) return fail_at(1251, at_);
      separator = c;
      if (groups == 0) {
        first = run;
      } else {
        all_threes &= run == 3, all_twos &= run == 2;
      }
      ++groups, run = 0;
    }
    if (groups > 0) {
      const bool threes = all_threes && first >= 1 && first <= 3;
      const bool twos = format_.twos && all_twos && first >= 1 && first <= 2;
      if (run != 3 || !(threes || twos)) return fail_at(1251, at_ - static_cast<std::size_t>(run) - 1);
    }
    if (peek() == format_.decimal) {
      const std::size_t point = at_++;
      int zeros = 0;  // not yet taken: those at the end would only use up digits
      for (int d; at_ < size_ && (d = digit_of(characters_[at_])) >= 0; ++at_, ++count) {
        if (d == 0) {
          ++zeros;
          continue;
        }
        for (out->scale += zeros + 1; zeros > 0; --zeros) {
          if (!push(out, 0)) return false;
        }
        if (!push(out, d)) return false;
      }
      if (count == 0) return fail_at(1250, point);
      fraction_ = true;
    }
    if (count == 0) return fail_at(1250, at_);
    return exponent(out);
  }

  bool push(Exact* out, int digit) {
    if (out->value >= power_of_ten(kMostDigits - 1)) return fail_at(1253, at_);
    out->value = out->value * 10 + digit;
    return true;
  }

  bool exponent(Exact* out) {
    if (peek() != U'e' && peek() != U'E') return true;
    const std::size_t sign = at_ + 1;
    const bool minus = sign < size_ && characters_[sign] == U'-';
    const bool plus = sign < size_ && characters_[sign] == U'+';
    std::size_t from = sign + (minus || plus ? 1 : 0);
    if (from >= size_ || digit_of(characters_[from]) < 0) return true;  // perhaps a mark: EUR
    if (!format_.exponent) return fail_at(1254, at_);
    int power = 0;
    for (int d; from < size_ && (d = digit_of(characters_[from])) >= 0; ++from)
      power = power > 999 ? power : power * 10 + d;
    at_ = from;
    return shift(out, minus ? -power : power);
  }

  // Multiplies by 10^power.
  bool shift(Exact* out, int power) {
    if (out->value == 0) return true;
    out->scale -= power;
    if (out->scale > 3 * kMostDigits) return fail_at(1252, at_ - 1);
    if (out->scale < 0) {
      if (-out->scale > kMostDigits || __builtin_mul_overflow(out->value, power_of_ten(-out->scale), &out->value) ||
          out->value >= power_of_ten(kMostDigits)) {
        return fail_at(1253, at_ - 1);
      }
      out->scale = 0;
    }
    return true;
  }

  // Power of ten that 万, 千万, 亿 ... name at the place of reading; -1: none there.
  int unit() {
    static constexpr std::array<std::pair<char32_t, int>, 8> kUnits{
        {{U'十', 1}, {U'百', 2}, {U'千', 3}, {U'万', 4}, {U'萬', 4}, {U'亿', 8}, {U'億', 8}, {U'仟', 3}}};
    int power = -1;
    for (bool again = true; again;) {
      again = false;
      for (const auto& [character, exponent] : kUnits) {
        if (peek() != character) continue;
        if (power >= 0 && exponent <= power) return power;  // 千万 and 万亿 rise; anything else is a new part
        power = (power < 0 ? 0 : power) + exponent;
        ++at_;
        again = true;
        break;
      }
    }
    return power;
  }

  // 1.2万, 3千万, and parts that fall: 1亿2000万. A last part without a unit must fill its places: 1万2345 is clear,
  // while 1万2 is 12000 to a speaker.
  bool units(Exact* out) {
    if (!format_.myriads) return true;
    skip_spaces();
    int power = unit();
    if (power < 0) return true;
    bool fraction = fraction_;
    if (!shift(out, power)) return false;
    while (at_ < size_ && digit_of(characters_[at_]) >= 0) {
      const std::size_t start = at_;
      Exact part;
      fraction_ = false;
      if (!digits(&part)) return false;
      const auto length = static_cast<int>(at_ - start);
      const int next = unit();
      fraction |= fraction_;
      if (fraction || next >= power || (next < 0 && length != power)) return fail_at(1250, start);
      if (next >= 0 && !shift(&part, next)) return false;
      if (part.value >= power_of_ten(power)) return fail_at(1250, start);
      out->value += part.value;
      if (next < 0) return true;
      power = next;
    }
    return true;
  }

  const NumberFormat& format_;
  std::array<char32_t, kMostCharacters> characters_;
  std::size_t size_ = 0, at_ = 0;
  std::int64_t skipped_ = 0;  // characters before the first that counts
  bool too_long_ = false, fraction_ = false;
  NumberFault fault_;
};

}  // namespace

NumberFault parse_number(std::string_view text, const NumberFormat& format, Exact* out) {
  *out = {};
  return Parser(text, format).parse(out);
}

Error number_error(const NumberFault& fault, std::string_view text, const NumberFormat& format) {
  return make_error(fault.number, {{"seen", excerpt(text)},
                                   {"character", fault.character},
                                   {"position", std::to_string(fault.position)},
                                   {"expected", fault.number == 1253 ? std::to_string(kMostDigits) : format.sample}});
}

}  // namespace godwit::fn
