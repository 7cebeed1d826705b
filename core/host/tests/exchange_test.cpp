// Rows, units and errors through a real library and back.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/host/connection.hpp"
#include "core/host/tests/plugin_folder.hpp"
#include "core/model/catalogue.hpp"

namespace godwit {
namespace {

using nlohmann::json;
using testing::ElementsAre;

class Exchange : public testing::Test {
 protected:
  Exchange() {
    plugins_.install("good");
    host_ = make_host(plugins_.options());
  }
  std::unique_ptr<Connection> open(const json& settings = json::object()) {
    auto opened = host_->open("good", settings);
    if (!opened) throw std::runtime_error(describe(opened.error()));
    return std::move(*opened);
  }
  PluginFolder plugins_;
  std::unique_ptr<Host> host_;
};

std::vector<std::string> places(Reader& reader) {
  std::vector<std::string> out;
  while (true) {
    auto batch = reader.read();
    if (!batch) throw std::runtime_error(describe(batch.error()));
    for (std::int64_t i = 0; i < batch->batch.rows; ++i) out.emplace_back(batch->batch.places.text(i));
    if (batch->end) return out;
  }
}

TEST_F(Exchange, FactsAndDescriptionCrossWhole) {
  const auto connection = open({{"path", "extract/人"}, {"@folder", "/home/lu"}});
  const auto facts = connection->check();
  ASSERT_TRUE(facts) << describe(facts.error());
  EXPECT_EQ(facts->identity, "people:/home/lu/extract/人");
  EXPECT_EQ(facts->version, "7.1");
  EXPECT_TRUE(facts->writable);
  EXPECT_THAT(facts->objects, ElementsAre("people"));

  const auto d = connection->describe("people");
  ASSERT_TRUE(d) << describe(d.error());
  EXPECT_EQ(d->rows, 20);
  EXPECT_FALSE(d->bytes);
  EXPECT_EQ(d->schema(), (Schema{{"id", TypeId::int64}, {"name", TypeId::utf8}, {"born", TypeId::date32}, {"money", Type::decimal(18, 2)}, {"note", TypeId::json}}));
  EXPECT_FALSE(d->find("id")->nullable);
  EXPECT_TRUE(d->find("id")->generated);
  EXPECT_EQ(d->find("name")->length, 40);
  EXPECT_THAT(d->find("name")->choices, ElementsAre("陈", "b"));
  EXPECT_EQ(d->find("nam"), nullptr);
  EXPECT_THAT(d->key, ElementsAre("id"));
  EXPECT_THAT(d->uniques, ElementsAre(ElementsAre("name", "born")));
  EXPECT_THAT(d->checks, ElementsAre("money >= 0"));
  ASSERT_EQ(d->references.size(), 1u);
  EXPECT_EQ(d->references[0].object, "people");
  EXPECT_EQ(d->hash, "abc");

  const auto unknown = connection->describe("peple");
  EXPECT_EQ(unknown.error().number, 3030);
  EXPECT_EQ(unknown.error().argument("nearest"), "people");
}

TEST_F(Exchange, RowsKeepTheirValuesTypesAndPlaces) {
  const auto connection = open();
  const auto reader = connection->open_reader({.object = "people", .batch_rows = 7});
  ASSERT_TRUE(reader);
  EXPECT_EQ((*reader)->schema(), connection->describe("people")->schema());
  auto first = (*reader)->read();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->batch.rows, 7);
  EXPECT_FALSE(first->end);
  EXPECT_EQ(first->position, "7");
  EXPECT_EQ(value_text(first->batch.columns[0], 6), "6");
  EXPECT_EQ(value_text(first->batch.columns[1], 2), "陈 2");
  EXPECT_TRUE(first->batch.columns[2].is_null(3));
  EXPECT_EQ(value_text(first->batch.columns[2], 4), "1970-01-05");
  EXPECT_EQ(value_text(first->batch.columns[3], 6), "6.06");
  EXPECT_EQ(first->batch.places.text(0), "p0");
}

TEST_F(Exchange, ColumnsOutliveReaderConnectionAndHost) {
  Batch kept;
  {
    auto connection = open();
    auto reader = connection->open_reader({.object = "people"});
    connection.reset();
    kept = (*reader)->read()->batch;
  }
  host_.reset();
  EXPECT_EQ(kept.columns[1].text(19), "陈 19");
}

TEST_F(Exchange, AskedForColumnsComeInTheOrderAskedFor) {
  const auto connection = open();
  const auto reader = connection->open_reader({.object = "people", .columns = {"money", "id"}});
  ASSERT_TRUE(reader);
  EXPECT_EQ((*reader)->schema(), (Schema{{"money", Type::decimal(18, 2)}, {"id", TypeId::int64}}));
  EXPECT_EQ((*reader)->read()->batch.columns[1].int64(5), 5);
}

TEST_F(Exchange, ReadingOnFromEveryPositionGivesExactlyTheRest) {
  const auto connection = open();
  const auto whole = places(**connection->open_reader({.object = "people"}));
  ASSERT_EQ(whole.size(), 20u);
  const auto reader = connection->open_reader({.object = "people", .batch_rows = 3});
  std::size_t seen = 0;
  for (bool end = false; !end;) {
    auto batch = (*reader)->read();
    seen += static_cast<std::size_t>(batch->batch.rows), end = batch->end;
    EXPECT_EQ(places(**connection->open_reader({.object = "people", .position = batch->position})),
              std::vector<std::string>(whole.begin() + static_cast<std::ptrdiff_t>(seen), whole.end()));
  }
}

TEST_F(Exchange, ReadingEndsWhereAsked) {
  const auto connection = open();
  EXPECT_THAT(places(**connection->open_reader({.object = "people", .position = "4", .until = "7"})), ElementsAre("p4", "p5", "p6"));
}

TEST_F(Exchange, SplitsCoverTheObjectOnceAndInOrder) {
  const auto connection = open();
  const auto splits = connection->splits("people", 4);
  ASSERT_THAT(*splits, ElementsAre("first half", "second half"));
  std::vector<std::string> all;
  for (const std::string& split : *splits)
    for (const std::string& place : places(**connection->open_reader({.object = "people", .split = split}))) all.push_back(place);
  EXPECT_EQ(all, places(**connection->open_reader({.object = "people"})));
}

Chunk people(const std::vector<std::pair<std::int64_t, std::string>>& rows) {
  ColumnBuilder id{Type(TypeId::int64)}, name{Type(TypeId::utf8)};
  for (const auto& [i, n] : rows) id.append_int64(i), name.append_text(n);
  Chunk out;
  out.batch.columns = {id.finish(), name.finish()}, out.batch.rows = static_cast<std::int64_t>(rows.size());
  out.operation = Operation::upsert;
  return out;
}

TEST_F(Exchange, EveryRowOfAUnitIsAnsweredAndCanBeReadBack) {
  const auto connection = open();
  const auto writer = connection->open_writer({.object = "people", .columns = {{"id", TypeId::int64}, {"name", TypeId::utf8}}, .key = {"id"}, .id = "rowid", .run = "r", .flow = "f"});
  ASSERT_TRUE(writer) << describe(writer.error());
  ASSERT_TRUE((*writer)->prepare());
  Unit unit{.run = "r", .flow = "f", .shard = 0, .number = 3, .end_position = "400", .chunks = {}, .note = R"({"a": 1})"};
  unit.chunks = {people({{7, "a"}, {8, "refuse me"}}), people({{7, "b"}})};
  MutableBuffer bits(1);
  *bits.data() = 0;
  unit.chunks[1].set = {Buffer(), bits.finish()};
  const auto outcomes = (*writer)->submit(unit);
  ASSERT_TRUE(outcomes) << describe(outcomes.error());
  EXPECT_THAT(outcomes->kinds, ElementsAre(OutcomeKind::created, OutcomeKind::refused, OutcomeKind::updated));
  ASSERT_EQ(outcomes->refusals.size(), 1u);
  EXPECT_EQ(outcomes->refusals[0].row, 1);
  EXPECT_EQ(outcomes->refusals[0].words, "no");
  EXPECT_EQ(outcomes->refusals[0].error.number, 3030);
  EXPECT_EQ(outcomes->refusals[0].error.argument("seen"), "refuse me");
  EXPECT_EQ(outcomes->refusals[0].error.argument("field"), "name");
  EXPECT_EQ(outcomes->ids.int64(2), 1002);
  EXPECT_TRUE(outcomes->ids.is_null(1));

  ColumnBuilder keys{Type(TypeId::int64)};
  keys.append_int64(9), keys.append_int64(7);
  const std::vector<Column> asked{keys.finish()};
  const auto rows = (*writer)->read_back(asked);
  ASSERT_TRUE(rows) << describe(rows.error());
  EXPECT_THAT(rows->found, ElementsAre(false, true));
  EXPECT_EQ(rows->batch.columns[1].text(1), "(unset)");
  EXPECT_TRUE(rows->batch.columns[1].is_null(0));
  EXPECT_EQ(rows->ids.text(1), "row 7");

  const auto resolved = (*writer)->resolve(unit);
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->resolution, Resolution::done);
  EXPECT_EQ(resolved->end_position, "400");
  EXPECT_EQ(resolved->note, R"({"a": 1})");
  EXPECT_EQ(resolved->outcomes.kinds, outcomes->kinds);
  EXPECT_EQ(resolved->outcomes.refusals.size(), 1u);
  unit.number = 4;
  EXPECT_EQ((*writer)->resolve(unit)->resolution, Resolution::absent);
  EXPECT_EQ(*(*writer)->last_unit("r", "f", 0), 3);
}

