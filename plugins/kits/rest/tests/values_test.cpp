#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "plugins/kits/rest/csv.hpp"
#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/rest/values.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::rest {
namespace {

using testing::ElementsAre;

Column one(Type type, const std::function<void(ColumnBuilder&)>& fill) {
  ColumnBuilder b(type);
  fill(b);
  return b.finish();
}
Column text(std::string_view v) {
  return one(TypeId::utf8, [&](ColumnBuilder& b) { b.append_text(v); });
}
// JSON of the value, or "GW-number seen | expected".
std::string written(const Column& c, const ValueForm& form = {}) {
  WrittenValue value;
  if (const auto fault = write_value(c, 0, form, &value)) return "GW-" + std::to_string(fault->number) + " " + fault->seen + " | " + fault->expected;
  std::string out;
  append_json(value, &out);
  return out;
}
// The value read from JSON text into a column of the type, as people read it; "fault" when it is none, "null".
std::string read(Type type, std::string_view json, const ValueForm& form = {}) {
  ColumnBuilder b(type);
  const auto document = parse_exact(json);
  if (!document) return "no JSON";
  if (read_json(*document, form, &b)) return "fault";
  const Column c = b.finish();
  return c.length != 1 ? "?" : c.is_null(0) ? "null" : value_text(c, 0);
}

TEST(ExactJson, NumbersKeepTheirDigits) {
  const auto j = parse_exact(R"({"a":1234567890123456.78,"b":[0.10,1e2,123456789012345678901234567890,-5],"c":"x","d":18446744073709551615})");
  ASSERT_TRUE(j);
  EXPECT_EQ(number_digits(*find_at(*j, "/a")), "1234567890123456.78");
  EXPECT_EQ(number_digits(*find_at(*j, "/b/0")), "0.10");
  EXPECT_EQ(number_digits(*find_at(*j, "/b/2")), "123456789012345678901234567890");
  EXPECT_EQ(number_digits(*find_at(*j, "/b/3")), "-5");
  EXPECT_EQ(number_digits(*find_at(*j, "/d")), "18446744073709551615");
  EXPECT_EQ(exact_text(*j), R"({"a":1234567890123456.78,"b":[0.10,1e2,123456789012345678901234567890,-5],"c":"x","d":18446744073709551615})");
}

TEST(ExactJson, WhatIsNoDocumentIsNone) {
  for (const char* bad : {"", "{", "<html>", "[1,2", "{\"a\":1}x", "nul"}) EXPECT_FALSE(parse_exact(bad)) << bad;
  EXPECT_FALSE(parse_exact(std::string(100000, '[')));
}

TEST(ExactJson, PathsFindWhatIsThereAndNothingElse) {
  const auto j = parse_exact(R"({"a":{"b":[{"c":1}]}})");
  ASSERT_TRUE(j);
  EXPECT_NE(find_at(*j, "/a/b/0/c"), nullptr);
  EXPECT_EQ(find_at(*j, ""), &*j);
  for (const char* none : {"/x", "/a/b/1", "/a/b/x", "/a/b/0/c/d", "/a/b/-1"}) EXPECT_EQ(find_at(*j, none), nullptr) << none;
}

TEST(WriteValue, GivesWhatTheServiceReadsBackUnchanged) {
  EXPECT_EQ(written(text("a\"b\\\n\x01上海")), "\"a\\\"b\\\\\\n\\u0001上海\"");
  EXPECT_EQ(written(one(Type::decimal(18, 2), [](ColumnBuilder& b) { b.append_decimal(-123450); })), "-1234.50");
  EXPECT_EQ(written(one(TypeId::float64, [](ColumnBuilder& b) { b.append_float64(0.1); })), "0.1");
  EXPECT_EQ(written(one(TypeId::date32, [](ColumnBuilder& b) { b.append_date32(19782); })), "\"2024-02-29\"");
  EXPECT_EQ(written(one(TypeId::timestamp_tz, [](ColumnBuilder& b) { b.append_int64(1711846800123000); })), "\"2024-03-31T01:00:00.123Z\"");
  EXPECT_EQ(written(one(TypeId::timestamp_tz, [](ColumnBuilder& b) { b.append_int64(-1000); })), "\"1969-12-31T23:59:59.999Z\"");
  EXPECT_EQ(written(one(TypeId::boolean, [](ColumnBuilder& b) { b.append_bool(true); })), "true");
  EXPECT_EQ(written(one(TypeId::utf8, [](ColumnBuilder& b) { b.null(); })), "null");
  EXPECT_EQ(written(one(TypeId::number_text, [](ColumnBuilder& b) { b.append_text("+.50"); })), "0.50");
  EXPECT_EQ(written(one(TypeId::binary, [](ColumnBuilder& b) { b.append_text(std::string("\0\xff!", 3)); })), "\"AP8h\"");
}

TEST(WriteValue, RefusesWhatWouldBeAltered) {
  ValueForm form;
  form.blanks = ValueForm::Blanks::refuse, form.numbers = ValueForm::Numbers::as_double;
  EXPECT_EQ(written(text(" a "), form), "GW-4110 \" a \" | \"a\"");
  EXPECT_EQ(written(text(""), form), "GW-4110 \"\" | null");
  EXPECT_EQ(written(text("a b"), form), "\"a b\"");
  EXPECT_EQ(written(text("a\xff"), form).substr(0, 9), "GW-4111 2");
  EXPECT_EQ(written(text(std::string_view("a\0b", 3)), form).substr(0, 9), "GW-4112 2");
  EXPECT_EQ(written(one(Type::decimal(18, 2), [](ColumnBuilder& b) { b.append_decimal(static_cast<int128>(999999999999999999)); }), form).substr(0, 7), "GW-4108");
  EXPECT_EQ(written(one(TypeId::int64, [](ColumnBuilder& b) { b.append_int64(9007199254740993); }), form).substr(0, 7), "GW-4108");
  EXPECT_EQ(written(one(TypeId::timestamp_tz, [](ColumnBuilder& b) { b.append_int64(1); }), form).substr(0, 7), "GW-4108");
  EXPECT_EQ(written(one(TypeId::float64, [](ColumnBuilder& b) { b.append_float64(std::numeric_limits<double>::quiet_NaN()); }), form).substr(0, 7), "GW-4117");
  form.blanks = ValueForm::Blanks::trim;
  EXPECT_EQ(written(text(" a "), form), "\"a\"");
  EXPECT_EQ(written(text("  "), form), "null");
}

TEST(WriteValue, DatesAsCountsHaveADeclaredOffset) {
  ValueForm form;
  form.dates = DateForm::epoch_ms, form.date_offset_s = 8 * 3600, form.moments = MomentForm::epoch_ms;
  const Column day = one(TypeId::date32, [](ColumnBuilder& b) { b.append_date32(1); });
  EXPECT_EQ(written(day, form), "57600000");
  EXPECT_EQ(read(TypeId::date32, "57600000", form), "1970-01-02");
  EXPECT_EQ(read(TypeId::date32, "\"57600000\"", form), "1970-01-02");
  EXPECT_EQ(read(TypeId::date32, "57600001", form), "fault");
  EXPECT_EQ(read(TypeId::timestamp_tz, "1711846800123", form), "2024-03-31T01:00:00.123Z");
}

TEST(ReadValue, TakesTheVendorsVarieties) {
  EXPECT_EQ(read(TypeId::timestamp_tz, "\"2026-01-02T03:04:05.000+0000\""), "2026-01-02T03:04:05Z");
  EXPECT_EQ(read(TypeId::timestamp_tz, "\"2026-01-02T03:04:05+08:00\""), "2026-01-01T19:04:05Z");
  EXPECT_EQ(read(TypeId::timestamp_tz, "\"2026-01-02T03:04:05\""), "fault");
  EXPECT_EQ(read(TypeId::timestamp, "\"2026-01-02 03:04\""), "2026-01-02T03:04:00");
  EXPECT_EQ(read(TypeId::date32, "\"2023-02-29\""), "fault");
  EXPECT_EQ(read(Type::decimal(18, 2), "12.5"), "12.50");
  EXPECT_EQ(read(Type::decimal(18, 2), "12.555"), "fault");
  EXPECT_EQ(read(Type::decimal(18, 2), "\"1.2e3\""), "1200.00");
  EXPECT_EQ(read(TypeId::int64, "12.0"), "12");
  EXPECT_EQ(read(TypeId::int64, "12.5"), "fault");
  EXPECT_EQ(read(TypeId::utf8, "12.50"), "12.50");
  EXPECT_EQ(read(TypeId::json, R"({"b":1.10,"a":[null]})"), R"({"a":[null],"b":1.10})");
  EXPECT_EQ(read(TypeId::boolean, "\"false\""), "false");
  EXPECT_EQ(read(TypeId::int64, "\"\""), "null");
  EXPECT_EQ(read(TypeId::utf8, "\"\""), "");
  EXPECT_EQ(read(TypeId::int64, "[1]"), "fault");
}

TEST(Csv, RowsComeBackWhateverThePieces) {
  std::string written_rows;
  const std::vector<std::vector<std::string>> rows{{"a", "b,c", "say \"hi\""}, {"", "line\r\nbreak", " x "}, {"上海", "", "z"}};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) written_rows += ',';
      append_csv(row[i], false, &written_rows);
    }
    written_rows += "\n";
  }
  for (std::size_t size = 1; size <= written_rows.size(); ++size) {
    CsvParser parser;
    std::vector<std::vector<std::string>> seen;
    std::vector<std::string> fields;
    for (std::size_t at = 0; at < written_rows.size(); at += size) {
      parser.feed(std::string_view(written_rows).substr(at, size), at + size >= written_rows.size());
      while (parser.next(&fields)) seen.push_back(fields);
    }
    EXPECT_FALSE(parser.broken());
    EXPECT_EQ(seen, rows) << size;
  }
}

TEST(Csv, ATextThatIsCutIsBroken) {
  CsvParser parser;
  std::vector<std::string> fields;
  parser.feed("a,b\n\"x", true);
  EXPECT_TRUE(parser.next(&fields));
  EXPECT_FALSE(parser.next(&fields));
  EXPECT_TRUE(parser.broken());
}

TEST(Base64, ThereAndBack) {
  for (std::size_t n = 0; n < 70; ++n) {
    std::string bytes;
    for (std::size_t i = 0; i < n; ++i) bytes += static_cast<char>(i * 37 + n);
    EXPECT_EQ(from_base64(base64(bytes)), bytes);
  }
  EXPECT_FALSE(from_base64("a*b="));
}

}  // namespace
}  // namespace godwit::rest
