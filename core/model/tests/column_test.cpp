#include "core/model/column.hpp"

#include <gtest/gtest.h>

#include "core/model/arrow.hpp"
#include "core/model/hash.hpp"

namespace godwit {
namespace {

Column texts(std::initializer_list<const char*> values) {
  ColumnBuilder b(TypeId::utf8);
  for (const char* v : values) v == nullptr ? b.null() : b.append_text(v);
  return b.finish();
}

TEST(Column, KeepsNullsApartFromEmptyText) {
  const Column c = texts({"a", nullptr, "", "é"});
  EXPECT_EQ(c.length, 4);
  EXPECT_FALSE(c.is_null(0));
  EXPECT_TRUE(c.is_null(1));
  EXPECT_FALSE(c.is_null(2));
  EXPECT_EQ(c.text(2), "");
  EXPECT_EQ(c.text(3), "é");
}

TEST(Column, NullsMayComeLateOrFirstInEveryType) {
  for (TypeId id : {TypeId::boolean, TypeId::int64, TypeId::float64, TypeId::date32, TypeId::utf8}) {
    for (int null_at : {0, 7, 8, 9, 63}) {
      ColumnBuilder b{Type(id)};
      for (int i = 0; i < 64; ++i) {
        if (i == null_at) b.null();
        else if (id == TypeId::boolean) b.append_bool(i % 3 == 0);
        else if (id == TypeId::int64) b.append_int64(i);
        else if (id == TypeId::float64) b.append_float64(i);
        else if (id == TypeId::date32) b.append_date32(i);
        else b.append_text(std::to_string(i));
      }
      const Column c = b.finish();
      for (int i = 0; i < 64; ++i) {
        ASSERT_EQ(c.is_null(i), i == null_at) << to_string(c.type) << " row " << i;
        if (i == null_at) continue;
        if (id == TypeId::boolean) {
          EXPECT_EQ(c.boolean(i), i % 3 == 0);
        } else if (id != TypeId::date32) {
          EXPECT_EQ(value_text(c, i), std::to_string(i));
        }
      }
    }
  }
}

TEST(Column, TakeFollowsTheIndicesAndMinusOneIsNull) {
  const Column c = take(texts({"a", nullptr, "c"}), std::vector<std::int32_t>{2, -1, 0, 1});
  EXPECT_EQ(c.text(0), "c");
  EXPECT_TRUE(c.is_null(1));
  EXPECT_EQ(c.text(2), "a");
  EXPECT_TRUE(c.is_null(3));
}

TEST(Column, PiecesEqualTheSameValuesOneByOne) {
  ColumnBuilder numbers(TypeId::int64), texts(TypeId::utf8), flags(TypeId::boolean), plain(TypeId::utf8);
  for (int i = 0; i < 100; ++i) {
    numbers.append_int64(i * 7), flags.append_bool(i % 3 == 0), plain.append_text(std::string(static_cast<std::size_t>(i % 5), 'x'));
    i % 11 == 0 ? texts.null() : texts.append_text("text " + std::to_string(i));
  }
  std::vector<std::int32_t> some;
  for (std::int32_t i = 0; i < 100; ++i)
    if (i % 10 != 4) some.push_back(i);
  some.push_back(3), some.push_back(-1), some.push_back(97), some.push_back(98), some.push_back(0);
  for (const Column& column : {numbers.finish(), texts.finish(), flags.finish(), plain.finish()}) {
    const Column taken = take(column, some);
    ASSERT_EQ(taken.length, static_cast<std::int64_t>(some.size()));
    for (std::size_t i = 0; i < some.size(); ++i) {
      EXPECT_EQ(taken.is_null(static_cast<std::int64_t>(i)), some[i] < 0 || column.is_null(some[i]));
      EXPECT_EQ(value_text(taken, static_cast<std::int64_t>(i)), some[i] < 0 ? "" : value_text(column, some[i]));
    }
    const Column twice[] = {slice(column, 5, 20), slice(column, 0, 0), slice(column, 90, 10)}, joined = concat(twice);
    ASSERT_EQ(joined.length, 30);
    for (std::int64_t i = 0; i < 30; ++i) {
      EXPECT_EQ(joined.is_null(i), column.is_null(i < 20 ? i + 5 : i + 70));
      EXPECT_EQ(value_text(joined, i), value_text(column, i < 20 ? i + 5 : i + 70));
    }
  }
}

TEST(ValueText, IsIsoAndExact) {
  EXPECT_EQ(decimal_text(-5, 3), "-0.005");
  EXPECT_EQ(decimal_text(12340, 2), "123.40");
  EXPECT_EQ(date_text(0), "1970-01-01");
  EXPECT_EQ(date_text(-719528), "0000-01-01");
  EXPECT_EQ(date_text(19782), "2024-02-29");
  EXPECT_EQ(timestamp_text(-1, true), "1969-12-31T23:59:59.999999Z");
}

TEST(TypeNames, ReadBack) {
  for (Type t : {Type(TypeId::utf8), Type(TypeId::timestamp_tz), Type::decimal(38, 10), Type(TypeId::number_text)})
    EXPECT_EQ(parse_type(to_string(t)), t);
  EXPECT_FALSE(parse_type("decimal(40,2)"));
  EXPECT_FALSE(parse_type("varchar"));
}

TEST(Arrow, ColumnsCrossAndAreReleasedOnce) {
  ColumnBuilder numbers(TypeId::int64);
  numbers.append_int64(7), numbers.null(), numbers.append_int64(9);
  const Schema schema{{"name", TypeId::utf8}, {"n", TypeId::int64}, {"doc", TypeId::json}, {"sum", TypeId::number_text}};
  const Column name = texts({"x", nullptr, "z"});
  Column json = name, digits = name;
  json.type = TypeId::json, digits.type = TypeId::number_text;
  ArrowArray array;
  ArrowSchema c_schema;
  export_columns({name, numbers.finish(), json, digits}, 3, &array);
  export_schema(schema, &c_schema);
  Schema seen;
  ASSERT_TRUE(import_schema(c_schema, &seen));
  EXPECT_EQ(seen, schema);
  c_schema.release(&c_schema);
  std::vector<Column> columns;
  ASSERT_TRUE(import_columns(&array, seen, &columns));
  EXPECT_EQ(array.release, nullptr);
  EXPECT_EQ(columns[0].text(2), "z");
  EXPECT_TRUE(columns[1].is_null(1));
  EXPECT_EQ(columns[1].int64(2), 9);
}

TEST(Arrow, AnArrayOfTheWrongShapeIsRefused) {
  ArrowArray array;
  export_columns({texts({"x"})}, 1, &array);
  std::vector<Column> columns;
  EXPECT_FALSE(import_columns(&array, {{"a", TypeId::utf8}, {"b", TypeId::utf8}}, &columns));
  export_columns({texts({"x"})}, 1, &array);
  EXPECT_FALSE(import_columns(&array, {{"a", TypeId::int64}}, &columns));
}

TEST(Hash, EqualNumbersHashAlikeWhateverCarriesThem) {
  ColumnBuilder i(TypeId::int64), f(TypeId::float64), n(TypeId::number_text), d(Type::decimal(10, 2)), t(TypeId::utf8);
  i.append_int64(5), f.append_float64(5), n.append_text("5.0"), d.append_decimal(500), t.append_text("5");
  std::uint64_t h[5];
  int at = 0;
  for (ColumnBuilder* b : {&i, &f, &n, &d, &t}) hash_values(b->finish(), std::span(h + at++, 1));
  EXPECT_EQ(h[0], h[1]);
  EXPECT_EQ(h[0], h[2]);
  EXPECT_EQ(h[0], h[3]);
  EXPECT_NE(h[0], h[4]);
}

TEST(Hash, OneValueHashesAsItsColumnDoes) {
  ColumnBuilder texts(TypeId::utf8), numbers(TypeId::number_text), moments(TypeId::timestamp);
  texts.append_text(""), texts.null(), texts.append_text("5");
  numbers.append_text("5.00"), numbers.append_text("-0.1"), numbers.null();
  moments.null(), moments.append_int64(5), moments.append_int64(-5);
  for (const Column& column : {texts.finish(), numbers.finish(), moments.finish()}) {
    std::vector<std::uint64_t> hashes(3);
    hash_values(column, hashes);
    for (std::int64_t i = 0; i < 3; ++i) EXPECT_EQ(hash_value(column, i), hashes[static_cast<std::size_t>(i)]);
  }
}

TEST(Hash, KeysTellNullFromEmptyAndColumnsApart) {
  const Column a = texts({"ab", "a", nullptr, ""}), b = texts({"c", "bc", "", nullptr});
  const Column both[] = {a, b};
  const auto keys = hash_keys(both);
  for (std::size_t x = 0; x < 4; ++x)
    for (std::size_t y = x + 1; y < 4; ++y) EXPECT_NE(keys[x], keys[y]);
}

}  // namespace
}  // namespace godwit
