#include "core/run/flow_undo.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "core/run/unit_memory.hpp"
#include "core/run/unit_writer.hpp"

namespace godwit {
namespace {

// Without a ledger, of a unit that was on its way when its process died: a record that was to go and is gone, and one that was to come
// back and is there, are our work. One that was to be restored is restored again, which changes nothing.
std::vector<bool> recall(std::string_view recorded, UndoChoice& choice) {
  std::vector<bool> already(choice.steps.size(), false);
  for (std::size_t r = 0; r < recorded.size() && r < choice.steps.size(); ++r) {
    const auto then = static_cast<UndoStep>(recorded[r]);
    UndoStep& now = choice.steps[r];
    already[r] = (then == UndoStep::remove && now == UndoStep::nothing) || (then == UndoStep::insert && now == UndoStep::leave);
    if (already[r]) now = then, choice.why[r] = 0;
  }
  return already;
}

}  // namespace

FlowUndo::FlowUndo(RunContext& context, Workspace& workspace, const CompiledFlow& flow, std::int64_t of_run, ParentIndex* parents)
    : context_(context), workspace_(workspace), flow_(flow), of_run_(of_run), parents_(parents), builder_(crosswalk_builder(flow)),
      by_id_(crosswalk_ids(flow) != TypeId::null_type) {}

Result<> FlowUndo::run(std::int64_t seq) {
  Journal& journal = *context_.journal;
  const std::string& name = flow_.flow->name;
  GW_ASSIGN(const auto known, journal.flow_run(context_.run.number, name));
  if (known && known->stage == FlowStage::finished) return {};
  FlowRunRecord record;
  record.run = context_.run.number, record.flow = name, record.seq = seq, record.stage = FlowStage::undoing;
  record.source = Workspace::source_names(*flow_.flow), record.target = flow_.flow->to.connection + "." + flow_.flow->to.object;
  const Delivery delivery = workspace_.connection(flow_.flow->to.connection).delivery();
  record.delivery = to_string(delivery), record.crosswalk = by_id_ ? "ids" : "identity", record.started_at = journal.now();
  if (!known) GW_TRY(journal.put_flow_run(record));
  if (const int obstacle = undo_obstacle(flow_); obstacle != 0) return fail(obstacle, {{"flow", name}});
  ledger_ = delivery == Delivery::transactional;
  GW_ASSIGN(writer_, open_undo_writer(workspace_, flow_, context_.run.id, by_id_, &schema_));
  GW_TRY(writer_->prepare());
  GW_ASSIGN(auto units, journal.units(of_run_, name));
  std::ranges::reverse(units);
  std::int64_t settled = 0, ledger_last = 0;
  GW_ASSIGN(const auto shards, journal.shards(context_.run.number, name));
  for (const ShardRecord& s : shards) settled = s.number;
  if (context_.run.fence > 1) {
    GW_ASSIGN(ledger_last, writer_->last_unit(context_.run.id, name, 0));
  }
  FlowProgress progress;
  progress.flow = name, progress.what = "undoing", progress.rows_expected = 0;
  for (const UnitRecord& u : units) progress.rows_expected += u.rows_written;
  const auto began = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < units.size(); ++i) {
    const auto number = static_cast<std::int64_t>(i) + 1;
    progress.rows += units[i].rows_written;
    if (!units[i].settled || number <= settled) continue;
    if (context_.stop)
      if (const std::string reason = context_.stop(); !reason.empty()) return fail(4050, {{"flow", name}, {"reason", reason}});
    GW_TRY(undo_unit(units[i], number, number <= ledger_last));
    progress.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    if (context_.progress) context_.progress(progress);
  }
  GW_ASSIGN(auto now, journal.flow_run(context_.run.number, name));
  if (now) record = std::move(*now);
  record.stage = FlowStage::finished, record.ended_at = journal.now();
  return journal.put_flow_run(record);
}

