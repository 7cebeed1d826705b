#include <gtest/gtest.h>

#include "plugins/kits/delimited/tests/support.hpp"

namespace godwit::delimited {
namespace {

using Values = std::vector<std::vector<Value>>;
constexpr std::nullopt_t kNull = std::nullopt;

std::vector<int> numbers(const ReadTable& t) {
  std::vector<int> out;
  for (const ReadBad& b : t.bad) out.push_back(b.number);
  return out;
}

// ---- what is data and what is not ----

TEST(Dialect, QuoteInsideAnUnquotedFieldIsACharacter) {
  const ReadTable t = read_table("a,b\n5\" pipe,10\n", options_for());
  EXPECT_EQ(t.values(), (Values{{"5\" pipe", "10"}}));
}

TEST(Dialect, EmptyAndQuotedEmptyDifferOnlyWhenEmptyMeansNull) {
  TableOptions options = options_for();
  EXPECT_EQ(read_table("a,b\n,\"\"\n", options).values(), (Values{{"", ""}}));
  options.dialect.nulls = {"", "NULL"};
  EXPECT_EQ(read_table("a,b\n,\"\"\nNULL,\"NULL\"\n", options).values(), (Values{{kNull, ""}, {kNull, "NULL"}}));
}

TEST(Dialect, NullTokensAreTakenAsTheyStand) {
  TableOptions options = options_for();
  options.dialect.nulls = {"\\N", "无"};
  EXPECT_EQ(read_table("a,b,c\n\\N,无, \\N\n", options).values(), (Values{{kNull, kNull, " \\N"}}));
}

TEST(Dialect, SpacesAreDataUnlessTrimmed) {
  TableOptions options = options_for();
  EXPECT_EQ(read_table("a,b\n x ,\" y \"\n", options).values(), (Values{{" x ", " y "}}));
  options.dialect.trim = true;
  EXPECT_EQ(read_table("a,b\n x \t, \" y \" \n", options).values(), (Values{{"x", " y "}}));
}

TEST(Dialect, ABackslashDialectOfADatabaseDump) {
  TableOptions options = options_for();
  options.dialect.delimiter = "\t", options.dialect.quote = 0, options.dialect.escape = '\\', options.dialect.escape_letters = true;
  EXPECT_EQ(read_table("a\tb\n\\N\tline\\none\\ttab\\\\\nx\\\ty\tz\\\nw\n", options).values(), (Values{{kNull, "line\none\ttab\\"}, {"x\ty", "z\nw"}}));
}

TEST(Dialect, DelimitersOfSeveralBytes) {
  for (const std::string delimiter : {"；", "||", "|~|", "+|"}) {
    TableOptions options = options_for();
    options.dialect.delimiter = delimiter;
    const std::string d = delimiter;
    EXPECT_EQ(read_table("a" + d + "b\n1~" + d + "\"x" + d + "y\"\n" + d + "\n", options).values(), (Values{{"1~", "x" + d + "y"}, {"", ""}})) << d;
  }
}

TEST(Dialect, ARecordEndOfItsOwn) {
  TableOptions options = options_for();
  options.dialect.delimiter = "+|", options.dialect.record_end = "&|\n", options.dialect.quote = 0;
  const ReadTable t = read_table("a+|b&|\n1+|two\nlines&|\n3+|&|\n", options);
  EXPECT_EQ(t.values(), (Values{{"1", "two\nlines"}, {"3", ""}}));
  EXPECT_EQ(t.rows[1].line, 4);
}

TEST(Dialect, CommentsAreNoRecordsEvenWithQuotesInThem) {
  TableOptions options = options_for();
  options.dialect.comment = "#";
  const ReadTable t = read_table("# it's a \"file\na,b\n1,2\n# don't, \"stop\n3,#4\n#\n", options);
  EXPECT_EQ(t.values(), (Values{{"1", "2"}, {"3", "#4"}}));
  EXPECT_EQ(t.rows[1].line, 5);
}

TEST(Dialect, ContradictionsAreRefused) {
  const auto refused = [](auto change) {
    Dialect d;
    change(d);
    const auto checked = check(d);
    return checked ? 0 : checked.error().number;
  };
  EXPECT_EQ(refused([](Dialect&) {}), 0);
  EXPECT_EQ(refused([](Dialect& d) { d.delimiter = ""; }), 1050);
  EXPECT_EQ(refused([](Dialect& d) { d.delimiter = "\n"; }), 1050);
  EXPECT_EQ(refused([](Dialect& d) { d.delimiter = "\""; }), 1050);
  EXPECT_EQ(refused([](Dialect& d) { d.quote = ' '; }), 1050);
  EXPECT_EQ(refused([](Dialect& d) { d.escape = '"'; }), 1050);
  EXPECT_EQ(refused([](Dialect& d) { d.comment = ",x"; }), 1050);
  EXPECT_EQ(refused([](Dialect& d) { d.max_field_bytes = 0; }), 1050);
  EXPECT_EQ(refused([](Dialect& d) { d.record_end = ","; }), 1050);
}

TEST(Dialect, CharactersByName) {
  EXPECT_EQ(parse_characters("tab"), "\t");
  EXPECT_EQ(parse_characters("\\t"), "\t");
  EXPECT_EQ(parse_characters("\\x1f"), "\x1f");
  EXPECT_EQ(parse_characters("&|\\n"), "&|\n");
  EXPECT_EQ(parse_characters("；"), "；");
  EXPECT_EQ(parse_characters("\\"), "\\");
}

// ---- what cannot be read ----

TEST(Unreadable, RaggedRecordsAreSetAsideWithTheirPlace) {
  const ReadTable t = read_table("a,b\n1\n2,3\n4,5,6\n", options_for());
  EXPECT_EQ(t.values(), (Values{{"2", "3"}}));
  ASSERT_EQ(numbers(t), (std::vector<int>{kTooFewFields, kTooManyFields}));
  EXPECT_EQ(t.bad[0].offset, 4);
  EXPECT_EQ(t.bad[0].line, 2);
  EXPECT_EQ(t.bad[0].raw, "1");
  EXPECT_EQ(t.bad[1].offset, 10);
  EXPECT_EQ(t.bad[1].raw, "4,5,6");
}

TEST(Unreadable, RaggedRecordsArePaddedWhenAskedFor) {
  TableOptions options = options_for();
  options.dialect.ragged = Ragged::pad;
  const ReadTable t = read_table("a,b\n1\n2,3,,\n4,5,6\n", options);
  EXPECT_EQ(t.values(), (Values{{"1", kNull}, {"2", "3"}}));
  EXPECT_EQ(numbers(t), (std::vector<int>{kTooManyFields}));
}

TEST(Unreadable, TextAfterAClosingQuoteCostsOneRecord) {
  const std::string text = "a,b\n\"x\"y,1\nz,2\n";
  ReadTable t = read_table(text, options_for());
  EXPECT_EQ(t.values(), (Values{{"z", "2"}}));
  EXPECT_EQ(numbers(t), (std::vector<int>{kTextAfterQuote}));
  EXPECT_EQ(t.bad[0].raw, "\"x\"y,1");
  TableOptions options = options_for();
  options.dialect.malformed = Malformed::keep;
  t = read_table(text, options);
  EXPECT_EQ(t.values(), (Values{{"\"x\"y", "1"}, {"z", "2"}}));
  EXPECT_TRUE(t.bad.empty());
}

TEST(Unreadable, AStrayQuoteCostsOneLineAndNotTheFile) {
  std::string text = "a,b\n1,x\n2,\"stray\n3,y\n4,\"fine, really\"\n5,z\n";
  ReadTable t = read_table(text, options_for());
  EXPECT_EQ(t.values(), (Values{{"1", "x"}, {"3", "y"}, {"4", "fine, really"}, {"5", "z"}}));
  EXPECT_EQ(numbers(t), (std::vector<int>{kOpenQuote}));
  EXPECT_EQ(t.bad[0].raw, "2,\"stray");
  EXPECT_EQ(t.bad[0].line, 3);
  EXPECT_EQ(t.rows[1].line, 4);

  // No other quote follows: the end of the file tells.
  text = "a,b\n1,\"stray\n2,x\n3,y\n";
  t = read_table(text, options_for());
  EXPECT_EQ(t.values(), (Values{{"2", "x"}, {"3", "y"}}));
  EXPECT_EQ(numbers(t), (std::vector<int>{kOpenQuote}));
}

TEST(Unreadable, AStrayQuoteInALargeFileCostsOneLine) {
  std::string text = "a,b\n0,\"stray\n";
  for (int i = 1; i <= 50000; ++i) text += std::to_string(i) + ",value\n";
  const ReadTable t = read_table(text, options_for());
  EXPECT_EQ(t.rows.size(), 50000u);
  EXPECT_EQ(numbers(t), (std::vector<int>{kOpenQuote}));
  TableOptions options = options_for();
  options.dialect.max_field_bytes = 1000;
  const ReadTable guarded = read_table(text, options);
  EXPECT_EQ(guarded.rows, t.rows);
  EXPECT_EQ(numbers(guarded), (std::vector<int>{kOpenQuote}));
}

TEST(Unreadable, AFieldBeyondTheLimitIsSkippedWithoutBeingHeld) {
  TableOptions options = options_for();
  options.dialect.max_field_bytes = 1000, options.window = 256;
  const std::string text = "a,b\n1,x\n2," + std::string(3 << 20, 'y') + "\n3,z\n";
  const ReadTable t = read_table(text, options);
  EXPECT_EQ(t.values(), (Values{{"1", "x"}, {"3", "z"}}));
  EXPECT_EQ(numbers(t), (std::vector<int>{kFieldTooLong}));
  EXPECT_EQ(t.rows[1].line, 4);
  EXPECT_LE(t.bad[0].raw.size(), 64u << 10);
}

TEST(Unreadable, AVeryLongFieldIsRead) {
  const std::string value(20 << 20, 'v');
  const ReadTable t = read_table("a,b\n1,\"" + value + "\"\n2,x\n", options_for());
  ASSERT_EQ(t.rows.size(), 2u);
  EXPECT_TRUE(t.rows[0].values[1] == value);
  EXPECT_EQ(t.rows[1].values, (std::vector<Value>{"2", "x"}));
}

TEST(Unreadable, NulBytes) {
  const std::string text("a,b\n1,x\0y\n2,z\n", 14);
  TableOptions options = options_for();
  ReadTable t = read_table(text, options);
  EXPECT_EQ(t.values(), (Values{{"2", "z"}}));
  EXPECT_EQ(numbers(t), (std::vector<int>{kNulByte}));
  options.dialect.nul = Nul::remove;
  EXPECT_EQ(read_table(text, options).values(), (Values{{"1", "xy"}, {"2", "z"}}));
  options.dialect.nul = Nul::keep;
  EXPECT_EQ(read_table(text, options).values(), (Values{{"1", std::string("x\0y", 3)}, {"2", "z"}}));
}

TEST(Unreadable, InvalidUtf8IsShownWithItsByte) {
  const std::string text = "a,b\n1,ok\n2,b\xe9se\n3,\xed\xa0\x80\n4,\xf0\x9f\x98\x80\n";
  const ReadTable t = read_table(text, options_for());
  EXPECT_EQ(t.values(), (Values{{"1", "ok"}, {"4", "\xf0\x9f\x98\x80"}}));
  ASSERT_EQ(numbers(t), (std::vector<int>{kInvalidBytes, kInvalidBytes}));
  EXPECT_EQ(t.bad[0].raw, "2,b\xe9se");
  MemorySource bytes(text);
  const TableOptions options = options_for();
  const auto head = read_head(bytes, options);
  auto reader = TableReader::open(bytes, options, *head, {0, 1}, head->records);
  const auto read = (*reader)->read(100, 1000);
  EXPECT_EQ(read->unreadable[0].error.argument("seen"), "0xE9");
  EXPECT_EQ(read->unreadable[0].error.argument("offset"), "12");
  EXPECT_EQ(read->unreadable[0].error.argument("place"), "t.csv:3");
}

TEST(Unreadable, TheHeaderAgainIsNoRow) {
  const ReadTable t = read_table("a,b\n1,2\na,b\n3,4\na,\"b\"\n", options_for());
  EXPECT_EQ(t.values(), (Values{{"1", "2"}, {"3", "4"}, {"a", "b"}}));
  EXPECT_EQ(numbers(t), (std::vector<int>{kHeaderAgain}));
}

// ---- before and behind the records ----

TEST(Head, SkipsLinesAndJoinsSeveralHeaderRows) {
  TableOptions options = options_for();
  options.skip_rows = 2, options.header_rows = 2;
  const ReadTable t = read_table("Export \"of\n2024,,\nName,联系方式,\n,手机,邮箱\nx,1,2\n", options);
  EXPECT_EQ(t.columns, (std::vector<std::string>{"Name", "联系方式/手机", "联系方式/邮箱"}));
  EXPECT_EQ(t.values(), (Values{{"x", "1", "2"}}));
  EXPECT_EQ(t.rows[0].line, 5);
}

TEST(Head, NamesAreCleanedAndMadeUnique) {
  const ReadTable t = read_table("\xEF\xBB\xBF id,\xC2\xA0name ,name,,name_2,name\n", options_for());
  EXPECT_EQ(t.columns, (std::vector<std::string>{"id", "name", "name_3", "column_4", "name_2", "name_4"}));
}

TEST(Head, WithoutAHeader) {
  TableOptions options = options_for();
  options.header_rows = 0;
  ReadTable t = read_table("1,2\n3,4\n", options);
  EXPECT_EQ(t.columns, (std::vector<std::string>{"column_1", "column_2"}));
  EXPECT_EQ(t.rows.size(), 2u);
  options.columns = {"x", "y"};
  t = read_table("1,2\n3,4\n", options);
  EXPECT_EQ(t.columns, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(t.rows[0].offset, 0);
  EXPECT_TRUE(read_table("", options).rows.empty());
}

TEST(Head, EmptyAndHeaderOnlyFiles) {
  EXPECT_EQ(read_table("", options_for()).failed, 1052);
  EXPECT_EQ(read_table("\n\n", options_for()).failed, 1052);
  const ReadTable t = read_table("a,b", options_for());
  EXPECT_EQ(t.columns.size(), 2u);
  EXPECT_TRUE(t.rows.empty() && t.bad.empty());
}

TEST(Head, OneColumnHasEmptyLinesAsValues) {
  EXPECT_EQ(read_table("a\n\nx\n\n", options_for()).values(), (Values{{""}, {"x"}, {""}}));
  EXPECT_EQ(read_table("a,b\n\n1,2\n\n", options_for()).values(), (Values{{"1", "2"}}));
}

TEST(Head, AMarkThatContradictsIsRefused) {
  EXPECT_EQ(read_table(std::string("\xFF\xFE" "a\0,\0b\0\n\0", 10), options_for()).failed, 1055);
  EXPECT_EQ(read_table("\xEF\xBB\xBF" "a,b\n", options_for("gb18030")).failed, 1055);
  EXPECT_EQ(read_table(std::string("\xFE\xFF\0a\0,\0b\0\n\0" "1\0,\0" "2", 16), options_for("utf-16")).values(), (Values{{"1", "2"}}));
}

TEST(Footer, RecordsAtTheEndAreLeftOut) {
  TableOptions options = options_for();
  options.skip_footer = 2;
  const std::string text = "a,b\n1,\"x\ny\"\n3,4\nTotal,\"2\nrows\"\nend\n";
  MemorySource bytes(text);
  const auto head = read_head(bytes, options);
  const auto ranges = split_table(bytes, options, *head, 1);
  ASSERT_TRUE(ranges);
  ReadTable t;
  read_range(bytes, options, *head, ranges->front(), &t);
  EXPECT_EQ(t.values(), (Values{{"1", "x\ny"}, {"3", "4"}}));
  EXPECT_TRUE(t.bad.empty());
}

}  // namespace
}  // namespace godwit::delimited
