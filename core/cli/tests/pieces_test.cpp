// Small decisions of commands that are easier to see apart: sheets, pipes, keys.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/cli/correction_sheet.hpp"
#include "core/cli/explainer.hpp"
#include "core/cli/row_history.hpp"

namespace godwit::cli {
namespace {

using testing::ElementsAre;

TEST(CorrectionSheet, KnowsWhatSpreadsheetProgramsDoToNumbers) {
  EXPECT_TRUE(looks_reformatted("007", "7"));
  EXPECT_TRUE(looks_reformatted("+49170", "49170"));
  EXPECT_TRUE(looks_reformatted("12.50", "12.5"));
  EXPECT_TRUE(looks_reformatted("1,234", "1234"));
  EXPECT_TRUE(looks_reformatted("440123456789", "4.40E+11"));
  EXPECT_FALSE(looks_reformatted("007", "008"));
  EXPECT_FALSE(looks_reformatted("7", "-7"));
  EXPECT_FALSE(looks_reformatted("abc", "abd"));
  EXPECT_FALSE(looks_reformatted("", "7")) << "a value that was missing is a correction";
  EXPECT_FALSE(looks_reformatted("7", ""));
  EXPECT_FALSE(looks_reformatted("7", "7"));
  EXPECT_FALSE(looks_reformatted("12-3", "Dec 3"));
}

TEST(Pipes, EndWherePipesOfTheExpressionItselfStand) {
  EXPECT_THAT(pipe_ends("a | f(b) | g"), ElementsAre(2, 9, 12));
  EXPECT_THAT(pipe_ends("a || b"), ElementsAre(6));
  EXPECT_THAT(pipe_ends("f(a | g)"), ElementsAre(8));
  EXPECT_THAT(pipe_ends("'a|b' | f('|')"), ElementsAre(6, 14));
  EXPECT_THAT(pipe_ends("'it''s|' | f"), ElementsAre(9, 12));
  EXPECT_THAT(pipe_ends("\"a|b\" | f"), ElementsAre(6, 9));
  EXPECT_THAT(pipe_ends("case when x then a | f else b end | g"), ElementsAre(34, 37));
  EXPECT_THAT(pipe_ends("weekend | f"), ElementsAre(8, 11));
  EXPECT_THAT(pipe_ends("'open"), ElementsAre(5));
}

Hash128 hash(std::vector<Column> columns) { return hash_keys(columns).front(); }
Column text_column(std::string_view v) {
  ColumnBuilder b{Type(TypeId::utf8)};
  b.append_text(v);
  return b.finish();
}
Column integer_column(std::int64_t v) {
  ColumnBuilder b{Type(TypeId::int64)};
  b.append_int64(v);
  return b.finish();
}

TEST(PossibleHashes, TryEachPartAsTextAndAsInteger) {
  const auto has = [](const std::string& key, const Hash128& wanted) {
    const auto all = possible_hashes(key);
    return std::find(all.begin(), all.end(), wanted) != all.end();
  };
  EXPECT_TRUE(has("10023", hash({text_column("10023")})));
  EXPECT_TRUE(has("10023", hash({integer_column(10023)})));
  EXPECT_TRUE(has("DE / 7", hash({text_column("DE"), integer_column(7)})));
  EXPECT_TRUE(has("DE / 7", hash({text_column("DE"), text_column("7")})));
  EXPECT_TRUE(has("DE / 7", hash({text_column("DE / 7")}))) << "a key that holds the separator itself";
  EXPECT_FALSE(has("007", hash({integer_column(7)}))) << "007 is no integer as people read it";
}

}  // namespace
}  // namespace godwit::cli
