// Settings, check and describe.
#include <sys/stat.h>

#include "connectors/sqlite/tests/harness.hpp"

namespace godwit::sqlite_test {
namespace {

class SqliteConnection : public SqliteTest {};

TEST_F(SqliteConnection, CheckSaysWhatTheFileIs) {
  sql("create table b (x); create table a (x); create view v as select * from a; create table godwit_ledger (x); "
      "create virtual table f using fts5(t);");
  const ConnectionFacts facts = must(connect()->check());
  EXPECT_EQ(facts.identity, "sqlite:" + std::filesystem::canonical(file_).string());
  EXPECT_EQ(facts.display, file_.string());
  EXPECT_EQ(facts.version, "SQLite " + sql("select sqlite_version()"));
  EXPECT_TRUE(facts.writable);
  EXPECT_EQ(facts.objects, (std::vector<std::string>{"a", "b", "f", "v"}));
  EXPECT_FALSE(must(connect({{"read_only", "yes"}})->check()).writable);
}

TEST_F(SqliteConnection, ACopyIsAnotherDatabaseAndALinkIsTheSame) {
  sql("create table a (x); pragma application_id = 0x47574954;");
  std::filesystem::copy_file(file_, folder_ / "copy.db");
  std::filesystem::create_symlink(file_, folder_ / "link.db");
  const std::string identity = must(connect()->check()).identity;
  EXPECT_TRUE(identity.ends_with("#application=47574954")) << identity;
  EXPECT_NE(must(connect({{"path", (folder_ / "copy.db").string()}})->check()).identity, identity);
  EXPECT_EQ(must(connect({{"path", (folder_ / "link.db").string()}})->check()).identity, identity);
}

TEST_F(SqliteConnection, MissingFilesAndFilesThatAreNoDatabase) {
  const auto missing = connect()->check();
  ASSERT_EQ(number_of(missing), 3203);
  EXPECT_EQ(missing.error().kind, ErrorKind::bad_config);
  EXPECT_FALSE(std::filesystem::exists(file_));

  std::ofstream(file_) << std::string(5000, 'x');
  EXPECT_EQ(number_of(connect()->check()), 3202);
  EXPECT_EQ(number_of(connect({{"path", folder_.string()}})->check()), 3201);

  auto made = connect({{"path", (folder_ / "new.db").string()}, {"create", "yes"}});
  EXPECT_TRUE(must(made->check()).objects.empty());
  EXPECT_TRUE(std::filesystem::exists(folder_ / "new.db"));
  EXPECT_EQ(number_of(connect({{"path", (folder_ / "no" / "new.db").string()}, {"create", "yes"}})->check()), 3201);
}

TEST_F(SqliteConnection, OddPathsMeanFiles) {
  for (const char* name : {":memory:", "file:a.db?mode=memory", "a b%20#?.db", "客户.db"}) {
    const auto path = folder_ / name;
    auto c = connect({{"path", path.string()}, {"create", "yes"}});
    EXPECT_EQ(must(c->check()).display, path.string());
    EXPECT_TRUE(std::filesystem::exists(path)) << path;
    EXPECT_FALSE(must(connect({{"path", path.string()}, {"immutable", "yes"}})->check()).writable);
  }
}

TEST_F(SqliteConnection, WritingAReadOnlyFileIsDenied) {
  sql("create table a (x text);");
  auto c = connect({{"read_only", "yes"}});
  const auto denied = c->open_writer(request("a", {{"x", TypeId::utf8}}));
  ASSERT_EQ(number_of(denied), 3206);
  EXPECT_EQ(denied.error().kind, ErrorKind::denied);
  if (geteuid() == 0) return;  // root may write whatever the mode says
  chmod(file_.c_str(), 0444);
  EXPECT_EQ(number_of(connect()->open_writer(request("a", {{"x", TypeId::utf8}}))), 3206);
  EXPECT_FALSE(must(connect()->check()).writable);
}

TEST_F(SqliteConnection, DescribeTellsTypesRulesAndReferences) {
  sql("create table owners (id integer primary key, code text not null unique);"
      "create table \"客户\" (id integer primary key, legacy_id varchar(20) not null unique, name text not null check "
      "(length(name) <= 80), "
      "status text default 'A' check (status in ('A','B')), kind text collate nocase check (kind in ('x','y')), "
      "revenue decimal(18,2) check (revenue >= 0), "
      "parent_id int references \"客户\"(id), owner int references OWNERS, country char(2), city text, total real "
      "generated always as (revenue * 2), "
      "created timestamp, note, unique (country, city), constraint pair check (country is not null or city is null));"
      "create unique index part on \"客户\"(name) where status = 'A'; create unique index expr on "
      "\"客户\"(lower(name));"
      "insert into owners values (1, 'x'), (2, 'y');");
  auto c = connect();
  const ObjectDescription d = must(c->describe("客户"));
  std::string fields;
  for (const ObjectField& f : d.fields) {
    fields += f.name + " " + to_string(f.type) + (f.nullable ? "" : " required") +
              (f.length ? " <=" + std::to_string(*f.length) : "") + (f.has_default ? " default" : "") +
              (f.unique ? " unique" : "") + (f.generated ? " generated" : "");
    for (const std::string& choice : f.choices) fields += " '" + choice + "'";
    fields += "\n";
  }
  EXPECT_EQ(fields,
            "id integer required unique generated\nlegacy_id text required <=20 unique\nname text required "
            "<=80\nstatus text default 'A' 'B'\n"
            "kind text\nrevenue decimal(18,2)\nparent_id integer\nowner integer\ncountry text <=2\ncity text\ntotal "
            "float generated\n"
            "created timestamp\nnote text\n");
  EXPECT_EQ(d.key, std::vector<std::string>{"id"});
  EXPECT_EQ(d.uniques, (std::vector<std::vector<std::string>>{{"id"}, {"legacy_id"}, {"country", "city"}}));
  EXPECT_EQ(d.checks,
            (std::vector<std::string>{"kind in ('x','y')", "revenue >= 0", "country is not null or city is null"}));
  ASSERT_EQ(d.references.size(), 2u);
  EXPECT_EQ(d.references[0].object, "客户");
  EXPECT_EQ(d.references[0].columns, std::vector<std::string>{"parent_id"});
  EXPECT_EQ(d.references[1].object, "owners");
  EXPECT_EQ(d.references[1].to, std::vector<std::string>{"id"});
  EXPECT_EQ(d.rows, 0);
  EXPECT_EQ(must(c->describe("OWNERS")).object, "owners");
  EXPECT_EQ(must(c->describe("owners")).rows, 2);
  const auto unknown = c->describe("owner");
  ASSERT_EQ(number_of(unknown), 3030);
  EXPECT_EQ(unknown.error().argument("nearest"), "owners");
}

TEST_F(SqliteConnection, DescribeStrictTablesViewsAndTablesWithoutRowid) {
  sql("create table s (a int, b text, c any, d blob) strict; create table w (k text, n int, v, primary key (n, k)) "
      "without rowid;"
      "create table no_alias (id int primary key); create view v as select a, b || 'x' as bx from s;"
      "create table virt (x); create virtual table f using fts5(title, body);");
  auto c = connect();
  const ObjectDescription s = must(c->describe("s"));
  EXPECT_EQ(s.fields[2].type, Type(TypeId::utf8));
  EXPECT_EQ(s.fields[3].type, Type(TypeId::binary));
  const ObjectDescription w = must(c->describe("w"));
  EXPECT_EQ(w.key, (std::vector<std::string>{"n", "k"}));
  EXPECT_FALSE(w.find("k")->nullable);
  EXPECT_FALSE(w.find("k")->unique);
  EXPECT_FALSE(must(c->describe("no_alias")).find("id")->generated);
  const ObjectDescription v = must(c->describe("v"));
  EXPECT_EQ(v.fields.size(), 2u);
  EXPECT_EQ(v.fields[0].type, Type(TypeId::int64));
  EXPECT_FALSE(v.rows);
  EXPECT_EQ(must(c->describe("f")).fields.size(), 2u);
}

TEST_F(SqliteConnection, DeclaredLengthsCanBeIgnored) {
  sql("create table t (a varchar(3), b varchar(9) check (length(b) <= 4));");
  const ObjectDescription d = must(connect({{"declared_lengths", "ignore"}})->describe("t"));
  EXPECT_FALSE(d.find("a")->length);
  EXPECT_EQ(d.find("b")->length, 4);
}

TEST_F(SqliteConnection, TheHashChangesWithTheDataAndOnlyThen) {
  for (const char* mode : {"delete", "wal"}) {
    sql(std::string("pragma journal_mode=") + mode + "; create table if not exists t (v); insert into t values (1);");
    auto c = connect();
    const std::string before = must(c->describe("t")).hash;
    EXPECT_EQ(must(c->describe("t")).hash, before);
    EXPECT_EQ(must(connect()->describe("t")).hash, before);
    sql("update t set v = v + 1;");
    const std::string after = must(c->describe("t")).hash;
    EXPECT_NE(after, before) << mode;
    sql("alter table t rename column v to w;");
    EXPECT_NE(must(c->describe("t")).hash, after) << mode;
    sql("alter table t rename column w to v;");
  }
}

TEST_F(SqliteConnection, TotalsAreExact) {
  sql("create table t (g text, n numeric, r real, s text, i int, bad text);"
      "insert into t values ('a', 0.1, 0.1, '1.005', 9223372036854775807, 'x'), ('a', 0.2, 0.2, '2', "
      "9223372036854775807, null), "
      "('b', 99999999999999999, 1e15, '-7.50', -1, null), (null, null, null, null, null, null), ('b', 5, 0.3, '10', 9, "
      "null);");
  auto c = connect();
  const auto of = [&](std::string_view a, std::string_view f, std::string_view where = "", std::string_view by = "") {
    std::string out;
    for (const GroupValue& g : must(c->aggregate("t", a, f, where, by)))
      out += g.group.value_or("#") + "=" + g.value + ";";
    return out;
  };
  EXPECT_EQ(of("sum", "n"), "#=100000000000000004.3;");
  EXPECT_EQ(of("sum", "r"), "#=1000000000000000.6;");
  EXPECT_EQ(of("sum", "s"), "#=5.505;");
  EXPECT_EQ(of("sum", "i"), "#=18446744073709551622;");
  EXPECT_EQ(of("sum", "n", "", "g"), "#=0;a=0.3;b=100000000000000004;");
  EXPECT_EQ(of("count", ""), "#=5;");
  EXPECT_EQ(of("count", "n", "n > 1 -- comment", "g"), "b=2;");
  EXPECT_EQ(of("min", "n", "", "g"), "#=;a=0.1;b=5;");
  EXPECT_EQ(of("max", "i"), "#=9223372036854775807;");
  EXPECT_EQ(of("max", "s"), "#=2;");  // a text column: in order of its texts
  EXPECT_EQ(of("sum", "n", "0"), "#=0;");
  EXPECT_EQ(of("min", "n", "0"), "#=;");
  EXPECT_EQ(of("sum", "i", "", "upper(g)"), "#=0;A=18446744073709551614;B=8;");
  EXPECT_EQ(number_of(c->aggregate("t", "sum", "bad", "", "")), 3219);
  EXPECT_EQ(number_of(c->aggregate("t", "sum", "nope", "", "")), 3031);
  EXPECT_EQ(number_of(c->aggregate("t", "sum", "n", "n >", "")), 3218);
}

TEST_F(SqliteConnection, MessagesAreWholeInBothLanguages) {
  const Error e = connect()->check().error();
  EXPECT_NE(describe(e, Language::en).find("the database file is not there"), std::string::npos);
  EXPECT_NE(describe(e, Language::zh_cn).find("数据库文件不存在"), std::string::npos);
  EXPECT_NE(describe(e, Language::en).find(file_.string()), std::string::npos);
}

}  // namespace
}  // namespace godwit::sqlite_test
