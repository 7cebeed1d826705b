// Runs and their flows in the journal.

#include <unistd.h>

#include "core/journal/journal_parts.hpp"

namespace godwit {
namespace {

constexpr std::string_view kRunColumns =
    "select number, id, scope, kind, plan, of_run, state, exit_code, started_at, ended_at, mapping_hash, extract_hash, options, "
    "version, fence, pid, undone_by from run ";

template <typename E>
E parse(std::string_view text, E last) {
  for (int i = 0; i < static_cast<int>(last); ++i)
    if (to_string(static_cast<E>(i)) == text) return static_cast<E>(i);
  return last;
}

RunRecord run_of(const Journal& journal, const Statement& s) {
  RunRecord run;
  run.number = s.int64(0), run.id = s.string(1), run.scope = s.int64(2);
  run.kind = parse(s.text(3), RunKind::undo);
  run.plan = s.optional_int64(4), run.of_run = s.optional_int64(5);
  run.state = parse(s.text(6), RunState::failed);
  // A process that died could not say so; a writer that opens the journal does, a reader only sees that nobody is there.
  if (run.state == RunState::running && journal.mode() == Journal::Mode::read_only && Journal::writer_of(journal.folder()) == 0)
    run.state = RunState::interrupted;
  run.exit_code = s.optional_int64(7), run.started_at = s.string(8), run.ended_at = s.string(9);
  run.mapping_hash = s.string(10), run.extract_hash = s.string(11), run.options = s.string(12), run.version = s.string(13);
  run.fence = s.int64(14), run.pid = s.int64(15), run.undone_by = s.optional_int64(16);
  return run;
}

constexpr std::string_view kFlowColumns =
    "select run, flow, seq, stage, source, target, delivery, crosswalk, flow_hash, source_hash, source_end, position, started_at, "
    "ended_at, read, derived, created, updated, unchanged, merged, filtered, filtered_unknown, set_aside, deleted, in_doubt, warned, "
    "obligations_open, obligations_set, obligations_failed, bytes_read, target_before, seconds, journal_seconds from flow_run ";

FlowRunRecord flow_of(const Statement& s) {
  FlowRunRecord f;
  f.run = s.int64(0), f.flow = s.string(1), f.seq = s.int64(2), f.stage = parse(s.text(3), FlowStage::undoing);
  f.source = s.string(4), f.target = s.string(5), f.delivery = s.string(6), f.crosswalk = s.string(7);
  f.flow_hash = s.string(8), f.source_hash = s.string(9);
  if (!s.is_null(10)) f.source_end = s.string(10);
  f.position = s.string(11), f.started_at = s.string(12), f.ended_at = s.string(13);
  Counts& c = f.counts;
  c.read = s.int64(14), c.derived = s.int64(15), c.created = s.int64(16), c.updated = s.int64(17), c.unchanged = s.int64(18);
  c.merged = s.int64(19), c.filtered = s.int64(20), c.filtered_unknown = s.int64(21), c.set_aside = s.int64(22);
  c.deleted = s.int64(23), c.in_doubt = s.int64(24), c.warned = s.int64(25);
  c.obligations_open = s.int64(26), c.obligations_set = s.int64(27), c.obligations_failed = s.int64(28);
  f.bytes_read = s.int64(29), f.target_before = s.optional_int64(30), f.seconds = s.float64(31), f.journal_seconds = s.float64(32);
  return f;
}

}  // namespace

Result<RunRecord> Journal::begin_run(const RunRecord& run) {
  const std::lock_guard lock(parts_->mutex);
  RunRecord begun = run;
  const std::int64_t now = parts_->clock();
  begun.id = journal_detail::make_run_id(now), begun.started_at = journal_detail::iso_time(now);
  begun.state = RunState::running, begun.fence = 1, begun.pid = ::getpid();
  begun.ended_at.clear(), begun.exit_code.reset(), begun.undone_by.reset();
  GW_ASSIGN(Statement s, parts_->db.prepare("insert into run (id, scope, kind, plan, of_run, state, started_at, mapping_hash, extract_hash, "
                                            "options, version, fence, pid) values (?, ?, ?, ?, ?, 'running', ?, ?, ?, ?, ?, 1, ?)"));
  s.bind(1, begun.id).bind(2, begun.scope).bind(3, to_string(begun.kind)).bind(4, begun.plan).bind(5, begun.of_run);
  s.bind(6, begun.started_at).bind(7, begun.mapping_hash).bind(8, begun.extract_hash).bind(9, begun.options).bind(10, begun.version);
  s.bind(11, begun.pid);
  GW_TRY(s.run());
  begun.number = parts_->db.last_insert_rowid();
  return begun;
}

Result<RunRecord> Journal::resume_run(std::int64_t number) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("update run set state = 'running', fence = fence + 1, pid = ?, ended_at = null, exit_code = null "
                                            "where number = ? and state in ('interrupted', 'stopped', 'failed')"));
  s.bind(1, static_cast<std::int64_t>(::getpid())).bind(2, number);
  GW_TRY(s.run());
  const bool changed = parts_->db.changes() == 1;
  GW_ASSIGN(const auto resumed, run(number));
  if (!resumed) return fail(5007, {{"seen", std::to_string(number)}});
  if (!changed) return fail(5014, {{"seen", std::to_string(number)}, {"state", std::string(to_string(resumed->state))}});
  return *resumed;
}

