// Reading: what a table holds arrives exactly, in a stable order, and from any stop on.
#include <algorithm>
#include <sstream>

#include "connectors/sqlite/tests/harness.hpp"

namespace godwit::sqlite_test {
namespace {

class SqliteRead : public SqliteTest {};

ReadRequest all_of(std::string object, std::int64_t batch_rows = 8192) {
  ReadRequest r;
  r.object = std::move(object), r.batch_rows = batch_rows;
  return r;
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

TEST_F(SqliteRead, ValuesArriveAsTheirDeclaredTypes) {
  sql("create table t (id integer primary key, i int, r real, n decimal(10,2), t text, b boolean, d date, ts datetime, "
      "tz timestamptz, "
      "tm time, bl blob, j json, num numeric, x);"
      "insert into t values (1, 9223372036854775807, 0.1, 12.5, '客户', 1, '2024-02-29', '2024-02-29 08:00:00.5', "
      "'2024-02-29T08:00:00+08:00', "
      "'23:59', x'00ff', '{\"a\":1}', 1.25, 7), (2, null, null, null, null, null, null, null, null, null, null, null, "
      "null, null), "
      "(-3, -1, 1e300, -7, '', 0, '1970-01-01', '1970-01-01', '1969-12-31 23:59:59Z', '00:00:00.000001', x'', '[]', "
      "123456789012345678, 'txt');");
  auto c = connect();
  auto reader = must(c->open_reader(all_of("t")));
  std::string types;
  for (const Field& f : reader->schema()) types += to_string(f.type) + ";";
  EXPECT_EQ(types,
            "integer;integer;float;decimal(10,2);text;boolean;date;timestamp;timestamp with "
            "zone;time;binary;json;number;text;");
  EXPECT_EQ(drain(*c, all_of("t")),
            "-3|-3|-1|1e+300|-7.00||false|1970-01-01|1970-01-01T00:00:00|1969-12-31T23:59:59Z|00:00:00.000001||[]|"
            "123456789012345678|txt\n"
            "1|1|9223372036854775807|0.1|12.50|客户|true|2024-02-29|2024-02-29T08:00:00.5|2024-02-29T00:00:00Z|23:59:"
            "00|00ff|{\"a\":1}|1.25|7\n"
            "2|2|#|#|#|#|#|#|#|#|#|#|#|#|#\n");
}

TEST_F(SqliteRead, ACellThatIsNoValueOfItsTypeIsAnUnreadableRow) {
  sql("create table t (i int, d date, n decimal(5,1), b boolean, s text);"
      "insert into t values (1, '2024-01-01', 1.5, 1, 'good'), ('abc', null, null, null, null), (null, '2024-13-01', "
      "null, null, null), "
      "(null, 20240101, null, null, null), (null, null, 1.55, null, null), (null, null, null, 2, null), (null, null, "
      "null, null, x'41'), "
      "(1.5, null, null, null, null), (8, null, null, null, cast(x'c3' as text)), (9, null, null, 0, 'last');");
  auto c = connect();
  for (const std::int64_t batch : {1, 3, 100}) {
    std::string bad;
    EXPECT_EQ(drain(*c, all_of("t", batch), &bad), "1|1|2024-01-01|1.5|true|good\n10|9|#|#|false|last\n");
    EXPECT_EQ(bad,
              "2 GW-3230 i \"abc\"\n3 GW-3230 d \"2024-13-01\"\n4 GW-3230 d 20240101\n5 GW-3230 n 1.55\n6 GW-3230 b 2\n"
              "7 GW-3230 s blob of 1 bytes\n8 GW-3230 i 1.5\n9 GW-3231 s 1\n");
  }
}

TEST_F(SqliteRead, TextWithNulAndLargeBlobsArriveWhole) {
  sql("create table t (s text, b blob); insert into t values (cast(x'610062' as text), zeroblob(20000000));");
  auto c = connect();
  auto reader = must(c->open_reader(all_of("t")));
  const ReadBatch read = must(reader->read());
  ASSERT_EQ(read.batch.rows, 1);
  EXPECT_EQ(read.batch.columns[0].text(0), std::string_view("a\0b", 3));
  EXPECT_EQ(read.batch.columns[1].text(0).size(), 20000000u);
  EXPECT_EQ(read.batch.columns[1].text(0).find_first_not_of('\0'), std::string_view::npos);
}

TEST_F(SqliteRead, DatesAndTimestampsAsNumbersWhereTheSettingsSaySo) {
  sql("create table t (d date, ts timestamp); insert into t values (19782, 1709193600), (null, -1), ('2024-01-01', "
      "null);");
  auto c = connect({{"dates", "days"}, {"timestamps", "unix"}});
  std::string bad;
  EXPECT_EQ(drain(*c, all_of("t"), &bad), "1|2024-02-29|2024-02-29T08:00:00Z\n2|#|1969-12-31T23:59:59Z\n");
  EXPECT_EQ(bad, "3 GW-3230 d \"2024-01-01\"\n");
}

// Tables of every order: rowid, rowid with gaps, WITHOUT ROWID with a composite key, a view.
TEST_F(SqliteRead, ReadingOnFromAnyStopGivesExactlyTheRemainingRows) {
  sql("create table plain (v); insert into plain select value from generate_series(1, 57);"
      "create table gaps (id integer primary key, v); insert into gaps select value * value * (1 - 2 * (value % 2)), "
      "value from generate_series(1, 41);"
      "create table keyed (k text collate nocase, n int, v, primary key (k, n desc)) without rowid;"
      "insert into keyed select char(97 + value % 5, 0x5ba2), value, value from generate_series(1, 43);"
      "create view seen as select v * 2 as v from plain order by v;");
  auto c = connect();
  for (const char* object : {"plain", "gaps", "keyed", "seen"}) {
    const std::vector<std::string> whole = lines(drain(*c, all_of(object)));
    EXPECT_EQ(std::to_string(whole.size()), sql(std::string("select count(*) from ") + object));
    for (const std::int64_t batch : {1, 7, 1000}) {
      std::vector<std::string> stops;
      EXPECT_EQ(lines(drain(*c, all_of(object, batch), nullptr, &stops)), whole);
      for (std::size_t i = 0; i < stops.size(); ++i) {
        const std::size_t before = std::min(whole.size(), (i + 1) * static_cast<std::size_t>(batch));
        ReadRequest on = all_of(object, batch);
        on.position = stops[i];
        EXPECT_EQ(lines(drain(*c, on)),
                  std::vector<std::string>(whole.begin() + static_cast<std::ptrdiff_t>(before), whole.end()))
            << stops[i];
        // ... and up to a later stop
        ReadRequest part = all_of(object, 5);
        part.until = stops[i];
        EXPECT_EQ(lines(drain(*c, part)),
                  std::vector<std::string>(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(before)))
            << stops[i];
        part.position = stops[i / 2];
        const std::size_t from = std::min(whole.size(), (i / 2 + 1) * static_cast<std::size_t>(batch));
        EXPECT_EQ(lines(drain(*c, part)),
                  std::vector<std::string>(whole.begin() + static_cast<std::ptrdiff_t>(from),
                                           whole.begin() + static_cast<std::ptrdiff_t>(before)));
      }
    }
  }
}

TEST_F(SqliteRead, SplitsCoverEveryRowExactlyOnce) {
  sql("create table gaps (id integer primary key, v); insert into gaps select value * value * value - 9000, value from "
      "generate_series(-20, 40);"
      "insert into gaps values (-9223372036854775808, 0), (9223372036854775807, 1);"
      "create table empty (v); create table one (v); insert into one values (1);"
      "create table keyed (k primary key) without rowid; insert into keyed values ('a'), ('b');");
  auto c = connect();
  for (const char* object : {"gaps", "empty", "one", "keyed"}) {
    const std::string whole = drain(*c, all_of(object));
    for (const int wanted : {1, 2, 3, 8, 1000}) {
      std::string together;
      const std::vector<std::string> splits = must(c->splits(object, wanted));
      EXPECT_LE(splits.size(), static_cast<std::size_t>(wanted));
      for (const std::string& split : splits) {
        ReadRequest r = all_of(object, 3);
        r.split = split;
        together += drain(*c, r);
      }
      EXPECT_EQ(together, whole) << object << " in " << wanted;
    }
  }
}

TEST_F(SqliteRead, AReaderSeesOneSnapshot) {
  sql("pragma journal_mode=wal; create table t (v); insert into t select value from generate_series(1, 10);");
  auto c = connect();
  auto reader = must(c->open_reader(all_of("t", 4)));
  EXPECT_EQ(must(reader->read()).batch.rows, 4);
  sql("insert into t values (11); update t set v = 0; delete from t where rowid = 10;");
  std::string rest;
  for (bool end = false; !end;) {
    const ReadBatch read = must(reader->read());
    for (std::int64_t i = 0; i < read.batch.rows; ++i) rest += value_text(read.batch.columns[0], i) + " ";
    end = read.end;
  }
  EXPECT_EQ(rest, "5 6 7 8 9 10 ");
}

TEST_F(SqliteRead, ColumnsInTheOrderAskedFor) {
  sql("create table \"客户 \"\"x\"\"\" (\"编号\" text, \"a b\" int); insert into \"客户 \"\"x\"\"\" values ('甲', 1);");
  auto c = connect();
  ReadRequest r = all_of("客户 \"x\"");
  r.columns = {"a b", "编号"};
  EXPECT_EQ(drain(*c, r), "1|1|甲\n");
  r.columns = {"编码"};
  const auto failed = c->open_reader(r);
  ASSERT_EQ(number_of(failed), 3031);
  EXPECT_EQ(failed.error().argument("nearest"), "编号");
  EXPECT_EQ(number_of(c->open_reader(all_of("kunden"))), 3030);
}

TEST_F(SqliteRead, HiddenRowidsAndUtf16FilesAreReadAsWell) {
  sql("pragma encoding='UTF-16le'; create table t (rowid text, _rowid_ text, oid text, k text); insert into t values "
      "('r', 's', 'o', '客'), ('r2', null, null, 'b');"
      "create table w (k text primary key, v) without rowid; insert into w values ('客', 1), ('户', 2);");
  auto c = connect();
  EXPECT_EQ(drain(*c, all_of("t")), "1|r|s|o|客\n2|r2|#|#|b\n");
  std::vector<std::string> stops;
  // Such a file orders by the bytes of its own encoding: U+6237 before U+5BA2.
  EXPECT_EQ(sql("select group_concat(k) from (select k from w order by k)"), "户,客");
  EXPECT_EQ(drain(*c, all_of("w", 1), nullptr, &stops), "户|户|2\n客|客|1\n");
  ReadRequest on = all_of("w");
  on.position = stops.at(0);
  EXPECT_EQ(drain(*c, on), "客|客|1\n");
}

TEST_F(SqliteRead, AForeignPositionOrSplitIsNamed) {
  sql("create table t (v); create table w (k primary key) without rowid;");
  auto c = connect();
  for (const char* position : {"row:1", "rowid:", "rowid:x", "key:[1]", "x", "rowid:99999999999999999999"}) {
    ReadRequest r = all_of("t");
    r.position = position;
    EXPECT_EQ(number_of(c->open_reader(r)), 3032) << position;
  }
  for (const char* position :
       {"key:[]", "key:[1,2]", "key:[{\"b\":\"0\"}]", "key:[{\"z\":\"00\"}]", "key:[null]", "key:{", "rowid:1"}) {
    ReadRequest r = all_of("w");
    r.position = position;
    EXPECT_EQ(number_of(c->open_reader(r)), 3032) << position;
  }
  ReadRequest r = all_of("w");
  r.split = "rowid:1..2";
  EXPECT_EQ(number_of(c->open_reader(r)), 3032);
}

TEST_F(SqliteRead, KeysOfEveryStorageClassResume) {
  sql("create table w (k primary key, v) without rowid;"
      "insert into w values (1, 'a'), (0.1, 'b'), ('t', 'c'), (x'00ff', 'd'), (cast(x'ff' as text), 'e'), (1e300, "
      "'f');");
  auto c = connect();
  std::vector<std::string> stops;
  ReadRequest r = all_of("w", 1);
  r.columns = {"v"};
  const std::vector<std::string> whole = lines(drain(*c, r, nullptr, &stops));
  ASSERT_EQ(whole.size(), 6u);
  for (std::size_t i = 0; i < stops.size(); ++i) {
    r.position = stops[i];
    EXPECT_EQ(lines(drain(*c, r)).size(), 6 - std::min<std::size_t>(6, i + 1)) << stops[i];
  }
}

}  // namespace
}  // namespace godwit::sqlite_test
