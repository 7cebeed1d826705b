// Writing: every row gets its outcome, and the file holds exactly what the outcomes say.
#include <random>

#include "connectors/sqlite/tests/harness.hpp"
#include "core/model/hash.hpp"

namespace godwit::sqlite_test {
namespace {

class SqliteWrite : public SqliteTest {
 protected:
  std::unique_ptr<Writer> writer(const WriteRequest& r, nlohmann::json settings = nlohmann::json::object()) {
    connection_ = connect(std::move(settings));
    auto out = must(connection_->open_writer(r));
    must(out->prepare());
    return out;
  }
  // Columns of text, all rows with one operation.
  std::string write(Writer& w, const WriteRequest& r, Operation operation, const std::vector<std::vector<std::string>>& columns) {
    std::vector<Column> made;
    for (std::size_t c = 0; c < columns.size(); ++c) made.push_back(column(r.columns[c].type, columns[c]));
    return told(must(w.submit(unit(r, ++number_, operation, std::move(made)))));
  }
  std::unique_ptr<Connection> connection_;
  std::int64_t number_ = 0;
};

constexpr const char* kAccounts =
    "create table owners (code text primary key); insert into owners values ('E1'), ('E2');"
    "create table accounts (id integer primary key, legacy_id text not null unique, name text not null, status text default 'A' check (status in ('A','B')), "
    "revenue decimal(12,2), owner text references owners(code), seen int default 7);";

TEST_F(SqliteWrite, InsertsGiveGeneratedIdsAndTheLedgerItsLine) {
  sql(kAccounts);
  const auto r = request("accounts", {{"legacy_id", TypeId::utf8}, {"name", TypeId::utf8}, {"revenue", Type::decimal(12, 2)}}, {"legacy_id"}, "id");
  auto w = writer(r);
  const Outcomes o = must(w->submit(unit(r, 1, Operation::insert, {column(TypeId::utf8, {"C1", "C2", "C3"}), column(TypeId::utf8, {"甲", "b", "c"}), column(Type::decimal(12, 2), {"12.50", "#", "-0.01"})})));
  EXPECT_EQ(told(o), "created created created");
  EXPECT_TRUE(o.kinds.empty());
  EXPECT_EQ(o.ids.int64(0), 1);
  EXPECT_EQ(o.ids.int64(2), 3);
  EXPECT_EQ(sql("select * from accounts"), "1|C1|甲|A|12.5||7\n2|C2|b|A|||7\n3|C3|c|A|-0.01||7");
  EXPECT_EQ(sql("select run, flow, shard, unit, end_position, rows, hex(outcomes), hex(ids), refusals, note, written_at like '20__-__-__T__:__:__%Z' from godwit_ledger"),
            "r1|f1|0|1|row:1|3|0103|0100030203||{}|1");
  EXPECT_EQ(must(w->last_unit("r1", "f1", 0)), 1);
  EXPECT_EQ(must(w->last_unit("r1", "f1", 1)), 0);
}

// Every way in which SQLite refuses a row, among good rows, once a row per statement and once many in one.
TEST_F(SqliteWrite, RefusalsNameRowFieldAndReasonAndLeaveTheOthers) {
  for (const int copies : {1, 40}) {
    sql("drop table if exists accounts; drop table if exists owners; drop table if exists godwit_ledger;");
    sql(kAccounts);
    sql("insert into accounts (legacy_id, name) values ('OLD', 'old');");
    const auto r = request("accounts", {{"legacy_id", TypeId::utf8}, {"name", TypeId::utf8}, {"status", TypeId::utf8}, {"revenue", Type::decimal(14, 2)}, {"owner", TypeId::utf8}}, {"legacy_id"});
    auto w = writer(r);
    std::vector<std::vector<std::string>> c(5);
    std::string expected;
    const auto add = [&](std::string id, std::string name, std::string status, std::string revenue, std::string owner, const std::string& told) {
      c[0].push_back(std::move(id)), c[1].push_back(std::move(name)), c[2].push_back(std::move(status)), c[3].push_back(std::move(revenue)), c[4].push_back(std::move(owner));
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

TEST_F(SqliteWrite, UpsertTellsCreatedFromUpdated) {
  sql(kAccounts);
  sql("insert into accounts (legacy_id, name, seen) values ('C1', 'old', 1), ('C3', 'old', 2);");
  const auto r = request("accounts", {{"legacy_id", TypeId::utf8}, {"name", TypeId::utf8}, {"owner", TypeId::utf8}}, {"legacy_id"}, "id");
  auto w = writer(r);
  std::vector<std::vector<std::string>> c(3);
  for (int i = 1; i <= 30; ++i) c[0].push_back("C" + std::to_string(i)), c[1].push_back("new"), c[2].push_back("E1");
  c[0].push_back("C30"), c[1].push_back("newest"), c[2].push_back("E2");  // the same key again: the row that was just made
  c[0].push_back("C31"), c[1].push_back("x"), c[2].push_back("E9");
  c[0].push_back("#"), c[1].push_back("x"), c[2].push_back("E1");
  std::string expected = "updated created updated";
  for (int i = 4; i <= 30; ++i) expected += " created";
  expected += " updated refused:4104(owner) refused:4113(legacy_id)";
  std::vector<Column> columns;
  for (auto& values : c) columns.push_back(column(TypeId::utf8, values));
  const Outcomes o = must(w->submit(unit(r, 1, Operation::upsert, columns)));
  EXPECT_EQ(told(o), expected);
  EXPECT_EQ(sql("select count(*), sum(name = 'new'), sum(name = 'newest'), sum(seen = 7) from accounts"), "30|29|1|28");
  for (std::int64_t i = 0; i < 31; ++i)
    EXPECT_EQ(sql("select legacy_id from accounts where id = " + std::to_string(o.ids.int64(i))), c[0][static_cast<std::size_t>(i)]);
  EXPECT_TRUE(o.ids.is_null(31));
}

TEST_F(SqliteWrite, UpdatesDeletesAndRestoresByCompositeKey) {
  sql("create table t (a text collate nocase, b int, v text, w text default 'd', id integer primary key, unique (a, b)); insert into t (a, b, v) values ('x', 1, 'p'), ('x', 2, 'q'), ('y', 1, 'r');");
  const auto r = request("t", {{"b", TypeId::int64}, {"a", TypeId::utf8}, {"v", TypeId::utf8}, {"id", TypeId::int64}}, {"a", "b"}, "id");
  auto w = writer(r);
  Unit u = unit(r, 1, Operation::update, {column(TypeId::int64, {"1", "2", "9", "1", "2", "7"}), column(TypeId::utf8, {"X", "x", "x", "y", "x", "z"}), column(TypeId::utf8, {"p2", "#", "s", "gone", "q3", "back"}), column(TypeId::int64, {"#", "#", "#", "#", "2", "77"})});
  u.chunks[0].operations = {Operation::update, Operation::update, Operation::update, Operation::remove, Operation::restore, Operation::restore};
  // The id is sent only by the restores.
  MutableBuffer sent(1);
  sent.data()[0] = 0b110000;
  u.chunks[0].set = {Buffer(), Buffer(), Buffer(), sent.finish()};
  const Outcomes o = must(w->submit(u));
  EXPECT_EQ(told(o), "updated updated missing deleted updated created");
  EXPECT_EQ(o.ids.int64(0), 1);
  EXPECT_EQ(o.ids.int64(5), 77);
  EXPECT_EQ(sql("select * from t order by id"), "x|1|p2|d|1\nx|2|q3|d|2\nz|7|back|d|77");
  Unit again = unit(r, 2, Operation::remove, {column(TypeId::int64, {"1", "1"}), column(TypeId::utf8, {"x", "y"}), column(TypeId::utf8, {std::string("bad\0", 4), "#"}), column(TypeId::int64, {"#", "#"})});
  EXPECT_EQ(told(must(w->submit(again))), "deleted missing");  // what is not the key does not matter to a delete
}

TEST_F(SqliteWrite, UnsetColumnsKeepTheirValueOrTakeTheDefault) {
  sql(kAccounts);
  sql("insert into accounts (legacy_id, name, status, seen) values ('C1', 'one', 'B', 1), ('C2', 'two', 'B', 2);");
  const auto r = request("accounts", {{"legacy_id", TypeId::utf8}, {"name", TypeId::utf8}, {"status", TypeId::utf8}}, {"legacy_id"});
  auto w = writer(r);
  Unit u = unit(r, 1, Operation::upsert, {column(TypeId::utf8, {"C1", "C2", "C3", "C4", "C1"}), column(TypeId::utf8, {"#", "2", "3", "4", "#"}), column(TypeId::utf8, {"A", "#", "#", "#", "#"})});
  MutableBuffer names(1), states(1);
  names.data()[0] = 0b01110, states.data()[0] = 0b00111;
  u.chunks[0].set = {Buffer(), names.finish(), states.finish()};
  // C1: status only; C2: both, status to null; C3: both; C4: name only, status by default; C1 again: nothing but the key
  EXPECT_EQ(told(must(w->submit(u))), "updated updated created created unchanged");
  EXPECT_EQ(sql("select legacy_id, name, status, seen from accounts"), "C1|one|A|1\nC2|2||2\nC3|3||7\nC4|4|A|7");
}

TEST_F(SqliteWrite, AMissingParentIsFoundAmongSeveralReferences) {
  sql("create table p (a int, b int, primary key (a, b)); insert into p values (1, 1); create table q (id integer primary key); insert into q values (5);"
      "create table t (x int, y int, z int references q, foreign key (x, y) references p);");
  const auto r = request("t", {{"x", TypeId::int64}, {"y", TypeId::int64}, {"z", TypeId::int64}});
  auto w = writer(r);
  const std::vector<std::vector<std::string>> c{{"1", "1", "1", "#", "2"}, {"1", "2", "1", "9", "1"}, {"5", "5", "6", "#", "#"}};
  EXPECT_EQ(write(*w, r, Operation::insert, c), "created refused:4104(x, y) refused:4104(z) created refused:4104(x, y)");
  auto free = writer(r, {{"foreign_keys", "no"}});
  EXPECT_EQ(write(*free, r, Operation::insert, c), "created created created created created");
}

TEST_F(SqliteWrite, ARowThatOthersReferToIsNotDeleted) {
  sql(kAccounts);
  sql("insert into accounts (legacy_id, name, owner) values ('C1', 'x', 'E1');");
  const auto r = request("owners", {{"code", TypeId::utf8}}, {"code"});
  auto w = writer(r);
  const Outcomes o = must(w->submit(unit(r, 1, Operation::remove, {column(TypeId::utf8, {"E1", "E2"})})));
  EXPECT_EQ(told(o), "refused:4105() deleted");
  EXPECT_EQ(o.refusals[0].error.argument("object"), "accounts");
}

TEST_F(SqliteWrite, ASelfReferenceDependsOnTheOrderOfRowsNotOnBlocks) {
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

TEST_F(SqliteWrite, DeferredForeignKeysAreSettledWithinTheUnit) {
  sql("create table p (id text primary key); create table t (id text primary key, mother text references t(id) deferrable initially deferred, p text references p deferrable initially deferred);"
      "insert into p values ('p1');");
  const auto r = request("t", {{"id", TypeId::utf8}, {"mother", TypeId::utf8}, {"p", TypeId::utf8}}, {"id"}, "");
  auto w = writer(r);
  // b before its mother a; c without mother; d whose mother is c; e without p
  EXPECT_EQ(write(*w, r, Operation::insert, {{"b", "a", "c", "d", "e"}, {"a", "#", "zz", "c", "#"}, {"p1", "p1", "#", "#", "p9"}}),
            "created created refused:4104(mother) refused:4104(mother) refused:4104(p)");
  EXPECT_EQ(sql("select id from t order by id"), "a\nb");
  EXPECT_EQ(write(*w, r, Operation::upsert, {{"c", "d"}, {"#", "c"}, {"#", "#"}}), "created created");
  EXPECT_EQ(write(*w, r, Operation::remove, {{"c", "b"}, {"#", "#"}, {"#", "#"}}), "refused:4105() deleted");
  EXPECT_EQ(sql("pragma foreign_key_check; select group_concat(id) from t"), "a,c,d");
}

TEST_F(SqliteWrite, TriggersRefuseIgnoreAndEndTransactions) {
  sql("create table log (v); create table t (k text primary key, v text);"
      "create trigger t1 before insert on t when new.v = 'abort' begin insert into log values ('a'); select raise(abort, 'no aborting'); end;"
      "create trigger t2 after insert on t when new.v = 'fail' begin insert into log values ('f'); select raise(fail, 'half done'); end;"
      "create trigger t3 before insert on t when new.v = 'ignore' begin select raise(ignore); end;"
      "create trigger t4 after insert on t when new.v = 'rollback' begin select raise(rollback, 'all gone'); end;"
      "create trigger t5 before update on t when new.v = 'ignore' begin select raise(ignore); end;"
      "create trigger t6 after insert on t when new.v = 'log' begin insert into log values (new.k); end;"
      "create trigger t7 before delete on t when old.v = 'keep' begin select raise(ignore); end;");
  const auto r = request("t", {{"k", TypeId::utf8}, {"v", TypeId::utf8}}, {"k"});
  auto w = writer(r);
  const std::vector<std::vector<std::string>> c{{"1", "2", "3", "4", "5", "6", "7", "8", "9"}, {"log", "abort", "ok", "fail", "ignore", "rollback", "log", "rollback", "keep"}};
  const Outcomes o = must(w->submit(unit(r, 1, Operation::insert, {column(TypeId::utf8, c[0]), column(TypeId::utf8, c[1])})));
  EXPECT_EQ(told(o), "created refused:4115() created refused:4115() refused:4116() refused:4115() created refused:4115() created");
  EXPECT_EQ(o.refusals[0].words, "no aborting");
  EXPECT_EQ(o.refusals[3].words, "all gone");
  EXPECT_EQ(sql("select group_concat(k) from t; select group_concat(v) from log; select count(*) from godwit_ledger"), "1,3,7,9\n1,7\n1");
  number_ = 1;
  EXPECT_EQ(write(*w, r, Operation::update, {{"1", "3", "8"}, {"ignore", "x", "ignore"}}), "refused:4116() updated missing");
  EXPECT_EQ(write(*w, r, Operation::remove, {{"9", "1", "8"}, {"#", "#", "#"}}), "refused:4116() deleted missing");
}

TEST_F(SqliteWrite, WhatTheTableSaysAboutConflictsDoesNotHideThem) {
  sql("create table t (k text unique on conflict ignore, u text unique on conflict replace, n text not null on conflict ignore default 'd'); insert into t values ('a', 'u1', 'x');");
  const auto r = request("t", {{"k", TypeId::utf8}, {"u", TypeId::utf8}, {"n", TypeId::utf8}});
  auto w = writer(r);
  EXPECT_EQ(write(*w, r, Operation::insert, {{"a", "b", "c", "d"}, {"u2", "u1", "u3", "u4"}, {"x", "x", "#", "x"}}),
            "refused:4102(k) refused:4102(u) refused:4101(n) created");
  EXPECT_EQ(sql("select * from t"), "a|u1|x\nd|u4|x");
}

TEST_F(SqliteWrite, AKeyThatIsNotUniqueIsRefusedAndNothingOfItChanges) {
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

TEST_F(SqliteWrite, RulesThatFailWhileTheyAreComputedRefuseTheirRow) {
  sql("create table t (k text, v text check (json_extract(v, '$.a') is not null), w int check (abs(w) >= 0));");
  const auto r = request("t", {{"k", TypeId::utf8}, {"v", TypeId::utf8}, {"w", TypeId::int64}});
  auto w = writer(r);
  std::vector<std::vector<std::string>> c(3);
  std::string expected;
  for (int i = 0; i < 30; ++i) {
    c[0].push_back("k" + std::to_string(i)), c[1].push_back(i == 11 ? "{broken" : i == 13 ? "{\"b\":1}" : "{\"a\":1}");
    c[2].push_back(i == 17 ? "-9223372036854775808" : "1");
    expected += (i == 0 ? "" : " ") + std::string(i == 11 || i == 17 ? "refused:4120()" : i == 13 ? "refused:4103(v)" : "created");
  }
  EXPECT_EQ(write(*w, r, Operation::insert, c), expected);
  EXPECT_EQ(sql("select count(*) from t"), "27");
}

TEST_F(SqliteWrite, WhatDoesNotFitTheTableIsSaidBeforeTheFirstRow) {
  sql("create table t (k text, n int, g int generated always as (n + 1), d date); create view v as select 1 as k; create virtual table f using fts5(k);");
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

TEST_F(SqliteWrite, IdsThatAreNoRowidComeBackToo) {
  sql("create table t (id text primary key default (lower(hex(randomblob(4)))), k text unique, v text) without rowid;");
  const auto r = request("t", {{"k", TypeId::utf8}, {"v", TypeId::utf8}}, {"k"}, "id");
  auto w = writer(r);
  std::vector<std::string> keys, values;
  for (int i = 0; i < 20; ++i) keys.push_back("k" + std::to_string(i)), values.push_back("v");
  const Outcomes o = must(w->submit(unit(r, 1, Operation::upsert, {column(TypeId::utf8, keys), column(TypeId::utf8, values)})));
  for (std::int64_t i = 0; i < 20; ++i) EXPECT_EQ(sql("select k from t where id = '" + std::string(o.ids.text(i)) + "'"), keys[static_cast<std::size_t>(i)]);
  const Outcomes again = must(w->submit(unit(r, 2, Operation::update, {column(TypeId::utf8, keys), column(TypeId::utf8, values)})));
  EXPECT_EQ(again.ids.text(7), o.ids.text(7));
  const Resolved resolved = must(w->resolve(unit(r, 1, Operation::insert, {column(TypeId::utf8, {})})));
  EXPECT_EQ(resolved.outcomes.ids.text(19), o.ids.text(19));
}

// What was written must look the same when it is read: by value, by hash, through writer and reader.
TEST_F(SqliteWrite, EveryTypeReadsBackAsItWasWritten) {
  sql("create table t (k text primary key, i int, f real, n numeric(38,10), num numeric, s text, b boolean, d date, ts timestamp, tz timestamptz, tm time, bl blob, j json, fs text, ds text, x) ;");
  const Schema schema{{"k", TypeId::utf8}, {"i", TypeId::int64}, {"f", TypeId::float64}, {"n", Type::decimal(38, 10)}, {"num", TypeId::number_text}, {"s", TypeId::utf8}, {"b", TypeId::boolean}, {"d", TypeId::date32}, {"ts", TypeId::timestamp}, {"tz", TypeId::timestamp_tz}, {"tm", TypeId::time64}, {"bl", TypeId::binary}, {"j", TypeId::json}, {"fs", TypeId::float64}, {"ds", Type::decimal(38, 2)}, {"x", TypeId::utf8}};
  const auto r = request("t", schema, {"k"});
  auto w = writer(r);
  std::mt19937_64 random(17);
  std::vector<ColumnBuilder> builders;
  for (const Field& f : schema) builders.emplace_back(f.type);
  for (int i = 0; i < 3000; ++i) {
    const auto maybe = [&](std::size_t c, auto append) { random() % 7 == 0 ? builders[c].null() : append(builders[c]); };
    const auto wide = static_cast<std::int64_t>(random());
    builders[0].append_text("k" + std::to_string(i));
    maybe(1, [&](ColumnBuilder& b) { b.append_int64(wide); });
    maybe(2, [&](ColumnBuilder& b) { b.append_float64(i % 3 == 0 ? static_cast<double>(wide) * 1e-5 : i % 3 == 1 ? 1e300 : static_cast<double>(i)); });
    maybe(3, [&](ColumnBuilder& b) { b.append_decimal(static_cast<int128>(wide % 1000000000) * (i % 2 == 0 ? 10000000000 : 100000000)); });
    maybe(4, [&](ColumnBuilder& b) { b.append_text(i % 2 == 0 ? std::to_string(wide) : "0." + std::to_string(1 + random() % 99999)); });
    maybe(5, [&](ColumnBuilder& b) { b.append_text(i % 2 == 0 ? "客户 " + std::to_string(i) : ""); });
    maybe(6, [&](ColumnBuilder& b) { b.append_bool(i % 2 == 0); });
    maybe(7, [&](ColumnBuilder& b) { b.append_date32(static_cast<std::int32_t>(random() % 3000000) - 700000); });
    maybe(8, [&](ColumnBuilder& b) { b.append_int64(static_cast<std::int64_t>(random() % 250000000000000000) - 60000000000000000); });
    maybe(9, [&](ColumnBuilder& b) { b.append_int64(static_cast<std::int64_t>(random() % 2000000000) * 1000000 - 1); });
    maybe(10, [&](ColumnBuilder& b) { b.append_int64(static_cast<std::int64_t>(random() % 86400000000)); });
    maybe(11, [&](ColumnBuilder& b) { b.append_text(std::string("\0\xFF", 2) + std::to_string(i)); });
    maybe(12, [&](ColumnBuilder& b) { b.append_text("{\"a\":" + std::to_string(i) + "}"); });
    maybe(13, [&](ColumnBuilder& b) { b.append_float64(static_cast<double>(wide) / 3); });
    maybe(14, [&](ColumnBuilder& b) { b.append_decimal(static_cast<int128>(wide) * wide); });
    maybe(15, [&](ColumnBuilder& b) { b.append_text(i % 2 == 0 ? "007" : "1e5"); });
  }
  std::vector<Column> columns;
  for (ColumnBuilder& b : builders) columns.push_back(b.finish());
  const Outcomes o = must(w->submit(unit(r, 1, Operation::insert, columns)));
  for (const Refusal& refusal : o.refusals) FAIL() << refusal.row << printed(refusal.error);

  const Writer::Rows back = must(w->read_back(std::span(&columns[0], 1)));
  auto c = connect();
  ReadRequest all;
  all.object = "t", all.batch_rows = 5000;
  auto reader = must(c->open_reader(all));
  const ReadBatch read = must(reader->read());
  ASSERT_EQ(read.batch.rows, 3000);
  ASSERT_TRUE(read.unreadable.empty());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    std::vector<std::uint64_t> written(3000), by_key(3000), by_reader(3000);
    hash_values(columns[i], written), hash_values(back.batch.columns[i], by_key), hash_values(read.batch.columns[i], by_reader);
    EXPECT_EQ(by_key, written) << schema[i].name;
    // Numbers in a text column are read as the texts that they are.
    if (schema[i].name != "fs" && schema[i].name != "ds") {
      EXPECT_EQ(by_reader, written) << schema[i].name;
    }
  }
  EXPECT_EQ(back.found, std::vector<bool>(3000, true));
}

TEST_F(SqliteWrite, WhatAColumnWouldAlterIsRefused) {
  sql("create table t (num numeric, i int, r real, str string, v varchar(3), u uuid, dt date, any);");
  const auto tell = [&](const char* name, Type type, const std::vector<std::string>& values, nlohmann::json settings = nlohmann::json::object()) {
    const auto r = request("t", {{name, type}});
    auto w = writer(r, std::move(settings));
    return write(*w, r, Operation::insert, {values});
  };
  EXPECT_EQ(tell("num", TypeId::number_text, {"12345678901234567.89", "1.5", "99999999999999999999999999"}), "refused:4108(num) created refused:4108(num)");
  EXPECT_EQ(tell("i", TypeId::float64, {"1.5", "3", "1e30", "nan"}), "refused:4106(i) created refused:4109(i) refused:4117(i)");
  EXPECT_EQ(tell("i", TypeId::utf8, {"12", "012", " 12", "x", "1.0"}), "created refused:4106(i) refused:4106(i) refused:4106(i) refused:4106(i)");
  EXPECT_EQ(tell("r", TypeId::int64, {"9007199254740992", "9007199254740993"}), "created refused:4108(r)");
  EXPECT_EQ(tell("r", TypeId::float64, {"nan", "inf", "-0.0"}), "refused:4117(r) created created");
  EXPECT_EQ(tell("str", TypeId::utf8, {"007", "7", "1e5", "1.50", "1.5", "abc", " 5 ", "", "0x10", "inf", "99999999999999999999", ".5", "-"}),
            "refused:4110(str) created refused:4110(str) refused:4110(str) created created refused:4110(str) created created created refused:4110(str) refused:4110(str) created");
  EXPECT_EQ(tell("v", TypeId::utf8, {"abc", "客户甲", "abcd", "客户甲乙", "#"}), "created created refused:4107(v) refused:4107(v) created");
  EXPECT_EQ(tell("v", TypeId::utf8, {"abcd"}, {{"declared_lengths", "ignore"}}), "created");
  EXPECT_EQ(tell("u", TypeId::utf8, {"123e4567-e89b-12d3-a456-426614174000", "12e3"}), "created refused:4110(u)");
  EXPECT_EQ(tell("dt", TypeId::utf8, {"2024-02-29", "2023-02-29", "20240229"}), "created refused:4106(dt) refused:4106(dt)");
  EXPECT_EQ(tell("dt", TypeId::date32, {"0", "3000000"}), "created refused:4109(dt)");
  EXPECT_EQ(tell("any", TypeId::utf8, {"007"}), "created");
  EXPECT_EQ(sql("select distinct typeof(str) || ' ' || str from t where str is not null order by 1"),
            "integer 7\nreal 1.5\ntext \ntext -\ntext 0x10\ntext abc\ntext inf");
  EXPECT_EQ(sql("select typeof(any), any from t where any is not null"), "text|007");
}

TEST_F(SqliteWrite, NumbersOfDaysAndSecondsWhereTheSettingsSaySo) {
  sql("create table t (d date, ts timestamp);");
  const auto r = request("t", {{"d", TypeId::date32}, {"ts", TypeId::timestamp_tz}});
  auto w = writer(r, {{"dates", "unix"}, {"timestamps", "unix_ms"}});
  EXPECT_EQ(write(*w, r, Operation::insert, {{"1", "-1", "#"}, {"1500000", "-1000", "1"}}), "created created refused:4108(ts)");
  EXPECT_EQ(sql("select * from t"), "86400|1500\n-86400|-1");
}

TEST_F(SqliteWrite, ReadBackFollowsTheKeysAndNamesWhatIsNotThere) {
  sql("create table t (id integer primary key, a text collate nocase, b int, v real, unique (a, b)); insert into t values (5, 'X', 1, 1.5), (9, 'y', 2, null);");
  const auto r = request("t", {{"v", TypeId::float64}, {"b", TypeId::int64}, {"a", TypeId::utf8}}, {"a", "b"}, "id");
  auto w = writer(r);
  const std::vector<Column> keys{column(TypeId::utf8, {"y", "nope", "x", "#", std::string("a\0", 2), "x", "y"}), column(TypeId::int64, {"2", "1", "1", "1", "1", "1", "3"})};
  const Writer::Rows rows = must(w->read_back(keys));
  EXPECT_EQ(rows.found, (std::vector<bool>{true, false, true, false, false, true, false}));
  EXPECT_TRUE(rows.batch.columns[0].is_null(0));
  EXPECT_EQ(rows.batch.columns[0].float64(2), 1.5);
  EXPECT_EQ(rows.batch.columns[2].text(2), "X");
  EXPECT_EQ(rows.ids.int64(0), 9);
  EXPECT_TRUE(rows.ids.is_null(1));
  EXPECT_EQ(rows.ids.int64(5), 5);
  sql("update t set v = 'junk' where id = 5;");
  const auto junk = w->read_back(keys);
  ASSERT_EQ(number_of(junk), 3240);
  EXPECT_EQ(junk.error().argument("key"), "x / 1");
  EXPECT_EQ(junk.error().argument("seen"), "\"junk\"");
}

TEST_F(SqliteWrite, AUnitThatTheLedgerHasIsNeverWrittenTwice) {
  sql("create table t (v text);");
  const auto r = request("t", {{"v", TypeId::utf8}});
  auto w = writer(r);
  const Unit u = unit(r, 1, Operation::insert, {column(TypeId::utf8, {"a"})});
  must(w->submit(u));
  EXPECT_EQ(number_of(w->submit(u)), 3215);
  EXPECT_EQ(sql("select count(*) from t"), "1");
  EXPECT_EQ(must(w->resolve(u)).resolution, Resolution::done);
  Unit other = u;
  other.number = 2;
  EXPECT_EQ(must(w->resolve(other)).resolution, Resolution::absent);
  EXPECT_EQ(must(w->resolve(u)).end_position, "row:1");
  sql("update godwit_ledger set outcomes = x'0105';");
  EXPECT_EQ(number_of(w->resolve(u)), 3217);
}

TEST_F(SqliteWrite, WithoutLedgerNobodyKnowsAndNothingIsMade) {
  sql("create table t (v text);");
  auto r = request("t", {{"v", TypeId::utf8}});
  r.ledger = false;
  auto w = writer(r);
  const Unit u = unit(r, 1, Operation::insert, {column(TypeId::utf8, {"a"})});
  must(w->submit(u));
  EXPECT_EQ(must(w->resolve(u)).resolution, Resolution::unknown);
  EXPECT_EQ(must(w->last_unit("r1", "f1", 0)), 0);
  EXPECT_EQ(sql("select name from sqlite_schema"), "t");
}

TEST_F(SqliteWrite, AForeignTableNamedLikeTheLedgerIsLeftAlone) {
  sql("create table t (v text); create table godwit_ledger (something text);");
  const auto r = request("t", {{"v", TypeId::utf8}});
  connection_ = connect();
  auto w = must(connection_->open_writer(r));
  EXPECT_EQ(number_of(w->prepare()), 3216);
}

TEST_F(SqliteWrite, ALockOfAnotherProgramIsARetry) {
  sql("create table t (v text);");
  const auto r = request("t", {{"v", TypeId::utf8}});
  auto w = writer(r, {{"busy_timeout", "50"}});
  auto c = connect();
  ReadRequest all;
  all.object = "t";
  auto reader = must(c->open_reader(all));  // its snapshot keeps a rollback-journal file from being committed to
  const Unit u = unit(r, 1, Operation::insert, {column(TypeId::utf8, {"a"})});
  const auto locked = w->submit(u);
  ASSERT_EQ(number_of(locked), 3204);
  EXPECT_EQ(locked.error().kind, ErrorKind::retry);
  EXPECT_EQ(must(w->resolve(u)).resolution, Resolution::absent);
  reader.reset();
  EXPECT_EQ(told(must(w->submit(u))), "created");
}

TEST_F(SqliteWrite, EmptyUnitsAndRowsOfNothingButDefaults) {
  sql("create table t (id integer primary key, v text default 'd');");
  const auto r = request("t", {{"v", TypeId::utf8}}, {}, "id");
  auto w = writer(r);
  EXPECT_EQ(must(w->submit(unit(r, 1, Operation::insert, {column(TypeId::utf8, {})}))).rows, 0);
  Unit u = unit(r, 2, Operation::insert, {column(TypeId::utf8, std::vector<std::string>(10, "x"))});
  MutableBuffer none(2);
  none.data()[0] = none.data()[1] = 0;
  u.chunks[0].set = {none.finish()};
  const Outcomes o = must(w->submit(u));
  EXPECT_EQ(o.ids.int64(9), 10);
  EXPECT_EQ(sql("select count(*), min(v) from t"), "10|d");
  EXPECT_EQ(must(w->resolve(unit(r, 1, Operation::insert, {column(TypeId::utf8, {})}))).resolution, Resolution::done);
}

}  // namespace
}  // namespace godwit::sqlite_test
