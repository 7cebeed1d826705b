#include "core/run/undo.hpp"

#include <algorithm>
#include <unordered_map>

#include "core/run/flow_linker.hpp"
#include "core/run/moment.hpp"
#include "core/run/unit_memory.hpp"
#include "core/run/workspace.hpp"

namespace godwit {
namespace {

// What is done with a row of the unit that is undone; letters are written into the ledger's note.
enum class Step : char { nothing = '=', remove = 'd', restore = 'r', insert = 'i', leave = 'e' };

// Takes back the units of one flow, newest first.
class FlowUndo {
 public:
  FlowUndo(RunContext& context, Workspace& workspace, const CompiledFlow& flow, std::int64_t of_run, ParentIndex* parents)
      : context_(context), workspace_(workspace), flow_(flow), of_run_(of_run), parents_(parents), builder_(crosswalk_builder(flow)),
        by_id_(crosswalk_ids(flow) != TypeId::null_type) {}

  Result<> run(std::int64_t seq) {
    Journal& journal = *context_.journal;
    const std::string& name = flow_.flow->name;
    GW_ASSIGN(const auto known, journal.flow_run(context_.run.number, name));
    if (known && known->stage == FlowStage::finished) return {};
    FlowRunRecord record;
    record.run = context_.run.number, record.flow = name, record.seq = seq, record.stage = FlowStage::undoing;
    record.source = Workspace::source_names(*flow_.flow), record.target = flow_.flow->to.connection + "." + flow_.flow->to.object;
    record.delivery = to_string(workspace_.connection(flow_.flow->to.connection).delivery()), record.crosswalk = by_id_ ? "ids" : "identity", record.started_at = journal.now();
    if (!known) GW_TRY(journal.put_flow_run(record));
    if (flow_.insert_only()) return fail(4082, {{"flow", name}});
    if (!by_id_ && !flow_.identity) return fail(4083, {{"flow", name}});
    GW_ASSIGN(writer_, open_writer());
    GW_TRY(writer_->prepare());
    GW_ASSIGN(auto units, journal.units(of_run_, name));
    std::ranges::reverse(units);
    std::int64_t settled = 0, ledger_last = 0;
    GW_ASSIGN(const auto shards, journal.shards(context_.run.number, name));
    for (const ShardRecord& s : shards) settled = s.number;
    if (context_.run.fence > 1) {
      GW_ASSIGN(ledger_last, writer_->last_unit(context_.run.id, name, 0));
    }
    for (std::size_t i = 0; i < units.size(); ++i) {
      const auto number = static_cast<std::int64_t>(i) + 1;
      if (!units[i].settled || number <= settled) continue;
      if (context_.stop)
        if (const std::string reason = context_.stop(); !reason.empty()) return fail(4050, {{"flow", name}, {"reason", reason}});
      GW_TRY(undo_unit(units[i], number, number <= ledger_last));
    }
    GW_ASSIGN(auto now, journal.flow_run(context_.run.number, name));
    if (now) record = std::move(*now);
    record.stage = FlowStage::finished, record.ended_at = journal.now();
    return journal.put_flow_run(record);
  }

 private:
  // Records are named by the target's id where it gave one, else by the key. The id, when it is used, is the first column.
  Result<std::unique_ptr<Writer>> open_writer() {
    WriteRequest request;
    request.object = flow_.flow->to.object;
    if (by_id_) {
      request.columns.push_back({flow_.id_field, flow_.id_type});
      request.key.push_back(flow_.id_field);
    } else {
      for (std::size_t k = 0; k < flow_.key_count; ++k) request.key.push_back(flow_.columns[k].name);
    }
    request.columns.insert(request.columns.end(), flow_.target_schema.begin(), flow_.target_schema.end());
    request.columns.insert(request.columns.end(), flow_.unmapped_schema.begin(), flow_.unmapped_schema.end());
    schema_ = request.columns;
    request.run = context_.run.id, request.flow = flow_.flow->name;
    Connection& connection = workspace_.connection(flow_.flow->to.connection);
    ledger_ = request.ledger = connection.delivery() == Delivery::transactional;
    return connection.open_writer(request);
  }

