// Rows that the table does not take: each is named with its field and reason, and the others stay.
#include "connectors/sqlite/tests/harness.hpp"

namespace godwit::sqlite_test {
namespace {

class SqliteRefusal : public SqliteWriteTest {};

TEST_F(SqliteRefusal, RefusalsNameRowFieldAndReasonAndLeaveTheOthers) {
  for (const int copies : {1, 40}) {
    sql("drop table if exists accounts; drop table if exists owners; drop table if exists godwit_ledger;");
    sql(kAccounts);
    sql("insert into accounts (legacy_id, name) values ('OLD', 'old');");
    const auto r = request("accounts",
                           {{"legacy_id", TypeId::utf8},
                            {"name", TypeId::utf8},
                            {"status", TypeId::utf8},
                            {"revenue", Type::decimal(14, 2)},
                            {"owner", TypeId::utf8}},
                           {"legacy_id"});
    auto w = writer(r);
    std::vector<std::vector<std::string>> c(5);
    std::string expected;
    const auto add = [&](std::string id, std::string name, std::string status, std::string revenue, std::string owner,
                         const std::string& told) {
      c[0].push_back(std::move(id)), c[1].push_back(std::move(name)), c[2].push_back(std::move(status)),
          c[3].push_back(std::move(revenue)), c[4].push_back(std::move(owner));
      expected += (expected.empty() ? "" : " ") + told;
    };
    int next = 0;
    for (int i = 0; i < copies; ++i) {
      for (int k = 0; k < copies; ++k) add("C" + std::to_string(++next), "x", "A", "1.00", "E1", "created");
      add("OLD", "x", "A", "1.00", "E1", "refused:4102(legacy_id)");
      add("C" + std::to_string(next), "twice", "A", "1.00", "E1", "refused:4102(legacy_id)");
      add("N" + std::to_string(i), "#", "A", "1.00", "E1", "refused:4101(name)");
      add("S" + std::to_string(i), "x", "C", "1.00", "E1", "refused:4118(status)");
      add("F" + std::to_string(i), "x", "B", "1.00", "E9", "refused:4104(owner)");
      add("R" + std::to_string(i), "x", "B", "123456789012.00", "E2", "refused:4109(revenue)");
      add("Z" + std::to_string(i), std::string("nul\0", 4), "B", "1.00", "E2", "refused:4112(name)");
      add("U" + std::to_string(i), "caf\xE9", "B", "1.00", "E2", "refused:4111(name)");
      add("#", "x", "B", "1.00", "E2", "refused:4101(legacy_id)");
      add("G" + std::to_string(i), "good", "#", "#", "#", "created");
    }
    EXPECT_EQ(write(*w, r, Operation::insert, c), expected);
    EXPECT_EQ(sql("select count(*), count(distinct legacy_id), max(name = 'twice') from accounts"),
              std::to_string(next + copies + 1) + "|" + std::to_string(next + copies + 1) + "|0");
    const Resolved resolved = must(w->resolve(unit(r, number_, Operation::insert, {column(TypeId::utf8, {})})));
    EXPECT_EQ(resolved.resolution, Resolution::done);
    EXPECT_EQ(told(resolved.outcomes), expected);
    const Refusal& unique = resolved.outcomes.refusals[0];
    EXPECT_EQ(unique.words, "UNIQUE constraint failed: accounts.legacy_id");
    EXPECT_EQ(unique.error.argument("seen"), "\"OLD\"");
    EXPECT_EQ(unique.error_class, "data");
    const Refusal& parent = resolved.outcomes.refusals[4];
    EXPECT_EQ(parent.error.argument("object"), "owners");
    EXPECT_EQ(parent.error.argument("seen"), "\"E9\"");
    EXPECT_NE(describe(parent.error, Language::zh_cn).find("owners"), std::string::npos);
  }
}

TEST_F(SqliteRefusal, AMissingParentIsFoundAmongSeveralReferences) {
  sql("create table p (a int, b int, primary key (a, b)); insert into p values (1, 1); create table q (id integer "
      "primary key); insert into q values (5);"
      "create table t (x int, y int, z int references q, foreign key (x, y) references p);");
  const auto r = request("t", {{"x", TypeId::int64}, {"y", TypeId::int64}, {"z", TypeId::int64}});
  auto w = writer(r);
  const std::vector<std::vector<std::string>> c{
      {"1", "1", "1", "#", "2"}, {"1", "2", "1", "9", "1"}, {"5", "5", "6", "#", "#"}};
  EXPECT_EQ(write(*w, r, Operation::insert, c),
            "created refused:4104(x, y) refused:4104(z) created refused:4104(x, y)");
  auto free = writer(r, {{"foreign_keys", "no"}});
  EXPECT_EQ(write(*free, r, Operation::insert, c), "created created created created created");
}

TEST_F(SqliteRefusal, ARowThatOthersReferToIsNotDeleted) {
  sql(kAccounts);
  sql("insert into accounts (legacy_id, name, owner) values ('C1', 'x', 'E1');");
  const auto r = request("owners", {{"code", TypeId::utf8}}, {"code"});
  auto w = writer(r);
  const Outcomes o = must(w->submit(unit(r, 1, Operation::remove, {column(TypeId::utf8, {"E1", "E2"})})));
  EXPECT_EQ(told(o), "refused:4105() deleted");
  EXPECT_EQ(o.refusals[0].error.argument("object"), "accounts");
}

TEST_F(SqliteRefusal, ASelfReferenceDependsOnTheOrderOfRowsNotOnBlocks) {
  sql("create table t (id text primary key, parent text references t(id));");
  const auto r = request("t", {{"id", TypeId::utf8}, {"parent", TypeId::utf8}}, {"id"});
  auto w = writer(r);
  std::vector<std::vector<std::string>> c(2);
  std::string expected;
  for (int i = 0; i < 50; ++i) {
    c[0].push_back("n" + std::to_string(i));
    c[1].push_back(i == 0 ? "#" : i == 20 ? "n49" : i == 30 ? "n30" : "n" + std::to_string(i - 1));
    const bool lost = i == 20 || i == 21;
    expected += (i == 0 ? "" : " ") + std::string(lost || (i > 21 && i < 30) ? "refused:4104(parent)" : "created");
  }
  EXPECT_EQ(write(*w, r, Operation::insert, c), expected);
}

TEST_F(SqliteRefusal, DeferredForeignKeysAreSettledWithinTheUnit) {
  sql("create table p (id text primary key); create table t (id text primary key, mother text references t(id) "
      "deferrable initially deferred, p text references p deferrable initially deferred);"
      "insert into p values ('p1');");
  const auto r = request("t", {{"id", TypeId::utf8}, {"mother", TypeId::utf8}, {"p", TypeId::utf8}}, {"id"}, "");
  auto w = writer(r);
  // b before its mother a; c without mother; d whose mother is c; e without p
  EXPECT_EQ(write(*w, r, Operation::insert,
                  {{"b", "a", "c", "d", "e"}, {"a", "#", "zz", "c", "#"}, {"p1", "p1", "#", "#", "p9"}}),
            "created created refused:4104(mother) refused:4104(mother) refused:4104(p)");
  EXPECT_EQ(sql("select id from t order by id"), "a\nb");
  EXPECT_EQ(write(*w, r, Operation::upsert, {{"c", "d"}, {"#", "c"}, {"#", "#"}}), "created created");
  EXPECT_EQ(write(*w, r, Operation::remove, {{"c", "b"}, {"#", "#"}, {"#", "#"}}), "refused:4105() deleted");
  EXPECT_EQ(sql("pragma foreign_key_check; select group_concat(id) from t"), "a,c,d");
}

TEST_F(SqliteRefusal, TriggersRefuseIgnoreAndEndTransactions) {
  sql("create table log (v); create table t (k text primary key, v text);"
      "create trigger t1 before insert on t when new.v = 'abort' begin insert into log values ('a'); select "
      "raise(abort, 'no aborting'); end;"
      "create trigger t2 after insert on t when new.v = 'fail' begin insert into log values ('f'); select raise(fail, "
      "'half done'); end;"
      "create trigger t3 before insert on t when new.v = 'ignore' begin select raise(ignore); end;"
      "create trigger t4 after insert on t when new.v = 'rollback' begin select raise(rollback, 'all gone'); end;"
      "create trigger t5 before update on t when new.v = 'ignore' begin select raise(ignore); end;"
      "create trigger t6 after insert on t when new.v = 'log' begin insert into log values (new.k); end;"
      "create trigger t7 before delete on t when old.v = 'keep' begin select raise(ignore); end;");
  const auto r = request("t", {{"k", TypeId::utf8}, {"v", TypeId::utf8}}, {"k"});
  auto w = writer(r);
  const std::vector<std::vector<std::string>> c{
      {"1", "2", "3", "4", "5", "6", "7", "8", "9"},
      {"log", "abort", "ok", "fail", "ignore", "rollback", "log", "rollback", "keep"}};
  const Outcomes o =
      must(w->submit(unit(r, 1, Operation::insert, {column(TypeId::utf8, c[0]), column(TypeId::utf8, c[1])})));
  EXPECT_EQ(
      told(o),
      "created refused:4115() created refused:4115() refused:4116() refused:4115() created refused:4115() created");
  EXPECT_EQ(o.refusals[0].words, "no aborting");
  EXPECT_EQ(o.refusals[3].words, "all gone");
  EXPECT_EQ(sql("select group_concat(k) from t; select group_concat(v) from log; select count(*) from godwit_ledger"),
            "1,3,7,9\n1,7\n1");
  number_ = 1;
  EXPECT_EQ(write(*w, r, Operation::update, {{"1", "3", "8"}, {"ignore", "x", "ignore"}}),
            "refused:4116() updated missing");
  EXPECT_EQ(write(*w, r, Operation::remove, {{"9", "1", "8"}, {"#", "#", "#"}}), "refused:4116() deleted missing");
}

TEST_F(SqliteRefusal, WhatTheTableSaysAboutConflictsDoesNotHideThem) {
  sql("create table t (k text unique on conflict ignore, u text unique on conflict replace, n text not null on "
      "conflict ignore default 'd'); insert into t values ('a', 'u1', 'x');");
  const auto r = request("t", {{"k", TypeId::utf8}, {"u", TypeId::utf8}, {"n", TypeId::utf8}});
  auto w = writer(r);
  EXPECT_EQ(write(*w, r, Operation::insert, {{"a", "b", "c", "d"}, {"u2", "u1", "u3", "u4"}, {"x", "x", "#", "x"}}),
            "refused:4102(k) refused:4102(u) refused:4101(n) created");
  EXPECT_EQ(sql("select * from t"), "a|u1|x\nd|u4|x");
}

TEST_F(SqliteRefusal, AKeyThatIsNotUniqueIsRefusedAndNothingOfItChanges) {
  sql("create table t (k text, v text); insert into t values ('a', '1'), ('a', '2'), ('b', '3');");
  const auto r = request("t", {{"k", TypeId::utf8}, {"v", TypeId::utf8}}, {"k"});
  auto w = writer(r);
  EXPECT_EQ(write(*w, r, Operation::update, {{"a", "b"}, {"x", "x"}}), "refused:4114(k) updated");
  EXPECT_EQ(write(*w, r, Operation::remove, {{"a", "b"}, {"#", "#"}}), "refused:4114(k) deleted");
  std::vector<std::vector<std::string>> c(2, std::vector<std::string>(20, "new"));
  EXPECT_EQ(write(*w, r, Operation::upsert, c).substr(0, 23), "created updated updated");
  EXPECT_EQ(sql("select * from t"), "a|1\na|2\nnew|new");
  EXPECT_EQ(number_of(w->read_back(std::vector<Column>{column(TypeId::utf8, {"new", "a"})})), 3241);
}

TEST_F(SqliteRefusal, RulesThatFailWhileTheyAreComputedRefuseTheirRow) {
  sql("create table t (k text, v text check (json_extract(v, '$.a') is not null), w int check (abs(w) >= 0));");
  const auto r = request("t", {{"k", TypeId::utf8}, {"v", TypeId::utf8}, {"w", TypeId::int64}});
  auto w = writer(r);
  std::vector<std::vector<std::string>> c(3);
  std::string expected;
  for (int i = 0; i < 30; ++i) {
    c[0].push_back("k" + std::to_string(i)), c[1].push_back(i == 11 ? "{broken" : i == 13 ? "{\"b\":1}" : "{\"a\":1}");
    c[2].push_back(i == 17 ? "-9223372036854775808" : "1");
    expected += (i == 0 ? "" : " ") + std::string(i == 11 || i == 17 ? "refused:4120()"
                                                  : i == 13          ? "refused:4103(v)"
                                                                     : "created");
  }
  EXPECT_EQ(write(*w, r, Operation::insert, c), expected);
  EXPECT_EQ(sql("select count(*) from t"), "27");
}

TEST_F(SqliteRefusal, WithoutAKeyOnlyInsertsAreWritten) {
  sql("create table t (v text); insert into t values ('a'), ('b');");
  const auto r = request("t", {{"v", TypeId::utf8}});
  auto w = writer(r);
  for (const Operation operation : {Operation::update, Operation::upsert, Operation::remove, Operation::restore})
    EXPECT_EQ(number_of(w->submit(unit(r, 1, operation, {column(TypeId::utf8, {"x"})}))), 3221);
  EXPECT_EQ(sql("select group_concat(v), (select count(*) from godwit_ledger) from t"), "a,b|0");
}

TEST_F(SqliteRefusal, WhatDoesNotFitTheTableIsSaidBeforeTheFirstRow) {
  sql("create table t (k text, n int, g int generated always as (n + 1), d date); create view v as select 1 as k; "
      "create virtual table f using fts5(k);");
  auto c = connect();
  EXPECT_EQ(number_of(c->open_writer(request("nope", {{"k", TypeId::utf8}}))), 3030);
  EXPECT_EQ(number_of(c->open_writer(request("v", {{"k", TypeId::utf8}}))), 3210);
  EXPECT_EQ(number_of(c->open_writer(request("f", {{"k", TypeId::utf8}}))), 3210);
  EXPECT_EQ(number_of(c->open_writer(request("t", {{"kk", TypeId::utf8}}))), 3031);
  EXPECT_EQ(number_of(c->open_writer(request("t", {{"g", TypeId::int64}}))), 3211);
  EXPECT_EQ(number_of(c->open_writer(request("t", {{"n", TypeId::date32}}))), 3212);
  EXPECT_EQ(number_of(c->open_writer(request("t", {{"d", TypeId::timestamp}}))), 3212);
  EXPECT_EQ(number_of(c->open_writer(request("t", {{"k", TypeId::binary}}))), 3212);
  EXPECT_EQ(number_of(c->open_writer(request("t", {{"k", TypeId::utf8}}, {}, "id"))), 3214);
  EXPECT_EQ(number_of(c->open_writer(request("t", {{"k", TypeId::utf8}, {"n", TypeId::int64}}, {"k"}, "g"))), 0);
}

TEST_F(SqliteRefusal, WhatAColumnWouldAlterIsRefused) {
  sql("create table t (num numeric, i int, r real, str string, v varchar(3), u uuid, dt date, any);");
  const auto tell = [&](const char* name, Type type, const std::vector<std::string>& values,
                        nlohmann::json settings = nlohmann::json::object()) {
    const auto r = request("t", {{name, type}});
    auto w = writer(r, std::move(settings));
    return write(*w, r, Operation::insert, {values});
  };
  EXPECT_EQ(tell("num", TypeId::number_text, {"12345678901234567.89", "1.5", "99999999999999999999999999"}),
            "refused:4108(num) created refused:4108(num)");
  EXPECT_EQ(tell("i", TypeId::float64, {"1.5", "3", "1e30", "nan"}),
            "refused:4106(i) created refused:4109(i) refused:4117(i)");
  EXPECT_EQ(tell("i", TypeId::utf8, {"12", "012", " 12", "x", "1.0"}),
            "created refused:4106(i) refused:4106(i) refused:4106(i) refused:4106(i)");
  EXPECT_EQ(tell("r", TypeId::int64, {"9007199254740992", "9007199254740993"}), "created refused:4108(r)");
  EXPECT_EQ(tell("r", TypeId::float64, {"nan", "inf", "-0.0"}), "refused:4117(r) created created");
  EXPECT_EQ(
      tell("str", TypeId::utf8,
           {"007", "7", "1e5", "1.50", "1.5", "abc", " 5 ", "", "0x10", "inf", "99999999999999999999", ".5", "-"}),
      "refused:4110(str) created refused:4110(str) refused:4110(str) created created refused:4110(str) created created "
      "created refused:4110(str) refused:4110(str) created");
  EXPECT_EQ(tell("v", TypeId::utf8, {"abc", "客户甲", "abcd", "客户甲乙", "#"}),
            "created created refused:4107(v) refused:4107(v) created");
  EXPECT_EQ(tell("v", TypeId::utf8, {"abcd"}, {{"declared_lengths", "ignore"}}), "created");
  EXPECT_EQ(tell("u", TypeId::utf8, {"123e4567-e89b-12d3-a456-426614174000", "12e3"}), "created refused:4110(u)");
  EXPECT_EQ(tell("dt", TypeId::utf8, {"2024-02-29", "2023-02-29", "20240229"}),
            "created refused:4106(dt) refused:4106(dt)");
  EXPECT_EQ(tell("dt", TypeId::date32, {"0", "3000000"}), "created refused:4109(dt)");
  EXPECT_EQ(tell("any", TypeId::utf8, {"007"}), "created");
  EXPECT_EQ(sql("select distinct typeof(str) || ' ' || str from t where str is not null order by 1"),
            "integer 7\nreal 1.5\ntext \ntext -\ntext 0x10\ntext abc\ntext inf");
  EXPECT_EQ(sql("select typeof(any), any from t where any is not null"), "text|007");
}

}  // namespace
}  // namespace godwit::sqlite_test
