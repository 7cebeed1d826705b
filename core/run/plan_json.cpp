#include "core/run/plan_json.hpp"

#include <nlohmann/json.hpp>

namespace godwit {
namespace {

using json = nlohmann::ordered_json;

json need_json(const SetupNeed& need, Language language) {
  json out{{"kind", to_string(need.kind)}, {"target", need.target}, {"field", need.field}, {"label", need.label}, {"type", need.type},
           {"length", need.length ? json(*need.length) : json()}, {"key", need.key}, {"source", need.source}, {"place", need.place}, {"nearest", need.nearest},
           {"rows", need.rows}, {"longest", need.longest}, {"text", need_text(need, language)}, {"values", json::array()}, {"more_values", need.more_values}};
  for (const SetupValue& v : need.values) out["values"].push_back({{"value", v.value}, {"rows", v.rows}, {"example", v.example}});
  return out;
}

}  // namespace

std::string plan_json(const PlanResult& result, const PlanRecord& record, Language language) {
  json out{{"environment", result.environment}, {"target", result.target}, {"mapping_hash", record.mapping_hash}, {"extract_hash", record.extract_hash},
           {"sampled", record.sampled ? json(*record.sampled) : json()}, {"flows", json::array()}};
  for (const FlowPlan& f : result.flows) {
    const Counts& c = f.counts;
    json flow{{"flow", f.flow}, {"source", f.source}, {"target", f.target}, {"delivery", f.delivery}, {"target_rows", f.target_rows},
              {"counts", {{"read", c.read}, {"created", c.created}, {"updated", c.updated}, {"unchanged", c.unchanged}, {"merged", c.merged},
                          {"filtered", c.filtered}, {"filtered_unknown", c.filtered_unknown}, {"set_aside", c.set_aside}, {"deleted", c.deleted}, {"warned", c.warned},
                          {"obligations_set", c.obligations_set}, {"obligations_failed", c.obligations_failed}}},
              {"units", f.units}, {"before_images", f.before_images}, {"before_bytes", f.before_bytes}, {"kept_edits", f.kept_edits},
              {"deferred", f.deferred}, {"unjudged", f.unjudged}, {"undoable", f.undoable}, {"seconds", f.seconds}, {"causes", json::array()}};
    for (const PlanCause& cause : f.causes)
      flow["causes"].push_back({{"number", "GW-" + std::to_string(cause.error.number)}, {"field", cause.field}, {"rows", cause.rows}, {"warning", cause.warning},
                                {"example", cause.key}, {"place", cause.place}, {"text", sentence(cause.error, language)}});
    for (const DescriptionChange& change : f.changes)
      flow["changes"].push_back({{"field", change.field}, {"breaking", change.breaking}, {"was", change.was}, {"becomes", change.becomes}, {"text", change_text(change, language)}});
    flow["setup"] = json::array();
    for (const SetupNeed& need : f.setup) flow["setup"].push_back(need_json(need, language));
    if (f.load) flow["load"] = {{"calls", f.load->calls}, {"jobs", f.load->jobs}, {"seconds", f.load->seconds}};
    if (f.undo) flow["undo"] = {{"calls", f.undo->calls}, {"jobs", f.undo->jobs}, {"seconds", f.undo->seconds}};
    out["flows"].push_back(std::move(flow));
  }
  if (result.cost.calls > 0) {
    json budgets = json::array();
    for (const PlannedBudget& b : result.cost.budgets)
      budgets.push_back({{"connection", b.connection}, {"name", b.budget.name}, {"needs", b.budget.needs}, {"limit", b.budget.limit}, {"remaining", b.budget.remaining},
                         {"window_s", b.budget.window_s}, {"windows", b.windows}});
    out["cost"] = {{"calls", result.cost.calls}, {"jobs", result.cost.jobs}, {"seconds", result.cost.seconds}, {"undo_seconds", result.cost.undo_seconds},
                   {"simulated", result.cost.simulated}, {"budgets", budgets}};
  }
  if (result.freeze)
    out["freeze"] = {{"window_s", result.freeze->window_s}, {"fits", result.freeze->fits}, {"early_s", result.freeze->early_s}, {"delta_rows", result.freeze->delta_rows}};
  out["blocked"] = result.is_blocked();
  out["voided_corrections"] = result.voided_corrections;
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace godwit
