#include "core/report/format.hpp"

#include <gtest/gtest.h>

namespace godwit::report {
namespace {

TEST(Format, GroupsDigitsOfCountsAndMoney) {
  EXPECT_EQ(group_digits(0), "0");
  EXPECT_EQ(group_digits(999), "999");
  EXPECT_EQ(group_digits(-1234567), "-1,234,567");
  EXPECT_EQ(group_digits(INT64_MIN), "-9,223,372,036,854,775,808");
  EXPECT_EQ(group_money("128394220.55"), "128,394,220.55");
  EXPECT_EQ(group_money("-1234.5000"), "-1,234.5000");
  EXPECT_EQ(group_money("98765432109876543210987654321098765432.10"),
            "98,765,432,109,876,543,210,987,654,321,098,765,432.10");
  EXPECT_EQ(group_money("n/a"), "n/a");
}

TEST(Format, ASharePrintsNeitherNothingNorAllWhenItIsNot) {
  EXPECT_EQ(percent(0, 100), "0.00%");
  EXPECT_EQ(percent(1, 3'000'000), "<0.01%");
  EXPECT_EQ(percent(2'999'999, 3'000'000), ">99.99%");
  EXPECT_EQ(percent(100, 100), "100.0%");
  EXPECT_EQ(percent(156, 10'000), "1.56%");
  EXPECT_EQ(percent(1, 0), "");
}

TEST(Format, TimesAndSizes) {
  EXPECT_EQ(duration(840, Language::en), "840 ms");
  EXPECT_EQ(duration(3'200, Language::zh_cn), "3.2 秒");
  EXPECT_EQ(duration(252'000, Language::en), "4 min 12 s");
  EXPECT_EQ(duration(7'500'000, Language::en), "2 h 05 min");
  EXPECT_EQ(bytes(999), "999 B");
  EXPECT_EQ(bytes(12'400'000), "12.4 MB");
  EXPECT_EQ(moment("2025-03-08T13:02:11.123456Z"), "2025-03-08 13:02:11 UTC");
  EXPECT_EQ(moment("yesterday"), "yesterday");
  EXPECT_EQ(milliseconds_between("2024-02-28T23:59:59.900000Z", "2024-02-29T00:00:00.150000Z"), 250);
  EXPECT_EQ(milliseconds_between("2025-03-08T13:00:00Z", "2025-03-08T12:00:00Z"), 0);
  EXPECT_EQ(milliseconds_between("", "2025-03-08T12:00:00Z"), 0);
}

TEST(Format, WhatCannotBeSeenIsSpelledOut) {
  EXPECT_EQ(presentable("上海 Müller"), "上海 Müller");
  EXPECT_EQ(presentable("a\tb"), "a<U+0009>b");
  EXPECT_EQ(presentable("a\nb"), "a⏎b");
  EXPECT_EQ(presentable("abc\u202Edcba"), "abc<U+202E>dcba");
  EXPECT_EQ(presentable("x\u200By"), "x<U+200B>y");
  EXPECT_EQ(presentable("1\u00A0000"), "1<U+00A0>000");
  EXPECT_EQ(presentable(std::string("a\0b", 3)), "a<U+0000>b");
  EXPECT_EQ(presentable("\xB1\xB1\xBE\xA9"), "<b1><b1><be><a9>");  // GBK bytes that are no UTF-8
  EXPECT_EQ(presentable(" a "), "␣a␣");
  EXPECT_EQ(presentable("  "), "␣␣");
  EXPECT_EQ(presentable(""), "");
}

TEST(Format, TwoTextsThatDifferNeverLookTheSame) {
  const std::string composed = "é", decomposed = "e\u0301";
  EXPECT_EQ(presentable(composed), "é");
  EXPECT_EQ(presentable(decomposed), "e<U+0301>");
  EXPECT_NE(presentable("a"), presentable("a "));
  EXPECT_NE(presentable("a b"), presentable("a\u00A0b"));
}

TEST(Format, LongTextsSayHowMuchIsHidden) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "字";
  const std::string shown = presentable(text, 200);
  EXPECT_TRUE(shown.ends_with("… (+100)")) << shown;
  EXPECT_EQ(presentable(text, 300), text);
}

TEST(Format, MaskingLeavesNothingToGuess) {
  EXPECT_EQ(masked_value("王小明"), "王•••");
  EXPECT_EQ(masked_value("a"), "a•••");
  EXPECT_EQ(masked_value(""), "");
  EXPECT_EQ(masked_key("C-10442"), "C-10442");
  EXPECT_EQ(masked_key("10442"), "10442");
  EXPECT_EQ(masked_key("j.mueller1@example.com"), "j•••");
  EXPECT_EQ(masked_key("13812345678"), "1•••");
  EXPECT_EQ(masked_key("Jürgen 5"), "J•••");
}

}  // namespace
}  // namespace godwit::report
