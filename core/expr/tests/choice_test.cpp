// Branches are evaluated for the rows that take them; unset and try.

#include "core/expr/tests/harness.hpp"

namespace godwit::expr {
namespace {

using Answers = std::vector<std::string>;

Table numbers() {
  Table t;
  t.add("x", TypeId::int64, {"0", "1", "2", std::nullopt, "0"}).add("s", TypeId::utf8, {"a", "b", "c", "d", std::nullopt});
  return t;
}

TEST(Lazy, NobodyDividesByAZeroThatWasExcluded) {
  const Table t = numbers();
  EXPECT_EQ(run("10 / x", t), (Answers{"GW-1202", "10.000000", "5.000000", "null", "GW-1202"}));
  EXPECT_EQ(run("case when x = 0 then 0.0 else 10 / x end", t), (Answers{"0.000000", "10.000000", "5.000000", "null", "0.000000"}));
  EXPECT_EQ(run("case x when 0 then null when 1 then 10 / x end", t), (Answers{"null", "10.000000", "null", "null", "null"}));
  EXPECT_EQ(run("x <> 0 and 10 / x > 6", t), (Answers{"false", "true", "false", "null", "false"}));
  EXPECT_EQ(run("x = 0 or 10 / x > 6", t), (Answers{"true", "true", "false", "null", "true"}));
  EXPECT_EQ(run("if(x = 0, s, 'n' || 10 / x)", t), (Answers{"a", "n10.000000", "n5.000000", "null", "null"}));
  EXPECT_EQ(run("coalesce(s, to_nowhere)", t), (Answers{"compile GW-2115"}));
  EXPECT_EQ(run("coalesce(s, 'q' || 10 / x)", t), (Answers{"a", "b", "c", "d", "GW-1202"}));
  EXPECT_EQ(run("x in (5, 1 / 0)", t), (Answers{"GW-1202", "GW-1202", "GW-1202", "null", "GW-1202"}));
  EXPECT_EQ(run("s is null or s in ('a', 'b')", t), (Answers{"true", "true", "false", "false", "true"}));
}

TEST(Lazy, ARowFailsOnceAndTakesPartInNothingAfterwards) {
  const Table t = numbers();
  EXPECT_EQ(run("10 / x + 1 / x", t), (Answers{"GW-1202", "11.000000", "5.500000", "null", "GW-1202"}));
  EXPECT_EQ(run("(10 / x > 1) and (1 / x > 0)", t), (Answers{"GW-1202", "true", "true", "null", "GW-1202"}));
  EXPECT_EQ(run("case when 1 / x = 1 then 1 / x else 2 / x end", t), (Answers{"GW-1202", "1.000000", "1.000000", "null", "GW-1202"}));
  EXPECT_EQ(run("coalesce(1 / x, 2 / x)", t), (Answers{"GW-1202", "1.000000", "0.500000", "null", "GW-1202"}));
}

TEST(Case, HasBothForms) {
  const Table t = numbers();
  EXPECT_EQ(run("case when x > 1 then 'many' when x = 1 then 'one' else s end", t), (Answers{"a", "one", "many", "d", "null"}));
  EXPECT_EQ(run("case s when 'a' then 1 when 'b' then 2.5 end", t), (Answers{"1.0", "2.5", "null", "null", "null"}));
  EXPECT_EQ(type_of("case when true then 1 when false then 2.5 end"), Type::decimal(20, 1));
  EXPECT_EQ(type_of("case when true then null else date '2024-01-01' end"), Type(TypeId::date32));
  EXPECT_EQ(value_of("case null when null then 'equal' else 'unknown' end"), "unknown");
  EXPECT_EQ(value_of("case when null then 1 end"), "null");
  EXPECT_EQ(value_of("case end"), "compile GW-2150");
  EXPECT_EQ(value_of("case when true 1 end"), "compile GW-2110");
  EXPECT_EQ(value_of("case when true then 1"), "compile GW-2111");
}

TEST(Unset, LeavesTheTargetAlone) {
  const Table t = numbers();
  EXPECT_EQ(run("unset", t), Answers(5, "unset"));
  EXPECT_EQ(run("case when x = 0 then unset else s end", t), (Answers{"unset", "b", "c", "d", "unset"}));
  EXPECT_EQ(run("case when x = 0 then unset when x = 1 then null else x end", t), (Answers{"unset", "null", "2", "null", "unset"}));
  EXPECT_EQ(run("if(x > 0, x, unset)", t), (Answers{"unset", "1", "2", "unset", "unset"}));
  EXPECT_EQ(run("coalesce(s, unset)", t), (Answers{"a", "b", "c", "d", "unset"}));
  EXPECT_EQ(run("coalesce(case when x = 0 then unset else s end, 'z')", t), (Answers{"unset", "b", "c", "d", "unset"}));
  EXPECT_EQ(run("try(10 / x, unset)", t), (Answers{"unset", "10.000000", "5.000000", "null", "unset"}));
  EXPECT_EQ(type_of("if(true, unset, 1)"), Type(TypeId::int64));
  EXPECT_EQ(run("s || unset", t), Answers{"compile GW-2121"});
  EXPECT_EQ(run("unset is null", t), Answers{"compile GW-2121"});
  EXPECT_EQ(run("case when unset then 1 end", t), Answers{"compile GW-2121"});
  EXPECT_EQ(run("if(x = 0, unset, s) || 'x'", t), Answers{"compile GW-2121"});
}

TEST(Try, TurnsAFailingRowIntoItsOtherwise) {
  const Table t = numbers();
  EXPECT_EQ(run("try(10 / x)", t), (Answers{"null", "10.000000", "5.000000", "null", "null"}));
  EXPECT_EQ(run("try(10 / x, -1)", t), (Answers{"-1.000000", "10.000000", "5.000000", "null", "-1.000000"}));
  EXPECT_EQ(run("try(10 / x, otherwise => 1 / x)", t), (Answers{"GW-1202", "10.000000", "5.000000", "null", "GW-1202"}));
  EXPECT_EQ(run("try(try(10 / x, 1 / x), 7)", t), (Answers{"7.000000", "10.000000", "5.000000", "null", "7.000000"}));
  EXPECT_EQ(run("try('a' || 10 / x, s)", t), (Answers{"a", "a10.000000", "a5.000000", "null", "null"}));
  EXPECT_EQ(run("1 / x + try(1 / x, 5)", t), (Answers{"GW-1202", "2.000000", "1.000000", "null", "GW-1202"}));
  EXPECT_EQ(run("try(1 / 0, 5)", t), Answers(5, "5.000000"));
  EXPECT_EQ(run("try(x, otherwise => 1, otherwise => 2)", t), Answers{"compile GW-2133"});
  EXPECT_EQ(run("try(x, 1, otherwise => 2)", t), Answers{"compile GW-2133"});
}

TEST(Selection, OtherRowsComeOutNullWithoutAnError) {
  const Table t = numbers();
  const std::vector<std::int32_t> rows{1, 3, 4};
  for (const auto& [text, expected] : std::vector<std::pair<std::string, Answers>>{
           {"10 / x", {"null", "10.000000", "null", "null", "GW-1202"}},
           {"s", {"null", "b", "null", "d", "null"}},
           {"'k'", {"null", "k", "null", "k", "k"}},
           {"s || x", {"null", "b1", "null", "null", "null"}},
           {"x = 0", {"null", "false", "null", "null", "true"}},
           {"case when x = 0 then 'zero' else s end", {"null", "b", "null", "d", "zero"}}}) {
    const auto e = compile(text, t.options()).value();
    EXPECT_EQ(answers(*e, t.input(), &rows), expected) << text;
    const std::vector<std::int32_t> none;
    EXPECT_EQ(answers(*e, t.input(), &none), Answers(5, "null")) << text;
  }
}

TEST(Columns, ABareColumnIsPassedOnAsItIs) {
  const Table t = numbers();
  const auto e = compile("s", t.options()).value();
  EXPECT_EQ(e->bare_column(), 1);
  EXPECT_EQ(e->columns_used(), std::vector<int>{1});
  const auto out = e->evaluate(t.input()).value();
  EXPECT_EQ(out.column.bytes.data(), t.columns[1].bytes.data()) << "shared, not copied";
  EXPECT_EQ(compile("s || ''", t.options()).value()->bare_column(), -1);
  EXPECT_EQ(compile("(s)", t.options()).value()->bare_column(), 1);
  EXPECT_EQ(compile("'s'", t.options()).value()->bare_column(), -1);
}

TEST(Columns, AreFoundInTheirParts) {
  Table t;
  t.add("客户编号", TypeId::utf8, {"K1"}).add("Zeile 2", TypeId::utf8, {"Z"}).add("sa\"y", TypeId::utf8, {"q"}).add("date", TypeId::utf8, {"d"});
  const Schema lets{{"land", TypeId::utf8}, {"date", TypeId::int64}};
  const Schema source{{"alt", TypeId::utf8}};
  CompileOptions o = t.options();
  o.scope.lets = &lets, o.scope.source = &source;
  const std::vector<Column> let_columns{column_of(TypeId::utf8, {"DE"}), column_of(TypeId::int64, {"1"})}, source_columns{column_of(TypeId::utf8, {"src"})};
  EvalInput in = t.input();
  in.lets = let_columns, in.source = source_columns;
  const auto value = [&](std::string_view text) { return answers(*compile(text, o).value(), in).front(); };
  EXPECT_EQ(value("客户编号 || \"Zeile 2\" || \"sa\"\"y\" || land || source.alt || date"), "K1ZqDEsrcd");
  const auto e = compile("land || source.alt || date", o).value();
  EXPECT_EQ(e->lets_used(), std::vector<int>{0});
  EXPECT_EQ(e->source_used(), std::vector<int>{0});
  EXPECT_EQ(e->columns_used(), std::vector<int>{3});
  EXPECT_EQ(error_of("source.alt", t).number, 2123);
  EXPECT_EQ(error_of("source.al", o).number, 2114);
  EXPECT_EQ(error_of("land.x", o).number, 2125);
}

TEST(Columns, ABatchOfAnotherShapeIsRefused) {
  const Table t = numbers();
  const auto e = compile("x + 1", t.options()).value();
  Table other;
  other.add("x", TypeId::utf8, {"a"});
  EXPECT_EQ(answers(*e, other.input()), Answers{"fatal GW-2199"});
  EvalInput empty;
  empty.rows = 1;
  EXPECT_EQ(answers(*e, empty), Answers{"fatal GW-2199"});
}

TEST(Constants, AreTextAsGiven) {
  const Table t = numbers();
  EXPECT_EQ(answers(*constant("har'bour"), t.input()), Answers(5, "har'bour"));
  EXPECT_EQ(constant("x")->type(), Type(TypeId::utf8));
}

TEST(Batches, OfNoRowsAreFine) {
  Table t;
  t.add("x", TypeId::int64, {}).add("s", TypeId::utf8, {});
  for (const std::string& text : std::vector<std::string>{"x", "x + 1", "s || 'a'", "case when x = 1 then s else 'b' end", "coalesce(s, unset)", "x in (1, 2)", "s like 'a%'", "'const'"})
    EXPECT_EQ(run(text, t), Answers{}) << text;
}

}  // namespace
}  // namespace godwit::expr
