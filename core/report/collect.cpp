#include "core/report/collect.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "core/report/findings.hpp"
#include "core/report/format.hpp"
#include "core/report/hex.hpp"
#include "core/report/judge.hpp"
#include "core/report/money.hpp"
#include "core/report/query.hpp"

namespace godwit::report {
namespace {

using Json = nlohmann::json;

std::int64_t to_milliseconds(double seconds) { return static_cast<std::int64_t>(seconds * 1000 + 0.5); }

Result<> read_run(Database& journal, std::int64_t run, CutoverReport& report) {
  Query query(journal,
              "select r.id, r.kind, r.state, r.exit_code, r.started_at, coalesce(r.ended_at, ''), r.mapping_hash, "
              "r.extract_hash,"
              " r.options, r.of_run, r.undone_by, r.plan, p.json, p.sampled, s.environment, s.identity, s.display"
              " from run r join scope s on s.id = r.scope left join plan p on p.number = r.plan where r.number = ?");
  if (!query.bind(run).next()) {
    GW_TRY(query.result());
    return fail(4200, {{"run", std::to_string(run)}});
  }
  report.run = run;
  report.run_id = query.text(0), report.kind = query.text(1), report.state = query.text(2);
  report.exit_code = query.optional_integer(3);
  report.started_at = query.text(4), report.ended_at = query.text(5);
  report.mapping_hash = query.text(6), report.extract_hash = query.text(7);
  report.options = presentable(query.text(8), 4000);
  report.of_run = query.optional_integer(9), report.undone_by = query.optional_integer(10);
  report.plan = query.optional_integer(11);
  if (!query.is_null(12)) report.plan_hash = sha256_hex(query.text(12));
  report.plan_sampled = query.optional_integer(13);
  report.environment = presentable(query.text(14));
  report.target_identity = presentable(query.text(15), 400), report.target_display = presentable(query.text(16), 400);
  return {};
}

// The mappings of this journal in the order in which runs first used them.
Result<std::map<std::string, int>> mapping_versions(Database& journal) {
  std::map<std::string, int> versions;
  Query query(journal, "select mapping_hash from run group by mapping_hash order by min(number)");
  while (query.next()) versions.emplace(query.text(0), static_cast<int>(versions.size()) + 1);
  GW_TRY(query.result());
  return versions;
}

// {"godwit": "0.1.0", "connectors": {"csv": "0.1.0"}} -> ("godwit", "0.1.0"), ("connectors.csv", "0.1.0")
void flatten(const Json& json, const std::string& name, std::vector<std::pair<std::string, std::string>>& out) {
  if (json.is_object() || json.is_array()) {
    for (const auto& [key, value] : json.items()) flatten(value, name.empty() ? key : name + "." + key, out);
  } else {
    const std::string value = presentable(json.is_string() ? json.get<std::string>() : json.dump());
    if (!value.empty()) out.emplace_back(presentable(name), value);
  }
}

Result<> read_versions(Database& journal, CutoverReport& report) {
  Query query(journal, "select version from run where number = ?");
  if (query.bind(report.run).next()) {
    const std::string text = query.text(0);
    const Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded()) {
      report.versions.emplace_back("godwit", presentable(text));
    } else {
      flatten(json, json.is_structured() ? "" : "godwit", report.versions);
    }
  }
  return query.result();
}

Result<> read_flows(Database& journal, CutoverReport& report) {
  Query query(journal,
              "select flow, seq, stage, source, target, delivery, crosswalk, read, derived, created, updated, "
              "unchanged, merged, filtered,"
              " filtered_unknown, set_aside, deleted, in_doubt, warned, obligations_open, obligations_set, "
              "obligations_failed, bytes_read,"
              " target_before, seconds, journal_seconds from flow_run where run = ? order by seq, flow");
  query.bind(report.run);
  while (query.next()) {
    FlowLine& f = report.flows.emplace_back();
    f.name = query.text(0), f.seq = query.integer(1), f.stage = query.text(2), f.source = presentable(query.text(3));
    f.target = presentable(query.text(4)), f.delivery = query.text(5), f.crosswalk = query.text(6);
    f.read = query.integer(7), f.derived = query.integer(8), f.created = query.integer(9),
    f.updated = query.integer(10);
    f.unchanged = query.integer(11), f.merged = query.integer(12), f.filtered = query.integer(13);
    f.filtered_unknown = query.integer(14), f.set_aside = query.integer(15), f.deleted = query.integer(16);
    f.in_doubt = query.integer(17), f.warned = query.integer(18);
    f.obligations_open = query.integer(19), f.obligations_set = query.integer(20),
    f.obligations_failed = query.integer(21);
    f.bytes_read = query.integer(22), f.target_before = query.optional_integer(23);
    f.milliseconds = to_milliseconds(query.real(24)), f.journal_milliseconds = to_milliseconds(query.real(25));
  }
  return query.result();
}

std::int64_t figure(const Json& object, const char* name) {
  const auto at = object.find(name);
  return at != object.end() && at->is_number_integer() ? at->get<std::int64_t>() : 0;
}

// The `detail` of a verification: {"fields": [{"field", "compared", "tolerated", "differing": {class: rows}}]}.
std::vector<FieldFigures> read_fields(const std::string& detail) {
  std::vector<FieldFigures> out;
  const Json json = Json::parse(detail, nullptr, false);
  if (!json.is_object() || !json.contains("fields") || !json["fields"].is_array()) return out;
  for (const Json& field : json["fields"]) {
    if (!field.is_object() || !field.contains("field") || !field["field"].is_string()) continue;
    FieldFigures& f = out.emplace_back();
    f.field = presentable(field["field"].get<std::string>());
    f.compared = figure(field, "compared"), f.tolerated = figure(field, "tolerated");
    const auto differing = field.find("differing");
    if (differing == field.end() || !differing->is_object()) continue;
    for (const auto& [name, rows] : differing->items()) {
      if (!rows.is_number_integer()) continue;
      f.classes[name] = rows.get<std::int64_t>();
      f.differing += f.classes[name];
    }
  }
  return out;
}

Result<> read_verification(Database& journal, CutoverReport& report) {
  Query query(
      journal,
      "select flow, verified_at, expected_rows, found_rows, missing, extra, orphans, fields_compared, fields_differing,"
      " fields_tolerated, detail from verification where run = ?");
  query.bind(report.run);
  while (query.next()) {
    FlowLine* flow = report.flow(query.text(0));
    if (flow == nullptr) continue;
    VerificationLine& v = flow->verification.emplace();
    v.at = query.text(1), v.expected_rows = query.integer(2), v.found_rows = query.integer(3),
    v.missing = query.integer(4);
    v.extra = query.integer(5), v.orphans = query.integer(6), v.fields_compared = query.integer(7);
    v.fields_differing = query.integer(8), v.fields_tolerated = query.integer(9);
    v.fields = read_fields(query.text(10));
  }
  return query.result();
}

Result<> read_gates(Database& journal, CutoverReport& report) {
  Query query(
      journal,
      "select name, flow, verdict, seen, allowed, action, approver from gate where run = ? order by name, flow");
  query.bind(report.run);
  while (query.next()) {
    const std::string verdict = query.text(2);
    report.gates.push_back({presentable(query.text(0)), presentable(query.text(1)),
                            verdict == "passed"      ? Verdict::passed
                            : verdict == "condition" ? Verdict::condition
                                                     : Verdict::failed,
                            presentable(query.text(3)), presentable(query.text(4)), query.text(5),
                            presentable(query.text(6))});
  }
  return query.result();
}

// Rows of earlier runs of this scope that are still set aside, and that a report of this run alone would not show.
Result<> read_earlier_open(Database& journal, CutoverReport& report) {
  Query query(journal,
              "select a.flow, count(*) from set_aside a join run r on r.number = a.run"
              " where a.state = 'open' and a.run < ?1 and r.undone_by is null and r.scope = (select scope from run "
              "where number = ?1)"
              " group by a.flow order by a.flow");
  query.bind(report.run);
  while (query.next()) report.open_items.push_back({"set_aside_earlier", query.text(0), query.integer(1)});
  return query.result();
}

Result<> read_history(Database& journal, const std::map<std::string, int>& versions, std::int64_t most,
                      CutoverReport& report) {
  Query query(journal,
              "select number, kind, state, started_at, coalesce(ended_at, ''), exit_code, plan, undone_by, "
              "mapping_hash from run"
              " where scope = (select scope from run where number = ?) order by number desc limit ?");
  query.bind(report.run).bind(most);
  while (query.next()) {
    HistoryRun& h = report.history.emplace_back();
    h.number = query.integer(0), h.kind = query.text(1), h.state = query.text(2), h.started_at = query.text(3),
    h.ended_at = query.text(4);
    h.exit_code = query.optional_integer(5), h.plan = query.optional_integer(6),
    h.undone_by = query.optional_integer(7);
    if (const auto at = versions.find(query.text(8)); at != versions.end()) h.mapping_version = at->second;
  }
  GW_TRY(query.result());
  for (HistoryRun& h : report.history) {
    Query flows(journal,
                "select flow, read, created + updated + unchanged, set_aside, in_doubt from flow_run where run = ?");
    flows.bind(h.number);
    while (flows.next())
      h.flows[flows.text(0)] = {flows.integer(1), flows.integer(2), flows.integer(3), flows.integer(4)};
    GW_TRY(flows.result());
  }
  return {};
}

Result<> collect_all(Database& journal, const Project& project, const CollectOptions& options, CutoverReport& report) {
  GW_ASSIGN(const auto versions, mapping_versions(journal));
  if (const auto at = versions.find(report.mapping_hash); at != versions.end()) report.mapping_version = at->second;
  GW_TRY(read_versions(journal, report));
  GW_TRY(read_flows(journal, report));
  GW_TRY(read_verification(journal, report));
  GW_TRY(read_gates(journal, report));
  GW_TRY(read_money(journal, project, report));
  GW_TRY(collect_findings(journal, options, report));
  GW_TRY(read_history(journal, versions, options.history, report));
  judge(report, project.gates);
  return read_earlier_open(journal, report);
}

}  // namespace

Result<CutoverReport> collect(Database& journal, std::int64_t run, const Project& project,
                              const CollectOptions& options) {
  CutoverReport report;
  report.made_at = options.made_at;
  report.project = presentable(project.name);
  report.production = project.production;
  report.masked = project.mask == "pii";
  // One read transaction: all figures are of one moment even while a run writes.
  GW_TRY(journal.execute("savepoint godwit_report"));
  Result<> done = read_run(journal, run, report);
  if (done) done = collect_all(journal, project, options, report);
  Result<> released = journal.execute("release godwit_report");
  if (!done) return Failure(std::move(done).error());
  GW_TRY(std::move(released));
  return report;
}

Result<std::int64_t> newest_run(Database& journal) {
  Query query(journal, "select max(number) from run");
  if (!query.next()) {
    GW_TRY(query.result());
    return fail(4201, {});
  }
  if (query.is_null(0)) return fail(4201, {});
  return query.integer(0);
}

}  // namespace godwit::report