  Result<> undo_unit(const UnitRecord& undone, std::int64_t number, bool in_ledger) {
    Journal& journal = *context_.journal;
    SettledUnit settled;
    settled.id = {context_.run.number, flow_.flow->name, 0, number};
    settled.start_position = undone.end_position, settled.end_position = undone.start_position;
    settled.fence = context_.run.fence;
    CrosswalkSegment rows;
    RowsSegment before;
    GW_TRY(read_segments(undone.id, rows, before));
    GW_ASSIGN(const auto kinds, decode_outcomes(undone.outcomes, rows.rows));
    if (static_cast<std::int64_t>(kinds.size()) != rows.rows) return fail(5902, {{"place", flow_.flow->name}, {"seen", std::to_string(kinds.size()) + " outcomes"}});
    std::vector<std::int32_t> touched;
    for (std::size_t i = 0; i < kinds.size(); ++i)
      if (static_cast<OutcomeKind>(kinds[i]) != OutcomeKind::unchanged) touched.push_back(static_cast<std::int32_t>(i));
    std::unordered_map<std::uint64_t, std::int32_t> before_row;
    for (std::size_t i = 0; i < before.keys.size(); ++i) before_row.emplace(before.keys[i].low ^ before.keys[i].high, static_cast<std::int32_t>(i));
    ids_of_deleted(rows, before, before_row);

    std::vector<Step> steps(touched.size(), Step::nothing);
    Unit target;
    target.run = context_.run.id, target.flow = flow_.flow->name, target.number = number, target.end_position = settled.end_position;
    Resolved resolved;
    if (in_ledger) {
      GW_ASSIGN(resolved, writer_->resolve(target));
    }
    const bool done = resolved.resolution == Resolution::done;
    const std::vector<Column> keys = target_keys(rows, touched);
    if (done) {
      for (std::size_t i = 0; i < steps.size() && i < resolved.note.size(); ++i) steps[i] = static_cast<Step>(resolved.note[i]);
    } else if (!touched.empty()) {
      GW_TRY(choose(rows, kinds, touched, keys, before, before_row, steps));
    }
    JournalMemory memory(journal, settled.id);
    std::vector<bool> already(steps.size(), false);
    if (!ledger_) {
      if (context_.run.fence > 1) GW_TRY(memory.load());
      recall(memory.decisions(), steps, already);
      for (Step s : steps) settled.decisions += static_cast<char>(s);
      target.memory = &memory;
    }
    std::vector<Step> sent = steps;
    for (std::size_t r = 0; r < sent.size(); ++r)
      if (already[r]) sent[r] = Step::nothing;
    GW_TRY(fill(target, rows, touched, keys, before, before_row, sent));
    settled.rows_read = static_cast<std::int64_t>(touched.size()), settled.rows_written = target.rows();
    GW_TRY(journal.intend(settled, ledger_ ? Journal::Durability::normal : Journal::Durability::full));
    Outcomes outcomes = std::move(resolved.outcomes);
    if (!done && settled.rows_written > 0) {
      for (Step s : steps) target.note += static_cast<char>(s);
      GW_ASSIGN(outcomes, ledger_ ? submit_patiently(*writer_, target, context_.stop) : writer_->submit(target));
    }
    return settle(settled, outcomes, rows, touched, before, before_row, steps, sent);
  }

  // Without a ledger, of a unit that was on its way when its process died: a record that was to go and is gone, and one that was to come
  // back and is there, are our work. One that was to be restored is restored again, which changes nothing.
  static void recall(std::string_view recorded, std::vector<Step>& steps, std::vector<bool>& already) {
    for (std::size_t r = 0; r < recorded.size() && r < steps.size(); ++r) {
      const auto then = static_cast<Step>(recorded[r]);
      already[r] = (then == Step::remove && steps[r] == Step::nothing) || (then == Step::insert && steps[r] == Step::leave);
      if (already[r]) steps[r] = then;
    }
  }

