#include "core/run/flow_linker.hpp"

#include <algorithm>

#include "core/run/unit_memory.hpp"

namespace godwit {

FlowLinker::FlowLinker(Parts parts)
    : p_(parts), pending_(*parts.context->journal, parts.context->run.scope, parts.flow->flow->name), builder_(crosswalk_builder(*parts.flow)) {}

std::vector<int> FlowLinker::columns(const CompiledFlow& flow) {
  std::vector<int> out;
  for (std::size_t c = 0; c < flow.columns.size(); ++c)
    if (c < flow.key_count || flow.columns[c].deferred) out.push_back(static_cast<int>(c));
  return out;
}

WriteRequest FlowLinker::request(const CompiledFlow& flow, const std::string& run_id) {
  WriteRequest request;
  request.object = flow.flow->to.object;
  for (int c : columns(flow)) request.columns.push_back(flow.target_schema[static_cast<std::size_t>(c)]);
  for (std::size_t k = 0; k < flow.key_count; ++k) request.key.push_back(flow.columns[k].name);
  request.id = flow.id_field;
  request.run = run_id, request.flow = flow.flow->name;
  return request;
}

// Rows of the unit that wait; obligations whose parent did not make it fail here, with the parent's reason.
Result<> FlowLinker::collect(FormedUnit& unit, std::vector<Row>& kept, SettledUnit& settled) {
  GW_ASSIGN(KeyedState * waiting, p_.obligations->state("pending", StateKind::integer));
  GW_ASSIGN(KeyedState * linked, p_.linked->state("linked", StateKind::integer));
  for (std::size_t n = 0; n < unit.batches.size(); ++n) {
    const SequencedBatch& b = unit.batches[n];
    std::vector<StateEntry> waits(b.source_keys.size());
    GW_TRY(waiting->probe(b.source_keys, waits));
    std::vector<Hash128> keys;
    std::vector<std::int32_t> rows;
    for (std::size_t i = 0; i < waits.size(); ++i)
      if (waits[i].found) keys.push_back(b.source_keys[i]), rows.push_back(static_cast<std::int32_t>(i));
    std::vector<StateEntry> marks(keys.size()), before(keys.size());
    for (StateEntry& e : marks) e.tag = 1;
    GW_TRY(linked->insert_new(keys, marks, before));
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if (before[r].found) continue;  // a double of a row that was loaded and is dealt with
      const std::int32_t row = rows[r];
      const auto note = std::ranges::find(b.link_errors, static_cast<std::int64_t>(row), &RowNote::row);
      const bool told = note != b.link_errors.end();
      if (told) {
        const Error& error = note->error;
        settled.failed_obligations.push_back({row_key(*p_.flow, b, row), keys[r], note->field, error.number, error.arguments});
      }
      // A record whose reference leads nowhere now loses the one that it had: the source no longer says it.
      if (b.fates[static_cast<std::size_t>(row)] == Fate::kept) {
        kept.push_back({n, row, told ? &*note : nullptr});
      } else if (!told) {
        const Error error = make_error(1440);
        settled.failed_obligations.push_back({row_key(*p_.flow, b, row), keys[r], std::string(), error.number, error.arguments});
      }
    }
  }
  return {};
}

// Three values per reference, as in the first pass: linked then, source now, target now.
Result<> FlowLinker::choose(const FormedUnit& unit, const std::vector<Row>& kept, const std::vector<Column>& wanted, const Batch& held,
                            const std::vector<bool>& found, std::vector<Link>& links) {
  const CompiledFlow& flow = *p_.flow;
  const std::vector<int> columns = FlowLinker::columns(flow);
  CrosswalkRows then;
  if (p_.crosswalk != nullptr) {
    std::vector<std::string> names;
    for (std::size_t c = flow.key_count; c < columns.size(); ++c) names.push_back(flow.columns[static_cast<std::size_t>(columns[c])].name);
    std::vector<Hash128> keys;
    for (const Row& k : kept) keys.push_back(unit.batches[k.batch].source_keys[static_cast<std::size_t>(k.row)]);
    GW_TRY(p_.crosswalk->lookup(keys, names, &then));
  }
  std::vector<std::uint64_t> now(kept.size()), there(kept.size());
  for (std::size_t c = flow.key_count; c < columns.size(); ++c) {
    hash_values(wanted[c], now);
    hash_values(held.columns[c], there);
    for (std::size_t r = 0; r < kept.size(); ++r) {
      if (!found[r] || now[r] == there[r]) continue;
      const std::size_t f = c - flow.key_count;
      const std::uint32_t mapped_then = then.found.empty() || !then.found[r] ? kNoFieldHash : then.mapped[f][r];
      if (mapped_then == kNoFieldHash) {  // never linked by us
        if (links[r] == Link::leave) links[r] = Link::write;
        continue;
      }
      if (mapped_then == field_hash(now[r])) continue;  // only the target changed: a person moved the record, and it stays moved
      const std::uint32_t held_then = then.held[f][r] == kNoFieldHash ? mapped_then : then.held[f][r];
      if (held_then == field_hash(there[r]) || flow.flow->on_conflict == OnConflict::source) {
        if (links[r] == Link::leave) links[r] = Link::write;
      } else if (flow.flow->on_conflict != OnConflict::target) {
        links[r] = Link::conflict;
      }
    }
  }
  return {};
}

