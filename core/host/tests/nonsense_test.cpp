// A plugin that answers nonsense costs an error, never the process.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/host/connection.hpp"
#include "core/host/tests/plugin_folder.hpp"
#include "core/model/catalogue.hpp"

namespace godwit {
namespace {

struct Case {
  const char* mode;
  int number;  // 0: all goes well
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.mode; }

const PluginFolder& folder() {
  static const PluginFolder plugins;
  static const bool installed = (plugins.install("nonsense"), true);
  (void)installed;
  return plugins;
}

// Everything a run asks of a connection, until the first error; its number.
Result<> use(const std::string& mode) {
  const auto host = make_host(folder().options());
  GW_ASSIGN(const auto connection, host->open("nonsense", {{"mode", mode}}));
  GW_TRY(connection->check());
  GW_TRY(connection->describe("o"));
  GW_ASSIGN(const auto splits, connection->splits("o", 2));
  GW_ASSIGN(const auto reader, connection->open_reader({.object = "o", .columns = mode == "schema: other" ? std::vector<std::string>{"m"} : std::vector<std::string>{}}));
  GW_ASSIGN(const ReadBatch batch, reader->read());
  EXPECT_EQ(batch.batch.columns[0].int64(1), 2);
  if (!batch.unreadable.empty()) return Failure(batch.unreadable[0].error);
  GW_ASSIGN(const auto writer, connection->open_writer({.object = "o", .columns = {{"n", TypeId::int64}}, .key = {"n"}}));
  GW_TRY(writer->prepare());
  ColumnBuilder n{Type(TypeId::int64)};
  n.append_int64(1), n.append_int64(2);
  Unit unit;
  unit.chunks.resize(1);
  unit.chunks[0].batch.columns = {n.finish()}, unit.chunks[0].batch.rows = 2;
  GW_TRY(writer->submit(unit));
  GW_TRY(writer->resolve(unit));
  GW_TRY(writer->read_back(unit.chunks[0].batch.columns));
  GW_TRY(writer->last_unit("r", "f", 0));
  EXPECT_FALSE(connection->can_aggregate());
  GW_TRY(connection->aggregate("o", "count", "", "", ""));
  return {};
}

class Nonsense : public testing::TestWithParam<Case> {};

TEST_P(Nonsense, IsANumberedError) {
  const Result<> used = use(GetParam().mode);
  ASSERT_FALSE(used);
  EXPECT_EQ(used.error().number, GetParam().number) << describe(used.error());
  EXPECT_EQ(used.error().argument("connector"), "nonsense");
  EXPECT_NE(find_message(used.error().number), nullptr);
}

INSTANTIATE_TEST_SUITE_P(
    All, Nonsense,
    testing::Values(Case{"none: only the sums are missing", 3017}, Case{"open: silent", 3011}, Case{"open: no json", 3011},
                    Case{"open: unknown number", 3011}, Case{"open: null", 3012}, Case{"check: no json", 3012}, Case{"check: no identity", 3012},
                    Case{"check: null", 3012}, Case{"describe: type", 3012}, Case{"describe: fields", 3012}, Case{"splits: none", 3012},
                    Case{"splits: numbers", 3012}, Case{"open_reader: null", 3012}, Case{"schema: empty", 3013}, Case{"schema: no struct", 3013},
                    Case{"schema: no place", 3013}, Case{"schema: map", 3013}, Case{"schema: other", 3013}, Case{"read: nothing", 3013},
                    Case{"read: one child", 3013}, Case{"read: no children", 3013}, Case{"read: null child", 3013}, Case{"read: short child", 3013},
                    Case{"read: three buffers", 3013}, Case{"read: no buffers", 3013}, Case{"read: null values", 3013},
                    Case{"read: negative length", 3013}, Case{"read: null place", 3013}, Case{"read: unreadable null", 3013},
                    Case{"read: unreadable unknown", 3011}, Case{"open_writer: null", 3012}, Case{"prepare: refuses", 3011},
                    Case{"submit: nothing", 3014}, Case{"submit: too few", 3014}, Case{"submit: kind 0", 3014}, Case{"submit: kind 9", 3014},
                    Case{"submit: no reason", 3014}, Case{"submit: reasons null", 3014}, Case{"submit: reason outside", 3014},
                    Case{"submit: wrong reason", 3014}, Case{"submit: ids", 3014}, Case{"resolve: 77", 3012}, Case{"resolve: negative", 3014},
                    Case{"read_back: nothing", 3014}, Case{"read_back: short", 3014}, Case{"read_back: found null", 3014}),
    [](const auto& one) {
      std::string name = one.param.mode;
      for (char& c : name)
        if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
      return name;
    });

TEST(PluginErrors, KeepTheWordsKindAndCompanionsOfThePlugin) {
  const auto silent = use("open: silent"), denied = use("open: no json"), unknown = use("open: unknown number"), busy = use("prepare: refuses");
  EXPECT_EQ(silent.error().kind, ErrorKind::bad_config);
  EXPECT_EQ(denied.error().kind, ErrorKind::denied);
  EXPECT_EQ(denied.error().argument("message"), "password wrong");
  EXPECT_EQ(unknown.error().kind, ErrorKind::broken);
  EXPECT_EQ(unknown.error().argument("place"), "here");
  EXPECT_NE(unknown.error().argument("message").find("GW-9876"), std::string::npos);
  EXPECT_EQ(busy.error().kind, ErrorKind::retry);
  EXPECT_EQ(busy.error().argument("message"), "busy");
  ASSERT_EQ(busy.error().more.size(), 1u);
  EXPECT_EQ(busy.error().more[0].number, 3018);
}

}  // namespace
}  // namespace godwit
