// The parts that need no server: what it prints, turned into what was meant. Expected texts are PostgreSQL's own
// (pg_get_expr of 15, numeric_send).
#include <gtest/gtest.h>

#include "connectors/postgres/charset.hpp"
#include "connectors/postgres/check_text.hpp"
#include "connectors/postgres/decode.hpp"
#include "connectors/postgres/encode.hpp"
#include "connectors/postgres/place.hpp"
#include "plugins/kits/sql/check_rules.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::postgres {
namespace {

TEST(PostgresCheckText, ListsAndLengthsAreFoundBehindCasts) {
  const auto rules = [](std::string_view printed) { return sql::parse_check(plain_check(printed)); };
  auto r = rules("(status = ANY (ARRAY['active'::text, 'it''s'::text, ''::text]))");
  ASSERT_TRUE(r.complete);
  EXPECT_EQ(r.rules[0].column, "status");
  EXPECT_EQ(r.rules[0].choices, (std::vector<std::string>{"active", "it's", ""}));
  r = rules("((status)::text = ANY ((ARRAY['A'::character varying, 'B'::character varying])::text[]))");
  ASSERT_TRUE(r.complete);
  EXPECT_EQ(r.rules[0].choices, (std::vector<std::string>{"A", "B"}));
  r = rules("((status)::text = 'A'::text)");
  ASSERT_TRUE(r.complete);
  EXPECT_EQ(r.rules[0].choices, std::vector<std::string>{"A"});
  r = rules("(length((name)::text) <= 12)");
  ASSERT_TRUE(r.complete);
  EXPECT_EQ(r.rules[0].max_length, 12);
  r = rules("((char_length(\"the name\") <= 5) AND (\"the name\" IS NOT NULL))");
  ASSERT_TRUE(r.complete);
  EXPECT_EQ(r.rules.size(), 2u);
  EXPECT_EQ(r.rules[0].column, "the name");
}

TEST(PostgresCheckText, WhatSaysMoreIsNotTakenForLess) {
  for (const char* printed :
       {"((size < 10) OR ((size % 7) = 0))", "(price > (0)::numeric)", "((a)::text <> ALL (ARRAY['x'::text]))",
        "(lower(code) = code)", "((note ~ 'a]b'::text))"})
    EXPECT_FALSE(sql::parse_check(plain_check(printed)).complete) << printed;
}

// ndigits, weight, sign, dscale, digits
std::string numeric(std::initializer_list<int> words) {
  std::string out;
  for (const int w : words) out += static_cast<char>(w >> 8), out += static_cast<char>(w & 0xFF);
  return out;
}

TEST(PostgresDecode, NumericsAreExactDigits) {
  const auto digits = [](const std::string& value) {
    std::string out;
    append_numeric_digits(value, &out);
    return out;
  };
  EXPECT_EQ(digits(numeric({0, 0, 0, 0})), "0");
  EXPECT_EQ(digits(numeric({0, 0, 0, 2})), "0.00");
  EXPECT_EQ(digits(numeric({1, 0, 0x4000, 0, 7})), "-7");
  EXPECT_EQ(digits(numeric({3, 1, 0, 2, 1, 2345, 6700})), "12345.67");
  EXPECT_EQ(digits(numeric({1, -1, 0, 4, 500})), "0.0500");
  EXPECT_EQ(digits(numeric({1, -2, 0, 8, 1})), "0.00000001");
  EXPECT_EQ(digits(numeric({1, 2, 0, 0, 12})), "1200000000");
  EXPECT_EQ(digits(numeric({0, 0, 0xC000, 0})), "NaN");
}

TEST(PostgresPlace, PositionsComeBackAsTheyWere) {
  Position p;
  p.key = {"C1", "a\"\\b\n中"};
  const auto key = parse_position(Order::key, 2, to_text(Order::key, p));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->key, p.key);
  EXPECT_FALSE(parse_position(Order::key, 1, to_text(Order::key, p)));
  p.number = (std::int64_t{4294967295} << 16) | 291;
  EXPECT_EQ(to_text(Order::physical, p), "ctid:(4294967295,291)");
  EXPECT_EQ(parse_position(Order::physical, 0, "ctid:(4294967295,291)")->number, p.number);
  for (const char* wrong : {"", "ctid:", "ctid:(1)", "ctid:(1,2", "ctid:(-1,2)", "ctid:(1,70000)", "row:1", "key:[1]"})
    EXPECT_FALSE(parse_position(Order::physical, 0, wrong)) << wrong;
  EXPECT_FALSE(parse_position(Order::counted, 0, "row:-1"));
  EXPECT_FALSE(parse_position(Order::key, 1, "key:[1]"));
}

TEST(PostgresCharset, KnowsWhatTheServersEncodingHolds) {
  const Charset latin("LATIN1"), all("UTF8"), ascii("SQL_ASCII");
  EXPECT_TRUE(latin.holds("Müller"));
  EXPECT_FALSE(latin.holds("Müller 阿"));
  EXPECT_FALSE(latin.holds("10 €"));
  EXPECT_TRUE(Charset("LATIN9").holds("10 €"));
  EXPECT_TRUE(all.holds_everything());
  EXPECT_TRUE(ascii.holds_everything());
}

