// What the ledger keeps must come back as it was, and broken bytes must be noticed.
#include "plugins/kits/sql/ledger.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "plugins/kits/sql/clean_text.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::sql {
namespace {

Outcomes made_of(std::vector<OutcomeKind> kinds) {
  Outcomes out;
  out.rows = static_cast<std::int64_t>(kinds.size()), out.kinds = std::move(kinds);
  return out;
}

TEST(LedgerOutcomes, AllAlikeTakeAFewBytes) {
  Outcomes all;
  all.rows = 65536, all.kind = OutcomeKind::created;
  const std::string bytes = encode_outcomes(all);
  EXPECT_EQ(bytes, std::string("\x01\x80\x80\x04", 4));
  Outcomes back;
  ASSERT_TRUE(decode_outcomes(bytes, 65536, &back));
  EXPECT_EQ(back.kind, OutcomeKind::created);
  EXPECT_TRUE(back.kinds.empty());
}

TEST(LedgerOutcomes, ComeBackRowByRow) {
  std::mt19937 random(3);
  std::vector<OutcomeKind> kinds;
  for (int i = 0; i < 1000; ++i)
    kinds.insert(kinds.end(), 1 + random() % 5, static_cast<OutcomeKind>(1 + random() % 7));
  const Outcomes in = made_of(kinds);
  Outcomes out;
  ASSERT_TRUE(decode_outcomes(encode_outcomes(in), in.rows, &out));
  for (std::int64_t i = 0; i < in.rows; ++i) ASSERT_EQ(out.at(i), in.at(i)) << i;
}

TEST(LedgerOutcomes, NoticeBrokenBytes) {
  Outcomes out;
  const std::string good = encode_outcomes(made_of({OutcomeKind::created, OutcomeKind::refused}));
  EXPECT_FALSE(decode_outcomes(good, 3, &out));
  EXPECT_FALSE(decode_outcomes(good, 1, &out));
  EXPECT_FALSE(decode_outcomes(good.substr(0, 3), 2, &out));
  EXPECT_FALSE(decode_outcomes(std::string("\x09\x02", 2), 2, &out));
  EXPECT_FALSE(decode_outcomes(std::string("\x01\x00\x01\x02", 4), 2, &out));
  EXPECT_FALSE(decode_outcomes("\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 2, &out));
}

TEST(LedgerIds, SequencesTakeAFewBytesAndComeBack) {
  ColumnBuilder builder{Type(TypeId::int64)};
  for (int i = 0; i < 50000; ++i) builder.append_int64(700 + i);
  builder.null();
  for (std::int64_t v :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), std::int64_t{5}})
    builder.append_int64(v);
  const Column ids = builder.finish();
  const std::string bytes = encode_ids(ids);
  EXPECT_LT(bytes.size(), 60u);
  Column back;
  ASSERT_TRUE(decode_ids(bytes, ids.length, &back));
  for (std::int64_t i = 0; i < ids.length; ++i) {
    ASSERT_EQ(back.is_null(i), ids.is_null(i));
    if (!ids.is_null(i)) {
      ASSERT_EQ(back.int64(i), ids.int64(i));
    }
  }
  EXPECT_FALSE(decode_ids(bytes, ids.length - 1, &back));
  EXPECT_FALSE(decode_ids(bytes.substr(0, bytes.size() - 1), ids.length, &back));
  EXPECT_FALSE(decode_ids("", 0, &back));
}

TEST(LedgerIds, TextsComeBack) {
  ColumnBuilder builder{Type(TypeId::utf8)};
  builder.null(), builder.append_text(""), builder.append_text("a1"), builder.null();
  Column back;
  ASSERT_TRUE(decode_ids(encode_ids(builder.finish()), 4, &back));
  EXPECT_TRUE(back.is_null(0));
  EXPECT_EQ(back.text(1), "");
  EXPECT_EQ(back.text(2), "a1");
  EXPECT_TRUE(back.is_null(3));
}

TEST(LedgerIds, RandomBytesNeverCrash) {
  std::mt19937 random(5);
  for (int i = 0; i < 20000; ++i) {
    std::string bytes(random() % 24, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    if (!bytes.empty()) bytes[0] = static_cast<char>(1 + random() % 2);
    Column ids;
    if (decode_ids(bytes, 100, &ids)) {
      EXPECT_EQ(ids.length, 100);
    }
    Outcomes outcomes;
    if (decode_outcomes(bytes, 100, &outcomes)) {
      EXPECT_EQ(outcomes.rows, 100);
    }
  }
}

TEST(LedgerRefusals, ComeBackWithTheVendorsWords) {
  std::vector<Refusal> in{refuse(7, kNotUnique, "编号", "UNIQUE constraint failed: \"a\".b", {{"seen", "x"}}),
                          refuse(9, kTriggerRefused, "", "bad \xFF byte")};
  std::vector<Refusal> out;
  ASSERT_TRUE(decode_refusals(encode_refusals(in), &out));
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0].row, 7);
  EXPECT_EQ(out[0].error.number, 4102);
  EXPECT_EQ(out[0].error.kind, ErrorKind::row_rejected);
  EXPECT_EQ(out[0].error.arguments, in[0].error.arguments);
  EXPECT_EQ(out[0].field, "编号");
  EXPECT_EQ(out[1].words, "bad \xEF\xBF\xBD byte");
  EXPECT_FALSE(decode_refusals("{", &out));
  EXPECT_FALSE(decode_refusals("[{\"row\":\"x\"}]", &out));
}