  Result<> read_segments(const UnitId& unit, CrosswalkSegment& rows, RowsSegment& before) {
    Journal::SegmentQuery query;
    query.run = unit.run, query.flow = unit.flow, query.unit = unit;
    GW_ASSIGN(const auto segments, context_.journal->segments(query));
    for (const SegmentRecord& s : segments) {
      if (s.kind != SegmentKind::crosswalk && s.kind != SegmentKind::before) continue;
      GW_ASSIGN(const auto bytes, context_.journal->read_segment(s));
      if (s.kind == SegmentKind::crosswalk) {
        GW_ASSIGN(rows, decode_crosswalk(bytes));
      } else {
        GW_ASSIGN(before, decode_rows(bytes));
      }
    }
    return {};
  }

  // A deletion leaves no id in the crosswalk; the record comes back with the one that its before-image has.
  void ids_of_deleted(CrosswalkSegment& rows, const RowsSegment& before, const std::unordered_map<std::uint64_t, std::int32_t>& before_row) const {
    const int at = find_field(before.batch.schema, "@id");
    if (!by_id_ || at < 0 || before.batch.column(at).type != rows.ids.type || !rows.ids.has_nulls()) return;
    ColumnBuilder ids(rows.ids.type);
    for (std::int64_t i = 0; i < rows.rows; ++i) {
      const std::int32_t b = prior(rows, static_cast<std::int32_t>(i), before_row);
      rows.ids.is_null(i) && b >= 0 ? ids.append_from(before.batch.column(at), b) : ids.append_from(rows.ids, i);
    }
    rows.ids = ids.finish();
  }

  std::vector<Column> target_keys(const CrosswalkSegment& rows, const std::vector<std::int32_t>& touched) const {
    if (by_id_) return {take(rows.ids, touched)};
    std::vector<Column> out;
    for (const Column& k : rows.keys) out.push_back(take(k, touched));
    return out;
  }

  static std::int32_t prior(const CrosswalkSegment& rows, std::int32_t i, const std::unordered_map<std::uint64_t, std::int32_t>& before_row) {
    const Hash128& key = rows.key_hashes[static_cast<std::size_t>(i)];
    const auto found = before_row.find(key.low ^ key.high);
    return found == before_row.end() ? -1 : found->second;
  }

  // A record is ours to take back when every field is as we wrote it, or as it was before us.
  Result<> choose(const CrosswalkSegment& rows, const std::vector<std::uint8_t>& kinds, const std::vector<std::int32_t>& touched,
                  const std::vector<Column>& keys, const RowsSegment& before, const std::unordered_map<std::uint64_t, std::int32_t>& before_row,
                  std::vector<Step>& steps) {
    GW_ASSIGN(const Writer::Rows held, writer_->read_back(keys));
    const std::size_t skip = by_id_ ? 1 : 0;
    std::vector<bool> edited(touched.size(), false);
    std::vector<std::uint64_t> now(touched.size());
    for (std::size_t c = 0; c < flow_.columns.size(); ++c) {
      const auto field = std::ranges::find(rows.fields, flow_.columns[c].name);
      if (field == rows.fields.end()) continue;
      const auto& mapped = rows.mapped[static_cast<std::size_t>(field - rows.fields.begin())];
      const int in_before = find_field(before.batch.schema, flow_.columns[c].name);
      std::vector<std::uint64_t> old(static_cast<std::size_t>(before.batch.rows));
      if (in_before >= 0) hash_values(before.batch.column(in_before), old);
      hash_values(held.batch.columns[c + skip], now);
      for (std::size_t r = 0; r < touched.size(); ++r) {
        if (!held.found[r]) continue;
        const std::uint32_t then = mapped[static_cast<std::size_t>(touched[r])];
        if (then == kNoFieldHash || then == field_hash(now[r])) continue;
        const std::int32_t b = prior(rows, touched[r], before_row);
        if (b >= 0 && in_before >= 0 && old[static_cast<std::size_t>(b)] == now[r]) continue;
        edited[r] = true;
      }
    }
    for (std::size_t r = 0; r < touched.size(); ++r) {
      const auto kind = static_cast<OutcomeKind>(kinds[static_cast<std::size_t>(touched[r])]);
      const bool has_prior = prior(rows, touched[r], before_row) >= 0;
      if (kind == OutcomeKind::deleted) steps[r] = held.found[r] ? Step::leave : has_prior ? Step::insert : Step::leave;
      else if (!held.found[r]) steps[r] = kind == OutcomeKind::created ? Step::nothing : Step::leave;
      else if (edited[r] || (kind == OutcomeKind::updated && !has_prior)) steps[r] = Step::leave;
      else steps[r] = kind == OutcomeKind::created ? Step::remove : Step::restore;
    }
    return {};
  }

