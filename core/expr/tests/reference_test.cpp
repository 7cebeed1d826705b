// parent(), lookup() and value_map(): what looks outside the row.

#include "core/expr/tests/fake_references.hpp"
#include "core/expr/tests/harness.hpp"

namespace godwit::expr {
namespace {

using Answers = std::vector<std::string>;

struct World {
  Table table;
  FakeReferences references;
  CompileOptions options() {
    CompileOptions out = table.options();
    out.references = &references;
    return out;
  }
  Answers operator()(std::string_view text) { return run(text, table, options()); }
};

TEST(Parent, EachStateIsAReasonOfItsOwn) {
  World w;
  w.table.add("k", TypeId::utf8, {"A1", "gone", "bad", "dropped", "old", "later", std::nullopt, "twin"});
  EXPECT_EQ(w("parent(accounts, k)"), (Answers{"T-A1", "GW-1400", "GW-1401", "GW-1402", "T-survivor", "pending", "null", "GW-1405"}));
  EXPECT_EQ(w.references.nulls_seen, 0) << "a null key asks nobody";
  EXPECT_EQ(w("try(parent(accounts, k), 'none')"), (Answers{"T-A1", "none", "none", "none", "T-survivor", "pending", "null", "none"}));
  EXPECT_EQ(w("coalesce(parent(accounts, k), 'x') || '!'"), (Answers{"T-A1!", "GW-1400", "GW-1401", "GW-1402", "T-survivor!", "pending", "x!", "GW-1405"}));
}

TEST(Parent, ErrorsNameFlowAndKey) {
  World w;
  w.table.add("k", TypeId::utf8, {"gone"});
  const auto e = compile("parent([accounts, orders], k)", w.options()).value();
  const auto result = e->evaluate(w.table.input()).value();
  ASSERT_EQ(result.errors.size(), 1u);
  EXPECT_EQ(result.errors[0].error.argument("flow"), "accounts, orders");
  EXPECT_EQ(result.errors[0].error.argument("key"), "gone");
  EXPECT_EQ(e->parents_used(), (std::vector<std::string>{"accounts", "orders"}));
  EXPECT_FALSE(e->deferred());
  EXPECT_TRUE(compile("parent(tree, k)", w.options()).value()->deferred());
  EXPECT_TRUE(compile("case when k = 'x' then parent(tree, k) end", w.options()).value()->deferred());
}

TEST(Parent, TakesCompositeKeysAndAsksOnlyForRowsThatNeedIt) {
  World w;
  w.table.add("k", TypeId::utf8, {"A", "gone", "B", std::nullopt}).add("n", TypeId::int64, {"1", "2", std::nullopt, "4"});
  EXPECT_EQ(w("parent(orders, k, n)"), (Answers{"T-A/1", "T-gone/2", "null", "null"}));
  EXPECT_EQ(w.references.asked, (std::vector<std::int64_t>{2}));
  w.references.asked.clear();
  EXPECT_EQ(w("case when n = 1 then parent(accounts, k) else 'other' end"), (Answers{"T-A", "other", "other", "other"}));
  EXPECT_EQ(w.references.asked, (std::vector<std::int64_t>{1}));
  w.references.asked.clear();
  EXPECT_EQ(w("parent(accounts, 'A')"), (Answers{"T-A", "T-A", "T-A", "T-A"}));
}

TEST(Parent, IsCheckedWhenCompiled) {
  World w;
  w.table.add("k", TypeId::utf8, {"A"});
  EXPECT_EQ(w("parent(accounts)"), Answers{"compile GW-2131"});
  EXPECT_EQ(w("parent(1, k)"), Answers{"compile GW-2137"});
  EXPECT_EQ(w("k | parent(accounts)"), Answers{"compile GW-2139"});
  EXPECT_EQ(w("parent(acounts, k)"), Answers{"compile GW-4020"});
  const Error e = error_of("parent(acounts, k)", w.options());
  EXPECT_EQ(e.argument("place"), "flow.yaml:1:8");
  EXPECT_EQ(run("parent(accounts, k)", w.table), Answers{"compile GW-2126"});
}

TEST(Lookup, NotFoundAndFoundTwiceAreErrors) {
  World w;
  w.table.add("k", TypeId::utf8, {"ann", "nobody", "twin", std::nullopt, "bob"}).add("site", TypeId::utf8, {"N", "N", "N", "N", "N"});
  EXPECT_EQ(w("lookup(crm.User, Code, k)"), (Answers{"U1", "GW-1403", "GW-1404", "null", "U-bob"}));
  EXPECT_EQ(w("lookup(crm.User, Code, k, otherwise => null)"), (Answers{"U1", "null", "GW-1404", "null", "U-bob"}));
  EXPECT_EQ(w("lookup(crm.User, Code, k, otherwise => set_aside)"), (Answers{"U1", "GW-1403", "GW-1404", "null", "U-bob"}));
  EXPECT_EQ(w("lookup(crm.User, Code, k, otherwise_value => 'ann')"), (Answers{"U1", "U1", "GW-1404", "null", "U-bob"}));
  EXPECT_EQ(w("lookup(crm.User, Code, k, otherwise_value => 'gone')"), (Answers{"U1", "GW-1403", "GW-1404", "null", "U-bob"}));
  EXPECT_EQ(w("lookup(crm.User, Code, k, otherwise_value => 'gone', otherwise => null)"), (Answers{"U1", "null", "GW-1404", "null", "U-bob"}));
  EXPECT_EQ(w("lookup(crm.User, Code, k, otherwise_value => null)"), (Answers{"U1", "null", "GW-1404", "null", "U-bob"}));
  EXPECT_EQ(w("lookup(crm.User, [Code, Site], k, site)")[0], "U-ann/N");
  EXPECT_EQ(w("lookup(crm.User, Code, k, give => Name)")[0], "Name-ann");
  EXPECT_EQ(w("lookup(crm.\"User\", \"Code\", k)")[0], "U1");
}

TEST(Lookup, IsCheckedWhenCompiled) {
  World w;
  w.table.add("k", TypeId::utf8, {"A"});
  EXPECT_EQ(w("lookup(User, Code, k)"), Answers{"compile GW-2137"});
  EXPECT_EQ(w("lookup(crm.User, [Code, Site], k)"), Answers{"compile GW-2130"});
  EXPECT_EQ(w("lookup(crm.User, Code, k, otherwise => 'x')"), Answers{"compile GW-2138"});
  EXPECT_EQ(w("lookup(crm.User, Code, k, otherwise_value => 1)"), Answers{"compile GW-2135"});
  EXPECT_EQ(w("lookup(crm.User, [Code, Site], k, k, otherwise_value => 'x')"), Answers{"compile GW-2129"});
  EXPECT_EQ(w("lookup(crm.User, Code, k, give => 1 + 1)"), Answers{"compile GW-2137"});
  EXPECT_EQ(w("lookup(crm.User, Code, k, given => x)"), Answers{"compile GW-2132"});
  EXPECT_EQ(w("lookup(crm.Usr, Code, k)"), Answers{"compile GW-4020"});
}

TEST(ValueMap, MapsAndSaysWhatItDoesNotKnow) {
  World w;
  w.table.add("b", TypeId::utf8, {"Schiff", "Rakete", std::nullopt, "Öl, Gas", "leer", "bank"});
  EXPECT_EQ(w("value_map(b, maps/industry.csv)"), (Answers{"Shipping", "GW-1210", "null", "Energy", "null", "GW-1210"}));
  EXPECT_EQ(w("b | value_map(maps/industry.csv, otherwise => keep)"), (Answers{"Shipping", "Rakete", "null", "Energy", "null", "bank"}));
  EXPECT_EQ(w("value_map(b, 'maps/industry.csv', otherwise => null)"), (Answers{"Shipping", "null", "null", "Energy", "null", "null"}));
  EXPECT_EQ(w("value_map(b, maps/industry.csv , otherwise => 'Other')"), (Answers{"Shipping", "Other", "null", "Energy", "null", "Other"}));
  EXPECT_EQ(w("value_map(b, maps/industry.csv, otherwise => 'New ' || b)"), (Answers{"Shipping", "New Rakete", "null", "Energy", "null", "New bank"}));
  EXPECT_EQ(w("value_map(b, maps/industry.csv, otherwise => unset)"), (Answers{"Shipping", "unset", "null", "Energy", "null", "unset"}));
  EXPECT_EQ(w("value_map(b, maps/industry.csv, otherwise => set_aside, ignore_case => true)"), (Answers{"Shipping", "GW-1210", "null", "Energy", "null", "Finance"}));
  EXPECT_EQ(w("value_map(b, maps/industry.csv, from => old, to => remark, otherwise => null)")[0], "with a comma, here");
  const auto e = compile("value_map(b, maps/industry.csv)", w.options()).value();
  EXPECT_EQ(e->files_used(), std::vector<std::string>{"maps/industry.csv"});
  EXPECT_EQ(e->evaluate(w.table.input())->errors[0].error.argument("seen"), "Rakete");
}

TEST(ValueMap, ReadsChineseFilesIntegersAndFoldsCase) {
  World w;
  w.table.add("类型", TypeId::utf8, {"客户", "straße"}).add("n", TypeId::int64, {"5", "6"});
  EXPECT_EQ(w("value_map(类型, 映射/类型.csv, ignore_case => true)"), (Answers{"Customer", "Street"}));
  EXPECT_EQ(w("value_map(n, 映射/类型.csv)"), (Answers{"five", "GW-1210"}));
  EXPECT_EQ(w("value_map(n, 映射/类型.csv, otherwise => keep)"), (Answers{"five", "6"}));
  EXPECT_EQ(w("value_map(类型, 映射/类型.csv, from => 新值, to => \"旧值\", otherwise => null)"), (Answers{"null", "null"}));
}

TEST(ValueMap, MistakesInTheFileAreFoundBeforeTheFirstRow) {
  const std::string folder = ::testing::TempDir();
  const auto file = [&](const std::string& content) {
    std::FILE* f = std::fopen((folder + "map.csv").c_str(), "wb");
    EXPECT_NE(f, nullptr);
    std::fwrite(content.data(), 1, content.size(), f);
    std::fclose(f);
  };
  Table t;
  t.add("b", TypeId::utf8, {"x"});
  CompileOptions o = t.options();
  o.folder = folder;
  const auto says = [&](const std::string& content, const std::string& more = "") {
    file(content);
    return error_of("value_map(b, map.csv" + more + ")", o);
  };
  EXPECT_EQ(says("a,b\nx,1\ny,2\nx,3\n").number, 2143);
  EXPECT_EQ(says("a,b\nx,1\ny,2\nx,3\n").argument("place"), "map.csv:4");
  EXPECT_EQ(says("a,b\nx,1\ny,2\nx,3\n").argument("first"), "2");
  EXPECT_EQ(says("a,b\nx,1\nX,2\n").number, 0);
  EXPECT_EQ(says("a,b\nx,1\nX,2\n", ", ignore_case => true").number, 2143);
  EXPECT_EQ(says("a,b\nx\n").number, 2144);
  EXPECT_EQ(says("a;b\nx;1\n").number, 2141);
  EXPECT_EQ(says("").number, 2140);
  EXPECT_EQ(says("a,b\nx,1\n", ", to => c").number, 2142);
  EXPECT_EQ(says("a,a\nx,1\n", ", to => a").number, 2142);
  EXPECT_EQ(says("a,b\nx,\"1\n").number, 5910);
  EXPECT_EQ(says("a,b\n\xBF\xCD\xBB\xA7,1\n").number, 5910) << "saved as GBK";
  const Error missing = error_of("value_map(b, maps/none.csv)", o);
  EXPECT_EQ(missing.number, 2145);
  EXPECT_EQ(missing.argument("place"), "flow.yaml:1:14");
  EXPECT_EQ(error_of("value_map(b, 1 + 1)", o).number, 2137);
  EXPECT_EQ(error_of("value_map(b)", o).number, 2131);
  EXPECT_EQ(error_of("value_map(1.5, map.csv)", o).number, 2135);
  EXPECT_EQ(error_of("value_map(b, map.csv, otherwise => 1)", o).number, 2135);
}

TEST(Mentions, AreFoundWithoutAnyScope) {
  const auto m = mentions(
                     "coalesce(parent([accounts, branches], cust_no, \"Zeile 2\"), lookup(crm.User, [Code, Site], owner, site, give => Name),"
                     " value_map(branch, maps/industry.csv, from => old, otherwise => keep), source.alt, 客户 | trim())",
                     {})
                     .value();
  EXPECT_EQ(m.parents, (std::vector<std::string>{"accounts", "branches"}));
  EXPECT_EQ(m.lookups, (std::vector<std::string>{"crm.User"}));
  EXPECT_EQ(m.files, (std::vector<std::string>{"maps/industry.csv"}));
  EXPECT_EQ(m.columns, (std::vector<std::string>{"cust_no", "Zeile 2", "owner", "site", "branch", "alt", "客户"}));
  EXPECT_FALSE(mentions("a +", {}));
}

}  // namespace
}  // namespace godwit::expr
