#include "core/cli/json_rows.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace godwit::cli {
namespace {

Result<Batch> rows(const std::string& text) {
  std::istringstream in(text);
  return read_json_rows(in, "rows.jsonl");
}

std::string type_of(const std::string& first, const std::string& second) {
  const auto batch = rows("{\"a\": " + first + "}\n{\"a\": " + second + "}\n");
  return batch ? to_string(batch->schema[0].type) : "GW-" + std::to_string(batch.error().number);
}

TEST(JsonRows, ValuesDecideTheTypeOfTheirColumn) {
  EXPECT_EQ(type_of("\"x\"", "null"), "text");
  EXPECT_EQ(type_of("true", "false"), "boolean");
  EXPECT_EQ(type_of("1", "-9223372036854775808"), "integer");
  EXPECT_EQ(type_of("1", "9223372036854775808"), "decimal(19,0)");
  EXPECT_EQ(type_of("100", "0.125"), "decimal(6,3)");
  EXPECT_EQ(type_of("0.5", "null"), "decimal(1,1)");
  EXPECT_EQ(type_of("1e3", "2"), "number");
  EXPECT_EQ(type_of(std::string(39, '9'), "2"), "number");
  EXPECT_EQ(type_of("{\"b\": 1}", "[2]"), "json");
  EXPECT_EQ(type_of("null", "null"), "text");
}

TEST(JsonRows, NumbersAreExact) {
  const auto batch = rows("{\"n\": 12.5, \"m\": -0.10}\n{\"n\": 12345678901234567890.123, \"m\": 3}\n");
  ASSERT_TRUE(batch);
  EXPECT_EQ(value_text(batch->columns[0], 0), "12.500");
  EXPECT_EQ(value_text(batch->columns[0], 1), "12345678901234567890.123");
  EXPECT_EQ(value_text(batch->columns[1], 0), "-0.10");
  EXPECT_EQ(value_text(batch->columns[1], 1), "3.00");
}

TEST(JsonRows, MissingKeysAreNullAndNewOnesMayComeLater) {
  const auto batch = rows("\xEF\xBB\xBF{\"名称\": \"陈\"}\n\n  {\"b\": \"x,}\\\"y\", \"名称\": null}\r\n{}\n");
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->rows, 3);
  EXPECT_EQ(batch->schema, (Schema{{"名称", TypeId::utf8}, {"b", TypeId::utf8}}));
  EXPECT_EQ(batch->columns[0].text(0), "陈");
  EXPECT_TRUE(batch->columns[0].is_null(1));
  EXPECT_TRUE(batch->columns[1].is_null(0));
  EXPECT_EQ(batch->columns[1].text(1), "x,}\"y");
  EXPECT_TRUE(batch->columns[1].is_null(2));
  EXPECT_EQ(batch->lines, (std::vector<std::int64_t>{1, 3, 4}));
}

TEST(JsonRows, NestedValuesAreKeptAsWritten) {
  const auto batch = rows("{\"a\": {\"b\": [1, \"}\\\"]\", {\"c\": 1.00}]} , \"d\": []}\n");
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->columns[0].text(0), "{\"b\": [1, \"}\\\"]\", {\"c\": 1.00}]}");
  EXPECT_EQ(batch->columns[1].text(0), "[]");
}

TEST(JsonRows, MistakesNameTheirLine) {
  for (const auto& [text, number] : {std::pair{"{\"a\": 1}\n[1]\n", 2320}, {"{\"a\": 1}\n{\"a\": 1\n", 2320}, {"{\"a\": 1}\n{\"a\": 2, \"a\": 3}\n", 2320},
                                     {"{\"a\": 1}\n{\"a\": \"1\"}\n", 2321}, {"{\"a\": 1}\nnull\n", 2320}}) {
    const auto batch = rows(text);
    ASSERT_FALSE(batch) << text;
    EXPECT_EQ(batch.error().number, number) << text;
    EXPECT_EQ(batch.error().argument("place"), "rows.jsonl:2") << text;
  }
}

}  // namespace
}  // namespace godwit::cli
