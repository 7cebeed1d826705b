#include "connectors/rest/estimate.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "plugins/kits/rest/loopback.hpp"

namespace godwit::restapi {
namespace {

using nlohmann::json;

constexpr double kDay_s = 86400;  // of a budget that begins anew at a time of day
constexpr double kLongWindow_s = 3600;  // a rate is kept within shorter ones, an allowance is used up in longer ones

std::int64_t parts(std::int64_t rows, std::size_t most) {
  const auto size = static_cast<std::int64_t>(std::max<std::size_t>(1, most));
  return (rows + size - 1) / size;
}

double number(const json& j, const char* name) {
  const auto it = j.find(name);
  return it != j.end() && it->is_number() ? it->get<double>() : 0;
}

}  // namespace

Estimate estimate_of(const Api& api, const ApiObject& object, const Work& work, std::string_view usage) {
  Estimate out;
  const bool upserts = object.write && object.write->upserts;
  if (object.write) out.calls += parts(work.inserts + (upserts ? work.updates : 0), object.write->rows);
  std::int64_t looked_up = 0;
  if (object.update && !upserts) out.calls += work.updates, looked_up += work.updates;
  if (object.remove) out.calls += work.deletes, looked_up += work.deletes;
  if (object.lookup) out.calls += parts(looked_up, object.lookup->most);
  if (object.read) out.calls += parts(work.reads, static_cast<std::size_t>(object.read->page_rows));
  out.seconds = static_cast<double>(out.calls) * kCallSeconds / kAtOnce;
  out.simulated = rest::is_loopback(api.url);
  const json used = json::parse(usage, nullptr, false);
  if (!used.is_object() || !used.contains("budgets") || !used["budgets"].is_array()) return out;
  bool paced = false;
  double slowest = 0;
  for (const json& b : used["budgets"]) {
    // A budget of some endpoints alone says nothing of the others; those under way at once are no allowance, and have no limit.
    if (!b.is_object() || number(b, "limit") <= 0 || b.value("unit", "calls") != "calls" || !b.value("endpoint", "").empty()) continue;
    const double limit = number(b, "limit"), window_s = b.contains("per_s") ? number(b, "per_s") : kDay_s;
    if (window_s <= 0) continue;
    if (window_s < kLongWindow_s) {
      slowest = std::max(slowest, static_cast<double>(out.calls) * window_s / limit), paced = true;
      continue;
    }
    Budget budget;
    budget.name = b.value("name", "").empty() ? "calls" : b.value("name", ""), budget.needs = out.calls, budget.limit = static_cast<std::int64_t>(limit);
    budget.remaining = static_cast<std::int64_t>(b.contains("left") ? number(b, "left") : limit - number(b, "used"));
    budget.window_s = window_s, budget.resets_s = number(b, "reset_s");
    out.budgets.push_back(std::move(budget));
  }
  if (paced) out.seconds = slowest;
  return out;
}

}  // namespace godwit::restapi
