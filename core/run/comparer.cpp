#include "core/run/comparer.hpp"

#include <algorithm>

namespace godwit {
namespace {

// A bitmap that starts as a copy of `set` (or all ones) and can lose bits.
class FieldMask {
 public:
  FieldMask(const Buffer& set, std::int64_t rows) : bits_(bitmap_bytes(rows)) {
    if (rows == 0) return;
    if (set) std::memcpy(bits_.data(), set.data(), bits_.size());
    else std::memset(bits_.data(), 0xFF, bits_.size());
  }
  void drop(std::int64_t row) { clear_bit(bits_.data(), row), changed_ = true; }
  bool changed() const { return changed_; }
  Buffer finish() { return bits_.finish(); }

 private:
  MutableBuffer bits_;
  bool changed_ = false;
};

std::vector<bool> waiting_rows(const MappedBatch& batch) {
  std::vector<bool> out(batch.fates.size(), false);
  for (const std::int64_t row : batch.pending) out[static_cast<std::size_t>(row)] = true;
  return out;
}

}  // namespace

Result<std::unique_ptr<Comparer>> Comparer::open(const CompiledFlow& flow, Options options, const OpenTarget& reader_of_target,
                                                 Writer* writer, Crosswalk* crosswalk) {
  std::unique_ptr<Comparer> c(new Comparer(flow, std::move(options), writer, crosswalk));
  if (!c->options_.target_empty && !flow.insert_only() && !c->by_journal()) GW_TRY(c->scan(reader_of_target));
  return c;
}

constexpr std::uint8_t kReferencesEmpty = 1, kReferencesGiven = 2;  // tags of the keys that scan() finds

// Key and hash of every row of the target, in one pass, so that equal rows cost no round trip. References that the second pass
// fills are not in the hash, since their value is not known yet; the tag says whether the target's record has any.
Result<> Comparer::scan(const OpenTarget& open) {
  KeyedState::Options o;
  o.folder = options_.folder, o.memory_bytes = options_.memory_bytes, o.fresh = true;
  GW_ASSIGN(held_, KeyedState::open(std::move(o)));
  std::vector<std::string> names;
  for (const TargetColumn& c : flow_.columns)
    if (!c.deferred) names.push_back(c.name);
  const std::size_t hashed = names.size();
  for (const TargetColumn& c : flow_.columns)
    if (c.deferred) names.push_back(c.name);
  GW_ASSIGN(auto reader, open(names));
  std::vector<std::uint64_t> values;
  for (std::int64_t number = 1;; ++number) {
    GW_ASSIGN(ReadBatch read, reader->read());
    const Batch& batch = read.batch;
    const auto n = static_cast<std::size_t>(batch.rows);
    target_rows_ += batch.rows + static_cast<std::int64_t>(read.unreadable.size());
    std::vector<std::uint64_t> rows(n, 0);
    values.resize(n);
    for (std::size_t c = 0; c < hashed; ++c) {
      hash_values(batch.columns[c], values);
      combine_row_hash(values, rows);
    }
    std::vector<StateEntry> entries(n);
    for (std::size_t i = 0; i < n; ++i) entries[i].value = static_cast<std::int64_t>(rows[i]), entries[i].tag = kReferencesEmpty;
    for (std::size_t c = hashed; c < batch.columns.size(); ++c)
      for (std::size_t i = 0; i < n; ++i)
        if (!batch.columns[c].is_null(static_cast<std::int64_t>(i))) entries[i].tag = kReferencesGiven;
    const std::vector<Hash128> keys = hash_keys(std::span<const Column>(batch.columns.data(), flow_.key_count));
    GW_TRY(held_->put(keys, entries));
    GW_TRY(held_->seal(UnitId{0, flow_.flow->name, 0, number}));
    if (read.end) break;
  }
  return {};
}

// Of the flow's columns, and of the unmapped ones that are kept.
std::vector<ColumnBuilder> Comparer::before_columns() const {
  std::vector<ColumnBuilder> out;
  for (const TargetColumn& c : flow_.columns) out.emplace_back(c.type);
  if (options_.whole != nullptr)
    for (const Field& f : flow_.unmapped_schema) out.emplace_back(f.type);
  return out;
}

Result<> Comparer::name_conflicts(FormedUnit& unit) {
  for (SequencedBatch& batch : unit.batches) {
    std::vector<std::int32_t> rows;
    for (std::size_t i = 0; i < batch.decisions.size(); ++i)
      if (batch.decisions[i] == Decision::conflict) rows.push_back(static_cast<std::int32_t>(i));
    if (rows.empty()) continue;
    SequencedBatch again = batch;  // the comparison decides anew, which is not what is asked here
    again.set_aside.clear();
    for (const std::int32_t i : rows) again.fates[static_cast<std::size_t>(i)] = Fate::kept, again.decisions[static_cast<std::size_t>(i)] = Decision::none;
    Comparison ignored;
    std::vector<ColumnBuilder> before = before_columns();
    GW_TRY(compare_rows(again, rows, ignored, nullptr, before));
    auto note = batch.set_aside.begin();
    for (RowNote& found : again.set_aside) {  // both are in the order of their rows
      while (note != batch.set_aside.end() && (note->row < found.row || (note->row == found.row && note->error.number != found.error.number))) ++note;
      if (note != batch.set_aside.end() && note->row == found.row) *note = std::move(found);
    }
  }
  return {};
}

Result<Comparison> Comparer::decide(FormedUnit& unit, bool read_back) {
  Comparison out;
  std::vector<ColumnBuilder> before = before_columns();
  const bool with_ids = !flow_.id_field.empty();
  ColumnBuilder ids(with_ids ? flow_.id_type : Type(TypeId::utf8));
  for (SequencedBatch& batch : unit.batches)
    GW_TRY(read_back ? decide_by_reading(batch, out, with_ids ? &ids : nullptr, before) : decide_batch(batch, out, with_ids ? &ids : nullptr, before));
  out.before.schema = flow_.target_schema;
  if (options_.whole != nullptr) out.before.schema.insert(out.before.schema.end(), flow_.unmapped_schema.begin(), flow_.unmapped_schema.end());
  for (ColumnBuilder& b : before) out.before.columns.push_back(b.finish());
  out.before.rows = static_cast<std::int64_t>(out.before_keys.size());
  if (with_ids) out.before.schema.push_back({"@id", flow_.id_type}), out.before.columns.push_back(ids.finish());
  return out;
}

Result<> Comparer::decide_batch(SequencedBatch& batch, Comparison& out, ColumnBuilder* ids, std::vector<ColumnBuilder>& before) {
  const auto n = static_cast<std::size_t>(batch.rows());
  batch.decisions.assign(n, Decision::none);
  auto removes = [&](std::size_t i) { return !batch.deletes.empty() && batch.deletes[i]; };
  if (by_journal() && !options_.target_empty) return decide_by_journal(batch, out, ids, before);
  if (!held_) {
    for (std::size_t i = 0; i < n; ++i) {
      if (batch.fates[i] != Fate::kept) continue;
      if (removes(i)) batch.fates[i] = Fate::filtered;  // a record that is gone, and never was here
      else batch.decisions[i] = Decision::insert;
    }
    return {};
  }
  std::vector<StateEntry> held(n);
  GW_TRY(held_->probe(batch.keys(), held));
  std::vector<std::int32_t> differing;
  const std::vector<bool> waits = waiting_rows(batch);
  for (std::size_t i = 0; i < n; ++i) {
    if (batch.fates[i] != Fate::kept) continue;
    // A row that waits for the second pass is compared there. One that does not has no reference, and the target's must go.
    const bool to_empty = !waits[i] && held[i].found && held[i].tag == kReferencesGiven;
    if (removes(i)) {
      if (!held[i].found) {
        batch.fates[i] = Fate::filtered;
        continue;
      }
      batch.decisions[i] = Decision::remove;
      differing.push_back(static_cast<std::int32_t>(i));
    } else if (!held[i].found) {
      batch.decisions[i] = Decision::insert;
    } else if (static_cast<std::uint64_t>(held[i].value) == batch.row_hashes[i] && !to_empty) {
      batch.decisions[i] = Decision::unchanged;
    } else {
      differing.push_back(static_cast<std::int32_t>(i));
    }
  }
  return differing.empty() ? Result<>() : compare_rows(batch, differing, out, ids, before);
}

// Without a scan of the target: a source row that is what it was when it was loaded is taken as unchanged; all others are read back.
Result<> Comparer::decide_by_journal(SequencedBatch& batch, Comparison& out, ColumnBuilder* ids, std::vector<ColumnBuilder>& before) {
  CrosswalkRows then;
  GW_TRY(crosswalk_->lookup(batch.source_keys, {}, &then));
  std::vector<std::int32_t> differing;
  for (std::size_t i = 0; i < batch.fates.size(); ++i) {
    if (batch.fates[i] != Fate::kept) continue;
    const bool removes = !batch.deletes.empty() && batch.deletes[i];
    if (removes) batch.decisions[i] = Decision::remove;
    if (!removes && then.found[i] && then.row_hashes[i] == batch.source_hashes[i]) batch.decisions[i] = Decision::unchanged;
    else differing.push_back(static_cast<std::int32_t>(i));
  }
  return differing.empty() ? Result<>() : compare_rows(batch, differing, out, ids, before);
}

Result<> Comparer::decide_by_reading(SequencedBatch& batch, Comparison& out, ColumnBuilder* ids, std::vector<ColumnBuilder>& before) {
  batch.decisions.assign(batch.fates.size(), Decision::none);
  std::vector<std::int32_t> all;
  for (std::size_t i = 0; i < batch.fates.size(); ++i) {
    if (batch.fates[i] != Fate::kept) continue;
    if (!batch.deletes.empty() && batch.deletes[i]) batch.decisions[i] = Decision::remove;
    all.push_back(static_cast<std::int32_t>(i));
  }
  return all.empty() ? Result<>() : compare_rows(batch, all, out, ids, before);
}

Result<std::vector<Column>> Comparer::unmapped_of(const SequencedBatch& batch, const std::vector<std::int32_t>& rows, const std::vector<bool>& found) {
  std::vector<Column> out;
  if (options_.whole == nullptr || flow_.unmapped_schema.empty()) return out;
  std::vector<std::int32_t> gone;
  for (std::size_t r = 0; r < rows.size(); ++r)
    if (found[r] && batch.decisions[static_cast<std::size_t>(rows[r])] == Decision::remove) gone.push_back(static_cast<std::int32_t>(r));
  Writer::Rows whole;
  if (!gone.empty()) {
    std::vector<std::int32_t> at;
    for (const std::int32_t r : gone) at.push_back(rows[static_cast<std::size_t>(r)]);
    std::vector<Column> keys;
    for (std::size_t k = 0; k < flow_.key_count; ++k) keys.push_back(take(batch.columns[k], at));
    GW_ASSIGN(whole, options_.whole->read_back(keys));
  }
  for (std::size_t f = 0; f < flow_.unmapped_schema.size(); ++f) {
    ColumnBuilder values(flow_.unmapped_schema[f].type);
    std::size_t next = 0;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const bool is_gone = next < gone.size() && gone[next] == static_cast<std::int32_t>(r);
      if (is_gone) values.append_from(whole.batch.columns[flow_.columns.size() + f], static_cast<std::int64_t>(next++));
      else values.null();
    }
    out.push_back(values.finish());
  }
  return out;
}