  Result<> fill(Unit& target, const CrosswalkSegment& rows, const std::vector<std::int32_t>& touched, const std::vector<Column>& keys,
                const RowsSegment& before, const std::unordered_map<std::uint64_t, std::int32_t>& before_row, const std::vector<Step>& steps) {
    const std::size_t skip = by_id_ ? 1 : 0;
    for (const auto& [step, operation] : {std::pair(Step::remove, Operation::remove), {Step::restore, Operation::update}, {Step::insert, Operation::restore}}) {
      std::vector<std::int32_t> of, priors;
      for (std::size_t r = 0; r < steps.size(); ++r)
        if (steps[r] == step) of.push_back(static_cast<std::int32_t>(r)), priors.push_back(prior(rows, touched[r], before_row));
      if (of.empty()) continue;
      Chunk chunk;
      chunk.operation = operation;
      chunk.batch.schema = schema_, chunk.batch.rows = static_cast<std::int64_t>(of.size());
      for (std::size_t k = 0; k < skip; ++k) chunk.batch.columns.push_back(take(keys[k], of));
      bool partial = false;
      // The second pass kept only the fields that it wrote, and unmapped ones are kept of deleted records alone: others are not touched.
      const auto kept = [&](std::size_t c) { return step == Step::insert || c < skip + flow_.columns.size() ? find_field(before.batch.schema, schema_[c].name) : -1; };
      for (std::size_t c = skip; c < schema_.size(); ++c) {
        const int in_before = kept(c);
        if (step != Step::remove && in_before >= 0) chunk.batch.columns.push_back(take(before.batch.column(in_before), priors));
        else if (!by_id_ && c < flow_.key_count) chunk.batch.columns.push_back(take(keys[c], of));
        else chunk.batch.columns.push_back(null_column(schema_[c].type, chunk.batch.rows)), partial = true;
      }
      if (step == Step::restore && partial) {
        for (std::size_t c = 0; c < schema_.size(); ++c) {
          const bool known = c < skip || kept(c) >= 0;
          MutableBuffer bits(bitmap_bytes(chunk.batch.rows));
          std::memset(bits.data(), known ? 0xFF : 0, bits.size());
          chunk.set.push_back(bits.finish());
        }
      }
      target.chunks.push_back(std::move(chunk));
    }
    return {};
  }

