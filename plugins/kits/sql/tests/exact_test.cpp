#include "plugins/kits/sql/exact.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <memory>
#include <random>

namespace godwit::sql {
namespace {

std::string spelt(std::string_view text) {
  const auto d = parse_decimal(text);
  return d ? decimal_digits(*d) : "none";
}

TEST(ParseDecimal, TakesDigitsPointAndExponent) {
  EXPECT_EQ(spelt("12.50"), "12.50");
  EXPECT_EQ(spelt("-0.05"), "-0.05");
  EXPECT_EQ(spelt("+7"), "7");
  EXPECT_EQ(spelt("1e3"), "1000");
  EXPECT_EQ(spelt("1.5E-3"), "0.0015");
  EXPECT_EQ(spelt("0007"), "7");
  EXPECT_EQ(spelt(".5"), "0.5");
  EXPECT_EQ(spelt("99999999999999999999999999999999999999"), "99999999999999999999999999999999999999");
}

TEST(ParseDecimal, RefusesWhatIsNoNumberOrTooLong) {
  for (const char* text : {"", "-", ".", "1.2.3", "1,5", " 1", "1 ", "1e", "1e99999", "0x10", "abc", "1e1.5"})
    EXPECT_FALSE(parse_decimal(text)) << text;
  EXPECT_FALSE(parse_decimal(std::string(39, '9')));
}

TEST(Rescale, KeepsTheValueOrSaysNo) {
  EXPECT_EQ(rescale({1250, 2}, 10, 4), int128{125000});
  EXPECT_EQ(rescale({125000, 4}, 10, 2), int128{1250});
  EXPECT_FALSE(rescale({12501, 4}, 10, 2));  // would round
  EXPECT_FALSE(rescale({100000, 0}, 5, 0));  // six digits
  EXPECT_EQ(rescale({99999, 0}, 5, 0), int128{99999});
  EXPECT_EQ(rescale({5, -2}, 5, 1), int128{5000});
}

TEST(CanonicalInteger, IsWhatAnIntegerPrints) {
  EXPECT_EQ(canonical_integer("0"), 0);
  EXPECT_EQ(canonical_integer("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  for (const char* text : {"", "007", "-0", "+1", "1.0", " 1", "1 ", "9223372036854775808", "1e3"})
    EXPECT_FALSE(canonical_integer(text)) << text;
}

TEST(Floats, RoundTripThroughTheirDigits) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t bits = random();
    double value;
    std::memcpy(&value, &bits, 8);
    if (!std::isfinite(value)) continue;
    EXPECT_EQ(std::strtod(float_digits(value).c_str(), nullptr), value);
    if (const auto d = float_decimal(value)) {
      ASSERT_TRUE(decimal_float(*d)) << float_digits(value);
      EXPECT_EQ(*decimal_float(*d), value);
    }
  }
  EXPECT_EQ(float_digits(0.1), "0.1");
  EXPECT_EQ(float_digits(1e23), "100000000000000000000000");
  EXPECT_EQ(float_digits(-2.5e-7), "-0.00000025");
  EXPECT_EQ(float_digits(-0.0), "0");
}

TEST(Floats, ADecimalThatAFloatWouldChangeHasNone) {
  EXPECT_TRUE(decimal_float({1234, 2}));
  EXPECT_FALSE(decimal_float({*rescale(*parse_decimal("123456789012345678.91"), 38, 2), 2}));
  EXPECT_FALSE(decimal_float(*parse_decimal("9007199254740993")));
  EXPECT_TRUE(decimal_float(*parse_decimal("9007199254740992")));
}

// Truth: Python's decimal module.
TEST(ExactSum, AgreesWithPython) {
  std::mt19937_64 random(11);
  std::string numbers;
  ExactSum sum;
  std::string least, most;
  for (int i = 0; i < 3000; ++i) {
    std::string text = random() % 2 ? "-" : "";
    const int digits = 1 + static_cast<int>(random() % 38);
    const int point = static_cast<int>(random() % 40);
    for (int k = 0; k < digits; ++k) text += static_cast<char>('0' + random() % 10);
    if (point < digits) text.insert(text.size() - static_cast<std::size_t>(point), ".");
    if (text.back() == '.') text.pop_back();
    if (random() % 10 == 0) text += "e" + std::to_string(static_cast<int>(random() % 60) - 30);
    ASSERT_TRUE(sum.add_text(text)) << text;
    numbers += text + "\n";
  }
  const std::string file = testing::TempDir() + "godwit_exact_sum.txt";
  {
    std::unique_ptr<FILE, int (*)(FILE*)> out(std::fopen(file.c_str(), "w"), std::fclose);
    std::fputs(numbers.c_str(), out.get());
  }
  const std::string command =
      "python3 -c \"from decimal import *; getcontext().prec=400; s=sum(Decimal(l) for l in open('" + file +
      "')); t=format(s,'f'); print(t.rstrip('0').rstrip('.') if '.' in t else t)\"";
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  char line[1000] = "";
  ASSERT_NE(std::fgets(line, sizeof line, pipe.get()), nullptr);
  EXPECT_EQ(sum.text() + "\n", line);
  std::remove(file.c_str());
}

TEST(ExactSum, DoesNotOverflow) {
  ExactSum sum;
  for (int i = 0; i < 10; ++i) sum.add(*parse_decimal(std::string(38, '9')));
  EXPECT_EQ(sum.text(), "999999999999999999999999999999999999990");
  EXPECT_EQ(ExactSum().text(), "0");
  ExactSum cancels;
  cancels.add({150, 2}), cancels.add({-15, 1});
  EXPECT_EQ(cancels.text(), "0");
  EXPECT_FALSE(cancels.add_text("12 EUR"));
}

TEST(CompareDigits, ComparesByValue) {
  EXPECT_LT(compare_digits("9", "10"), 0);
  EXPECT_GT(compare_digits("-9", "-10"), 0);
  EXPECT_EQ(compare_digits("1.50", "1.5"), 0);
  EXPECT_EQ(compare_digits("-0", "0.00"), 0);
  EXPECT_LT(compare_digits("-1", "0"), 0);
}

}  // namespace
}  // namespace godwit::sql
