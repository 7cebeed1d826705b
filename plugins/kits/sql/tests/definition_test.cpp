// Names, type names and CHECK constraints.
#include <gtest/gtest.h>

#include "plugins/kits/sql/check_rules.hpp"
#include "plugins/kits/sql/declared_type.hpp"
#include "plugins/kits/sql/identifier.hpp"
#include "plugins/kits/sql/tokens.hpp"

namespace godwit::sql {
namespace {

TEST(Identifier, DoublesItsQuotes) {
  EXPECT_EQ(quote_identifier("客户"), "\"客户\"");
  EXPECT_EQ(quote_identifier("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(quote_text("it's"), "'it''s'");
  EXPECT_TRUE(same_name("Name", "nAME"));
  EXPECT_FALSE(same_name("Ä", "ä"));  // ASCII only, as SQL systems do
}

TEST(Tokens, LeaveCommentsOutAndKeepPlaces) {
  const auto t = tokenize("a -- x\n/* y */ \"b\"\"c\" [d e] 'f''g' <= 1.5e+3");
  ASSERT_EQ(t.size(), 7u);
  EXPECT_EQ(t[0].value, "a");
  EXPECT_EQ(t[1].value, "b\"c");
  EXPECT_EQ(t[2].value, "d e");
  EXPECT_EQ(t[3].value, "f'g");
  EXPECT_EQ(t[4].value, "<=");
  EXPECT_EQ(t[5].value, "1.5e+3");
  EXPECT_EQ(t[6].kind, Token::Kind::end);
}

TEST(Tokens, EndWithTheTextWhateverIsOpen) {
  for (const char* sql : {"'open", "\"open", "[open", "/* open", "-- open", "(", "1e", "'"})
    EXPECT_EQ(tokenize(sql).back().kind, Token::Kind::end) << sql;
}

std::string type_of(std::string_view declared) {
  const TypeMeaning m = meaning_of(parse_declared_type(declared));
  return (m.known ? "" : "?") + to_string(m.type) + (m.length ? "/" + std::to_string(*m.length) : "");
}

TEST(DeclaredType, MeansWhatItsSystemMeans) {
  EXPECT_EQ(type_of("INTEGER"), "integer");
  EXPECT_EQ(type_of("unsigned big int"), "integer");
  EXPECT_EQ(type_of("BIGINT UNSIGNED"), "integer");
  EXPECT_EQ(type_of("UNSIGNED"), "integer");
  EXPECT_EQ(type_of("varchar (20)"), "text/20");
  EXPECT_EQ(type_of("NATIONAL CHARACTER VARYING(7)"), "text/7");
  EXPECT_EQ(type_of("DECIMAL(10, 2)"), "decimal(10,2)");
  EXPECT_EQ(type_of("numeric(10)"), "decimal(10,0)");
  EXPECT_EQ(type_of("NUMERIC"), "number");
  EXPECT_EQ(type_of("NUMERIC(50,2)"), "number");
  EXPECT_EQ(type_of("NUMERIC(5,-2)"), "number");
  EXPECT_EQ(type_of("double   precision"), "float");
  EXPECT_EQ(type_of("timestamp(3) with time zone"), "timestamp with zone");
  EXPECT_EQ(type_of("datetime"), "timestamp");
  EXPECT_EQ(type_of("date"), "date");
  EXPECT_EQ(type_of("Boolean"), "boolean");
  EXPECT_EQ(type_of("json"), "json");
  EXPECT_EQ(type_of("varbinary(10)"), "binary");
  EXPECT_EQ(type_of("mood"), "?text");
  EXPECT_EQ(type_of(""), "?text");
}

std::string rules_of(std::string_view expression) {
  const CheckRules r = parse_check(expression);
  std::string out;
  for (const CheckRule& rule : r.rules) {
    out += (out.empty() ? "" : "; ") + rule.column;
    if (rule.not_null) out += " not null";
    if (rule.max_length) out += " <=" + std::to_string(*rule.max_length);
    for (const std::string& c : rule.choices) out += " '" + c + "'";
  }
  return out + (r.complete ? "" : " ...");
}

TEST(CheckRules, SeePicklistsAndLengths) {
  EXPECT_EQ(rules_of("status in ('a','b''c')"), "status 'a' 'b'c'");
  EXPECT_EQ(rules_of("(\"状态\" IN ('甲', '乙'))"), "状态 '甲' '乙'");
  EXPECT_EQ(rules_of("x is null or x in (1,2)"), "x '1' '2'");
  EXPECT_EQ(rules_of("x = 'a' or 'b' = x"), "x 'a' 'b'");
  EXPECT_EQ(rules_of("length(name) <= 80"), "name <=80");
  EXPECT_EQ(rules_of("length(name) < 80"), "name <=79");
  EXPECT_EQ(rules_of("80 >= char_length(name)"), "name <=80");
  EXPECT_EQ(rules_of("length(name) between 0 and 5 and name is not null"), "name <=5; name not null");
  EXPECT_EQ(rules_of("(a in ('x') and length(b) <= 3)"), "a 'x'; b <=3");
}

TEST(CheckRules, SayWhatTheyDidNotUnderstand) {
  EXPECT_EQ(rules_of("amount >= 0"), " ...");
  EXPECT_EQ(rules_of("length(code) = 2"), "code <=2 ...");
  EXPECT_EQ(rules_of("length(code) between 2 and 5"), "code <=5 ...");
  EXPECT_EQ(rules_of("a in ('x') and b > 1"), "a 'x' ...");
  EXPECT_EQ(rules_of("a in ('x') or b in ('y')"), " ...");
  EXPECT_EQ(rules_of("b is null or a in ('x')"), " ...");
  EXPECT_EQ(rules_of("a not in ('x')"), " ...");
  EXPECT_EQ(rules_of("a in (select 1)"), " ...");
  EXPECT_EQ(rules_of("length(a) <= 3 or length(a) = 9"), " ...");
  EXPECT_EQ(rules_of(""), " ...");
}

TEST(CheckRules, NameTheColumnsTheyMention) {
  const auto c = parse_check("lower(\"E Mail\") like '%@%' and Amount >= 0 and amount < max(b, 3)").columns;
  EXPECT_EQ(c, (std::vector<std::string>{"E Mail", "Amount", "b"}));
}

TEST(CheckRules, DeepNestingIsNoTrouble) {
  const std::string deep = std::string(20000, '(') + "a in ('x')" + std::string(20000, ')');
  EXPECT_EQ(rules_of(deep), " ...");  // kept as text
  EXPECT_EQ(rules_of("((((a in ('x')))))"), "a 'x'");
  std::string nested = "a in ('x')";
  for (int i = 0; i < 300; ++i) nested = "(" + nested + " and b is not null) and c is not null";
  EXPECT_FALSE(parse_check(nested).rules.empty());
}

}  // namespace
}  // namespace godwit::sql
