// What was deleted or changed in a span of time (contract, section 6).
#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/salesforce/sandbox/org.hpp"

namespace godwit::sandbox::salesforce {
namespace {

constexpr std::int64_t kMinute = 60'000, kDay = 86'400'000;
constexpr std::size_t kMostIds = 600'000;

struct Span {
  std::int64_t from = 0, to = 0;
};

// Seconds are passed over by the vendor.
Span span_of(Org& org, const Call& call) {
  const auto time = [&](const char* name) {
    const std::optional<std::int64_t> ms = parse_iso_time(call.request.query_value(name).value_or(""));
    if (!ms) refuse_call(400, "INVALID_FIELD", std::string(name) + " is no valid dateTime");
    return *ms - *ms % kMinute;
  };
  Span out{time("start"), time("end")};
  if (out.to <= out.from) refuse_call(400, "INVALID_REPLICATION_DATE", "startDate must be more than one minute before endDate");
  if (out.from < call.request.now_ms - org.number("recycle_days") * kDay) refuse_call(400, "INVALID_REPLICATION_DATE", "startDate before org replication enabled date");
  return out;
}

std::string stamp(std::int64_t ms) { return iso_time(ms, Zone::plus_0000, true); }

Answer deleted(Org& org, Call& call) {
  const Object& object = org.object(call.request.param("object"));
  const Span span = span_of(org, call);
  const std::vector<Row> rows =
      org.database().rows("select Id, sandbox_deleted_ms from " + quote_name(object.name) + " where sandbox_deleted_ms >= ? and sandbox_deleted_ms < ? order by sandbox_deleted_ms, Id", {span.from, span.to});
  if (rows.size() > kMostIds) refuse_call(400, "EXCEEDED_ID_LIMIT", "too many deleted records in the span");
  Json out{{"deletedRecords", Json::array()}};
  for (const Row& row : rows) out["deletedRecords"].push_back({{"id", to_text(row[0])}, {"deletedDate", stamp(to_int(row[1]))}});
  out["earliestDateAvailable"] = stamp(call.request.now_ms - org.number("recycle_days") * kDay);
  out["latestDateCovered"] = stamp(std::min(span.to, call.request.now_ms - call.request.now_ms % kMinute));
  return json_answer(200, out);
}

Answer updated(Org& org, Call& call) {
  const Object& object = org.object(call.request.param("object"));
  const Span span = span_of(org, call);
  if (object.field("SystemModstamp") == nullptr) refuse_call(400, "INVALID_TYPE", "object type " + object.name + " is not replicable");
  const std::vector<Row> rows = org.database().rows(
      "select Id from " + quote_name(object.name) + " where SystemModstamp >= ? and SystemModstamp < ? and sandbox_deleted_ms is null and sandbox_visible_ms <= ? order by SystemModstamp, Id",
      {stamp(span.from), stamp(span.to), call.request.now_ms});
  if (rows.size() > kMostIds) refuse_call(400, "EXCEEDED_ID_LIMIT", "too many updated records in the span");
  Json out{{"ids", Json::array()}};
  for (const Row& row : rows) out["ids"].push_back(to_text(row[0]));
  out["latestDateCovered"] = stamp(std::min(span.to, call.request.now_ms - call.request.now_ms % kMinute));
  return json_answer(200, out);
}

}  // namespace

void add_changes(Org& org) {
  // What lies in the recycle bin for too long is gone.
  const std::int64_t oldest = org.world().clock.now_ms() - org.number("recycle_days") * kDay;
  for (const Object& object : org.world().model.objects()) org.database().run("delete from " + quote_name(object.name) + " where sandbox_deleted_ms < ?", {oldest});
  org.route("GET", "/sobjects/{object}/deleted", [&org](Call& call) { return deleted(org, call); });
  org.route("GET", "/sobjects/{object}/updated", [&org](Call& call) { return updated(org, call); });
}

}  // namespace godwit::sandbox::salesforce