// GW-1430 with the first reference in which the target differs from the source.
Error FlowLinker::conflict_of(const std::vector<Column>& wanted, const Batch& held, std::int64_t row, std::string* field) const {
  for (std::size_t c = p_.flow->key_count; c < wanted.size(); ++c) {
    const std::string source = value_text(wanted[c], row), target = value_text(held.columns[c], row);
    if (source == target && wanted[c].is_null(row) == held.columns[c].is_null(row)) continue;
    *field = p_.flow->columns[static_cast<std::size_t>(columns(*p_.flow)[c])].name;
    return make_error(1430, {{"field", *field}, {"source", source.substr(0, 200)}, {"target", target.substr(0, 200)}});
  }
  return make_error(1440);
}

Result<> FlowLinker::link(FormedUnit& unit) {
  const CompiledFlow& flow = *p_.flow;
  RunContext& run = *p_.context;
  SettledUnit settled;
  settled.id = unit.id, settled.pass = 2;
  settled.start_position = unit.start_position, settled.end_position = unit.end_position;
  settled.rows_read = unit.rows_read, settled.fence = run.run.fence;

  std::vector<Row> kept;
  GW_TRY(collect(unit, kept, settled));
  const std::vector<int> columns = FlowLinker::columns(flow);
  std::vector<ColumnBuilder> builders;
  for (int c : columns) builders.emplace_back(flow.columns[static_cast<std::size_t>(c)].type);
  for (const Row& k : kept)
    for (std::size_t c = 0; c < columns.size(); ++c)
      builders[c].append_from(unit.batches[k.batch].columns[static_cast<std::size_t>(columns[c])], k.row);
  std::vector<Column> wanted;
  for (ColumnBuilder& b : builders) wanted.push_back(b.finish());

  Unit target;
  target.run = run.run.id, target.flow = unit.id.flow, target.number = unit.id.number, target.end_position = unit.end_position;
  Resolved resolved;
  if (unit.id.number <= p_.ledger_last) {
    GW_ASSIGN(resolved, p_.writer->resolve(target));
    if (resolved.resolution == Resolution::unknown) return fail(4041, {{"flow", flow.flow->name}, {"seen", std::to_string(unit.id.number)}});
  }
  const bool done = resolved.resolution == Resolution::done;

  JournalMemory memory(*run.journal, unit.id);
  if (!p_.ledger && run.run.fence > 1) GW_TRY(memory.load());
  // What the target holds now decides which rows need a write; the note says it for a unit that was written before a kill.
  std::vector<Link> links(kept.size(), Link::leave);
  std::vector<std::int32_t> writes;
  Writer::Rows held;
  if (!kept.empty()) {
    GW_ASSIGN(held, p_.writer->read_back(std::span<const Column>(wanted.data(), flow.key_count)));
    if (done) {
      for (std::size_t r = 0; r < kept.size() && r < resolved.note.size(); ++r) links[r] = static_cast<Link>(resolved.note[r]);
    } else {
      GW_TRY(choose(unit, kept, wanted, held.batch, held.found, links));
    }
    for (std::size_t r = 0; r < kept.size(); ++r)
      if (links[r] == Link::write) writes.push_back(static_cast<std::int32_t>(r));
  }
  if (!writes.empty()) {
    Chunk chunk;
    chunk.operation = Operation::update;
    chunk.batch.rows = static_cast<std::int64_t>(writes.size());
    for (std::size_t c = 0; c < columns.size(); ++c) {
      chunk.batch.schema.push_back(flow.target_schema[static_cast<std::size_t>(columns[c])]);
      chunk.batch.columns.push_back(take(wanted[c], writes));
    }
    if (flow.flow->keep_prior && !done && memory.decisions().empty()) {
      Batch prior = take(held.batch, writes);
      if (held.ids.length != 0) prior.schema.push_back({"@id", flow.id_type}), prior.columns.push_back(take(held.ids, writes));
      std::vector<Hash128> keys;
      for (std::int32_t r : writes) keys.push_back(unit.batches[kept[static_cast<std::size_t>(r)].batch].source_keys[static_cast<std::size_t>(kept[static_cast<std::size_t>(r)].row)]);
      GW_ASSIGN(EncodedSegment before, pending_.write(unit.id, keys, prior));
      settled.segments.push_back(std::move(before));
    }
    target.chunks.push_back(std::move(chunk));
  }
  if (done || !memory.decisions().empty()) {
    GW_ASSIGN(auto before, pending_.read(unit.id));
    if (before) settled.segments.push_back(std::move(*before));
  }
  settled.rows_written = static_cast<std::int64_t>(writes.size());
  for (const Link link : links) (p_.ledger ? target.note : settled.decisions) += static_cast<char>(link);
  // What an earlier life meant to write, and is there, was written by it.
  if (!memory.decisions().empty()) settled.decisions = memory.decisions();
  GW_TRY(run.journal->intend(settled, p_.ledger ? Journal::Durability::normal : Journal::Durability::full));
  Outcomes outcomes = std::move(resolved.outcomes);
  if (!done && !writes.empty()) {
    if (!p_.ledger) target.memory = &memory;
    GW_ASSIGN(outcomes, p_.ledger ? submit_patiently(*p_.writer, target, run.stop) : p_.writer->submit(target));
  }
  if (outcomes.rows != settled.rows_written)
    return fail(5902, {{"place", flow.flow->name + " unit " + std::to_string(unit.id.number)}, {"seen", std::to_string(outcomes.rows) + " outcomes"}});

  // Each obligation ends as set or failed.
  std::vector<bool> failed(kept.size(), false);
  std::vector<OutcomeKind> kinds(kept.size(), OutcomeKind::unchanged);
  for (std::size_t r = 0; r < kept.size(); ++r) {
    failed[r] = kept[r].failed != nullptr;
    if (links[r] != Link::conflict || failed[r]) continue;
    failed[r] = true;
    const SequencedBatch& b = unit.batches[kept[r].batch];
    std::string field;
    const Error error = conflict_of(wanted, held.batch, static_cast<std::int64_t>(r), &field);
    settled.failed_obligations.push_back({row_key(flow, b, kept[r].row), b.source_keys[static_cast<std::size_t>(kept[r].row)], field, error.number, error.arguments});
  }
  for (std::size_t r = 0; r < kept.size() && r < memory.decisions().size(); ++r)
    if (static_cast<Link>(memory.decisions()[r]) == Link::write && links[r] == Link::leave) kinds[r] = OutcomeKind::updated;
  for (std::int64_t s = 0; s < outcomes.rows; ++s) {
    const OutcomeKind kind = outcomes.at(s);
    kinds[static_cast<std::size_t>(writes[static_cast<std::size_t>(s)])] = kind;
    if (kind != OutcomeKind::refused && kind != OutcomeKind::missing && kind != OutcomeKind::unknown) continue;
    const auto r = static_cast<std::size_t>(writes[static_cast<std::size_t>(s)]);
    if (failed[r]) continue;
    failed[r] = true;
    const SequencedBatch& b = unit.batches[kept[r].batch];
    const auto refusal = std::ranges::find(outcomes.refusals, s, &Refusal::row);
    const Error error = refusal == outcomes.refusals.end() ? make_error(kind == OutcomeKind::unknown ? 1433 : 1440) : refusal->error;
    settled.failed_obligations.push_back({row_key(flow, b, kept[r].row), b.source_keys[static_cast<std::size_t>(kept[r].row)],
                                          refusal == outcomes.refusals.end() ? std::string() : refusal->field, error.number, error.arguments});
  }
  settled.counts.obligations_failed = static_cast<std::int64_t>(settled.failed_obligations.size());
  settled.counts.obligations_set = static_cast<std::int64_t>(std::ranges::count(failed, false));
  settled.counts.obligations_open = -(settled.counts.obligations_set + settled.counts.obligations_failed);

  // The crosswalk now knows the fields that were filled in.
  std::vector<std::uint8_t> crosswalk_kinds;
  for (std::size_t r = 0; r < kept.size(); ++r) {
    if (failed[r] && kinds[r] != OutcomeKind::updated) continue;
    const SequencedBatch& b = unit.batches[kept[r].batch];
    const std::int32_t row = kept[r].row;
    const std::int32_t one[] = {row};
    std::vector<Column> keys = source_key_columns(flow, b);
    for (Column& k : keys) k = take(k, one);
    const std::uint64_t hash[] = {b.source_hashes[static_cast<std::size_t>(row)]};
    const std::int64_t at = builder_.append(keys, hash);
    crosswalk_kinds.push_back(static_cast<std::uint8_t>(kinds[r]));
    for (std::size_t c = 0; c < b.field_hashes.size(); ++c)
      builder_.mapped(static_cast<int>(c))[static_cast<std::size_t>(at)] = b.field_hashes[c][static_cast<std::size_t>(row)];
    if (crosswalk_ids(flow) != TypeId::null_type && held.ids.length != 0) builder_.set_ids(at, slice(held.ids, static_cast<std::int64_t>(r), 1));
  }
  settled.outcomes = encode_outcomes(crosswalk_kinds);
  if (builder_.rows() > 0) settled.segments.push_back(builder_.encode());
  GW_TRY(p_.linked->seal(unit.id));
  GW_TRY(run.journal->settle(settled));
  GW_TRY(p_.linked->settled(unit.id));
  builder_.clear();
  return {};
}

}  // namespace godwit
