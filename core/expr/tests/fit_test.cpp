// Into the target's type, without losing anything.

#include "core/expr/tests/harness.hpp"

namespace godwit::expr {
namespace {

using Answers = std::vector<std::string>;

Answers fitted(Type from, Type to, const Cells& cells) {
  EXPECT_TRUE(fits(from, to));
  const Fitted f = fit(column_of(from, cells), to);
  EXPECT_EQ(f.column.type, to);
  EXPECT_EQ(f.column.length, static_cast<std::int64_t>(cells.size()));
  Answers out;
  for (std::int64_t i = 0; i < f.column.length; ++i) out.push_back(f.column.is_null(i) ? "null" : value_text(f.column, i));
  for (const RowError& e : f.errors) {
    EXPECT_EQ(out[static_cast<std::size_t>(e.row)], "null");
    out[static_cast<std::size_t>(e.row)] = "GW-" + std::to_string(e.error.number);
  }
  return out;
}

TEST(Fit, NumbersKeepTheirValue) {
  EXPECT_EQ(fitted(TypeId::int64, Type::decimal(5, 2), {"999", "1000", "-999", std::nullopt}), (Answers{"999.00", "GW-1221", "-999.00", "null"}));
  EXPECT_EQ(fitted(Type::decimal(10, 2), TypeId::int64, {"5.00", "5.01", "-7.00"}), (Answers{"5", "GW-1220", "-7"}));
  EXPECT_EQ(fitted(Type::decimal(38, 0), TypeId::int64, {"9223372036854775807", "9223372036854775808", "-9223372036854775808"}),
            (Answers{"9223372036854775807", "GW-1221", "-9223372036854775808"}));
  EXPECT_EQ(fitted(Type::decimal(10, 4), Type::decimal(10, 2), {"1.2300", "1.2345"}), (Answers{"1.23", "GW-1220"}));
  EXPECT_EQ(fitted(Type::decimal(38, 6), Type::decimal(18, 2), {"2.500000", "99999999999999999999.000000"}), (Answers{"2.50", "GW-1221"}));
  EXPECT_EQ(fitted(Type::decimal(10, 2), Type::decimal(38, 20), {"1.25"}), (Answers{"1.25000000000000000000"}));
  EXPECT_EQ(fitted(TypeId::int64, TypeId::float64, {"9007199254740992", "9007199254740993", "0"}), (Answers{"9007199254740992", "GW-1221", "0"}));
  EXPECT_EQ(fitted(Type::decimal(10, 2), TypeId::float64, {"0.10", "-12.50"}), (Answers{"0.1", "-12.5"}));
  EXPECT_EQ(fitted(Type::decimal(38, 20), TypeId::float64, {"0.12345678901234567891"}), (Answers{"GW-1221"}));
  EXPECT_EQ(fitted(TypeId::float64, Type::decimal(10, 2), {"0.1", "0.125", "1e9", "-3", "1e300", "0"}), (Answers{"0.10", "GW-1220", "GW-1221", "-3.00", "GW-1221", "0.00"}));
  EXPECT_EQ(fitted(TypeId::float64, TypeId::int64, {"3", "3.5", "1e18", "1e19"}), (Answers{"3", "GW-1220", "1000000000000000000", "GW-1221"}));
}

TEST(Fit, ValuesBecomeTextInIsoForm) {
  EXPECT_EQ(fitted(TypeId::int64, TypeId::utf8, {"-5", std::nullopt}), (Answers{"-5", "null"}));
  EXPECT_EQ(fitted(Type::decimal(10, 2), TypeId::utf8, {"1.50"}), (Answers{"1.50"}));
  EXPECT_EQ(fitted(TypeId::date32, TypeId::utf8, {"2024-01-31"}), (Answers{"2024-01-31"}));
  EXPECT_EQ(fitted(TypeId::timestamp, TypeId::utf8, {"2024-01-31T10:00"}), (Answers{"2024-01-31T10:00:00"}));
  EXPECT_EQ(fitted(TypeId::timestamp_tz, TypeId::utf8, {"2024-01-31T10:00Z"}), (Answers{"2024-01-31T10:00:00Z"}));
  EXPECT_EQ(fitted(TypeId::json, TypeId::utf8, {"{}"}), (Answers{"{}"}));
  EXPECT_EQ(fitted(TypeId::utf8, TypeId::utf8, {"x", std::nullopt}), (Answers{"x", "null"}));
}

TEST(Fit, NothingElseConverts) {
  for (const TypeId to : {TypeId::int64, TypeId::float64, TypeId::decimal128, TypeId::date32, TypeId::boolean, TypeId::timestamp, TypeId::json, TypeId::binary})
    EXPECT_FALSE(fits(TypeId::utf8, to));
  EXPECT_FALSE(fits(TypeId::boolean, TypeId::int64));
  EXPECT_FALSE(fits(TypeId::boolean, TypeId::utf8));
  EXPECT_FALSE(fits(TypeId::date32, TypeId::timestamp));
  EXPECT_FALSE(fits(TypeId::timestamp, TypeId::date32));
  EXPECT_FALSE(fits(TypeId::timestamp, TypeId::timestamp_tz));
  EXPECT_FALSE(fits(TypeId::timestamp_tz, TypeId::timestamp));
  EXPECT_FALSE(fits(TypeId::int64, TypeId::date32));
  EXPECT_TRUE(fits(TypeId::null_type, TypeId::date32));
}

TEST(Fit, ANullLiteralFitsEverywhere) {
  const Fitted f = fit(null_column(TypeId::null_type, 3), TypeId::date32);
  EXPECT_EQ(f.column.type, Type(TypeId::date32));
  EXPECT_TRUE(f.column.is_null(2));
  EXPECT_TRUE(f.errors.empty());
}

TEST(Fit, SaysWhatWasSeenAndExpected) {
  const Fitted f = fit(column_of(Type::decimal(10, 4), {"1.2345"}), Type::decimal(10, 2));
  ASSERT_EQ(f.errors.size(), 1u);
  EXPECT_EQ(f.errors[0].error.argument("seen"), "1.2345");
  EXPECT_EQ(f.errors[0].error.argument("expected"), to_string(Type::decimal(10, 2)));
  EXPECT_EQ(f.errors[0].error.kind, ErrorKind::row_rejected);
}

}  // namespace
}  // namespace godwit::expr
