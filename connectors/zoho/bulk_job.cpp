#include "connectors/zoho/bulk_job.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "plugins/kits/rest/calls.hpp"
#include "plugins/kits/rest/exact_json.hpp"

namespace godwit::zoho {

using nlohmann::json;

Result<json> wait_for_job(Org& org, const std::string& url, const char* status, std::string_view job, std::string_view what) {
  static constexpr std::string_view kOver[] = {"COMPLETED", "FAILED", "FAILURE", "SKIPPED"}, kUnderWay[] = {"ADDED", "QUEUED", "IN PROGRESS", "INPROGRESS", "IN_PROGRESS"};
  const Options& o = org.options();
  const std::string place = o.place() + " " + std::string(what);
  const std::int64_t until = rest::steady_us() + std::int64_t{o.bulk_patience_min} * 60'000'000;
  auto pause = std::chrono::milliseconds(o.bulk_poll_ms);
  for (;;) {
    GW_ASSIGN(json told, org.get(url, "bulk", what));
    const json* state = rest::find_at(told, status);
    const std::string name = state == nullptr ? std::string() : rest::scalar_text(*state).value_or("");
    if (std::ranges::find(kOver, name) != std::end(kOver)) return told;
    if (std::ranges::find(kUnderWay, name) == std::end(kUnderWay)) return rest::not_understood(place, rest::exact_text(told));
    if (rest::steady_us() >= until)
      return sdk::fail(3708, ErrorKind::broken, {{"place", place}, {"job", std::string(job)}, {"seen", name}, {"expected", std::to_string(o.bulk_patience_min)}});
    GW_TRY(rest::wait_patiently(org.host(), pause));
    pause = std::min(pause * 3 / 2, std::chrono::milliseconds(std::max(o.bulk_poll_ms, o.bulk_poll_most_ms)));
  }
}

}  // namespace godwit::zoho
