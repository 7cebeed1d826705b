#include "core/cli/books.hpp"

#include <ostream>

#include "core/cli/json.hpp"
#include "core/cli/progress.hpp"
#include "core/cli/table.hpp"
#include "core/journal/journal.hpp"
#include "core/run/moment.hpp"

namespace godwit::cli {
namespace {

struct Bucket {
  const char* name;
  std::int64_t Counts::*value;
  bool always;  // shown even when every flow has 0
};
constexpr Bucket kBuckets[] = {
    {"read", &Counts::read, true},           {"derived", &Counts::derived, false},     {"created", &Counts::created, true},
    {"updated", &Counts::updated, true},     {"unchanged", &Counts::unchanged, true},  {"merged", &Counts::merged, false},
    {"filtered", &Counts::filtered, false},  {"set_aside", &Counts::set_aside, true},  {"deleted", &Counts::deleted, false},
    {"in_doubt", &Counts::in_doubt, false},  {"warned", &Counts::warned, false},       {"obligations_open", &Counts::obligations_open, false},
    {"obligations_failed", &Counts::obligations_failed, false},
};

}  // namespace

void print_books(Context& context, const std::vector<FlowRunRecord>& flows) {
  std::vector<Bucket> shown;
  for (const Bucket& bucket : kBuckets) {
    bool any = bucket.always;
    for (const FlowRunRecord& f : flows) any = any || f.counts.*bucket.value != 0;
    if (any) shown.push_back(bucket);
  }
  bool closed = true;
  for (const FlowRunRecord& f : flows) closed = closed && f.counts.difference() == 0;
  std::vector<Table::Column> columns{{context.say("cli.books.flow")}, {context.say("cli.books.stage")}};
  for (const Bucket& bucket : shown) columns.push_back({context.say("cli.books." + std::string(bucket.name)), Align::right});
  if (!closed) columns.push_back({context.say("cli.books.difference"), Align::right});
  columns.push_back({context.say("cli.books.seconds"), Align::right});
  Table table(context.out(), std::move(columns));
  for (const FlowRunRecord& f : flows) {
    std::vector<std::string> cells{f.flow, context.say("cli.stage." + std::string(to_string(f.stage)))};
    for (const Bucket& bucket : shown) cells.push_back(grouped(f.counts.*bucket.value));
    if (!closed) cells.push_back(grouped(f.counts.difference()));
    cells.push_back(duration_text(static_cast<std::int64_t>(f.seconds + 0.5)));
    table.row(std::move(cells));
  }
}

Json counts_json(const Counts& c) {
  return {{"read", c.read}, {"derived", c.derived}, {"created", c.created}, {"updated", c.updated}, {"unchanged", c.unchanged}, {"merged", c.merged},
          {"filtered", c.filtered}, {"filtered_unknown", c.filtered_unknown}, {"set_aside", c.set_aside}, {"deleted", c.deleted}, {"in_doubt", c.in_doubt},
          {"warned", c.warned}, {"obligations_open", c.obligations_open}, {"obligations_set", c.obligations_set},
          {"obligations_failed", c.obligations_failed}, {"difference", c.difference()}};
}

Json flow_json(const FlowRunRecord& f) {
  return {{"flow", f.flow}, {"stage", to_string(f.stage)}, {"source", f.source}, {"target", f.target}, {"delivery", f.delivery}, {"counts", counts_json(f.counts)},
          {"bytes_read", f.bytes_read}, {"seconds", f.seconds}, {"journal_seconds", f.journal_seconds}};
}

Json run_json(const RunRecord& r, std::string_view environment) {
  Json out{{"run", r.number}, {"id", r.id}, {"kind", to_string(r.kind)}, {"state", to_string(r.state)}, {"environment", environment},
                   {"started_at", r.started_at}, {"ended_at", nullptr}, {"exit_code", nullptr}, {"plan", nullptr}, {"of_run", nullptr}, {"undone_by", nullptr},
                   {"mapping_hash", r.mapping_hash}, {"extract_hash", r.extract_hash}};
  if (!r.ended_at.empty()) out["ended_at"] = r.ended_at;
  if (r.exit_code) out["exit_code"] = *r.exit_code;
  if (r.plan) out["plan"] = *r.plan;
  if (r.of_run) out["of_run"] = *r.of_run;
  if (r.undone_by) out["undone_by"] = *r.undone_by;
  return out;
}

void print_gates(Context& context, const std::vector<GateRecord>& gates) {
  std::size_t passed = 0;
  for (const GateRecord& g : gates) {
    if (g.verdict == "passed") {
      ++passed;
      continue;
    }
    context.out() << context.say("cli.gate." + g.verdict, {{"gate", g.name}, {"flow", g.flow}, {"seen", g.seen}, {"allowed", g.allowed}})
                  << (g.approver.empty() ? "" : context.say("cli.gate.approver", {{"approver", g.approver}})) << '\n';
  }
  if (passed != 0) context.out() << context.say("cli.gate.passed", {{"count", std::to_string(passed)}, {"all", std::to_string(gates.size())}}) << '\n';
}

Json gate_json(const GateRecord& g) {
  return {{"gate", g.name}, {"flow", g.flow}, {"verdict", g.verdict}, {"seen", g.seen}, {"allowed", g.allowed}, {"action", g.action}, {"approver", g.approver}};
}

std::string short_time(std::string_view iso) {
  std::string out(iso.substr(0, 19));
  if (out.size() > 10 && out[10] == 'T') out[10] = ' ';
  return out;
}

std::int64_t seconds_between(std::string_view from, std::string_view to) {
  const auto start = parse_moment(from), end = parse_moment(to);
  return start && end ? (*end - *start) / 1'000'000 : 0;
}

Result<std::map<std::int64_t, ScopeRecord>> wanted_scopes(Context& context, Journal& journal) {
  GW_ASSIGN(const std::vector<ScopeRecord> all, journal.scopes());
  std::map<std::int64_t, ScopeRecord> out;
  const std::string& wanted = context.options().environment;
  for (const ScopeRecord& scope : all)
    if (wanted.empty() || scope.environment == wanted) out.emplace(scope.id, scope);
  return out;
}

Result<RunRecord> choose_run(Context& context, Journal& journal, std::optional<std::int64_t> number) {
  if (number) {
    GW_ASSIGN(const auto run, journal.run(*number));
    if (!run) return fail(2340, {{"seen", std::to_string(*number)}});
    return *run;
  }
  GW_ASSIGN(const auto scopes, wanted_scopes(context, journal));
  GW_ASSIGN(const std::vector<RunRecord> runs, journal.runs());
  for (const RunRecord& run : runs)
    if (scopes.contains(run.scope)) return run;
  return fail(2341, {{"seen", context.options().environment}});
}

}  // namespace godwit::cli
