// The declaration of the Salesforce connector.

#include <nlohmann/json.hpp>

#include "connector_messages.hpp"
#include "connectors/salesforce/aggregate.hpp"
#include "connectors/salesforce/estimate.hpp"
#include "connectors/salesforce/org.hpp"
#include "connectors/salesforce/reader.hpp"
#include "connectors/salesforce/writer.hpp"
#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/sdk/export.hpp"

namespace godwit::salesforce {
namespace {

class Session final : public sdk::ConnectionImpl {
 public:
  Session(Options options, const sdk::HostServices& host) : org_(std::move(options), host) {}

  Result<ConnectionFacts> check() override {
    ConnectionFacts facts;
    GW_ASSIGN(facts.objects, org_.objects(&facts.writable));
    GW_ASSIGN(facts.identity, identity());
    facts.version = "API " + org_.options().version;
    return facts.display = org_.options().place() + " (" + facts.identity + ")", facts;
  }

  Result<ObjectDescription> describe(std::string_view name) override {
    GW_ASSIGN(const auto object, org_.object(name));
    GW_ASSIGN(const auto columns, org_.columns(*object));
    return description_of(*object, columns);
  }

  Result<std::unique_ptr<Reader>> open_reader(const ReadRequest& request) override { return salesforce::open_reader(org_, request); }
  Result<std::unique_ptr<Writer>> open_writer(const WriteRequest& request) override { return salesforce::open_writer(org_, request); }

  Result<std::vector<GroupValue>> aggregate(std::string_view object, std::string_view aggregate, std::string_view field, std::string_view where, std::string_view group_by) override {
    return aggregate_object(org_, object, aggregate, field, where, group_by);
  }

  Result<std::optional<Estimate>> estimate(const Work& work) override {
    if (!allowances_) {
      GW_ASSIGN(allowances_, ask_allowances(org_));
    }
    return estimate_of(org_.options(), *allowances_, work);
  }

 private:
  // The org's id. A sign-in tells it: .../id/<org>/<user>; with a token that was given the org itself is asked.
  Result<std::string> identity() {
    if (org_.options().signs_in) {
      GW_ASSIGN(sdk::HttpClient* const http, org_.client());
      GW_ASSIGN(const std::string url, http->session("identity"));
      const std::size_t at = url.find("/id/");
      const std::string id = at == std::string::npos ? "" : url.substr(at + 4, url.find('/', at + 4) - at - 4);
      if (!id.empty()) return long_id(id);
    }
    std::string id;
    GW_TRY(org_.query("SELECT Id FROM Organization", false, "Organization", [&](const nlohmann::json& record) -> Result<> {
      if (const auto* value = rest::find_at(record, "/Id"); value != nullptr && value->is_string()) id = value->get<std::string>();
      return {};
    }));
    return id.empty() ? org_.options().place() : long_id(id);
  }

  Org org_;
  std::optional<Allowances> allowances_;
};

constexpr sdk::Connector kConnector{
    .name = "salesforce",
    .title = "Salesforce: Sales Cloud and other orgs, by REST and Bulk API 2.0",
    .settings = kSettings,
    .delivery = Delivery::upsert_by_key,
    .aggregates = true,
    .limits = {.rows_per_write = 0, .writes_in_flight = 2, .readers = 1},
    .messages = kMessagesJson,
    .open = [](const sdk::Settings& settings, const sdk::HostServices& host) -> Result<std::unique_ptr<sdk::ConnectionImpl>> {
      GW_ASSIGN(Options options, read_options(settings));
      return std::make_unique<Session>(std::move(options), host);
    },
};

}  // namespace
}  // namespace godwit::salesforce

GODWIT_EXPORT_CONNECTOR(godwit::salesforce::kConnector)