// What goes into COPY for one value up to the tab that ends it, "\\N" for null; the fault's number where it does not go in.
std::string encoded(const ColumnInfo& to, const Column& column, int* fault = nullptr) {
  Charset utf8("UTF8");
  auto encoder = Encoder::plan(column.type, to, &utf8);
  if (!encoder) return "never";
  encoder->load(column, [&](std::int64_t, const Fault& f) {
    if (fault != nullptr) *fault = f.number;
  });
  MutableBuffer out;
  encoder->put(0, &out);
  const std::string text(reinterpret_cast<const char*>(out.data()), out.size());
  return text.ends_with('\t') ? text.substr(0, text.size() - 1) : text + " without a tab after it";
}

template <typename Append>
Column one(Type type, Append append) {
  ColumnBuilder out(type);
  append(out);
  return out.finish();
}

TEST(PostgresEncode, ValuesAreSpeltAsCopyReadsThem) {
  ColumnInfo text;
  text.type.type = TypeId::utf8;
  EXPECT_EQ(encoded(text, one(TypeId::utf8, [](ColumnBuilder& b) { b.append_text("a\tb\\c\nd\re"); })),
            "a\\tb\\\\c\\nd\\re");
  EXPECT_EQ(encoded(text, one(TypeId::utf8, [](ColumnBuilder& b) { b.append_text("\\."); })), "\\\\.");
  EXPECT_EQ(encoded(text, one(TypeId::utf8, [](ColumnBuilder& b) { b.null(); })), "\\N");
  ColumnInfo bytes;
  bytes.type.type = TypeId::binary;
  EXPECT_EQ(encoded(bytes, one(TypeId::binary, [](ColumnBuilder& b) { b.append_text(std::string_view("\0\xFF", 2)); })),
            "\\\\x00ff");
  EXPECT_EQ(encoded(bytes, one(TypeId::int64, [](ColumnBuilder& b) { b.append_int64(1); })), "never");
  ColumnInfo day;
  day.type.type = TypeId::date32;
  EXPECT_EQ(encoded(day, one(TypeId::date32, [](ColumnBuilder& b) { b.append_date32(19753); })), "2024-01-31");
  EXPECT_EQ(encoded(day, one(TypeId::date32, [](ColumnBuilder& b) { b.append_date32(-719529); })), "0002-12-31 BC");
  ColumnInfo moment;
  moment.type.type = TypeId::timestamp_tz, moment.type.fraction = 3;
  int fault = 0;
  EXPECT_EQ(encoded(moment, one(TypeId::timestamp_tz, [](ColumnBuilder& b) { b.append_int64(1500000); }), &fault),
            "1970-01-01 00:00:01.5+00");
  EXPECT_EQ(fault, 0);
  encoded(moment, one(TypeId::timestamp_tz, [](ColumnBuilder& b) { b.append_int64(1500001); }), &fault);
  EXPECT_EQ(fault, sql::kNotExact);
}

TEST(PostgresEncode, WhatTheColumnWouldAlterIsRefused) {
  const auto fault_of = [](const ColumnInfo& to, std::string_view text) {
    int fault = 0;
    encoded(to, one(TypeId::utf8, [&](ColumnBuilder& b) { b.append_text(text); }), &fault);
    return fault;
  };
  ColumnInfo name;
  name.type.type = TypeId::utf8, name.length = 3;
  EXPECT_EQ(fault_of(name, "阿尔法"), 0);
  EXPECT_EQ(fault_of(name, "阿尔法x"), sql::kTooLong);
  EXPECT_EQ(fault_of(name, std::string_view("a\0b", 3)), sql::kHoldsNul);
  EXPECT_EQ(fault_of(name, "a\xFF"), sql::kNotUtf8);
  ColumnInfo padded;
  padded.type.type = TypeId::utf8, padded.type.is_blank_padded = true;
  EXPECT_EQ(fault_of(padded, "AB "), 3331);
  ColumnInfo uid;
  uid.type.type = TypeId::utf8, uid.type.is_uuid = true;
  EXPECT_EQ(fault_of(uid, "0f8fad5b-d9cb-469f-a165-70867728950e"), 0);
  EXPECT_EQ(fault_of(uid, "{0F8FAD5B-D9CB-469F-A165-70867728950E}"), 3331);
  EXPECT_EQ(fault_of(uid, "0f8fad5b"), sql::kWrongType);
  ColumnInfo small;
  small.type.type = TypeId::int64, small.type.least = INT16_MIN, small.type.most = INT16_MAX;
  int fault = 0;
  encoded(small, one(TypeId::int64, [](ColumnBuilder& b) { b.append_int64(32768); }), &fault);
  EXPECT_EQ(fault, sql::kOutOfRange);
}

}  // namespace
}  // namespace godwit::postgres
