#include "core/model/exact_number.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "core/model/column.hpp"

namespace godwit {
namespace {

ExactNumber number(std::string_view text) {
  const auto parsed = ExactNumber::parse(text);
  EXPECT_TRUE(parsed.has_value()) << text;
  return parsed.value_or(ExactNumber());
}

TEST(ExactNumber, KeepsTheScaleAsWritten) {
  EXPECT_EQ(number("1234.50").to_string(), "1234.50");
  EXPECT_EQ(number("-0.00").to_string(), "0.00");
  EXPECT_EQ(number("+007").to_string(), "7");
  EXPECT_EQ(number(".5").to_string(), "0.5");
  EXPECT_EQ(number("1.5e3").to_string(), "1500");
  EXPECT_EQ(number("25E-3").to_string(), "0.025");
}

TEST(ExactNumber, RefusesWhatIsNoNumber) {
  for (const char* text :
       {"", "-", ".", "1,000", "1 000", " 1", "1 ", "1.2.3", "0x1", "1e", "1e+", "NaN", "inf", "１", "1e999999999999"})
    EXPECT_FALSE(ExactNumber::parse(text).has_value()) << text;
  EXPECT_FALSE(ExactNumber::parse(std::string(5000, '9')).has_value());
}

TEST(ExactNumber, AddsWhereFloatingPointWouldNot) {
  EXPECT_EQ((number("0.1") + number("0.2")).to_string(), "0.3");
  EXPECT_EQ((number("99999999999999999999999999999999999999.99") + number("0.01")).to_string(),
            "100000000000000000000000000000000000000.00");
  EXPECT_EQ((number("10.00") - number("10")).to_string(), "0.00");
  EXPECT_FALSE((number("1") - number("1")).is_negative());
}

TEST(ExactNumber, AgreesWithIntegersOf128Bits) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20000; ++i) {
    // Equal scales, so that the scaled integers add as the numbers do; short ones, so that signs and carries mix.
    const int bits = static_cast<int>(random() % 62);
    const auto draw = [&] { return static_cast<std::int64_t>(random() >> (63 - bits)) * (random() % 2 != 0 ? 1 : -1); };
    const std::int64_t a = draw(), b = draw();
    const auto as_text = [](int128 v) {
      const bool negative = v < 0;
      std::string digits;
      for (int128 rest = negative ? -v : v; rest != 0; rest /= 10)
        digits.insert(0, 1, static_cast<char>('0' + static_cast<int>(rest % 10)));
      if (digits.size() < 4) digits.insert(0, 4 - digits.size(), '0');
      digits.insert(digits.size() - 3, 1, '.');
      return (negative ? "-" : "") + digits;
    };
    EXPECT_EQ((number(as_text(a)) + number(as_text(b))).to_string(), as_text(int128{a} + b));
    EXPECT_EQ((number(as_text(a)) - number(as_text(b))).to_string(), as_text(int128{a} - b));
    EXPECT_EQ(ExactNumber::compare(number(as_text(a)), number(as_text(b))), a < b ? -1 : a == b ? 0 : 1);
  }
}

TEST(ExactNumber, ComparesByValueNotByScale) {
  EXPECT_EQ(number("1.5"), number("1.500"));
  EXPECT_TRUE(number("-2") < number("-1.999"));
  EXPECT_TRUE(number("0.01").magnitude() <= number("-0.01").magnitude());
}

}  // namespace
}  // namespace godwit
