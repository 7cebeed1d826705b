// Three-valued logic, held against the tables of the SQL standard and against SQLite.

#include <sqlite3.h>

#include <memory>

#include "core/expr/tests/harness.hpp"

namespace godwit::expr {
namespace {

// What SQLite answers, with 1 and 0 as true and false.
std::string sqlite_says(const std::string& text, bool truth) {
  sqlite3* db = nullptr;
  EXPECT_EQ(sqlite3_open(":memory:", &db), SQLITE_OK);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> close(db, sqlite3_close);
  sqlite3_exec(db, "pragma case_sensitive_like = on", nullptr, nullptr, nullptr);
  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(sqlite3_prepare_v2(db, ("select " + text).c_str(), -1, &statement, nullptr), SQLITE_OK) << text;
  const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> finalize(statement, sqlite3_finalize);
  EXPECT_EQ(sqlite3_step(statement), SQLITE_ROW) << text;
  if (sqlite3_column_type(statement, 0) == SQLITE_NULL) return "null";
  if (truth) return sqlite3_column_int(statement, 0) != 0 ? "true" : "false";
  return reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
}

TEST(Logic, AgreesWithSqliteOnEveryCombination) {
  const std::vector<std::string> values{"true", "false", "null"};
  for (const std::string& a : values)
    for (const std::string& b : values)
      for (const std::string& c : values)
        for (const std::string& text : std::vector<std::string>{a + " and " + b + " or " + c, a + " or " + b + " and " + c, "not " + a + " or " + b, "not (" + a + " and " + b + ")",
              "(" + a + " and " + b + ") is null", "(" + a + " or " + b + ") is not true", "(" + a + ") is false",
              "case when " + a + " then " + b + " else " + c + " end", "case when " + a + " then 1 when " + b + " then 2 end = 2",
              "coalesce(" + a + ", " + b + ", " + c + ")", "nullif(" + a + ", " + b + ")"})
          EXPECT_EQ(value_of(text), sqlite_says(text, true)) << text;
}

TEST(Logic, ComparisonsWithNullAreUnknown) {
  for (const std::string& op : std::vector<std::string>{"=", "<>", "<", "<=", ">", ">="})
    for (const std::string& text : std::vector<std::string>{"1 " + op + " null", "null " + op + " 1", "null " + op + " null", "2 " + op + " 1", "1 " + op + " 2", "1 " + op + " 1"})
      EXPECT_EQ(value_of(text), sqlite_says(text, true)) << text;
  for (const std::string& text : std::vector<std::string>{"1 in (1, null)", "2 in (1, null)", "2 not in (1, null)", "null in (1)", "1 not in (1, null)", "null in (null)", "2 in (1, 3)",
        "2 between 1 and 3", "2 not between 1 and 3", "0 between 1 and null", "2 between 1 and null", "2 between null and 1",
        "2 not between null and 1", "null between 1 and 2", "'a' like null", "null like 'a'", "null is null", "1 is not null"})
    EXPECT_EQ(value_of(text), sqlite_says(text, true)) << text;
}

TEST(Logic, OnColumnsIsTheSameAsOnConstants) {
  Table t;
  Cells a, b;
  for (const auto& x : Cells{"true", "false", std::nullopt})
    for (const auto& y : Cells{"true", "false", std::nullopt}) a.push_back(x), b.push_back(y);
  t.add("a", TypeId::boolean, a).add("b", TypeId::boolean, b);
  for (const std::string& text : std::vector<std::string>{"a and b", "a or b", "not a", "a = b", "a <> b", "a is true", "a is not false", "a is null", "a in (b, true)",
                                 "if(a, b, not b)", "a and not b or b and not a", "coalesce(a, b)", "nullif(a, b)"}) {
    const std::vector<std::string> got = run(text, t);
    ASSERT_EQ(got.size(), 9u) << text;
    for (std::size_t i = 0; i < 9; ++i) {
      std::string constant;
      for (const char& c : text) {
        // Single letters are the columns.
        const std::size_t at = static_cast<std::size_t>(&c - text.data());
        const bool alone = (at == 0 || !isalpha(text[at - 1])) && (at + 1 == text.size() || !isalpha(text[at + 1]));
        if (alone && c == 'a') constant += a[i].value_or("null");
        else if (alone && c == 'b') constant += b[i].value_or("null");
        else constant += c;
      }
      const std::string sql = constant.starts_with("if(") ? "i" + constant : constant;
      EXPECT_EQ(got[i], sqlite_says(sql, true)) << constant;
      EXPECT_EQ(got[i], value_of(constant)) << constant;
    }
  }
}

TEST(Like, AgreesWithSqlite) {
  const std::vector<std::string> texts{"", "a", "ab", "abc", "aXbXc", "客户名称", "100%", "a_b", "aab", "abab", "mississippi"};
  const std::vector<std::string> patterns{"", "%", "_", "__", "a%", "%b", "%b%", "a_", "a%c", "客_名%", "%称", "%%", "_%_", "a%b%c", "%ab", "%is%ip%", "m%_pi", "%_客%", "ab%ab"};
  for (const std::string& text : texts)
    for (const std::string& pattern : patterns)
      for (const std::string& not_ : std::vector<std::string>{"", "not "}) {
        const std::string e = "'" + text + "' " + not_ + "like '" + pattern + "'";
        EXPECT_EQ(value_of(e), sqlite_says(e, true)) << e;
      }
  for (const std::string& e : std::vector<std::string>{"'100%' like '100!%' escape '!'", "'100x' like '100!%' escape '!'", "'a_b' like 'a\\_b' escape '\\'",
                              "'axb' like 'a\\_b' escape '\\'", "'a!b' like 'a!!b' escape '!'", "'客x' like '名客名x' escape '名'"})
    EXPECT_EQ(value_of(e), sqlite_says(e, true)) << e;
}

TEST(Like, PatternsMayBeDataToo) {
  Table t;
  t.add("v", TypeId::utf8, {"abc", "abc", "abc", std::nullopt, "100%"}).add("p", TypeId::utf8, {"a%", "b%", std::nullopt, "a", "100!%"}).add("e", TypeId::utf8, {"!", "!", "!", "!", "!"});
  EXPECT_EQ(run("v like p", t), (std::vector<std::string>{"true", "false", "null", "null", "false"}));
  EXPECT_EQ(run("v like p escape e", t), (std::vector<std::string>{"true", "false", "null", "null", "true"}));
  EXPECT_EQ(run("v like p escape 'ab'", t), (std::vector<std::string>{"GW-1205", "GW-1205", "null", "null", "GW-1205"}));
  EXPECT_EQ(run("v like 'a!' escape '!'", t), (std::vector<std::string>{"compile GW-2128"}));
  EXPECT_EQ(run("v like 'a' escape 'xy'", t), (std::vector<std::string>{"compile GW-2128"}));
}

}  // namespace
}  // namespace godwit::expr
