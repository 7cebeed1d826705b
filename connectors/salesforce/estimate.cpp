#include "connectors/salesforce/estimate.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/rest/loopback.hpp"

namespace godwit::salesforce {
namespace {

using nlohmann::json;

constexpr std::int64_t kUnitRows = 65536;     // of a commit unit, and so of a job
constexpr std::int64_t kBatchRows = 10000;    // Salesforce cuts jobs into batches of so many, and counts them
constexpr std::int64_t kResultRows = 10000;   // of one page of a Bulk query's results
constexpr std::int64_t kKeyBytes = 24;        // of one key in a query's address, as it is encoded
constexpr std::int64_t kDailyCalls = 15000;   // the least that any edition has
constexpr std::string_view kCalls = "DailyApiRequests", kBatches = "DailyBulkApiBatches", kQueryJobs = "DailyBulkV2QueryJobs";

std::int64_t parts(std::int64_t rows, std::int64_t most) { return (rows + most - 1) / most; }

class Reckoning {
 public:
  explicit Reckoning(const Options& options) : o_(options) {}

  void write(std::int64_t rows) {
    const std::int64_t jobs = o_.bulk_from > 0 ? rows / kUnitRows + (rows % kUnitRows >= static_cast<std::int64_t>(o_.bulk_from) ? 1 : 0) : 0;
    const std::int64_t by_job = std::min(rows, jobs * kUnitRows);
    if (jobs > 0) job(jobs, by_job, 5);  // create, upload, close, and two calls for results
    for (std::int64_t left = by_job; left > 0; left -= kUnitRows) batches += parts(std::min(left, kUnitRows), kBatchRows);
    call(parts(rows - by_job, static_cast<std::int64_t>(o_.batch_rows)));
  }
  void look_up(std::int64_t keys) { call(parts(keys, std::max<std::int64_t>(1, (static_cast<std::int64_t>(o_.uri_bytes) - 400) / kKeyBytes))); }
  void read(std::int64_t rows) {
    if (o_.bulk_query_from == 0 || rows < o_.bulk_query_from) return call(parts(rows, static_cast<std::int64_t>(o_.page_rows)));
    job(1, rows, 1), call(parts(rows, kResultRows));
    ++query_jobs;
  }

  std::int64_t calls = 0, jobs = 0, batches = 0, query_jobs = 0;
  double seconds = 0;

 private:
  void call(std::int64_t n) { calls += n, seconds += static_cast<double>(n) * o_.plan_call_ms / 1000 / static_cast<double>(o_.concurrent); }
  // `own`: calls of each job beside the questions after it, which come ever less often.
  void job(std::int64_t n, std::int64_t rows, std::int64_t own) {
    const double takes = static_cast<double>(rows) / static_cast<double>(o_.plan_bulk_rows);
    double pause = o_.poll_ms / 1000.0, waited = 0;
    std::int64_t asked = 1;
    for (; waited < takes / static_cast<double>(n) && pause < o_.poll_most_ms / 1000.0; ++asked) waited += pause, pause *= 1.5;
    asked += static_cast<std::int64_t>(std::max(0.0, takes / static_cast<double>(n) - waited) * 1000 / std::max(1, o_.poll_most_ms));
    jobs += n, calls += n * (own + asked), seconds += takes;
  }

  const Options& o_;
};

}  // namespace

Result<Allowances> ask_allowances(Org& org) {
  Allowances out;
  auto answer = org.get(org.path("/limits"), "limits", "limits");
  if (!answer && answer.error().kind != ErrorKind::denied) return Failure(answer.error());
  if (answer && answer->is_object())
    for (const auto& [name, value] : answer->items()) {
      const json *most = rest::find_at(value, "/Max"), *left = rest::find_at(value, "/Remaining");
      if (most != nullptr && left != nullptr && most->is_number_integer() && left->is_number_integer()) out.named[name] = {most->get<std::int64_t>(), left->get<std::int64_t>()};
    }
  GW_ASSIGN(const auto described, org.object("Organization"));
  if (described->find("IsSandbox") == nullptr) return out;
  GW_TRY(org.query("SELECT IsSandbox FROM Organization", false, "Organization", [&](const json& record) -> Result<> {
    if (const json* value = rest::find_at(record, "/IsSandbox"); value != nullptr && value->is_boolean()) out.is_sandbox = value->get<bool>();
    return {};
  }));
  return out;
}

Estimate estimate_of(const Options& options, const Allowances& allowances, const Work& work) {
  Reckoning sum(options);
  sum.look_up(work.updates + work.deletes);
  for (const std::int64_t rows : {work.inserts, work.updates, work.deletes}) sum.write(rows);
  sum.read(work.reads);
  Estimate out;
  out.calls = sum.calls, out.jobs = sum.jobs, out.seconds = sum.seconds, out.simulated = allowances.is_sandbox || rest::is_loopback(options.url);
  const auto budget = [&](std::string_view name, std::int64_t needs, std::int64_t most, int reserve) {
    const auto known = allowances.named.find(name);
    std::int64_t left = most;
    if (known != allowances.named.end()) {
      // A figure of the user's own stands for the org's; what was used of the day is used all the same.
      if (most == 0) most = known->second.most;
      left = most - (known->second.most - known->second.left);
    } else if (most == 0) {
      return;
    }
    Budget b;
    b.name = name, b.needs = needs, b.window_s = 86400;  // a rolling day: nothing resets it
    const std::int64_t kept = most * reserve / 100;
    b.limit = most - kept, b.remaining = std::max<std::int64_t>(0, left - kept);
    out.budgets.push_back(std::move(b));
  };
  budget(kCalls, sum.calls, options.daily_calls > 0 ? options.daily_calls : allowances.named.contains(kCalls) ? 0 : kDailyCalls, options.reserve);
  if (sum.batches > 0) budget(kBatches, sum.batches, 0, 0);
  if (sum.query_jobs > 0) budget(kQueryJobs, sum.query_jobs, 0, 0);
  return out;
}

}  // namespace godwit::salesforce
