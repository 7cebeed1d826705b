// The SDK's side of the boundary, called through the C tables as a host would.

#include "plugins/sdk/export.hpp"

#include <gtest/gtest.h>

#include <array>

namespace godwit::sdk {
namespace {

constexpr std::array kSettings{Setting{.name = "mood", .help = "What the reader does.", .initial = "fine"}};

class CountingReader : public Reader {
 public:
  explicit CountingReader(std::string mood) : mood_(std::move(mood)) {}
  const Schema& schema() const override { return schema_; }
  Result<ReadBatch> read() override {
    if (mood_ == "throws") throw std::runtime_error("disk on fire");
    if (mood_ == "throws nothing known") throw 7;
    if (mood_ == "placeless") {
      ReadBatch out;
      out.batch.rows = 3;
      return out;
    }
    ReadBatch out;
    ColumnBuilder names{Type(TypeId::utf8)}, places{Type(TypeId::int64)};
    for (int i = 0; i < 3; ++i) names.append_text("row " + std::to_string(i)), places.append_int64(i * 10), out.batch.lines.push_back(5 + 2 * i);
    out.batch.schema = schema_, out.batch.columns = {names.finish()}, out.batch.places = places.finish(), out.batch.rows = 3;
    out.unreadable.push_back({99, 12, Error{1003, ErrorKind::row_rejected, {{"seen", "\xff"}}, {}}, "raw\xff"});
    out.position = "30", out.bytes_read = 40, out.end = true;
    return out;
  }

 private:
  std::string mood_;
  Schema schema_{{"name", TypeId::utf8}};
};

class Session : public ConnectionImpl {
 public:
  explicit Session(std::string mood) : mood_(std::move(mood)) {}
  Result<ConnectionFacts> check() override { return ConnectionFacts{"id", "shown", "1", false, {"rows"}}; }
  Result<ObjectDescription> describe(std::string_view object) override {
    return fail(3030, ErrorKind::bad_config, {{"seen", std::string(object)}, {"nearest", "rows"}});
  }
  Result<std::unique_ptr<Reader>> open_reader(const ReadRequest&) override { return std::make_unique<CountingReader>(mood_); }

