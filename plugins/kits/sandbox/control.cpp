// /__sandbox/…: what tests and benchmarks steer a running sandbox with. No limit and no fault touches these calls.
#include <nlohmann/json.hpp>

#include "plugins/kits/sandbox/dispatcher.hpp"

namespace godwit::sandbox {
namespace {

Answer wrong(const std::string& what) { return json_answer(400, {{"error", what}}); }

}  // namespace

Answer Dispatcher::control(Request& request) {
  const std::string& path = request.path;
  if (path == "/__sandbox/stats" && request.method == "GET") return stats();
  if (path == "/__sandbox/stats" && request.method == "DELETE") return world_.stats.clear(), stats();
  if (path == "/__sandbox/faults") return control_faults(request);
  if (path == "/__sandbox/clock") return control_clock(request);
  return json_answer(404, {{"error", "there are /__sandbox/stats, /__sandbox/faults and /__sandbox/clock"}});
}

Answer Dispatcher::stats() {
  const auto lock = world_.database.lock();
  Json out = world_.stats.to_json();
  out["doubles"] = world_.store.doubles();
  out["records"] = Json::object();
  for (const Object& object : world_.model.objects())
    if (const std::int64_t count = world_.store.count(object); count > 0) out["records"][object.name] = count;
  out["daily_used"] = world_.daily.used(world_.clock.now_ms());
  out["faults"] = world_.faults.to_json();
  vendor_.add_stats(out);
  return json_answer(200, out);
}

// POST {"faults": ["slow:every=3", …]} adds, DELETE takes all away; all methods answer with what there is.
Answer Dispatcher::control_faults(const Request& request) {
  if (request.method == "DELETE") {
    world_.faults.clear();
  } else if (request.method == "POST") {
    const std::optional<Json> body = request.json();
    if (!body || !body->is_object() || !body->contains("faults") || !(*body)["faults"].is_array()) return wrong("expected {\"faults\": [\"KIND:every=3\", …]}");
    std::vector<Fault> parsed;
    for (const Json& spec : (*body)["faults"]) {
      std::string error;
      Fault fault;
      if (!spec.is_string() || !parse_fault(spec.get<std::string>(), fault, error)) return wrong(error.empty() ? "a fault is a text" : error);
      parsed.push_back(std::move(fault));
    }
    for (Fault& fault : parsed) world_.faults.add(std::move(fault));
  }
  return json_answer(200, {{"faults", world_.faults.to_json()}});
}

Answer Dispatcher::control_clock(const Request& request) {
  if (request.method == "POST") {
    const std::optional<Json> body = request.json();
    const auto seconds = [&](const char* member) -> std::optional<double> {
      if (!body || !body->is_object() || !body->contains(member) || !(*body)[member].is_number()) return std::nullopt;
      return (*body)[member].get<double>();
    };
    if (const std::optional<double> by = seconds("advance_seconds")) world_.clock.set_offset_ms(world_.clock.offset_ms() + static_cast<std::int64_t>(*by * 1000));
    else if (const std::optional<double> at = seconds("offset_seconds")) world_.clock.set_offset_ms(static_cast<std::int64_t>(*at * 1000));
    else return wrong("expected {\"advance_seconds\": 60} or {\"offset_seconds\": 0}");
  }
  return json_answer(200, {{"now", iso_time(world_.clock.now_ms(), Zone::z, true)}, {"now_ms", world_.clock.now_ms()}, {"offset_seconds", static_cast<double>(world_.clock.offset_ms()) / 1000}});
}

}  // namespace godwit::sandbox
