// The declaration of the Zoho CRM connector.

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "connector_messages.hpp"
#include "connectors/zoho/org.hpp"
#include "connectors/zoho/reader.hpp"
#include "connectors/zoho/writer.hpp"
#include "plugins/sdk/export.hpp"

namespace godwit::zoho {
namespace {

class Session final : public sdk::ConnectionImpl {
 public:
  Session(Options options, const sdk::HostServices& host) : org_(std::move(options), host) {}

  Result<ConnectionFacts> check() override {
    ConnectionFacts facts;
    GW_ASSIGN(facts.objects, org_.modules());
    GW_ASSIGN(facts.identity, org_.identity());
    facts.display = org_.options().place() + " (" + facts.identity + ")", facts.version = "API " + org_.options().version, facts.writable = true;
    return facts;
  }

  Result<ObjectDescription> describe(std::string_view name) override {
    GW_ASSIGN(const auto module, org_.module(name));
    ObjectDescription out = description_of(*module);
    GW_ASSIGN(const std::int64_t rows, org_.count(*module));
    if (rows >= 0) out.rows = rows;
    return out;
  }

  Result<std::unique_ptr<Reader>> open_reader(const ReadRequest& request) override { return zoho::open_reader(org_, request); }
  Result<std::unique_ptr<Writer>> open_writer(const WriteRequest& request) override { return zoho::open_writer(org_, request); }

  // A hundred records a call, and a credit for every ten of them, or jobs of 500 credits from so many new rows of a unit on, as far as units of 65,536 rows fill
  // them. Updates and deletions are looked up first, a hundred a query.
  Result<std::optional<Estimate>> estimate(const Work& work) override {
    const Options& o = org_.options();
    const auto parts = [](std::int64_t rows, std::int64_t each) { return (rows + each - 1) / each; };
    const auto batch = static_cast<std::int64_t>(o.batch_rows), page = static_cast<std::int64_t>(o.page_rows);
    const std::int64_t lookups = parts(work.updates + work.deletes, 100), removals = parts(work.deletes, batch);
    const bool read_by_jobs = o.bulk_read_from > 0 && work.reads >= o.bulk_read_from;
    const std::int64_t reads = read_by_jobs ? 0 : parts(work.reads, page), read_jobs = read_by_jobs ? parts(work.reads, 200000) : 0;
    constexpr std::int64_t kUnitRows = 65536;
    const auto per_job = static_cast<std::int64_t>(o.bulk_rows), least = std::max<std::int64_t>(1, static_cast<std::int64_t>(o.bulk_from));
    std::int64_t jobs = 0, by_job = 0;
    if (o.bulk_from > 0)
      for (std::int64_t left = work.inserts; left >= least; left -= kUnitRows)
        for (std::int64_t unit = std::min(left, kUnitRows); unit >= least; unit -= per_job) ++jobs, by_job += std::min(unit, per_job);
    const std::int64_t by_call = work.inserts - by_job;
    Estimate out;
    out.jobs = jobs + read_jobs;
    // Each job: the organisation's number, the upload, the job, its result, and some questions after it.
    out.calls = (jobs + read_jobs) * 8 + parts(by_call, batch) + parts(work.updates, batch) + removals + lookups + reads;
    const std::int64_t credits = jobs * 507 + read_jobs * 57 + parts(by_call, o.rows_per_credit) + parts(work.updates, o.rows_per_credit) + removals + lookups + reads * static_cast<std::int64_t>(query_credits(o.page_rows));
    // A call takes about half a second; half of the window is under way at once.
    constexpr double kCall_s = 0.5;
    out.seconds = static_cast<double>(out.calls) * kCall_s / static_cast<double>(std::max<std::size_t>(1, o.window / 2));
    Budget day;
    day.name = "credits", day.needs = credits, day.limit = day.remaining = o.credits, day.window_s = 86400;
    GW_TRY(note_usage(day));
    out.budgets.push_back(std::move(day));
    return out;
  }

 private:
  // What was used of the day already, as the organisation said last or this machine knows.
  Result<> note_usage(Budget& day) {
    GW_ASSIGN(sdk::HttpClient* const http, org_.client());
    GW_ASSIGN(const std::string text, http->usage());
    const auto usage = nlohmann::json::parse(text, nullptr, false);
    if (!usage.is_object() || !usage.contains("budgets")) return {};
    for (const auto& b : usage["budgets"])
      if (b.value("name", "") == day.name && b.contains("used") && b["used"].is_number()) day.remaining = std::max<std::int64_t>(0, day.limit - static_cast<std::int64_t>(std::ceil(b["used"].get<double>())));
    return {};
  }

  Org org_;
};

constexpr sdk::Connector kConnector{
    .name = "zoho",
    .title = "Zoho CRM by its REST API",
    .settings = kSettings,
    .delivery = Delivery::upsert_by_key,
    .limits = {.rows_per_write = 100, .writes_in_flight = 2, .readers = 1},
    .messages = kMessagesJson,
    .open = [](const sdk::Settings& settings, const sdk::HostServices& host) -> Result<std::unique_ptr<sdk::ConnectionImpl>> {
      GW_ASSIGN(Options options, read_options(settings));
      return std::make_unique<Session>(std::move(options), host);
    },
};

}  // namespace
}  // namespace godwit::zoho

GODWIT_EXPORT_CONNECTOR(godwit::zoho::kConnector)
