#include "core/run/undo_preview.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "core/run/flow_source.hpp"
#include "core/run/undo.hpp"
#include "core/run/undone_unit.hpp"
#include "core/run/unit_writer.hpp"

namespace godwit {
namespace {

// Looks at the runs newest first, each as it will be found once the newer ones are undone.
class Preview {
 public:
  Preview(UndoGround& ground, const UndoPreviewRequest& request, const ProgressSink& progress) : ground_(ground), request_(request), progress_(progress) {}

  Result<UndoPreview> look(const std::vector<std::int64_t>& runs) {
    UndoPreview out;
    out.environment = ground_.workspace->project().environment, out.target = ground_.workspace->target_display(), out.runs = runs;
    for (const std::int64_t number : runs) {
      GW_ASSIGN(auto flow_runs, ground_.journal->flow_runs(number));
      std::ranges::sort(flow_runs, std::ranges::greater(), &FlowRunRecord::seq);
      for (const FlowRunRecord& f : flow_runs) {
        GW_ASSIGN(FlowUndoPreview flow, look_at(number, f));
        out.flows.push_back(std::move(flow));
      }
    }
    GW_TRY(price(out));
    return out;
  }

 private:
  Result<FlowUndoPreview> look_at(std::int64_t number, const FlowRunRecord& f) {
    FlowUndoPreview out;
    out.run = number, out.flow = f.flow, out.target = f.target;
    const CompiledFlow* flow = ground_.workspace->flow(f.flow);
    if (flow == nullptr) return fail(4020, {{"flow", f.flow}, {"seen", f.flow}});
    if (f.counts.in_doubt > 0) GW_TRY(leave(out, make_error(1433), f.counts.in_doubt));
    GW_ASSIGN(const std::int64_t under_way, rows_under_way(*ground_.journal, number, f.flow));
    if (under_way > 0) GW_TRY(leave(out, make_error(4087, {{"seen", std::to_string(number)}, {"flow", f.flow}, {"rows", std::to_string(under_way)}}), under_way));
    if (const int obstacle = undo_obstacle(*flow); obstacle != 0) {
      const std::int64_t rows = f.counts.created + f.counts.updated + f.counts.deleted;
      if (rows > 0) GW_TRY(leave(out, make_error(obstacle, {{"flow", f.flow}}), rows));
      return out;
    }
    const bool by_id = crosswalk_ids(*flow) != TypeId::null_type;
    Schema schema;
    GW_ASSIGN(auto writer, open_undo_writer(*ground_.workspace, *flow, "preview", by_id, &schema));
    GW_ASSIGN(auto units, ground_.journal->units(number, f.flow));
    std::ranges::reverse(units);
    FlowProgress progress;
    progress.flow = f.flow, progress.what = "undoing", progress.rows_expected = 0;
    for (const UnitRecord& u : units) progress.rows_expected += u.rows_written;
    for (const UnitRecord& u : units) {
      if (!u.settled) continue;
      GW_ASSIGN(const UndoneUnit unit, read_undone(*ground_.journal, u, *flow, by_id));
      if (!unit.touched.empty()) GW_TRY(look_at(unit, *flow, *writer, by_id, out));
      progress.rows += u.rows_written;
      if (progress_) progress_(progress);
    }
    return out;
  }

  Result<> look_at(const UndoneUnit& unit, const CompiledFlow& flow, Writer& writer, bool by_id, FlowUndoPreview& out) {
    GW_ASSIGN(const Writer::Rows held, writer.read_back(unit.keys));
    UndoChoice choice = choose_steps(flow, unit, held, by_id);
    auto& newer = newer_[flow.flow->name];
    for (std::size_t r = 0; r < choice.steps.size(); ++r) {
      UndoStep& step = choice.steps[r];
      // A record that a newer run wrote will be as this run left it, once that one is undone; or stays, and then for its reason.
      const auto [known, first] = newer.try_emplace(unit.key(r), choice.why[r]);
      if (!first) {
        const OutcomeKind kind = unit.kind(r);
        choice.why[r] = known->second;
        step = known->second != 0 ? UndoStep::leave : kind == OutcomeKind::created ? UndoStep::remove : kind == OutcomeKind::deleted ? UndoStep::insert : UndoStep::restore;
      }
      switch (step) {
        case UndoStep::remove: ++out.removed; break;
        case UndoStep::restore: ++out.restored; break;
        case UndoStep::insert: ++out.returned; break;
        case UndoStep::nothing: ++out.gone; break;
        case UndoStep::leave: GW_TRY(leave(out, make_error(choice.why[r]), 1, &unit, r)); break;
      }
    }
    return {};
  }

  Result<> leave(FlowUndoPreview& out, Error error, std::int64_t rows, const UndoneUnit* unit = nullptr, std::size_t r = 0) {
    UndoLeftRow row;
    row.run = out.run, row.flow = out.flow, row.error = error;
    if (unit != nullptr) {
      row.key = unit->rows.key_text(unit->touched[r]);
      for (const Column& k : unit->keys) row.id += (row.id.empty() ? "" : " / ") + value_text(k, static_cast<std::int64_t>(r));
    }
    const auto known = std::ranges::find_if(out.left, [&](const UndoReason& reason) { return reason.error.number == error.number; });
    if (known != out.left.end()) known->rows += rows;
    else out.left.push_back({std::move(error), rows, row.key});
    return request_.left ? request_.left(row) : Result<>();
  }

  Result<> price(UndoPreview& out) {
    for (FlowUndoPreview& f : out.flows) {
      const CompiledFlow& flow = *ground_.workspace->flow(f.flow);
      const std::int64_t rows = f.removed + f.restored + f.returned;
      if (rows == 0) continue;
      Connection& connection = ground_.workspace->connection(flow.flow->to.connection);
      GW_ASSIGN(f.estimate, connection.estimate({flow.flow->to.object, f.returned, f.restored, f.removed, rows}));
      add_cost(out.cost, flow.flow->to.connection, f.estimate, std::nullopt);
    }
    finish_cost(out.cost);
    return {};
  }

  UndoGround& ground_;
  const UndoPreviewRequest& request_;
  const ProgressSink& progress_;
  // Per flow, of records that were met: why they stay, or 0.
  std::map<std::string, std::unordered_map<Hash128, int, HashOfKey>> newer_;
};

}  // namespace

Result<UndoPreview> preview_undo(Project project, Host& host, const UndoPreviewRequest& request, const ProgressSink& progress) {
  if (!request.run && project.production) return fail(4088, {{"environment", project.environment}});
  GW_ASSIGN(UndoGround ground, open_undo_ground(std::move(project), host));
  std::vector<std::int64_t> runs;
  if (request.run) {
    GW_TRY(check_newest(*ground.journal, ground.scope, *request.run));
    runs.push_back(*request.run);
  } else {
    GW_ASSIGN(const auto all, undoable_runs(*ground.journal, ground.scope));
    for (const RunRecord& r : all) runs.push_back(r.number);
  }
  return Preview(ground, request, progress).look(runs);
}

}  // namespace godwit
