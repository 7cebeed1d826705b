#include "core/run/undo.hpp"

#include <algorithm>

#include "core/run/flow_undo.hpp"
#include "core/run/moment.hpp"

namespace godwit {
namespace {

// One run after the other on the same ground.
class Undoing {
 public:
  Undoing(UndoGround ground, std::filesystem::path folder, const UndoOptions& options, const RunListener& listener)
      : ground_(std::move(ground)), options_(options), listener_(listener) {
    context_.journal = ground_.journal.get(), context_.progress = listener.progress;
    context_.stop = [folder = std::move(folder)] { return stop_reason(folder); };
  }

  Result<RunResult> undo(std::int64_t number) {
    Journal& journal = *ground_.journal;
    GW_TRY(check_newest(journal, ground_.scope, number));
    GW_ASSIGN(auto flow_runs, journal.flow_runs(number));
    std::ranges::sort(flow_runs, std::ranges::greater(), &FlowRunRecord::seq);
    if (!options_.leave) GW_TRY(look_ahead(number, flow_runs));
    RunResult result;
    GW_ASSIGN(const auto interrupted, journal.latest_interrupted(ground_.scope));
    if (interrupted && interrupted->kind == RunKind::undo && interrupted->of_run == number) {
      GW_ASSIGN(context_.run, journal.resume_run(interrupted->number));
      result.summary.resumed = true;
    } else {
      RunRecord record;
      record.scope = ground_.scope, record.kind = RunKind::undo, record.of_run = number;
      record.mapping_hash = ground_.workspace->project().mapping_hash, record.extract_hash = "", record.version = ground_.workspace->versions();
      GW_ASSIGN(context_.run, journal.begin_run(record));
    }
    if (listener_.began) listener_.began(context_.run, result.summary.resumed);
    bool left = false;
    const Result<> undone = undo_flows(number, flow_runs, left);
    if (undone) {
      GW_ASSIGN(result.summary.flows, journal.flow_runs(context_.run.number));
      for (const FlowRunRecord& f : result.summary.flows) left |= f.counts.set_aside > 0;
      result.summary.exit_code = left ? kExitGate : kExitFinished;
      GW_TRY(journal.set_undone_by(number, context_.run.number));
      GW_TRY(journal.end_run(context_.run.number, RunState::finished, result.summary.exit_code));
    } else {
      const bool stopped = undone.error().kind == ErrorKind::cancelled;
      result.stopped = undone.error();
      result.summary.exit_code = stopped ? kExitInterrupted : exit_code_of(undone.error());
      GW_TRY(journal.end_run(context_.run.number, stopped ? RunState::stopped : RunState::interrupted, result.summary.exit_code));
      GW_ASSIGN(result.summary.flows, journal.flow_runs(context_.run.number));
    }
    GW_ASSIGN(auto record, journal.run(context_.run.number));
    if (record) result.summary.run = std::move(*record);
    return result;
  }

  UndoGround& ground() { return ground_; }

 private:
  Result<const CompiledFlow*> compiled(const std::string& name) {
    const CompiledFlow* flow = ground_.workspace->flow(name);
    if (flow == nullptr) return fail(4020, {{"flow", name}, {"seen", name}});
    return flow;
  }

  // What cannot be taken back at all is said before anything is.
  Result<> look_ahead(std::int64_t number, const std::vector<FlowRunRecord>& flow_runs) {
    for (const FlowRunRecord& f : flow_runs) {
      GW_ASSIGN(const CompiledFlow* flow, compiled(f.flow));
      if (const int obstacle = undo_obstacle(*flow); obstacle != 0 && f.counts.created + f.counts.updated + f.counts.in_doubt > 0) return fail(obstacle, {{"flow", f.flow}});
      GW_ASSIGN(const std::int64_t rows, rows_under_way(*ground_.journal, number, f.flow));
      if (rows > 0) return fail(4087, {{"seen", std::to_string(number)}, {"flow", f.flow}, {"rows", std::to_string(rows)}});
    }
    return {};
  }

