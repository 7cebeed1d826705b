// What is left of the org's allowances (contract, section 12), and how many records there are.
#include <nlohmann/json.hpp>
#include <sstream>

#include "connectors/salesforce/sandbox/org.hpp"

namespace godwit::sandbox::salesforce {
namespace {

Json allowance(std::int64_t max, std::int64_t used) { return {{"Max", max}, {"Remaining", max - used}}; }

Answer limits(Org& org, Call& call) {
  Database& db = org.database();
  const std::int64_t now = call.request.now_ms, since = now - 86'400'000;
  const auto jobs = [&](const char* kind) { return to_int(db.value("select count(*) from sandbox_job where kind = ? and created_ms >= ?", {std::string(kind), since})); };
  const std::int64_t batches = to_int(db.value("select coalesce(sum((total + 9999) / 10000), 0) from sandbox_job where kind = 'ingest' and created_ms >= ?", {since}));
  const std::int64_t file_mb = to_int(db.value("select coalesce(sum(ContentSize), 0) / 1048576 from ContentVersion where sandbox_deleted_ms is null"));
  std::int64_t records = 0;
  for (const Object& object : org.world().model.objects()) records += org.store().count(object);
  return json_answer(200, {{"DailyApiRequests", allowance(org.world().daily.rules().quota, org.world().daily.used(now))},
                           {"DailyBulkApiBatches", allowance(15'000, batches)},
                           {"DailyBulkV2QueryJobs", allowance(10'000, jobs("query"))},
                           {"DailyBulkV2QueryFileStorageMB", allowance(976'562, 0)},
                           {"DataStorageMB", allowance(10'240, records / 512)},  // two kilobytes a record
                           {"FileStorageMB", allowance(10'240, file_mb)},
                           {"ConcurrentAsyncGetReportInstances", allowance(200, 0)}});
}

Answer record_count(Org& org, Call& call) {
  Json out{{"sObjects", Json::array()}};
  std::istringstream names(call.request.query_value("sObjects").value_or(""));
  std::string name;
  const auto add = [&](const Object& object) {
    if (const std::int64_t count = org.store().count(object); count > 0) out["sObjects"].push_back({{"count", count}, {"name", object.name}});
  };
  if (names.str().empty())
    for (const Object& object : org.world().model.objects()) add(object);
  while (std::getline(names, name, ',')) {
    if (const Object* object = org.world().model.object(trimmed(name), true)) add(*object);
  }
  return json_answer(200, out);
}

}  // namespace

void add_limits(Org& org) {
  org.route("GET", "/limits", [&org](Call& call) { return limits(org, call); });
  org.route("GET", "/limits/recordCount", [&org](Call& call) { return record_count(org, call); });
}

}  // namespace godwit::sandbox::salesforce