Result<> FlowUndo::undo_unit(const UnitRecord& undone, std::int64_t number, bool in_ledger) {
  Journal& journal = *context_.journal;
  SettledUnit settled;
  settled.id = {context_.run.number, flow_.flow->name, 0, number};
  settled.start_position = undone.end_position, settled.end_position = undone.start_position;
  settled.fence = context_.run.fence;
  GW_ASSIGN(const UndoneUnit unit, read_undone(journal, undone, flow_, by_id_));
  Unit target;
  target.run = context_.run.id, target.flow = flow_.flow->name, target.number = number, target.end_position = settled.end_position;
  Resolved resolved;
  if (in_ledger) {
    GW_ASSIGN(resolved, writer_->resolve(target));
  }
  const bool done = resolved.resolution == Resolution::done;
  UndoChoice choice{std::vector<UndoStep>(unit.touched.size(), UndoStep::nothing), std::vector<int>(unit.touched.size(), 0)};
  if (done) {
    for (std::size_t i = 0; i < choice.steps.size() && i < resolved.note.size(); ++i) choice.steps[i] = static_cast<UndoStep>(resolved.note[i]);
  } else if (!unit.touched.empty()) {
    GW_ASSIGN(const Writer::Rows held, writer_->read_back(unit.keys));
    choice = choose_steps(flow_, unit, held, by_id_);
  }
  JournalMemory memory(journal, settled.id);
  std::vector<UndoStep> sent = choice.steps;
  if (!ledger_) {
    if (context_.run.fence > 1) GW_TRY(memory.load());
    const std::vector<bool> already = recall(memory.decisions(), choice);
    for (const UndoStep s : choice.steps) settled.decisions += static_cast<char>(s);
    sent = choice.steps;
    for (std::size_t r = 0; r < sent.size(); ++r)
      if (already[r]) sent[r] = UndoStep::nothing;
    target.memory = &memory;
  }
  GW_TRY(fill(target, unit, sent));
  settled.rows_read = static_cast<std::int64_t>(unit.touched.size()), settled.rows_written = target.rows();
  GW_TRY(journal.intend(settled, ledger_ ? Journal::Durability::normal : Journal::Durability::full));
  Outcomes outcomes = std::move(resolved.outcomes);
  if (!done && settled.rows_written > 0) {
    for (const UndoStep s : choice.steps) target.note += static_cast<char>(s);
    GW_ASSIGN(outcomes, ledger_ ? submit_patiently(*writer_, target, context_.stop) : writer_->submit(target));
  }
  return settle(settled, outcomes, unit, choice, sent);
}

