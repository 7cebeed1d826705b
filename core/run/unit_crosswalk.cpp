// What a settled unit leaves for later: crosswalk entries, ids, and what the rows' children will find.

#include "core/run/unit_writer_parts.hpp"

namespace godwit {

std::vector<Column> source_key_columns(const CompiledFlow& flow, const MappedBatch& b) {
  std::vector<Column> out;
  for (int c : flow.source_key) out.push_back(b.read.batch.column(c));
  return out;
}

TypeId crosswalk_ids(const CompiledFlow& flow) {
  if (flow.identity || flow.id_field.empty()) return TypeId::null_type;
  return flow.id_type.id == TypeId::int64 ? TypeId::int64 : TypeId::utf8;
}

CrosswalkBuilder crosswalk_builder(const CompiledFlow& flow) {
  std::vector<std::string> fields;
  for (const TargetColumn& c : flow.columns) fields.push_back(c.name);
  Schema key;
  for (int c : flow.source_key) key.push_back(flow.source_schema[static_cast<std::size_t>(c)]);
  return CrosswalkBuilder(std::move(fields), std::move(key), crosswalk_ids(flow));
}

// Rows that the target held already, equal to what would have been written, and that no earlier run of ours loaded: their ids are
// read back, so that children find them and the crosswalk knows them.
Result<> UnitWriter::adopt(FormedUnit& unit, RowResults& results) {
  if (!results.with_ids) return {};
  for (std::size_t n = 0; n < unit.batches.size(); ++n) {
    SequencedBatch& b = unit.batches[n];
    std::vector<std::int32_t> rows;
    for (std::size_t i = 0; i < b.decisions.size(); ++i)
      if (b.fates[i] == Fate::kept && results.kinds[n][i] != OutcomeKind::deleted && results.ids[n].is_null(static_cast<std::int64_t>(i)))
        rows.push_back(static_cast<std::int32_t>(i));
    if (rows.empty()) continue;
    std::vector<Column> keys;
    for (std::size_t k = 0; k < p_.flow->key_count; ++k) keys.push_back(take(b.columns[k], rows));
    GW_ASSIGN(const Writer::Rows held, p_.asker->read_back(keys));
    if (held.ids.length == 0) continue;
    std::vector<std::int32_t> from(b.decisions.size(), -1);
    for (std::size_t r = 0; r < rows.size(); ++r)
      if (held.found[r]) from[static_cast<std::size_t>(rows[r])] = static_cast<std::int32_t>(r);
    ColumnBuilder ids(p_.flow->id_type);
    for (std::size_t i = 0; i < from.size(); ++i)
      from[i] >= 0 ? ids.append_from(held.ids, from[i]) : ids.append_from(results.ids[n], static_cast<std::int64_t>(i));
    results.ids[n] = ids.finish();
  }
  return {};
}

// Rows whose entry would say nothing new keep the one they have. The unit's outcomes are those of its crosswalk rows, in their order:
// undo reads both side by side.
Result<> UnitWriter::crosswalk_rows(const FormedUnit& unit, const RowResults& results, SettledUnit& settled) {
  std::vector<std::uint8_t> kinds;
  for (std::size_t n = 0; n < unit.batches.size(); ++n) {
    const SequencedBatch& b = unit.batches[n];
    std::vector<std::int32_t> present, gone;
    CrosswalkRows then;
    bool any_unchanged = false;
    for (std::size_t i = 0; i < b.fates.size(); ++i) any_unchanged |= b.fates[i] == Fate::kept && results.kinds[n][i] == OutcomeKind::unchanged;
    std::vector<std::string> references;
    for (const TargetColumn& c : p_.flow->columns)
      if (c.deferred && !b.pending.empty()) references.push_back(c.name);
    if ((any_unchanged || !references.empty()) && p_.crosswalk != nullptr) GW_TRY(p_.crosswalk->lookup(b.source_keys, references, &then));
    for (std::size_t i = 0; i < b.fates.size(); ++i) {
      if (b.fates[i] != Fate::kept) continue;
      const OutcomeKind kind = results.kinds[n][i];
      if (kind == OutcomeKind::unchanged && !then.found.empty() && then.found[i] && then.row_hashes[i] == b.source_hashes[i]) continue;
      if (kind == OutcomeKind::unknown) continue;
      (kind == OutcomeKind::deleted ? gone : present).push_back(static_cast<std::int32_t>(i));
    }
    for (const auto* rows : {&present, &gone}) {
      append_crosswalk(b, *rows, then, results.with_ids ? results.ids[n] : Column{}, rows == &gone ? CrosswalkState::forgotten : CrosswalkState::present);
      for (std::int32_t i : *rows) kinds.push_back(static_cast<std::uint8_t>(results.kinds[n][static_cast<std::size_t>(i)]));
    }
  }
  settled.outcomes = encode_outcomes(kinds);
  if (builder_.rows() > 0) settled.segments.push_back(builder_.encode());
  return {};
}

void UnitWriter::append_crosswalk(const SequencedBatch& b, const std::vector<std::int32_t>& rows, const CrosswalkRows& then, const Column& ids, CrosswalkState state) {
  if (rows.empty()) return;
  std::vector<Column> keys = source_key_columns(*p_.flow, b);
  const bool whole = rows.size() == b.fates.size();
  std::vector<std::uint64_t> hashes;
  if (!whole) {
    for (Column& k : keys) k = take(k, rows);
    for (std::int32_t i : rows) hashes.push_back(b.source_hashes[static_cast<std::size_t>(i)]);
  }
  const std::int64_t first = builder_.append(keys, whole ? b.source_hashes : hashes, state);
  for (std::size_t c = 0; c < b.field_hashes.size(); ++c) {
    const std::span<std::uint32_t> out = builder_.mapped(static_cast<int>(c)).subspan(static_cast<std::size_t>(first));
    for (std::size_t r = 0; r < rows.size(); ++r) out[r] = b.field_hashes[c][static_cast<std::size_t>(rows[r])];
  }
  // References that wait for the second pass: what was linked before, if anything, stays on record until then.
  std::vector<bool> waits(b.pending.empty() ? 0 : b.fates.size(), false);
  for (const std::int64_t row : b.pending) waits[static_cast<std::size_t>(row)] = true;
  for (std::size_t c = 0, d = 0; !waits.empty() && c < b.field_hashes.size(); ++c) {
    if (!p_.flow->columns[c].deferred) continue;
    const std::span<std::uint32_t> out = builder_.mapped(static_cast<int>(c)).subspan(static_cast<std::size_t>(first));
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const auto row = static_cast<std::size_t>(rows[r]);
      if (waits[row]) out[r] = d < then.mapped.size() ? then.mapped[d][row] : kNoFieldHash;
    }
    ++d;
  }
  if (ids.length != 0) builder_.set_ids(first, whole ? ids : take(ids, rows));
}