Result<> Journal::end_run(std::int64_t number, RunState state, std::optional<std::int64_t> exit_code) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("update run set state = ?, exit_code = ?, ended_at = ?, pid = null where number = ?"));
  s.bind(1, to_string(state)).bind(2, exit_code).bind(4, number);
  if (state == RunState::running)
    s.bind_null(3);
  else
    s.bind(3, parts_->now());
  GW_TRY(s.run());
  if (parts_->db.changes() != 1) return fail(5007, {{"seen", std::to_string(number)}});
  return {};
}

Result<> Journal::set_undone_by(std::int64_t number, std::optional<std::int64_t> undo_run) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("update run set undone_by = ? where number = ?"));
  s.bind(1, undo_run).bind(2, number);
  return s.run();
}

Result<> Journal::set_run_options(std::int64_t number, std::string_view options) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("update run set options = ? where number = ?"));
  s.bind(1, options).bind(2, number);
  return s.run();
}

Result<std::optional<RunRecord>> Journal::run(std::int64_t number) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare(std::string(kRunColumns) + "where number = ?"));
  s.bind(1, number);
  GW_ASSIGN(const bool row, s.step());
  if (!row) return std::nullopt;
  return run_of(*this, s);
}

Result<std::vector<RunRecord>> Journal::runs(std::optional<std::int64_t> scope) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare(std::string(kRunColumns) + "where ?1 is null or scope = ?1 order by number desc"));
  s.bind(1, scope);
  std::vector<RunRecord> all;
  for (;;) {
    GW_ASSIGN(const bool row, s.step());
    if (!row) return all;
    all.push_back(run_of(*this, s));
  }
}

Result<std::optional<RunRecord>> Journal::latest_interrupted(std::int64_t scope) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare(std::string(kRunColumns) +
                                            "as r where scope = ? and state in ('interrupted', 'stopped', 'failed') and undone_by is null and not exists (select 1 from run "
                                            "as n where n.scope = r.scope and n.kind = r.kind and n.number > r.number) order by number desc limit 1"));
  s.bind(1, scope);
  GW_ASSIGN(const bool row, s.step());
  if (!row) return std::nullopt;
  return run_of(*this, s);
}

Result<std::optional<RunRecord>> Journal::latest_finished(std::int64_t scope) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare(std::string(kRunColumns) + "where scope = ? and state = 'finished' and kind <> 'undo' and undone_by is null "
                                                                       "order by number desc limit 1"));
  s.bind(1, scope);
  GW_ASSIGN(const bool row, s.step());
  if (!row) return std::nullopt;
  return run_of(*this, s);
}

// ---- flows ----

Result<> Journal::put_flow_run(const FlowRunRecord& f) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s,
            parts_->db.prepare("insert into flow_run (run, flow, seq, stage, source, target, delivery, crosswalk, flow_hash, source_hash, source_end, "
                               "target_before) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (run, flow) do update set seq = excluded.seq, "
                               "stage = excluded.stage, source = excluded.source, target = excluded.target, delivery = excluded.delivery, crosswalk = "
                               "excluded.crosswalk, flow_hash = excluded.flow_hash, source_hash = excluded.source_hash, source_end = excluded.source_end, "
                               "target_before = excluded.target_before"));
  s.bind(1, f.run).bind(2, f.flow).bind(3, f.seq).bind(4, to_string(f.stage)).bind(5, f.source).bind(6, f.target).bind(7, f.delivery);
  s.bind(8, f.crosswalk).bind(9, f.flow_hash).bind(10, f.source_hash).bind(12, f.target_before);
  if (f.source_end)
    s.bind(11, *f.source_end);
  else
    s.bind_null(11);
  return s.run();
}

Result<> Journal::set_stage(std::int64_t run, std::string_view flow, FlowStage stage) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("update flow_run set stage = ?1, started_at = case when ?1 not in ('planned', 'prepared') then "
                                            "coalesce(started_at, ?2) else started_at end, ended_at = case when ?1 = 'finished' then ?2 end where run = ?3 and flow = ?4"));
  s.bind(1, to_string(stage)).bind(2, parts_->now()).bind(3, run).bind(4, flow);
  GW_TRY(s.run());
  if (parts_->db.changes() != 1) return fail(5013, {{"run", std::to_string(run)}, {"seen", std::string(flow)}});
  return {};
}

Result<std::vector<FlowRunRecord>> Journal::flow_runs(std::int64_t run) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare(std::string(kFlowColumns) + "where run = ? order by seq, flow"));
  s.bind(1, run);
  std::vector<FlowRunRecord> all;
  for (;;) {
    GW_ASSIGN(const bool row, s.step());
    if (!row) return all;
    all.push_back(flow_of(s));
  }
}

Result<std::optional<FlowRunRecord>> Journal::flow_run(std::int64_t run, std::string_view flow) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare(std::string(kFlowColumns) + "where run = ? and flow = ?"));
  s.bind(1, run).bind(2, flow);
  GW_ASSIGN(const bool row, s.step());
  if (!row) return std::nullopt;
  return flow_of(s);
}

}  // namespace godwit
