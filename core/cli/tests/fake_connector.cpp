#include "core/cli/tests/fake_connector.hpp"

#include <array>

#include "plugins/sdk/export.hpp"

namespace godwit {
namespace {

constexpr std::array kSettings{
    sdk::Setting{.name = "path", .help = "The file.", .kind = sdk::Kind::path},
    sdk::Setting{.name = "objects", .help = "How many objects there are.", .kind = sdk::Kind::integer, .initial = "1", .min = 1, .max = 3},
    sdk::Setting{.name = "token", .help = "Secret of nobody.", .optional = true, .secret = true},
};

class PeopleReader : public Reader {
 public:
  const Schema& schema() const override { return schema_; }
  Result<ReadBatch> read() override {
    ReadBatch out;
    ColumnBuilder name{Type(TypeId::utf8)}, money{Type::decimal(10, 2)}, places{Type(TypeId::int64)};
    const std::array<std::string_view, 3> names{"陈伟", "007", ""};
    for (std::int64_t i = 0; i < 3; ++i) {
      name.append_text(names[static_cast<std::size_t>(i)]);
      if (i == 2) money.null();
      else money.append_decimal(1250 - i);
      places.append_int64(i * 10);
    }
    out.batch.schema = schema_, out.batch.columns = {name.finish(), money.finish()}, out.batch.places = places.finish(), out.batch.rows = 3;
    out.unreadable.push_back({40, 7, Error{3018, ErrorKind::row_rejected, {{"place", "inner"}}, {}}, "to\xffrn"});
    out.end = true;
    return out;
  }

 private:
  Schema schema_{{"name", TypeId::utf8}, {"money", Type::decimal(10, 2)}};
};

class Session : public sdk::ConnectionImpl {
 public:
  explicit Session(std::int64_t objects) : objects_(objects) {}
  Result<ConnectionFacts> check() override {
    ConnectionFacts out{"id", "People", "1", false, {"people", "more", "most"}};
    out.objects.resize(static_cast<std::size_t>(objects_));
    return out;
  }
  Result<ObjectDescription> describe(std::string_view) override { return ObjectDescription{}; }
  Result<std::unique_ptr<Reader>> open_reader(const ReadRequest& request) override {
    if (request.object != "people") return sdk::fail(3030, ErrorKind::bad_config, {{"seen", request.object}, {"nearest", "people"}});
    return std::make_unique<PeopleReader>();
  }

 private:
  std::int64_t objects_;
};

constexpr sdk::Connector kConnector{
    .name = "fake",
    .title = "People in memory",
    .settings = kSettings,
    .extensions = ".people",
    .messages = R"([{"number": 3997, "kind": "denied", "en": "no entry", "zh": "禁止进入", "remedy_en": "Knock.", "remedy_zh": "敲门。"}])",
    .open = [](const sdk::Settings& s, const sdk::HostServices&) -> Result<std::unique_ptr<sdk::ConnectionImpl>> {
      return std::make_unique<Session>(s.integer("objects"));
    },
};

}  // namespace
}  // namespace godwit

const gw_connector_api* fake_connector() { return godwit::sdk::boundary::table<godwit::kConnector>(); }
