#include "connectors/salesforce/bulk_job.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "plugins/kits/rest/calls.hpp"
#include "plugins/kits/rest/exact_json.hpp"

namespace godwit::salesforce {

using nlohmann::json;

bool has_ended(std::string_view state) { return state == "JobComplete" || state == "Failed" || state == "Aborted"; }

namespace {

// Milliseconds until a job that did `done` of its rows in `took_us` has done `wanted` of them.
double time_left(double done, double wanted, std::int64_t took_us) { return static_cast<double>(took_us) / 1000 * (wanted - done) / done; }

}  // namespace

Result<json> wait_for_job(Org& org, std::string_view kind, const std::string& job, std::string_view what, std::int64_t rows, const OnProgress& progress) {
  const Options& o = org.options();
  const std::int64_t began = rest::steady_us(), until = began + std::int64_t{o.patience_min} * 60000000;
  const std::chrono::milliseconds shortest(o.poll_ms), longest(std::max(o.poll_ms, o.poll_most_ms));
  auto pause = std::chrono::milliseconds(o.poll_ms);
  for (;;) {
    GW_ASSIGN(json state, org.get(org.path("/jobs/" + std::string(kind) + "/" + job), "bulk", what));
    const json* name = rest::find_at(state, "/state");
    if (name == nullptr || !name->is_string()) return rest::not_understood(o.place() + " " + std::string(what), rest::exact_text(state));
    if (has_ended(name->get_ref<const std::string&>())) {
      if (progress) (void)progress(1);
      return state;
    }
    if (rest::steady_us() >= until)
      return sdk::fail(3507, ErrorKind::broken, {{"place", o.place() + " " + std::string(what)}, {"job", job}, {"seen", name->get<std::string>()}, {"expected", std::to_string(o.patience_min)}});
    const json* processed = rows > 0 ? rest::find_at(state, "/numberRecordsProcessed") : nullptr;
    const double done = processed == nullptr || !processed->is_number() ? 0 : std::min(1.0, processed->get<double>() / static_cast<double>(rows));
    const double wanted = progress ? progress(done) : 1;
    if (done > 0) pause = std::clamp(std::chrono::milliseconds(static_cast<std::int64_t>(std::min(1e9, time_left(done, wanted, rest::steady_us() - began)))), shortest, longest);
    GW_TRY(rest::wait_patiently(org.host(), pause));
    pause = std::min(pause * 3 / 2, longest);
  }
}

}  // namespace godwit::salesforce
