// Writing: every row gets its outcome, and the file holds exactly what the outcomes say.
#include <random>

#include "connectors/sqlite/tests/harness.hpp"
#include "core/model/hash.hpp"

namespace godwit::sqlite_test {
namespace {

class SqliteWrite : public SqliteWriteTest {};

TEST_F(SqliteWrite, InsertsGiveGeneratedIdsAndTheLedgerItsLine) {
  sql(kAccounts);
  const auto r =
      request("accounts", {{"legacy_id", TypeId::utf8}, {"name", TypeId::utf8}, {"revenue", Type::decimal(12, 2)}},
              {"legacy_id"}, "id");
  auto w = writer(r);
  const Outcomes o =
      must(w->submit(unit(r, 1, Operation::insert,
                          {column(TypeId::utf8, {"C1", "C2", "C3"}), column(TypeId::utf8, {"甲", "b", "c"}),
                           column(Type::decimal(12, 2), {"12.50", "#", "-0.01"})})));
  EXPECT_EQ(told(o), "created created created");
  EXPECT_TRUE(o.kinds.empty());
  EXPECT_EQ(o.ids.int64(0), 1);
  EXPECT_EQ(o.ids.int64(2), 3);
  EXPECT_EQ(sql("select * from accounts"), "1|C1|甲|A|12.5||7\n2|C2|b|A|||7\n3|C3|c|A|-0.01||7");
  EXPECT_EQ(sql("select run, flow, shard, unit, end_position, rows, hex(outcomes), hex(ids), refusals, note, "
                "written_at like '20__-__-__T__:__:__%Z' from godwit_ledger"),
            "r1|f1|0|1|row:1|3|0103|0100030203||{}|1");
  EXPECT_EQ(must(w->last_unit("r1", "f1", 0)), 1);
  EXPECT_EQ(must(w->last_unit("r1", "f1", 1)), 0);
}

// Every way in which SQLite refuses a row, among good rows, once a row per statement and once many in one.
TEST_F(SqliteWrite, UpsertTellsCreatedFromUpdated) {
  sql(kAccounts);
  sql("insert into accounts (legacy_id, name, seen) values ('C1', 'old', 1), ('C3', 'old', 2);");
  const auto r = request("accounts", {{"legacy_id", TypeId::utf8}, {"name", TypeId::utf8}, {"owner", TypeId::utf8}},
                         {"legacy_id"}, "id");
  auto w = writer(r);
  std::vector<std::vector<std::string>> c(3);
  for (int i = 1; i <= 30; ++i) c[0].push_back("C" + std::to_string(i)), c[1].push_back("new"), c[2].push_back("E1");
  c[0].push_back("C30"), c[1].push_back("newest"),
      c[2].push_back("E2");  // the same key again: the row that was just made
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
    EXPECT_EQ(sql("select legacy_id from accounts where id = " + std::to_string(o.ids.int64(i))),
              c[0][static_cast<std::size_t>(i)]);
  EXPECT_TRUE(o.ids.is_null(31));
}

TEST_F(SqliteWrite, UpdatesDeletesAndRestoresByCompositeKey) {
  sql("create table t (a text collate nocase, b int, v text, w text default 'd', id integer primary key, unique (a, "
      "b)); insert into t (a, b, v) values ('x', 1, 'p'), ('x', 2, 'q'), ('y', 1, 'r');");
  const auto r = request("t", {{"b", TypeId::int64}, {"a", TypeId::utf8}, {"v", TypeId::utf8}, {"id", TypeId::int64}},
                         {"a", "b"}, "id");
  auto w = writer(r);
  Unit u =
      unit(r, 1, Operation::update,
           {column(TypeId::int64, {"1", "2", "9", "1", "2", "7"}), column(TypeId::utf8, {"X", "x", "x", "y", "x", "z"}),
            column(TypeId::utf8, {"p2", "#", "s", "gone", "q3", "back"}),
            column(TypeId::int64, {"#", "#", "#", "#", "2", "77"})});
  u.chunks[0].operations = {Operation::update, Operation::update,  Operation::update,
                            Operation::remove, Operation::restore, Operation::restore};
  // The id is sent only by the restores.
  MutableBuffer sent(1);
  sent.data()[0] = 0b110000;
  u.chunks[0].set = {Buffer(), Buffer(), Buffer(), sent.finish()};
  const Outcomes o = must(w->submit(u));
  EXPECT_EQ(told(o), "updated updated missing deleted updated created");
  EXPECT_EQ(o.ids.int64(0), 1);
  EXPECT_EQ(o.ids.int64(5), 77);
  EXPECT_EQ(sql("select * from t order by id"), "x|1|p2|d|1\nx|2|q3|d|2\nz|7|back|d|77");
  Unit again = unit(r, 2, Operation::remove,
                    {column(TypeId::int64, {"1", "1"}), column(TypeId::utf8, {"x", "y"}),
                     column(TypeId::utf8, {std::string("bad\0", 4), "#"}), column(TypeId::int64, {"#", "#"})});
  EXPECT_EQ(told(must(w->submit(again))), "deleted missing");  // what is not the key does not matter to a delete
}

TEST_F(SqliteWrite, UnsetColumnsKeepTheirValueOrTakeTheDefault) {
  sql(kAccounts);
  sql("insert into accounts (legacy_id, name, status, seen) values ('C1', 'one', 'B', 1), ('C2', 'two', 'B', 2);");
  const auto r = request("accounts", {{"legacy_id", TypeId::utf8}, {"name", TypeId::utf8}, {"status", TypeId::utf8}},
                         {"legacy_id"});
  auto w = writer(r);
  Unit u = unit(r, 1, Operation::upsert,
                {column(TypeId::utf8, {"C1", "C2", "C3", "C4", "C1"}), column(TypeId::utf8, {"#", "2", "3", "4", "#"}),
                 column(TypeId::utf8, {"A", "#", "#", "#", "#"})});
  MutableBuffer names(1), states(1);
  names.data()[0] = 0b01110, states.data()[0] = 0b00111;
  u.chunks[0].set = {Buffer(), names.finish(), states.finish()};
  // C1: status only; C2: both, status to null; C3: both; C4: name only, status by default; C1 again: nothing but the
  // key
  EXPECT_EQ(told(must(w->submit(u))), "updated updated created created unchanged");
  EXPECT_EQ(sql("select legacy_id, name, status, seen from accounts"), "C1|one|A|1\nC2|2||2\nC3|3||7\nC4|4|A|7");
}

TEST_F(SqliteWrite, IdsThatAreNoRowidComeBackToo) {
  sql("create table t (id text primary key default (lower(hex(randomblob(4)))), k text unique, v text) without rowid;");
  const auto r = request("t", {{"k", TypeId::utf8}, {"v", TypeId::utf8}}, {"k"}, "id");
  auto w = writer(r);
  std::vector<std::string> keys, values;
  for (int i = 0; i < 20; ++i) keys.push_back("k" + std::to_string(i)), values.push_back("v");
  const Outcomes o =
      must(w->submit(unit(r, 1, Operation::upsert, {column(TypeId::utf8, keys), column(TypeId::utf8, values)})));
  for (std::int64_t i = 0; i < 20; ++i)
    EXPECT_EQ(sql("select k from t where id = '" + std::string(o.ids.text(i)) + "'"),
              keys[static_cast<std::size_t>(i)]);
  const Outcomes again =
      must(w->submit(unit(r, 2, Operation::update, {column(TypeId::utf8, keys), column(TypeId::utf8, values)})));
  EXPECT_EQ(again.ids.text(7), o.ids.text(7));
  const Resolved resolved = must(w->resolve(unit(r, 1, Operation::insert, {column(TypeId::utf8, {})})));
  EXPECT_EQ(resolved.outcomes.ids.text(19), o.ids.text(19));
}

// What was written must look the same when it is read: by value, by hash, through writer and reader.
TEST_F(SqliteWrite, EveryTypeReadsBackAsItWasWritten) {
  sql("create table t (k text primary key, i int, f real, n numeric(38,10), num numeric, s text, b boolean, d date, ts "
      "timestamp, tz timestamptz, tm time, bl blob, j json, fs text, ds text, x) ;");
  const Schema schema{{"k", TypeId::utf8},          {"i", TypeId::int64},         {"f", TypeId::float64},
                      {"n", Type::decimal(38, 10)}, {"num", TypeId::number_text}, {"s", TypeId::utf8},
                      {"b", TypeId::boolean},       {"d", TypeId::date32},        {"ts", TypeId::timestamp},
                      {"tz", TypeId::timestamp_tz}, {"tm", TypeId::time64},       {"bl", TypeId::binary},
                      {"j", TypeId::json},          {"fs", TypeId::float64},      {"ds", Type::decimal(38, 2)},
                      {"x", TypeId::utf8}};
  const auto r = request("t", schema, {"k"});
  auto w = writer(r);
  std::mt19937_64 random(17);
  std::vector<ColumnBuilder> builders;
  for (const Field& f : schema) builders.emplace_back(f.type);
  for (int i = 0; i < 3000; ++i) {
    const auto maybe = [&](std::size_t c, auto append) {
      random() % 7 == 0 ? builders[c].null() : append(builders[c]);
    };
    const auto wide = static_cast<std::int64_t>(random());
    builders[0].append_text("k" + std::to_string(i));
    maybe(1, [&](ColumnBuilder& b) { b.append_int64(wide); });
    maybe(2, [&](ColumnBuilder& b) {
      b.append_float64(i % 3 == 0 ? static_cast<double>(wide) * 1e-5 : i % 3 == 1 ? 1e300 : static_cast<double>(i));
    });
    maybe(3, [&](ColumnBuilder& b) {
      b.append_decimal(static_cast<int128>(wide % 1000000000) * (i % 2 == 0 ? 10000000000 : 100000000));
    });
    maybe(4, [&](ColumnBuilder& b) {
      b.append_text(i % 2 == 0 ? std::to_string(wide) : "0." + std::to_string(1 + random() % 99999));
    });
    maybe(5, [&](ColumnBuilder& b) { b.append_text(i % 2 == 0 ? "客户 " + std::to_string(i) : ""); });
    maybe(6, [&](ColumnBuilder& b) { b.append_bool(i % 2 == 0); });
    maybe(7, [&](ColumnBuilder& b) { b.append_date32(static_cast<std::int32_t>(random() % 3000000) - 700000); });
    maybe(8, [&](ColumnBuilder& b) {
      b.append_int64(static_cast<std::int64_t>(random() % 250000000000000000) - 60000000000000000);
    });
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
    hash_values(columns[i], written), hash_values(back.batch.columns[i], by_key),
        hash_values(read.batch.columns[i], by_reader);
    EXPECT_EQ(by_key, written) << schema[i].name;
    // Numbers in a text column are read as the texts that they are.
    if (schema[i].name != "fs" && schema[i].name != "ds") {
      EXPECT_EQ(by_reader, written) << schema[i].name;
    }
  }
  EXPECT_EQ(back.found, std::vector<bool>(3000, true));
}

TEST_F(SqliteWrite, NumbersOfDaysAndSecondsWhereTheSettingsSaySo) {
  sql("create table t (d date, ts timestamp);");
  const auto r = request("t", {{"d", TypeId::date32}, {"ts", TypeId::timestamp_tz}});
  auto w = writer(r, {{"dates", "unix"}, {"timestamps", "unix_ms"}});
  EXPECT_EQ(write(*w, r, Operation::insert, {{"1", "-1", "#"}, {"1500000", "-1000", "1"}}),
            "created created refused:4108(ts)");
  EXPECT_EQ(sql("select * from t"), "86400|1500\n-86400|-1");
}

TEST_F(SqliteWrite, ReadBackFollowsTheKeysAndNamesWhatIsNotThere) {
  sql("create table t (id integer primary key, a text collate nocase, b int, v real, unique (a, b)); insert into t "
      "values (5, 'X', 1, 1.5), (9, 'y', 2, null);");
  const auto r = request("t", {{"v", TypeId::float64}, {"b", TypeId::int64}, {"a", TypeId::utf8}}, {"a", "b"}, "id");
  auto w = writer(r);
  const std::vector<Column> keys{column(TypeId::utf8, {"y", "nope", "x", "#", std::string("a\0", 2), "x", "y"}),
                                 column(TypeId::int64, {"2", "1", "1", "1", "1", "1", "3"})};
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
