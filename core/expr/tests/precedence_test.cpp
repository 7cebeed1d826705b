// What binds tighter than what, and what constants come out as.

#include "core/expr/tests/harness.hpp"

namespace godwit::expr {
namespace {

TEST(Literals, KeepTheirTypeAndDigits) {
  EXPECT_EQ(value_of("'it''s'"), "it's");
  EXPECT_EQ(value_of("''"), "");
  EXPECT_EQ(value_of("'客户\n名称'"), "客户\n名称");
  EXPECT_EQ(value_of("007"), "7");
  EXPECT_EQ(value_of("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(type_of("-9223372036854775808"), Type(TypeId::int64));
  EXPECT_EQ(type_of("9223372036854775808"), Type::decimal(19, 0));
  EXPECT_EQ(value_of("9223372036854775808"), "9223372036854775808");
  EXPECT_EQ(type_of("1.50"), Type::decimal(3, 2));
  EXPECT_EQ(value_of("1.50"), "1.50");
  EXPECT_EQ(type_of("0.001"), Type::decimal(3, 3));
  EXPECT_EQ(value_of("12345678901234567890123456789012345678"), "12345678901234567890123456789012345678");
  EXPECT_EQ(value_of("-0.00000000000000000000000000000000000001"), "-0.00000000000000000000000000000000000001");
  EXPECT_EQ(type_of("1e3"), Type(TypeId::float64));
  EXPECT_EQ(value_of("TRUE"), "true");
  EXPECT_EQ(value_of("False"), "false");
  EXPECT_EQ(value_of("null"), "null");
  EXPECT_EQ(value_of("date '2024-02-29'"), "2024-02-29");
  EXPECT_EQ(value_of("timestamp '2024-01-31 23:59:59.25'"), "2024-01-31T23:59:59.25");
  EXPECT_EQ(value_of("timestamp '2024-01-31T23:59+08:00'"), "2024-01-31T15:59:00Z");
  EXPECT_EQ(type_of("timestamp '2024-01-31T00:00:00Z'"), Type(TypeId::timestamp_tz));
  EXPECT_EQ(type_of("timestamp '2024-01-31T00:00:00'"), Type(TypeId::timestamp));
}

TEST(Literals, RefuseWhatIsNone) {
  EXPECT_EQ(value_of("date '2023-02-29'"), "compile GW-2120");
  EXPECT_EQ(value_of("date '2024-1-1'"), "compile GW-2120");
  EXPECT_EQ(value_of("timestamp '2024-01-31'"), "compile GW-2120");
  EXPECT_EQ(value_of("timestamp '2024-01-31T24:00'"), "compile GW-2120");
  EXPECT_EQ(value_of("timestamp '2024-01-31T10:00:60'"), "compile GW-2120");
  EXPECT_EQ(value_of("timestamp '2024-01-31T10:00x'"), "compile GW-2120");
  EXPECT_EQ(value_of("12ab"), "compile GW-2106");
  EXPECT_EQ(value_of("1e999"), "compile GW-2106");
  EXPECT_EQ(value_of("123456789012345678901234567890123456789"), "compile GW-2118");
  EXPECT_EQ(value_of("0.000000000000000000000000000000000000001"), "compile GW-2118");
}

TEST(Precedence, IsThatOfSql) {
  EXPECT_EQ(value_of("1 + 2 * 3"), "7");
  EXPECT_EQ(value_of("(1 + 2) * 3"), "9");
  EXPECT_EQ(value_of("10 - 4 - 3"), "3");
  EXPECT_EQ(value_of("100 / 10 / 2 = 5"), "true");
  EXPECT_EQ(value_of("-2 * -3"), "6");
  EXPECT_EQ(value_of("- - 2"), "2");
  EXPECT_EQ(value_of("2 - -3"), "5");
  EXPECT_EQ(value_of("+3"), "3");
  EXPECT_EQ(value_of("7 % 4 * 2"), "6");
  EXPECT_EQ(value_of("'a' || 1 + 2"), "a3");
  EXPECT_EQ(value_of("'a' || 'b' = 'ab'"), "true");
  EXPECT_EQ(value_of("1 + 1 = 2 and 2 * 2 = 4"), "true");
  EXPECT_EQ(value_of("true or true and false"), "true");
  EXPECT_EQ(value_of("(true or true) and false"), "false");
  EXPECT_EQ(value_of("not false and false"), "false");
  EXPECT_EQ(value_of("not (false and false)"), "true");
  EXPECT_EQ(value_of("not 1 = 2"), "true");
  EXPECT_EQ(value_of("not null is null"), "false");
  EXPECT_EQ(value_of("1 = 2 is false"), "true");
  EXPECT_EQ(value_of("1 between 0 and 2 and true"), "true");
  EXPECT_EQ(value_of("1 + 1 in (2, 3)"), "true");
  EXPECT_EQ(value_of("1 not in (2, 3)"), "true");
  EXPECT_EQ(value_of("'ab' || 'c' like 'a%'"), "true");
  EXPECT_EQ(value_of("1 != 2"), "true");
  EXPECT_EQ(value_of("1 <> 2"), "true");
}

TEST(Precedence, ComparisonsDoNotChain) {
  EXPECT_EQ(value_of("1 < 2 < 3"), "compile GW-2112");
  EXPECT_EQ(value_of("1 = 1 = true"), "compile GW-2112");
  EXPECT_EQ(value_of("1 in (1) in (true)"), "compile GW-2112");
  EXPECT_EQ(value_of("(1 = 1) = true"), "true");
}

TEST(Pipe, FeedsTheFirstArgumentAndBindsLoosest) {
  EXPECT_EQ(value_of("null | coalesce('x')"), "x");
  EXPECT_EQ(value_of("'a' || 'b' | nullif('ab')"), "null");
  EXPECT_EQ(value_of("1 = 2 or 1 = 1 | if('yes', 'no')"), "yes");
  EXPECT_EQ(value_of("1 | nullif(2) | nullif(1) | coalesce(9)"), "9");
  EXPECT_EQ(value_of("coalesce(null | coalesce(null), 2 | nullif(2), 3)"), "3");
  EXPECT_EQ(value_of("1 / 0 | try(otherwise => 5 | nullif(5))"), "null");
  EXPECT_EQ(value_of("null | coalesce"), "null");
  EXPECT_EQ(value_of("1 | 2"), "compile GW-2153");
  EXPECT_EQ(value_of("1 |"), "compile GW-2151");
}

}  // namespace
}  // namespace godwit::expr
