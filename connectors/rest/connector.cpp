// The declaration of the connector for APIs that have none of their own.

#include <mutex>
#include <nlohmann/json.hpp>

#include "connector_messages.hpp"
#include "connectors/rest/estimate.hpp"
#include "connectors/rest/settings.hpp"
#include "connectors/rest/writer.hpp"
#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/sdk/export.hpp"

namespace godwit::restapi {
namespace {

class Session final : public sdk::ConnectionImpl {
 public:
  Session(Api api, const sdk::HostServices& host) : api_(std::move(api)), host_(host) {}

  Result<ConnectionFacts> check() override {
    ConnectionFacts facts;
    facts.identity = facts.display = api_.url, facts.version = "REST";
    if (api_.check) {
      GW_ASSIGN(const auto http, client());
      GW_ASSIGN(const nlohmann::json answer, ask(*http, *api_.check, {}, api_.url));
      const nlohmann::json* id = api_.identity.empty() ? nullptr : rest::find_at(answer, api_.identity);
      if (id != nullptr) facts.identity += "#" + rest::scalar_text(*id).value_or("");
    }
    for (const auto& [name, object] : api_.objects) {
      if (object.read) facts.objects.push_back(name);
      facts.writable = facts.writable || object.write;
    }
    return facts;
  }
  Result<ObjectDescription> describe(std::string_view name) override {
    GW_ASSIGN(const ApiObject* const object, find_object(api_, name));
    return object->describe();
  }
  Result<std::unique_ptr<Reader>> open_reader(const ReadRequest& request) override {
    GW_ASSIGN(auto http, client());
    return restapi::open_reader(api_, std::move(http), host_, request);
  }
  Result<std::unique_ptr<Writer>> open_writer(const WriteRequest& request) override {
    GW_ASSIGN(auto http, client());
    return restapi::open_writer(api_, std::move(http), host_, request);
  }
  Result<std::optional<Estimate>> estimate(const Work& work) override {
    GW_ASSIGN(const ApiObject* const object, find_object(api_, work.object));
    GW_ASSIGN(const auto http, client());
    GW_ASSIGN(const std::string usage, http->usage());
    return estimate_of(api_, *object, work, usage);
  }

 private:
  Result<std::shared_ptr<sdk::HttpClient>> client() {
    const std::lock_guard lock(mutex_);
    if (!client_) {
      GW_ASSIGN(client_, sdk::HttpClient::open(host_, api_.rules));
    }
    return client_;
  }

  const Api api_;
  const sdk::HostServices host_;
  std::mutex mutex_;
  std::shared_ptr<sdk::HttpClient> client_;
};

constexpr sdk::Connector kConnector{
    .name = "rest",
    .title = "JSON APIs that have no connector of their own, by a description",
    .settings = kSettings,
    .delivery = Delivery::upsert_by_key,
    .limits = {.rows_per_write = 0, .writes_in_flight = 2, .readers = 1},
    .messages = kMessagesJson,
    .open = [](const sdk::Settings& settings, const sdk::HostServices& host) -> Result<std::unique_ptr<sdk::ConnectionImpl>> {
      GW_ASSIGN(Api api, read_api(settings));
      return std::make_unique<Session>(std::move(api), host);
    },
};

}  // namespace
}  // namespace godwit::restapi

GODWIT_EXPORT_CONNECTOR(godwit::restapi::kConnector)