  Result<> settle(SettledUnit& settled, const Outcomes& outcomes, const CrosswalkSegment& rows, const std::vector<std::int32_t>& touched,
                  const RowsSegment& before, const std::unordered_map<std::uint64_t, std::int32_t>& before_row, const std::vector<Step>& steps,
                  const std::vector<Step>& sent) {
    // Outcomes come in the order of the chunks: removals, restores, inserts.
    std::int64_t at = 0;
    std::vector<Error> refused(steps.size());
    for (const Step step : {Step::remove, Step::restore, Step::insert})
      for (std::size_t r = 0; r < steps.size(); ++r) {
        if (sent[r] != step) continue;
        if (outcomes.rows > at && outcomes.at(at) == OutcomeKind::refused) {
          const auto refusal = std::ranges::find(outcomes.refusals, at, &Refusal::row);
          refused[r] = refusal == outcomes.refusals.end() ? make_error(4042) : refusal->error;
        } else if (outcomes.rows > at && outcomes.at(at) == OutcomeKind::unknown) {
          refused[r] = make_error(1433);
        }
        ++at;
      }
    std::vector<Hash128> removed;
    std::vector<std::int32_t> gone, back;
    for (std::size_t r = 0; r < steps.size(); ++r) {
      const std::int32_t i = touched[r];
      Counts& c = settled.counts;
      ++c.read;
      if (refused[r].number != 0 || steps[r] == Step::leave) {
        ++c.set_aside;
        SetAsideRow row;
        row.source = Workspace::source_names(*flow_.flow), row.source_key = rows.key_text(i), row.key = rows.key_hashes[static_cast<std::size_t>(i)];
        const Error error = refused[r].number != 0 ? refused[r] : make_error(1432);
        row.number = error.number, row.arguments = error.arguments, row.cause = "GW-" + std::to_string(error.number), row.original = "{}";
        settled.set_aside.push_back(std::move(row));
        continue;
      }
      switch (steps[r]) {
        case Step::remove: ++c.deleted, gone.push_back(i), removed.push_back(rows.key_hashes[static_cast<std::size_t>(i)]); break;
        case Step::restore: ++c.updated, back.push_back(i); break;
        case Step::insert: ++c.created, back.push_back(i); break;
        default: ++c.unchanged, gone.push_back(i);  // removed by a person already
      }
    }
    append(rows, gone, CrosswalkState::forgotten, before, before_row);
    append(rows, back, CrosswalkState::present, before, before_row);
    std::vector<std::uint8_t> kinds(gone.size(), static_cast<std::uint8_t>(OutcomeKind::deleted));
    kinds.resize(gone.size() + back.size(), static_cast<std::uint8_t>(OutcomeKind::updated));
    settled.outcomes = encode_outcomes(kinds);
    if (builder_.rows() > 0) settled.segments.push_back(builder_.encode());
    if (parents_ != nullptr && !removed.empty()) GW_TRY(parents_->erase(removed));
    if (parents_ != nullptr) GW_TRY(parents_->state().seal(settled.id));
    GW_TRY(context_.journal->settle(settled));
    if (parents_ != nullptr) GW_TRY(parents_->state().settled(settled.id));
    builder_.clear();
    return {};
  }

  // The crosswalk's new word on the rows: gone, or holding what they held before (so that the next run sees them as they are).
  void append(const CrosswalkSegment& rows, const std::vector<std::int32_t>& which, CrosswalkState state, const RowsSegment& before,
              const std::unordered_map<std::uint64_t, std::int32_t>& before_row) {
    if (which.empty()) return;
    std::vector<Column> keys;
    for (const Column& k : rows.keys) keys.push_back(take(k, which));
    const std::int64_t first = builder_.append(keys, std::vector<std::uint64_t>(which.size(), 0), state);
    if (rows.ids.length != 0) builder_.set_ids(first, take(rows.ids, which));
    if (state == CrosswalkState::forgotten) return;
    for (std::size_t c = 0; c < flow_.columns.size(); ++c) {
      const int in_before = find_field(before.batch.schema, flow_.columns[c].name);
      if (in_before < 0) continue;
      std::vector<std::uint64_t> old(static_cast<std::size_t>(before.batch.rows));
      hash_values(before.batch.column(in_before), old);
      const std::span<std::uint32_t> out = builder_.mapped(static_cast<int>(c)).subspan(static_cast<std::size_t>(first));
      for (std::size_t i = 0; i < which.size(); ++i)
        if (const std::int32_t b = prior(rows, which[i], before_row); b >= 0) out[i] = field_hash(old[static_cast<std::size_t>(b)]);
    }
  }

