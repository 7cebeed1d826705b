// Every mistake has a number, a place and a caret under it.

#include "core/expr/special_forms.hpp"
#include "core/expr/syntax.hpp"
#include "core/expr/tests/harness.hpp"

namespace godwit::expr {
namespace {

Table customers() {
  Table t;
  t.add("cust_no", TypeId::utf8, {"1"}).add("name", TypeId::utf8, {"x"}).add("revenue", Type::decimal(18, 2), {"1.00"});
  t.add("country", TypeId::utf8, {"DE"}).add("客户名称", TypeId::utf8, {"x"});
  return t;
}
int number_of(std::string_view text) { return error_of(text, customers()).number; }

TEST(Errors, PointAtThePlace) {
  const Error e = error_of("name || custno", customers());
  EXPECT_EQ(e.number, 2114);
  EXPECT_EQ(e.argument("place"), "flow.yaml:1:9");
  EXPECT_EQ(e.argument("seen"), "custno");
  EXPECT_EQ(e.argument("nearest"), "cust_no");
  EXPECT_EQ(e.argument("excerpt"), "  name || custno\n          ^");
}

TEST(Errors, PlacesAreThoseOfTheFile) {
  CompileOptions o = customers().options();
  const Table t = customers();
  o.scope.columns = &t.schema;
  o.file = "flows/accounts.yaml", o.line = 12, o.column = 9;
  EXPECT_EQ(error_of("nam", o).argument("place"), "flows/accounts.yaml:12:9");
  EXPECT_EQ(error_of("name\n  || nam", o).argument("place"), "flows/accounts.yaml:13:14");
  EXPECT_EQ(error_of("name\r\n|| nam\r\n|| name", o).argument("excerpt"), "  || nam\n     ^");
}

TEST(Errors, TheCaretStandsUnderWideCharacters) {
  const Error e = error_of("客户名称 || 客户名", customers());
  EXPECT_EQ(e.number, 2114);
  EXPECT_EQ(e.argument("place"), "flow.yaml:1:9");
  EXPECT_EQ(e.argument("nearest"), "客户名称");
  // Four characters of two cells, and four of one.
  EXPECT_EQ(e.argument("excerpt"), "  客户名称 || 客户名\n  " + std::string(12, ' ') + "^");
  // A combining mark takes no cell, a tab one.
  EXPECT_EQ(error_of("'e\xCC\x81' ||\tnam", customers()).argument("excerpt"), "  'e\xCC\x81' || nam\n  " + std::string(7, ' ') + "^");
}

TEST(Errors, LongLinesAreCutAroundTheCaret) {
  const std::string text = "'" + std::string(300, 'x') + "' || nam || '" + std::string(300, 'y') + "'";
  const std::string excerpt(error_of(text, customers()).argument("excerpt"));
  const std::size_t line = excerpt.find('\n');
  EXPECT_LT(line, 120u);
  EXPECT_EQ(excerpt.substr(0, 5), "  ...");
  EXPECT_EQ(excerpt.find("nam"), excerpt.find('^') - line - 1);
}

TEST(Errors, NameTheNearestOrAllThereIs) {
  EXPECT_EQ(error_of("revenu * 2", customers()).argument("nearest"), "revenue");
  EXPECT_EQ(error_of("Country", customers()).argument("nearest"), "country");
  EXPECT_EQ(number_of("umsatz_2023_brutto"), 2115);
  EXPECT_EQ(error_of("umsatz_2023_brutto", customers()).argument("expected"), "cust_no, name, revenue, country, 客户名称");
  EXPECT_EQ(error_of("\"CN\" = country", customers()).argument("place"), "flow.yaml:1:1");
  EXPECT_EQ(number_of("colaesce(name, 'x')"), 2116);
  EXPECT_EQ(error_of("colaesce(name, 'x')", customers()).argument("nearest"), "coalesce");
}

TEST(Errors, SayWhatWasSeenAndExpected) {
  Error e = error_of("revenue + name", customers());
  EXPECT_EQ(e.number, 2155);
  EXPECT_EQ(e.argument("seen"), to_string(Type::decimal(18, 2)) + " + text");
  EXPECT_EQ(e.argument("place"), "flow.yaml:1:9");
  e = error_of("case when revenue > 0 then name else revenue end", customers());
  EXPECT_EQ(e.number, 2119);
  EXPECT_EQ(e.argument("expected"), "text");
  e = error_of("name and true", customers());
  EXPECT_EQ(e.number, 2124);
  EXPECT_EQ(e.argument("seen"), "text");
}

TEST(Errors, NameTheCharacterThatWasMeant) {
  for (const auto& [text, meant] : std::vector<std::pair<std::string, std::string>>{
           {"coalesce(name， 'x')", ","}, {"coalesce（name)", "("}, {"name ＝ 'x'", "="}, {"‘CN’ = country", "'"}, {"country = “DE”", "\""},
           {"name == 'x'", "="}, {"`name`", "\""}, {"name && true", "and, ||"}, {"country ≠ 'DE'", "<>"}, {"name　|| 'x'", "' '"},
           {"revenue – 1", "-"}}) {
    const Error e = error_of(text, customers());
    EXPECT_EQ(e.number, 2103) << text;
    EXPECT_EQ(e.argument("expected"), meant) << text;
  }
}

TEST(Errors, HaveTheirNumbers) {
  for (const auto& [text, number] : std::vector<std::pair<std::string, int>>{
           {"", 2109}, {"  \n ", 2109}, {"'abc", 2104}, {"\"abc", 2104}, {"\"\"", 2105}, {"12x", 2106}, {"1 -- 2", 2107}, {"name # 1", 2108},
           {"name name", 2152}, {"(name", 2111}, {"name)", 2152}, {"1 +", 2151}, {"and", 2150}, {"name is 5", 2110}, {"name not", 2111},
           {"name not 5", 2110}, {"name in 5", 2110}, {"name in ()", 2150}, {"name between 1", 2111}, {"coalesce(x => 1, 2)", 2113},
           {"coalesce(name,)", 2150}, {"name.family", 2125}, {"null.x", 2125}, {"source.name", 2123}, {"name like 1", 2117},
           {"if(name, 1)", 2124}, {"if(true)", 2131}, {"coalesce()", 2131}, {"nullif(1)", 2131}, {"nullif(1, 'x')", 2156},
           {"if(true, [1], 2)", 2122}, {"coalesce(value => 1)", 2132}, {"try(1, else => 2)", 2132}, {"try(1, other => 2)", 2132},
           {"a\x01", 2102}, {std::string("'a\0b'", 5), 2102}, {"'a\xFF'", 2102}, {"\xFF", 2102}, {"name.", 2151}, {"name.5", 2154}, {".5", 2150},
           {"? ", 2108}, {"[1]", 2150}, {"case name when 1 then 2 end", 2119}, {"end", 2150}, {"date", 2115}, {"name in (1)", 2156},
           {"revenue between 'a' and 'b'", 2156}})
    EXPECT_EQ(number_of(text), number) << text;
}

TEST(Errors, AreDescribedInBothLanguages) {
  const Error e = error_of("name || custno", customers());
  EXPECT_EQ(describe(e, Language::en),
            "GW-2114 flow.yaml:1:9: there is no column \"custno\"; near names: cust_no\n  name || custno\n          ^\n"
            "  Correct the name. A text constant stands in single quotes.");
  EXPECT_NE(describe(e, Language::zh_cn).find("没有列 \"custno\""), std::string::npos);
}

TEST(Limits, NoTextOverflowsTheStack) {
  const auto repeat = [](std::string_view part, std::size_t n) {
    std::string out;
    for (std::size_t i = 0; i < n; ++i) out += part;
    return out;
  };
  for (const std::size_t n : {std::size_t{300}, std::size_t{20000}}) {
    EXPECT_EQ(value_of(repeat("(", n) + "1" + repeat(")", n)), "compile GW-2101");
    EXPECT_EQ(value_of(repeat("not ", n) + "true"), "compile GW-2101");
    EXPECT_EQ(value_of(repeat("- ", n) + "1"), "compile GW-2101");
    EXPECT_EQ(value_of(repeat("+", n) + "1"), "compile GW-2101");
    EXPECT_EQ(value_of(repeat("coalesce(", n) + "1" + repeat(")", n)), "compile GW-2101");
    EXPECT_EQ(value_of("1" + repeat(" + 1", n)), "compile GW-2101");
    EXPECT_EQ(value_of("null" + repeat(" | coalesce()", n)), "compile GW-2101");
    EXPECT_EQ(value_of("true" + repeat(" is true", n)), "compile GW-2101");
    EXPECT_EQ(value_of("a" + repeat(".a", n)), "compile GW-2101");
    EXPECT_EQ(value_of(repeat("case when true then ", n) + "1" + repeat(" end", n)), n > 10000 ? "compile GW-2100" : "compile GW-2101");
  }
  EXPECT_EQ(value_of(std::string(kLongestExpression + 1, ' ')), "compile GW-2100");
  // What is long but not deep is fine.
  EXPECT_EQ(value_of("''" + repeat(" || 'a'", 20000)).size(), 20000u);
  EXPECT_EQ(value_of("false" + repeat(" or false", 20000) + " or true"), "true");
  EXPECT_EQ(value_of("7 in (0" + repeat(", 1", 20000) + ", 7)"), "true");
  EXPECT_EQ(value_of("case 7" + repeat(" when 1 then 1", 10000) + " else 2 end"), "2");
  EXPECT_EQ(value_of(repeat("(", 150) + "1" + repeat(")", 150)), "1");
}

}  // namespace
}  // namespace godwit::expr