TEST_F(Exchange, AnEmptyReadBackAndAnEmptyUnitAreFine) {
  const auto connection = open();
  const auto writer = connection->open_writer({.object = "people", .columns = {{"id", TypeId::int64}, {"name", TypeId::utf8}}, .key = {"id"}, .id = "rowid"});
  const std::vector<Column> none{ColumnBuilder{Type(TypeId::int64)}.finish()};
  const auto rows = (*writer)->read_back(none);
  ASSERT_TRUE(rows) << describe(rows.error());
  EXPECT_TRUE(rows->found.empty());
  const auto outcomes = (*writer)->submit(Unit{});
  ASSERT_TRUE(outcomes) << describe(outcomes.error());
  EXPECT_EQ(outcomes->rows, 0);
}

TEST_F(Exchange, AUnitThatIsNotTheRequestsIsRefusedBeforeThePluginSeesIt) {
  const auto connection = open();
  const auto writer = connection->open_writer({.object = "people", .columns = {{"id", TypeId::int64}}, .key = {"id"}});
  Unit unit;
  unit.chunks = {people({{1, "a"}})};
  EXPECT_EQ((*writer)->submit(unit).error().number, 3027);
  const auto other = connection->open_writer({.object = "people", .columns = {{"id", TypeId::int64}}, .key = {"missing"}});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().number, 3010);
}

TEST_F(Exchange, SumsAreComputedByTheConnector) {
  const auto connection = open();
  ASSERT_TRUE(connection->can_aggregate());
  EXPECT_EQ(connection->aggregate("people", "count", "", "", "")->at(0).value, "20");
  const auto groups = connection->aggregate("people", "sum", "money", "", "currency");
  ASSERT_EQ(groups->size(), 2u);
  EXPECT_EQ(groups->at(0).group, "CNY");
  EXPECT_FALSE(groups->at(1).group);
  EXPECT_EQ(groups->at(1).value, "");
}

TEST_F(Exchange, ExceptionsOfTheLibraryAreNumberedErrors) {
  const auto failed = open({{"throws", "check"}})->check();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().number, 3010);
  EXPECT_EQ(failed.error().argument("seen"), "no line to the server");
  EXPECT_EQ(failed.error().argument("connector"), "good");
  EXPECT_EQ(open({{"throws", "open_reader"}})->open_reader({.object = "people"}).error().number, 3010);
}

TEST_F(Exchange, AConnectorSeesThatItShallStop) {
  const auto connection = open();
  EXPECT_TRUE(connection->check());
  host_->request_cancel();
  const auto stopped = connection->check();
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace godwit
