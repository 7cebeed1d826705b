#include <gtest/gtest.h>

#include "plugins/kits/delimited/tests/support.hpp"

namespace godwit::delimited {
namespace {

using Values = std::vector<std::vector<Value>>;

TEST(Table, ReadsHeaderRowsPlacesAndLines) {
  const ReadTable t = read_table("a,b\n1,\"x\ny\"\r\n2,\"say \"\"hi\"\"\"\n3,", options_for());
  EXPECT_EQ(t.columns, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(t.rows.size(), 3u);
  EXPECT_EQ(t.values(), (Values{{"1", "x\ny"}, {"2", "say \"hi\""}, {"3", ""}}));
  EXPECT_EQ(t.rows[0].offset, 4);
  EXPECT_EQ(t.rows[0].line, 2);
  EXPECT_EQ(t.rows[1].offset, 13);
  EXPECT_EQ(t.rows[1].line, 4);
  EXPECT_EQ(t.rows[2].line, 5);
  EXPECT_TRUE(t.bad.empty());
}

}  // namespace
}  // namespace godwit::delimited
