#include "connectors/salesforce/bulk_job.hpp"

#include <chrono>
#include <nlohmann/json.hpp>

#include "plugins/kits/rest/calls.hpp"
#include "plugins/kits/rest/exact_json.hpp"

namespace godwit::salesforce {

using nlohmann::json;

bool has_ended(std::string_view state) { return state == "JobComplete" || state == "Failed" || state == "Aborted"; }

Result<json> wait_for_job(Org& org, std::string_view kind, const std::string& job, std::string_view what) {
  const Options& o = org.options();
  const std::int64_t until = rest::steady_us() + std::int64_t{o.patience_min} * 60000000;
  auto pause = std::chrono::milliseconds(o.poll_ms);
  for (;;) {
    GW_ASSIGN(json state, org.get(org.path("/jobs/" + std::string(kind) + "/" + job), "bulk", what));
    const json* name = rest::find_at(state, "/state");
    if (name == nullptr || !name->is_string()) return rest::not_understood(o.place() + " " + std::string(what), rest::exact_text(state));
    if (has_ended(name->get_ref<const std::string&>())) return state;
    if (rest::steady_us() >= until)
      return sdk::fail(3507, ErrorKind::broken, {{"place", o.place() + " " + std::string(what)}, {"job", job}, {"seen", name->get<std::string>()}, {"expected", std::to_string(o.patience_min)}});
    GW_TRY(rest::wait_patiently(org.host(), pause));
    pause = std::min(pause * 3 / 2, std::chrono::milliseconds(std::max(o.poll_ms, o.poll_most_ms)));
  }
}

}  // namespace godwit::salesforce