Result<> FlowUndo::fill(Unit& target, const UndoneUnit& unit, const std::vector<UndoStep>& steps) const {
  const std::size_t skip = by_id_ ? 1 : 0;
  for (const auto& [step, operation] : {std::pair(UndoStep::remove, Operation::remove), {UndoStep::restore, Operation::update}, {UndoStep::insert, Operation::restore}}) {
    std::vector<std::int32_t> of, priors;
    for (std::size_t r = 0; r < steps.size(); ++r)
      if (steps[r] == step) of.push_back(static_cast<std::int32_t>(r)), priors.push_back(unit.prior(unit.touched[r]));
    if (of.empty()) continue;
    Chunk chunk;
    chunk.operation = operation;
    chunk.batch.schema = schema_, chunk.batch.rows = static_cast<std::int64_t>(of.size());
    for (std::size_t k = 0; k < skip; ++k) chunk.batch.columns.push_back(take(unit.keys[k], of));
    bool partial = false;
    // The second pass kept only the fields that it wrote, and unmapped ones are kept of deleted records alone: others are not touched.
    const auto kept = [&](std::size_t c) { return step == UndoStep::insert || c < skip + flow_.columns.size() ? find_field(unit.before.batch.schema, schema_[c].name) : -1; };
    for (std::size_t c = skip; c < schema_.size(); ++c) {
      const int in_before = kept(c);
      if (step != UndoStep::remove && in_before >= 0) chunk.batch.columns.push_back(take(unit.before.batch.column(in_before), priors));
      else if (!by_id_ && c < flow_.key_count) chunk.batch.columns.push_back(take(unit.keys[c], of));
      else chunk.batch.columns.push_back(null_column(schema_[c].type, chunk.batch.rows)), partial = true;
    }
    if (step == UndoStep::restore && partial) {
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

void FlowUndo::book_left(SettledUnit& settled, const UndoneUnit& unit, std::size_t r, const Error& error) const {
  ++settled.counts.set_aside;
  SetAsideRow row;
  row.source = Workspace::source_names(*flow_.flow), row.source_key = unit.rows.key_text(unit.touched[r]), row.key = unit.key(r);
  row.number = error.number, row.arguments = error.arguments, row.cause = "GW-" + std::to_string(error.number), row.original = "{}";
  settled.set_aside.push_back(std::move(row));
}

Result<> FlowUndo::settle(SettledUnit& settled, const Outcomes& outcomes, const UndoneUnit& unit, const UndoChoice& choice, const std::vector<UndoStep>& sent) {
  // Outcomes come in the order of the chunks: removals, restores, inserts.
  std::int64_t at = 0;
  std::vector<Error> refused(choice.steps.size());
  std::size_t refusal = 0;
  for (const UndoStep step : {UndoStep::remove, UndoStep::restore, UndoStep::insert})
    for (std::size_t r = 0; r < sent.size(); ++r) {
      if (sent[r] != step) continue;
      if (outcomes.rows > at && outcomes.at(at) == OutcomeKind::refused) {
        while (refusal < outcomes.refusals.size() && outcomes.refusals[refusal].row < at) ++refusal;
        const bool told = refusal < outcomes.refusals.size() && outcomes.refusals[refusal].row == at;
        refused[r] = told ? outcomes.refusals[refusal].error : make_error(4042);
      } else if (outcomes.rows > at && outcomes.at(at) == OutcomeKind::unknown) {
        refused[r] = make_error(1433);
      }
      ++at;
    }
  std::vector<Hash128> removed;
  std::vector<std::int32_t> gone, back;
  for (std::size_t r = 0; r < choice.steps.size(); ++r) {
    const std::int32_t i = unit.touched[r];
    Counts& c = settled.counts;
    ++c.read;
    if (refused[r].number != 0 || choice.steps[r] == UndoStep::leave) {
      book_left(settled, unit, r, refused[r].number != 0 ? refused[r] : make_error(choice.why[r] != 0 ? choice.why[r] : 1432));
      continue;
    }
    switch (choice.steps[r]) {
      case UndoStep::remove: ++c.deleted, gone.push_back(i), removed.push_back(unit.key(r)); break;
      case UndoStep::restore: ++c.updated, back.push_back(i); break;
      case UndoStep::insert: ++c.created, back.push_back(i); break;
      default: ++c.unchanged, gone.push_back(i);  // removed by a person already
    }
  }
  append(unit, gone, CrosswalkState::forgotten);
  append(unit, back, CrosswalkState::present);
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
void FlowUndo::append(const UndoneUnit& unit, const std::vector<std::int32_t>& which, CrosswalkState state) {
  if (which.empty()) return;
  const CrosswalkSegment& rows = unit.rows;
  std::vector<Column> keys;
  for (const Column& k : rows.keys) keys.push_back(take(k, which));
  const std::int64_t first = builder_.append(keys, std::vector<std::uint64_t>(which.size(), 0), state);
  if (rows.ids.length != 0) builder_.set_ids(first, take(rows.ids, which));
  if (state == CrosswalkState::forgotten) return;
  for (std::size_t c = 0; c < flow_.columns.size(); ++c) {
    const int in_before = find_field(unit.before.batch.schema, flow_.columns[c].name);
    if (in_before < 0) continue;
    std::vector<std::uint64_t> old(static_cast<std::size_t>(unit.before.batch.rows));
    hash_values(unit.before.batch.column(in_before), old);
    const std::span<std::uint32_t> out = builder_.mapped(static_cast<int>(c)).subspan(static_cast<std::size_t>(first));
    for (std::size_t i = 0; i < which.size(); ++i)
      if (const std::int32_t b = unit.prior(which[i]); b >= 0) out[i] = field_hash(old[static_cast<std::size_t>(b)]);
  }
}

}  // namespace godwit