TEST(CleanText, FindsTheFirstFault) {
  EXPECT_EQ(check_text("plain and 客户 and \xF0\x9F\x90\xA6").fault, TextFault::none);
  const struct {
    std::string_view text;
    TextFault fault;
    std::size_t at;
  } kCases[] = {
      {std::string_view("abc\0def", 7), TextFault::nul, 3},
      {std::string_view("01234567890\0", 12), TextFault::nul, 11},
      {"caf\xE9", TextFault::not_utf8, 3},
      {"\xC0\x80", TextFault::not_utf8, 0},
      {"\xED\xA0\x80", TextFault::not_utf8, 0},
      {"\xF4\x90\x80\x80", TextFault::not_utf8, 0},
      {"abcdefgh\xE5\xAE", TextFault::not_utf8, 8},
      {"\x80", TextFault::not_utf8, 0},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(check_text(c.text).fault, c.fault) << c.text;
    EXPECT_EQ(check_text(c.text).at, c.at) << c.text;
  }
}

TEST(CleanText, SeesACharacterSharedByTwoValues) {
  ColumnBuilder builder{Type(TypeId::utf8)};
  builder.append_text("x\xE5"), builder.append_text("\xAE\xA2");
  const Column shared = builder.finish();
  EXPECT_FALSE(all_text_is_clean(shared, 0, 2));
  builder.append_text("\xFF"), builder.append_text("客"), builder.append_text(""), builder.null(),
      builder.append_text("户");
  const Column mixed = builder.finish();
  EXPECT_FALSE(all_text_is_clean(mixed, 0, 5));
  EXPECT_TRUE(all_text_is_clean(mixed, 1, 4));
  EXPECT_TRUE(all_text_is_clean(ColumnBuilder(Type(TypeId::utf8)).finish(), 0, 0));
  EXPECT_EQ(count_characters("客户a"), 3);
}

TEST(Excerpt, IsShortAndText) {
  EXPECT_EQ(excerpt("abc"), "abc");
  EXPECT_EQ(excerpt("a\xFF z"), "a? z");
  EXPECT_EQ(excerpt(std::string(500, 'x')), std::string(200, 'x') + "…");
  EXPECT_EQ(excerpt(std::string_view("a\0b", 3)), "a?b");
}

}  // namespace
}  // namespace godwit::sql
