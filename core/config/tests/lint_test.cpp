// Mistakes that YAML takes without a word, or refuses with the wrong one.
#include "core/config/lint.hpp"

#include <fmt/format.h>

#include "core/config/tests/support.hpp"

namespace godwit::config {
namespace {

Lines of_map(const std::string& lines) { return mistakes(with_flow_tail("map:\n" + lines)); }

TEST(FullWidth, PunctuationAsSyntaxIsNamed) {
  EXPECT_EQ(of_map("  Name：name\n  Phone: tel\n"),
            Lines{"GW-2012 flows/accounts.yaml:5:7: the full-width character \"：\" stands where : belongs"});
  EXPECT_EQ(of_map("  Phone: tel\n  Name： name\n"),
            Lines{"GW-2012 flows/accounts.yaml:6:7: the full-width character \"：\" stands where : belongs"});
  EXPECT_EQ(of_map("  Phone: upper（tel）\n"),
            Lines{"GW-2012 flows/accounts.yaml:5:15: the full-width character \"（\" stands where ( belongs"});
  EXPECT_EQ(of_map("  Phone: coalesce(tel，'')\n"),
            Lines{"GW-2012 flows/accounts.yaml:5:22: the full-width character \"，\" stands where , belongs"});
  EXPECT_EQ(of_map("  Phone: “两 个”\n"),
            Lines{"GW-2012 flows/accounts.yaml:5:10: the full-width character \"“\" stands where \" belongs"});
  EXPECT_EQ(of_map("  Phone: tel ｜ trim()\n"),
            Lines{"GW-2012 flows/accounts.yaml:5:14: the full-width character \"｜\" stands where | belongs"});
  EXPECT_EQ(of_map("  Phone: |\n    tel ||\n      lower（tel）\n"),
            Lines{"GW-2012 flows/accounts.yaml:7:12: the full-width character \"（\" stands where ( belongs"});
  MemoryFiles files = sound_project();
  files.files["godwit.yaml"] = "project：x\n";
  EXPECT_EQ(mistakes(files).front(), "GW-2012 godwit.yaml:1:8: the full-width character \"：\" stands where : belongs");
  files = sound_project();
  files.files["flows/accounts.yaml"] = "from: [legacy.a，legacy.b]\nto: crm.A\nmap: {a: b}\n";
  EXPECT_EQ(mistakes(files),
            Lines{"GW-2012 flows/accounts.yaml:1:16: the full-width character \"，\" stands where , belongs"});
}

TEST(FullWidth, IndentationIsNamed) {
  EXPECT_EQ(of_map("　Name: name\n"),
            Lines{"GW-2012 flows/accounts.yaml:5:1: the full-width character \"　\" stands where U+0020 belongs"});
}

TEST(FullWidth, InsideQuotesProseAndCommentsIsData) {
  EXPECT_EQ(of_map("  # 注释：（全角）\n"
                   "  A: replace(a, '，', ',')  # 全角逗号，改为半角\n"
                   "  B: |\n"
                   "    \"金额（元）\" || '：'\n"
                   "  C: {const: 中国（上海）：“总部”，一}\n"
                   "validate:\n"
                   "  - check: a > 0\n"
                   "    say: “金额”（人民币）为负，请更正：谢谢\n"
                   "  - in: {A: [是（默认）, 否]}\n"),
            Lines{});
}

TEST(Comment, ThatCutsAnExpressionIsNamed) {
  EXPECT_EQ(of_map("  Name: a || '#1 ' || b\n"), Lines{}) << "no blank before it: no comment";
  EXPECT_EQ(of_map("  Name: a || ' # ' || b\n"),
            Lines{"GW-2013 flows/accounts.yaml:5:16: YAML reads \"# ' || b\" as a comment, which cuts the expression"});
  EXPECT_EQ(of_map("  Name: coalesce(a, #b\n"),
            Lines{"GW-2013 flows/accounts.yaml:5:21: YAML reads \"#b\" as a comment, which cuts the expression"});
  EXPECT_EQ(mistakes(with_flow_tail("map: {A: a}\nvalidate:\n  - check: a > 0 #b\n")),
            Lines{"GW-2013 flows/accounts.yaml:6:18: YAML reads \"#b\" as a comment, which cuts the expression"});
  EXPECT_EQ(of_map("  Name: a > # what comes here?\n"), Lines{"GW-2013 flows/accounts.yaml:5:13: YAML reads \"# what "
                                                              "comes here?\" as a comment, which cuts the expression"});
  EXPECT_EQ(
      of_map("  Name: a ||  # the first\n    b\n"),
      Lines{"GW-2013 flows/accounts.yaml:5:15: YAML reads \"# the first\" as a comment, which cuts the expression"});
}

TEST(Comment, BehindAWholeExpressionIsOne) {
  EXPECT_EQ(of_map("  Name: upper(a)   # the trading name, '#' and all\n  B: a <> 'X'\t# tab before\n"), Lines{});
  EXPECT_EQ(of_map("  Name: |\n    a || ' #x'\n"), Lines{});
  EXPECT_EQ(of_map("  Name: \"a || ' #x'\"\n"), Lines{});
}

TEST(QuotedWord, IsNamedWithBothReadings) {
  const auto files = with_flow_tail("map:\n  Country: 'CN'\n");
  const auto project = load_in(files);
  ASSERT_FALSE(project);
  EXPECT_EQ(describe(project.error()),
            "GW-2014 flows/accounts.yaml:5:12: YAML drops the quotes of 'CN', so it would be the column CN\n"
            "  For the text write {const: CN}. For the column leave out the quotes, or put a name with blanks in a "
            "block scalar (`|` "
            "and \"CN\" in the next line).");
  for (const char* word : {"\"CN\"", "'客户 名称'", "'5'", "\"2024-01-01\"", "'a.b'", "'hello world'"}) {
    EXPECT_EQ(errors_of(load_in(with_flow_tail(fmt::format("map:\n  Country: {}\n", word)))).at(0).number, 2014)
        << word;
  }
}

TEST(QuotedWord, WithMoreThanAWordIsAnExpression) {
  for (const char* word :
       {"\"upper(a)\"", "'a || b'", "\"a is null\"", "\"'CN'\"", "'\"客户 名称\"'", "\"a - b\"", "\"not closed\""}) {
    EXPECT_EQ(of_map(fmt::format("  Country: {}\n", word)), Lines{}) << word;
  }
}

TEST(LeadingQuote, NeedsABlockScalar) {
  EXPECT_EQ(of_map("  Name: 'x' || y\n"), Lines{"GW-2015 flows/accounts.yaml:5:9: an expression that begins with a "
                                                "quote: to YAML it ends with the closing one"});
  EXPECT_EQ(of_map("  Name: \"two words\" || y\n  Phone: x\n"),
            Lines{"GW-2015 flows/accounts.yaml:5:9: an expression that begins with a quote: to YAML it ends with the "
                  "closing one"});
  EXPECT_EQ(of_map("  Name: |\n    'x' || y\n"), Lines{});
}

TEST(Braces, CutAnExpressionAtItsComma) {
  EXPECT_EQ(mistakes(with_flow_tail("map: {Name: coalesce(a, b), X: y}\n")),
            Lines{"GW-2016 flows/accounts.yaml:4:23: inside {..} and [..] the sign \",\" ends the value, which cuts "
                  "the expression"});
  EXPECT_EQ(mistakes(with_flow_tail("map: {Name: \"coalesce(a, b)\", X: y}\n")), Lines{});
}

TEST(Layout, TabsAreNamed) {
  EXPECT_EQ(of_map("\tName: name\n"), Lines{"GW-2010 flows/accounts.yaml:5:1: a tab in the indentation"});
  EXPECT_EQ(of_map("  Name: name\n  \tPhone: tel\n\t\n\t# a comment\n"),
            Lines{"GW-2010 flows/accounts.yaml:6:3: a tab in the indentation"});
  EXPECT_EQ(of_map("  Name:\tname\n  B: |\n    a\n    \t|| b\n"), Lines{}) << "between words a tab is white space";
}

TEST(Layout, MissingBlankBehindTheColon) {
  EXPECT_EQ(of_map("  Name:name\n  Phone: tel\n"),
            Lines{"GW-2025 flows/accounts.yaml:5:7: a blank is missing behind the colon"});
  EXPECT_EQ(of_map("  Phone: tel\n  Name:name\n"),
            Lines{"GW-2025 flows/accounts.yaml:6:7: a blank is missing behind the colon"});
}

TEST(Layout, CausesOfYamlsComplaints) {
  EXPECT_EQ(of_map("  Name: a: b\n"),
            Lines{"GW-2027 flows/accounts.yaml:5:10: a second `: ` in one value, or a line indented too far"});
  EXPECT_EQ(mistakes(with_flow_tail("map: {a: b}\n  zone: Asia/Shanghai\n")).at(0).substr(0, 30),
            "GW-2011 flows/accounts.yaml:5:");
  EXPECT_EQ(mistakes(with_flow_tail("zone: Asia/Shanghai\n  map: {a: b}\n")),
            Lines{"GW-2027 flows/accounts.yaml:5:6: a second `: ` in one value, or a line indented too far"});
  EXPECT_EQ(of_map("  Name: @x\n"), Lines{"GW-2026 flows/accounts.yaml:5:9: a value cannot begin with \"@\""});
  EXPECT_EQ(of_map("  Name: \"open\n"), Lines{"GW-2024 flows/accounts.yaml:5:9: this quote is never closed"});
}

TEST(Layout, IsNeverCutOffSilently) {
  // YAML would take the second part for another document, or stop reading.
  EXPECT_EQ(mistakes(with_flow_tail("map: {a: b}\n---\nzone: x\n")),
            Lines{"GW-2018 flows/accounts.yaml:5:1: a second document begins here"});
  MemoryFiles files = sound_project();
  files.files["flows/accounts.yaml"] = "  from: legacy.a\n to: crm.A\n map: {a: b}\n";
  EXPECT_EQ(mistakes(files), Lines{"GW-2018 flows/accounts.yaml:2:2: a second document begins here"});
  EXPECT_EQ(mistakes(with_flow_tail("map: {a: b}\n}\n")).size(), 1u);
  EXPECT_EQ(mistakes(with_flow_tail("map: {a: b}\n...\nzone: x\n")).size(), 1u);
}

TEST(ExpressionShape, SeesWhatIsLeftOpen) {
  EXPECT_TRUE(scan_expression("a || 'x").open_quote);
  EXPECT_FALSE(scan_expression("a || 'it''s'").open_quote);
  EXPECT_EQ(scan_expression("f(a, [b").depth, 2);
  EXPECT_EQ(scan_expression("f('(')").depth, 0);
  EXPECT_TRUE(scan_expression("a and b >").ends_open);
  EXPECT_FALSE(scan_expression("f(a)").ends_open);
  EXPECT_EQ(scan_expression("'（' || （a").full_width, 9u);
}

}  // namespace
}  // namespace godwit::config