  RunContext& context_;
  Workspace& workspace_;
  const CompiledFlow& flow_;
  const std::int64_t of_run_;
  ParentIndex* parents_;
  CrosswalkBuilder builder_;
  const bool by_id_;
  bool ledger_ = true;
  Schema schema_;
  std::unique_ptr<Writer> writer_;
};

Result<> check_newest(Journal& journal, std::int64_t scope, std::int64_t number) {
  GW_ASSIGN(const auto run, journal.run(number));
  if (!run) return fail(4079, {{"seen", std::to_string(number)}});
  if (run->scope != scope) return fail(4084, {{"seen", std::to_string(number)}});
  if (run->kind == RunKind::undo) return fail(4085, {{"seen", std::to_string(number)}});
  if (run->undone_by) return fail(4086, {{"seen", std::to_string(number)}, {"by", std::to_string(*run->undone_by)}});
  GW_ASSIGN(const auto runs, journal.runs(scope));
  for (const RunRecord& r : runs) {
    if (r.number <= number) break;
    if (r.kind != RunKind::undo && !r.undone_by) return fail(4080, {{"seen", std::to_string(number)}, {"newer", std::to_string(r.number)}});
  }
  return {};
}

}  // namespace

Result<RunResult> undo_run(Project project, Host& host, std::int64_t number, const RunListener& listener) {
  Journal::Options journal_options;
  journal_options.project = project.name;
  GW_ASSIGN(auto journal, Journal::open(project.folder / ".godwit", Journal::Mode::write, journal_options));
  Workspace::Options options;
  options.now = [](Workspace&) -> Result<std::int64_t> { return system_now_us(); };
  GW_ASSIGN(auto workspace, Workspace::open(std::move(project), host, std::move(options)));
  GW_ASSIGN(const ScopeRecord scope, journal->find_or_add_scope(workspace->project().environment, workspace->target_identity(), workspace->target_display()));
  GW_TRY(check_newest(*journal, scope.id, number));
  RunContext context;
  context.journal = journal.get(), context.progress = listener.progress;
  GW_ASSIGN(const auto interrupted, journal->latest_interrupted(scope.id));
  RunResult result;
  if (interrupted && interrupted->kind == RunKind::undo && interrupted->of_run == number) {
    GW_ASSIGN(context.run, journal->resume_run(interrupted->number));
    result.summary.resumed = true;
  } else {
    RunRecord record;
    record.scope = scope.id, record.kind = RunKind::undo, record.of_run = number;
    record.mapping_hash = workspace->project().mapping_hash, record.extract_hash = "", record.version = workspace->versions();
    GW_ASSIGN(context.run, journal->begin_run(record));
  }
  if (listener.began) listener.began(context.run, result.summary.resumed);
  GW_ASSIGN(auto flow_runs, journal->flow_runs(number));
  std::ranges::sort(flow_runs, std::ranges::greater(), &FlowRunRecord::seq);
  const auto undo_all = [&]() -> Result<> {
    std::int64_t seq = 0;
    for (const FlowRunRecord& f : flow_runs) {
      const CompiledFlow* flow = workspace->flow(f.flow);
      if (flow == nullptr) return fail(4020, {{"flow", f.flow}, {"seen", f.flow}});
      std::unique_ptr<ParentIndex> parents;
      if (workspace->is_parent(f.flow)) {
        const IdShape shape = id_shape(*flow->flow, flow->target);
        GW_ASSIGN(parents, ParentIndex::open(journal->state_folder(scope.id, "parents-" + f.flow), shape.type, shape.identity, context.state_memory, false,
                                             [&](const UnitId& unit) { return journal->is_settled(unit); }));
      }
      GW_TRY(FlowUndo(context, *workspace, *flow, number, parents.get()).run(++seq));
    }
    return {};
  };
  const Result<> undone = undo_all();
  if (undone) {
    GW_ASSIGN(result.summary.flows, journal->flow_runs(context.run.number));
    for (const FlowRunRecord& f : result.summary.flows)
      if (f.counts.set_aside > 0) result.summary.exit_code = kExitGate;
    GW_TRY(journal->set_undone_by(number, context.run.number));
    GW_TRY(journal->end_run(context.run.number, RunState::finished, result.summary.exit_code));
  } else {
    result.stopped = undone.error();
    result.summary.exit_code = exit_code_of(undone.error());
    GW_TRY(journal->end_run(context.run.number, RunState::interrupted, result.summary.exit_code));
    GW_ASSIGN(result.summary.flows, journal->flow_runs(context.run.number));
  }
  GW_ASSIGN(auto record, journal->run(context.run.number));
  if (record) result.summary.run = std::move(*record);
  return result;
}

}  // namespace godwit
