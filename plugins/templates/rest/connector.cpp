// The declaration: what the connector is called, what it can do, and how a connection is opened.

#include "client.hpp"
#include "connector_messages.hpp"  // kMessagesJson, made from messages.json
#include "plugins/sdk/export.hpp"
#include "reader.hpp"
#include "settings.hpp"
// writer{
#include "writer.hpp"
// }writer

namespace acme {
namespace {

using namespace godwit;

class Session : public sdk::ConnectionImpl {
 public:
  Session(Client::Options options, const sdk::HostServices& host) : options_(std::move(options)), host_(host), client_(options_, host) {}

  Result<ConnectionFacts> check() override {
    GW_ASSIGN(const nlohmann::json all, client_.call("/objects"));
    ConnectionFacts facts;
    facts.identity = all.value("id", ""), facts.display = options_.url;
    for (const auto& object : all.value("objects", nlohmann::json::array())) facts.objects.push_back(object.at("name").get<std::string>());
    facts.writable = true;
    return facts;
  }
  Result<ObjectDescription> describe(std::string_view object) override { return client_.describe(object); }
  Result<std::unique_ptr<Reader>> open_reader(const ReadRequest& request) override { return acme::open_reader(options_, host_, request); }
  // writer{
  Result<std::unique_ptr<Writer>> open_writer(const WriteRequest& request) override { return acme::open_writer(options_, host_, request); }
  // }writer

 private:
  const Client::Options options_;
  const sdk::HostServices host_;
  Client client_;  // for questions; readers and writers have clients of their own, since they run in other threads
};

constexpr sdk::Connector kConnector{
    .name = "acme",
    .title = "A service with a JSON API",
    .settings = kSettings,
    // writer{
    .delivery = Delivery::upsert_by_key,
    // }writer
    .limits = {.rows_per_write = 200, .writes_in_flight = 4},
    .messages = kMessagesJson,
    .open = [](const sdk::Settings& settings, const sdk::HostServices& host) -> Result<std::unique_ptr<sdk::ConnectionImpl>> {
      return std::make_unique<Session>(
          Client::Options{std::string(settings.text("url")), std::string(settings.text("token")), static_cast<long>(settings.integer("timeout")), static_cast<long>(settings.integer("page_size"))}, host);
    },
};

}  // namespace
}  // namespace acme

GODWIT_EXPORT_CONNECTOR(acme::kConnector)