  Result<> undo_flows(std::int64_t number, const std::vector<FlowRunRecord>& flow_runs, bool& left) {
    Journal& journal = *ground_.journal;
    std::int64_t seq = 0;
    for (const FlowRunRecord& f : flow_runs) {
      GW_ASSIGN(const CompiledFlow* flow, compiled(f.flow));
      ++seq;
      GW_ASSIGN(const std::int64_t rows, rows_under_way(journal, number, f.flow));
      left |= rows > 0;
      if (undo_obstacle(*flow) != 0) {
        left |= f.counts.created > 0;
        continue;
      }
      std::unique_ptr<ParentIndex> parents;
      if (ground_.workspace->is_parent(f.flow)) {
        const IdShape shape = id_shape(*flow->flow, flow->target);
        GW_ASSIGN(parents, ParentIndex::open(journal.state_folder(ground_.scope, "parents-" + f.flow), shape.type, shape.identity, context_.state_memory, false,
                                             [&](const UnitId& unit) { return journal.is_settled(unit); }));
      }
      GW_TRY(FlowUndo(context_, *ground_.workspace, *flow, number, parents.get()).run(seq));
    }
    return {};
  }

  UndoGround ground_;
  const UndoOptions& options_;
  const RunListener& listener_;
  RunContext context_;
};

}  // namespace

Result<> check_newest(Journal& journal, std::int64_t scope, std::int64_t number) {
  GW_ASSIGN(const auto run, journal.run(number));
  if (!run) return fail(4079, {{"seen", std::to_string(number)}});
  if (run->scope != scope) return fail(4084, {{"seen", std::to_string(number)}});
  if (run->kind == RunKind::undo) return fail(4085, {{"seen", std::to_string(number)}});
  if (run->undone_by) return fail(4086, {{"seen", std::to_string(number)}, {"by", std::to_string(*run->undone_by)}});
  GW_ASSIGN(const auto runs, undoable_runs(journal, scope));
  if (runs.front().number != number) return fail(4080, {{"seen", std::to_string(number)}, {"newer", std::to_string(runs.front().number)}});
  return {};
}

Result<std::vector<RunRecord>> undoable_runs(Journal& journal, std::int64_t scope) {
  GW_ASSIGN(std::vector<RunRecord> runs, journal.runs(scope));
  std::erase_if(runs, [](const RunRecord& r) { return r.kind == RunKind::undo || r.undone_by.has_value(); });
  return runs;
}

Result<std::int64_t> rows_under_way(Journal& journal, std::int64_t run, const std::string& flow) {
  GW_ASSIGN(const auto units, journal.unsettled(run, flow));
  std::int64_t rows = 0;
  for (const UnitRecord& u : units) rows += u.rows_written;
  return rows;
}

Result<UndoGround> open_undo_ground(Project project, Host& host) {
  UndoGround out;
  Journal::Options journal_options;
  journal_options.project = project.name;
  GW_ASSIGN(out.journal, Journal::open(project.folder / ".godwit", Journal::Mode::write, journal_options));
  Workspace::Options options;
  options.now = [](Workspace&) -> Result<std::int64_t> { return system_now_us(); };
  GW_ASSIGN(out.workspace, Workspace::open(std::move(project), host, std::move(options)));
  GW_ASSIGN(const ScopeRecord scope, out.journal->find_or_add_scope(out.workspace->project().environment, out.workspace->target_identity(), out.workspace->target_display()));
  out.scope = scope.id;
  return out;
}

Result<RunResult> undo_run(Project project, Host& host, std::int64_t number, const UndoOptions& options, const RunListener& listener) {
  const std::filesystem::path folder = project.folder;
  GW_ASSIGN(UndoGround ground, open_undo_ground(std::move(project), host));
  clear_stop(folder);
  return Undoing(std::move(ground), folder, options, listener).undo(number);
}

Result<int> undo_all_runs(Project project, Host& host, const UndoOptions& options, const RunListener& listener, const std::function<void(const RunResult&)>& undone) {
  if (project.production) return fail(4088, {{"environment", project.environment}});
  const std::filesystem::path folder = project.folder;
  GW_ASSIGN(UndoGround ground, open_undo_ground(std::move(project), host));
  clear_stop(folder);
  Undoing undoing(std::move(ground), folder, options, listener);
  int exit_code = kExitFinished;
  for (;;) {
    GW_ASSIGN(const auto runs, undoable_runs(*undoing.ground().journal, undoing.ground().scope));
    if (runs.empty()) return exit_code;
    GW_ASSIGN(const RunResult result, undoing.undo(runs.front().number));
    undone(result);
    if (result.stopped) return result.summary.exit_code;
    exit_code = std::max(exit_code, result.summary.exit_code);
  }
}

}  // namespace godwit