 private:
  std::string mood_;
};

constexpr Connector kConnector{
    .name = "counting",
    .title = "Counts to three",
    .settings = kSettings,
    .extensions = "",
    .open = [](const Settings& s, const HostServices&) -> Result<std::unique_ptr<ConnectionImpl>> {
      return std::make_unique<Session>(std::string(s.text("mood")));
    },
};

gw_str str(std::string_view s) { return {s.data(), s.size()}; }

struct Caught {
  std::int32_t kind = 0;
  int number = 0;
  nlohmann::json arguments;
};
Caught take(std::int32_t kind, gw_error& error) {
  Caught out{kind, error.number, nullptr};
  if (error.json.data != nullptr) out.arguments = nlohmann::json::parse(std::string(error.json.data, error.json.size));
  if (error.json.release != nullptr) error.json.release(&error.json);
  return out;
}

struct Opened {
  const gw_connector_api& api = *boundary::table<kConnector>();
  gw_connection* connection = nullptr;
  gw_reader* reader = nullptr;
  gw_error error{sizeof(gw_error)};
  explicit Opened(const std::string& mood) {
    EXPECT_EQ(api.open(nullptr, str(nlohmann::json{{"mood", mood}}.dump()), &connection, &error), GW_OK);
    EXPECT_EQ(api.open_reader(connection, str(R"({"object": "rows"})"), &reader, &error), GW_OK);
  }
  ~Opened() { api.reader->close(reader), api.close(connection); }
};

TEST(Export, ABatchCrossesWholeAndIsReleasedOnce) {
  Opened o("fine");
  ArrowSchema schema;
  ASSERT_EQ(o.api.reader->schema(o.reader, &schema, &o.error), GW_OK);
  Schema fields;
  ASSERT_TRUE(import_schema(schema, &fields));
  schema.release(&schema);
  ASSERT_EQ(fields, (Schema{{"name", TypeId::utf8}, {"@place", TypeId::int64}}));

  gw_batch batch{sizeof(gw_batch)};
  ASSERT_EQ(o.api.reader->read(o.reader, &batch, &o.error), GW_OK);
  EXPECT_EQ(batch.first_line, 5);
  EXPECT_EQ(batch.lines[2], 4);
  EXPECT_EQ(boundary::view(batch.position), "30");
  EXPECT_EQ(batch.end, 1);
  ASSERT_EQ(batch.unreadable_count, 1u);
  EXPECT_EQ(batch.unreadable[0].number, 1003);
  EXPECT_EQ(boundary::view(batch.unreadable[0].raw), "raw\xff");
  EXPECT_EQ(boundary::view(batch.unreadable[0].args_json), "{\"seen\":\"\xEF\xBF\xBD\"}");
  std::vector<Column> columns;
  ASSERT_TRUE(import_columns(&batch.columns, fields, &columns));
  batch.release(&batch);
  EXPECT_EQ(columns[0].text(2), "row 2") << "columns outlive their batch";
  EXPECT_EQ(columns[1].int64(1), 10);
}

TEST(Export, WhatIsThrownBecomesANumberedError) {
  for (const auto& [mood, words] : {std::pair{"throws", "disk on fire"}, std::pair{"throws nothing known", "unknown exception"}}) {
    Opened o(mood);
    gw_batch batch{sizeof(gw_batch)};
    const Caught caught = take(o.api.reader->read(o.reader, &batch, &o.error), o.error);
    EXPECT_EQ(caught.kind, GW_BROKEN);
    EXPECT_EQ(caught.number, 3010);
    EXPECT_EQ(caught.arguments["seen"], words);
  }
}

TEST(Export, RowsWithoutPlacesDoNotCross) {
  Opened o("placeless");
  gw_batch batch{sizeof(gw_batch)};
  EXPECT_EQ(take(o.api.reader->read(o.reader, &batch, &o.error), o.error).number, 3013);
}

TEST(Export, ErrorsKeepKindNumberAndArguments) {
  Opened o("fine");
  gw_text out{};
  const Caught caught = take(o.api.describe(o.connection, str("rwos"), &out, &o.error), o.error);
  EXPECT_EQ(caught.kind, GW_BAD_CONFIG);
  EXPECT_EQ(caught.number, 3030);
  EXPECT_EQ(caught.arguments["nearest"], "rows");
}

TEST(Export, SettingsAndRequestsThatAreNoJsonAreNumberedErrors) {
  const auto& api = *boundary::table<kConnector>();
  gw_connection* connection = nullptr;
  gw_error error{sizeof(gw_error)};
  EXPECT_EQ(take(api.open(nullptr, str("{"), &connection, &error), error).number, 3027);
  EXPECT_EQ(connection, nullptr);
  const Caught caught = take(api.open(nullptr, str(R"({"mod": "x", "mo": "y"})"), &connection, &error), error);
  EXPECT_EQ(caught.number, 3020);
  EXPECT_EQ(caught.arguments["@more"][0]["arguments"]["seen"], "mo");
  Opened o("fine");
  EXPECT_EQ(take(api.open_reader(o.connection, str(R"({"columns": 3})"), &o.reader, &o.error), o.error).number, 3027);
}

TEST(Export, WhatAConnectorCannotDoIsMissingInItsTable) {
  const auto& api = *boundary::table<kConnector>();
  EXPECT_EQ(api.writer, nullptr);
  EXPECT_EQ(api.aggregate, nullptr);
  EXPECT_NE(api.reader, nullptr);
}

TEST(Export, TheManifestSaysWhatTheDeclarationSays) {
  const auto json = nlohmann::json::parse(boundary::view(boundary::table<kConnector>()->manifest_json));
  EXPECT_EQ(json["name"], "counting");
  EXPECT_EQ(json["delivery"], "none");
  EXPECT_EQ(json["writes"], false);
  EXPECT_EQ(json["settings"][0]["default"], "fine");
  EXPECT_EQ(json["extensions"], nlohmann::json::array());
}

}  // namespace
}  // namespace godwit::sdk
