// The declaration of the 纷享销客 connector.

#include <cmath>
#include <nlohmann/json.hpp>

#include "connector_messages.hpp"
#include "connectors/fxiaoke/reader.hpp"
#include "connectors/fxiaoke/tenant.hpp"
#include "connectors/fxiaoke/writer.hpp"
#include "plugins/kits/rest/loopback.hpp"
#include "plugins/sdk/export.hpp"

namespace godwit::fxiaoke {
namespace {

class Session final : public sdk::ConnectionImpl {
 public:
  Session(Options options, const sdk::HostServices& host) : tenant_(std::move(options), host) {}

  Result<ConnectionFacts> check() override {
    ConnectionFacts facts;
    GW_ASSIGN(facts.objects, tenant_.objects());
    GW_ASSIGN(facts.identity, tenant_.identity());
    facts.display = tenant_.options().place() + " (" + facts.identity + ")", facts.version = "OpenAPI v2", facts.writable = true;
    return facts;
  }

  Result<ObjectDescription> describe(std::string_view name) override {
    GW_ASSIGN(const auto object, tenant_.object(name));
    ObjectDescription out = description_of(*object);
    GW_ASSIGN(const std::int64_t rows, tenant_.count(*object, {}));
    if (rows >= 0) out.rows = rows;
    return out;
  }

  Result<std::unique_ptr<Reader>> open_reader(const ReadRequest& request) override { return fxiaoke::open_reader(tenant_, request); }
  Result<std::unique_ptr<Writer>> open_writer(const WriteRequest& request) override { return fxiaoke::open_writer(tenant_, request); }

  // One record a call; updates and deletions are looked up first, a page of them a call. Interfaces have limits of their own, so that the
  // slowest of them decides.
  Result<std::optional<Estimate>> estimate(const Work& work) override {
    const Options& o = tenant_.options();
    const auto pages = [&](std::int64_t rows) { return (rows + static_cast<std::int64_t>(o.page_rows) - 1) / static_cast<std::int64_t>(o.page_rows); };
    const std::int64_t queries = pages(work.updates + work.deletes) + pages(work.reads);
    Estimate out;
    out.simulated = rest::is_loopback(o.url);
    out.calls = work.inserts + work.updates + work.deletes * (o.erases ? 2 : 1) + queries;
    const std::int64_t busiest = std::max({work.inserts, work.updates, work.deletes, queries});
    out.seconds = static_cast<double>(busiest) / o.calls_per_s;
    Budget day;
    day.name = "calls of the day", day.needs = out.calls, day.limit = day.remaining = o.daily_calls, day.window_s = 86400;
    const std::int64_t local_s = tenant_.host().now_us() / 1'000'000 + o.offset_s;
    day.resets_s = static_cast<double>(86400 - local_s % 86400);
    GW_TRY(note_usage(day));
    out.budgets.push_back(std::move(day));
    return out;
  }

 private:
  // What was used of the day already, as far as this machine knows.
  Result<> note_usage(Budget& day) {
    GW_ASSIGN(sdk::HttpClient* const http, tenant_.client());
    GW_ASSIGN(const std::string text, http->usage());
    const auto usage = nlohmann::json::parse(text, nullptr, false);
    if (!usage.is_object() || !usage.contains("budgets")) return {};
    for (const auto& b : usage["budgets"])
      if (b.value("name", "") == day.name && b.contains("used") && b["used"].is_number()) day.remaining = std::max<std::int64_t>(0, day.limit - static_cast<std::int64_t>(std::ceil(b["used"].get<double>())));
    return {};
  }

  Tenant tenant_;
};

constexpr sdk::Connector kConnector{
    .name = "fxiaoke",
    .title = "纷享销客 (Fxiaoke, ShareCRM) by its Open API",
    .settings = kSettings,
    .delivery = Delivery::upsert_by_key,
    .limits = {.rows_per_write = 1, .writes_in_flight = 2, .readers = 1},
    .messages = kMessagesJson,
    .open = [](const sdk::Settings& settings, const sdk::HostServices& host) -> Result<std::unique_ptr<sdk::ConnectionImpl>> {
      GW_ASSIGN(Options options, read_options(settings));
      return std::make_unique<Session>(std::move(options), host);
    },
};

}  // namespace
}  // namespace godwit::fxiaoke

GODWIT_EXPORT_CONNECTOR(godwit::fxiaoke::kConnector)