// Rows that differ somewhere, or are to go: read back in one call, compared field by field.
Result<> Comparer::compare_rows(SequencedBatch& batch, const std::vector<std::int32_t>& rows, Comparison& out,
                                ColumnBuilder* ids, std::vector<ColumnBuilder>& before) {
  std::vector<Column> keys;
  for (std::size_t k = 0; k < flow_.key_count; ++k) keys.push_back(take(batch.columns[k], rows));
  GW_ASSIGN(const Writer::Rows target, writer_->read_back(keys));
  const auto n = rows.size();
  CrosswalkRows then;
  if (crosswalk_ != nullptr) {
    std::vector<Hash128> source_keys;
    std::vector<std::string> fields;
    for (std::int32_t i : rows) source_keys.push_back(batch.source_keys[static_cast<std::size_t>(i)]);
    for (const TargetColumn& c : flow_.columns) fields.push_back(c.name);
    GW_TRY(crosswalk_->lookup(source_keys, fields, &then));
  }
  std::vector<FieldMask> masks;
  for (std::size_t c = 0; c < flow_.columns.size(); ++c) masks.emplace_back(batch.set[c], batch.rows());
  std::vector<bool> writes(n, false), conflicts(n, false);
  const std::vector<bool> waits = waiting_rows(batch);
  std::vector<std::uint64_t> held_hash(n);
  for (std::size_t c = flow_.key_count; c < flow_.columns.size(); ++c) {
    const TargetColumn& column = flow_.columns[c];
    hash_values(target.batch.columns[c], held_hash);
    for (std::size_t r = 0; r < n; ++r) {
      const auto row = static_cast<std::size_t>(rows[r]);
      if (!target.found[r] || batch.decisions[row] == Decision::remove || !field_is_set(batch.set[c], rows[r])) continue;
      if (column.deferred && waits[row]) {  // the record keeps the reference that it has until the second pass
        masks[c].drop(rows[r]);
        continue;
      }
      const std::uint32_t now = batch.field_hashes[c][row], held = field_hash(held_hash[r]);
      if (now == held) {
        masks[c].drop(rows[r]);
        continue;
      }
      std::uint32_t mapped_then = kNoFieldHash, held_then = kNoFieldHash;
      if (crosswalk_ != nullptr && then.found[r]) {
        mapped_then = then.mapped[c][r];
        held_then = then.held.size() > c && !then.held[c].empty() ? then.held[c][r] : kNoFieldHash;
        if (held_then == kNoFieldHash) held_then = mapped_then;
      }
      const bool known = mapped_then != kNoFieldHash;
      if (known && mapped_then == now) {  // only the target changed: a person's edit stays
        masks[c].drop(rows[r]);
        ++out.kept_edits;
      } else if (!known || held_then == held) {  // only the source changed, or never loaded by us
        writes[r] = true;
      } else if (flow_.flow->on_conflict == OnConflict::source) {
        writes[r] = true;
      } else if (flow_.flow->on_conflict == OnConflict::target) {
        masks[c].drop(rows[r]);
        ++out.kept_edits;
      } else if (!conflicts[r]) {
        conflicts[r] = true;
        batch.set_aside.push_back({rows[r], make_error(1430, {{"field", column.name},
                                                              {"source", value_text(batch.columns[c], rows[r]).substr(0, 200)},
                                                              {"target", value_text(target.batch.columns[c], static_cast<std::int64_t>(r)).substr(0, 200)}}), column.name});
      }
    }
  }
  GW_ASSIGN(const std::vector<Column> unmapped, unmapped_of(batch, rows, target.found));
  for (std::size_t r = 0; r < n; ++r) {
    const auto row = static_cast<std::size_t>(rows[r]);
    Decision& d = batch.decisions[row];
    if (d == Decision::remove && !target.found[r]) {
      batch.fates[row] = Fate::filtered, d = Decision::none;
      continue;
    }
    if (conflicts[r]) {
      batch.fates[row] = Fate::set_aside;
      d = Decision::conflict;
      continue;
    }
    if (d != Decision::remove) d = !target.found[r] ? Decision::insert : writes[r] ? Decision::update : Decision::unchanged;
    if (!target.found[r] || (d != Decision::update && d != Decision::remove)) continue;
    out.before_keys.push_back(batch.source_keys[row]);
    const std::size_t mapped = flow_.columns.size();
    for (std::size_t c = 0; c < mapped; ++c) before[c].append_from(target.batch.columns[c], static_cast<std::int64_t>(r));
    for (std::size_t c = mapped; c < before.size(); ++c)
      d == Decision::remove ? before[c].append_from(unmapped[c - mapped], static_cast<std::int64_t>(r)) : before[c].null();
    if (ids != nullptr) target.ids.length == 0 ? ids->null() : ids->append_from(target.ids, static_cast<std::int64_t>(r));
  }
  for (std::size_t c = 0; c < masks.size(); ++c)
    if (c >= flow_.key_count && masks[c].changed()) batch.set[c] = masks[c].finish();
  std::ranges::stable_sort(batch.set_aside, [](const RowNote& a, const RowNote& b) { return a.row < b.row; });
  return {};
}

}  // namespace godwit