// What children will find. A row that the target holds stays found whatever becomes of doubles of its key, or of itself in a
// later run: the record is there.
Result<> UnitWriter::remember_parents(const FormedUnit& unit, const RowResults& results) {
  if (p_.parents == nullptr) return {};
  ParentIndex& parents = *p_.parents;
  for (std::size_t n = 0; n < unit.batches.size(); ++n) {
    const SequencedBatch& b = unit.batches[n];
    std::vector<Hash128> loaded, gone, others;
    std::vector<ParentTag> other_tags;
    ColumnBuilder ids(parents.id_type());
    for (std::size_t i = 0; i < b.fates.size(); ++i) {
      if (b.fates[i] == Fate::merged) continue;
      const bool in_doubt = b.fates[i] == Fate::kept && results.kinds[n][i] == OutcomeKind::unknown;
      if (b.fates[i] != Fate::kept || in_doubt) {
        others.push_back(b.source_keys[i]);
        other_tags.push_back(b.fates[i] == Fate::set_aside || in_doubt ? ParentTag::set_aside : ParentTag::filtered);
      } else if (results.kinds[n][i] == OutcomeKind::deleted) {
        gone.push_back(b.source_keys[i]);
      } else {
        loaded.push_back(b.source_keys[i]);
        if (results.with_ids) ids.append_from(results.ids[n], static_cast<std::int64_t>(i));
        else if (p_.flow->identity) ids.null();
        else ids.append_from(b.columns.front(), static_cast<std::int64_t>(i));  // the target's key is the id
      }
    }
    GW_TRY(parents.put(loaded, std::vector<ParentTag>(loaded.size(), ParentTag::loaded), ids.finish()));
    GW_TRY(parents.put_unless_loaded(others, other_tags));
    GW_TRY(put_merged(b));
    if (!gone.empty()) GW_TRY(parents.erase(gone));
  }
  return {};
}

// A merged row answers with its survivor's id, or shares its survivor's fate.
Result<> UnitWriter::put_merged(const SequencedBatch& b) {
  std::vector<Hash128> keys, survivors;
  for (const MergedNote& m : b.merged) {
    const Hash128& key = b.source_keys[static_cast<std::size_t>(m.row)];
    if (key != m.survivor) keys.push_back(key), survivors.push_back(m.survivor);
  }
  if (keys.empty()) return {};
  std::vector<ReferenceState> states;
  Column ids;
  GW_TRY(p_.parents->probe(survivors, &states, &ids));
  std::vector<ParentTag> tags;
  for (ReferenceState s : states)
    tags.push_back(s == ReferenceState::found || s == ReferenceState::merged ? ParentTag::merged
                   : s == ReferenceState::filtered                           ? ParentTag::filtered
                                                                             : ParentTag::set_aside);
  return p_.parents->put(keys, tags, ids);
}

}  // namespace godwit
