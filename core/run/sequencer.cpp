#include "core/run/sequencer.hpp"

#include <algorithm>
#include <cstring>
#include <set>

namespace godwit {
namespace {

std::vector<std::int32_t> kept_rows(const MappedBatch& batch) {
  std::vector<std::int32_t> out;
  out.reserve(batch.fates.size());
  for (std::size_t i = 0; i < batch.fates.size(); ++i)
    if (batch.fates[i] == Fate::kept) out.push_back(static_cast<std::int32_t>(i));
  return out;
}

std::vector<Hash128> pick(const std::vector<Hash128>& keys, const std::vector<std::int32_t>& rows) {
  if (rows.size() == keys.size()) return keys;
  std::vector<Hash128> out;
  out.reserve(rows.size());
  for (std::int32_t i : rows) out.push_back(keys[static_cast<std::size_t>(i)]);
  return out;
}

}  // namespace

Result<KeyedState*> SeenKeys::state(const std::string& name, StateKind kind) {
  auto& slot = states_[name];
  if (!slot) {
    KeyedState::Options o;
    o.folder = options_.folder / name, o.kind = kind, o.memory_bytes = options_.memory_bytes;
    o.fresh = options_.fresh, o.is_settled = options_.is_settled;
    GW_ASSIGN(slot, KeyedState::open(std::move(o)));
  }
  return slot.get();
}

Result<> SeenKeys::seal(const UnitId& unit) {
  for (auto& [name, state] : states_) GW_TRY(state->seal(unit));
  return {};
}

Result<> SeenKeys::settled(const UnitId& unit) {
  for (auto& [name, state] : states_) GW_TRY(state->settled(unit));
  return {};
}

// Where a row stood, in 8 bytes and a tag: its line, or its locator where the source has no lines.
StateEntry Sequencer::origin(const SequencedBatch& batch, std::int64_t row) const {
  const Batch& b = batch.read.batch;
  StateEntry e;
  e.tag = static_cast<std::uint8_t>(ordinal_ * 4);
  if (!b.lines.empty()) e.tag |= 1, e.value = b.lines[static_cast<std::size_t>(row)];
  else if (b.places.length != 0 && b.places.type.id == TypeId::int64) e.tag |= 2, e.value = b.places.int64(row);
  return e;
}

std::string Sequencer::first_place(const StateEntry& entry) const {
  const auto flow = static_cast<std::size_t>(entry.tag / 4);
  std::string out = flow < flow_names_.size() ? flow_names_[flow] : flow_.flow->name;
  if ((entry.tag & 3) == 1) out += ":" + std::to_string(entry.value);
  if ((entry.tag & 3) == 2) out += "#" + std::to_string(entry.value);
  return out;
}

Result<SequencedBatch> Sequencer::sequence(MappedBatch mapped) {
  SequencedBatch batch;
  static_cast<MappedBatch&>(batch) = std::move(mapped);
  if (!flow_.insert_only()) GW_TRY(doubles(batch));
  for (const CompiledRule& rule : flow_.rules)
    if (rule.rule->kind == RuleKind::unique) GW_TRY(unique_rule(batch, rule));
  for (const UniqueFields& fields : foreseen_) GW_TRY(unique_in_target(batch, fields));
  auto kept = [&](std::int64_t row) { return batch.fates[static_cast<std::size_t>(row)] == Fate::kept; };
  std::erase_if(batch.pending, [&](std::int64_t row) { return !kept(row); });
  std::erase_if(batch.warnings, [&](const RowNote& n) { return !kept(n.row); });
  std::ranges::stable_sort(batch.set_aside, [](const RowNote& a, const RowNote& b) { return a.row < b.row; });
  return batch;
}

Result<> Sequencer::doubles(SequencedBatch& batch) {
  const std::vector<std::int32_t> rows = kept_rows(batch);
  if (rows.empty()) return {};
  const std::vector<Hash128> keys = pick(batch.keys(), rows);
  std::vector<StateEntry> entries(rows.size()), seen(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) entries[i] = origin(batch, rows[i]);
  GW_ASSIGN(KeyedState * state, seen_.state("keys-" + flow_.target.object, StateKind::integer));
  GW_TRY(state->insert_new(keys, entries, seen));
  GW_ASSIGN(const std::vector<Hash128> survivors, survivors_of(batch, rows, keys, seen));
  const std::span<const Column> key_columns(batch.columns.data(), flow_.key_count);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!seen[i].found) continue;
    const std::int64_t row = rows[i];
    std::string key;
    for (const Column& c : key_columns) key += (key.empty() ? "" : " / ") + value_text(c, row);
    if (flow_.flow->on_double == OnDouble::merge) {
      batch.fates[static_cast<std::size_t>(row)] = Fate::merged;
      batch.merged.push_back({row, survivors[i], std::move(key)});
    } else {
      batch.fates[static_cast<std::size_t>(row)] = Fate::set_aside;
      batch.set_aside.push_back({row, make_error(1411, {{"key", std::move(key)}, {"first", first_place(seen[i])}}), ""});
    }
  }
  return {};
}

// Source keys of the rows that stay, per row of `rows`; only rows that were seen before have one. Where the target's key is
// made from other values than the source key, a state of its own remembers whose row came first.
Result<std::vector<Hash128>> Sequencer::survivors_of(const SequencedBatch& batch, const std::vector<std::int32_t>& rows,
                                                     const std::vector<Hash128>& keys, const std::vector<StateEntry>& seen) {
  if (flow_.flow->on_double != OnDouble::merge || batch.target_keys.empty() || batch.target_keys == batch.source_keys) return keys;
  std::vector<Hash128> fresh, doubled;
  std::vector<std::string_view> sources;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (seen[i].found) continue;
    fresh.push_back(keys[i]);
    const Hash128& source = batch.source_keys[static_cast<std::size_t>(rows[i])];
    sources.emplace_back(reinterpret_cast<const char*>(&source), sizeof source);
  }
  GW_ASSIGN(KeyedState * state, seen_.state("survivors-" + flow_.target.object, StateKind::bytes));
  GW_TRY(state->put_bytes(fresh, std::vector<std::uint8_t>(fresh.size(), 1), sources));
  StateTexts found;
  GW_TRY(state->probe_bytes(keys, &found));
  std::vector<Hash128> out(keys);
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (found.entries[i].found && found.lengths[i] == sizeof(Hash128)) std::memcpy(&out[i], found.text(i).data(), sizeof(Hash128));
  return out;
}

Sequencer::UniqueFields Sequencer::unique_fields(std::vector<int> columns) const {
  UniqueFields out{std::move(columns), {}};
  // Fields that make up a key are unique by doubles() already.
  if (out.columns.size() == flow_.key_count &&
      std::ranges::all_of(out.columns, [&](int f) { return static_cast<std::size_t>(f) < flow_.key_count; }))
    return {};
  for (int f : out.columns) out.name += (out.name.empty() ? "" : "+") + flow_.columns[static_cast<std::size_t>(f)].name;
  return out;
}

template <typename Doubled>
Result<> Sequencer::each_double(SequencedBatch& batch, const UniqueFields& fields, const Doubled& doubled) {
  std::vector<Column> columns;
  for (int f : fields.columns) columns.push_back(batch.columns[static_cast<std::size_t>(f)]);
  std::vector<std::int32_t> rows;
  for (std::int32_t i : kept_rows(batch))
    // A row that takes its record away gives no value.
    if ((batch.deletes.empty() || !batch.deletes[static_cast<std::size_t>(i)]) && std::ranges::none_of(columns, [&](const Column& c) { return c.is_null(i); })) rows.push_back(i);
  if (columns.empty() || rows.empty()) return {};
  const std::vector<Hash128> keys = pick(hash_keys(columns), rows);
  std::vector<StateEntry> entries(rows.size()), seen(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) entries[i] = origin(batch, rows[i]);
  GW_ASSIGN(KeyedState * state, seen_.state("unique-" + flow_.target.object + "-" + fields.name, StateKind::integer));
  GW_TRY(state->insert_new(keys, entries, seen));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!seen[i].found) continue;
    std::string value;
    for (const Column& c : columns) value += (value.empty() ? "" : " / ") + value_text(c, rows[i]);
    doubled(rows[i], std::move(value), first_place(seen[i]));
  }
  return {};
}

Result<> Sequencer::unique_rule(SequencedBatch& batch, const CompiledRule& rule) {
  const ValidateRule& r = *rule.rule;
  const UniqueFields fields = unique_fields(rule.fields);
  GW_TRY(each_double(batch, fields, [&](std::int64_t row, std::string value, std::string first) {
    RowNote note{row, make_error(1412, {{"field", fields.name}, {"seen", std::move(value)}, {"first", std::move(first)}, {"rule", r.place.to_string()}, {"say", r.say}}), fields.name};
    if (r.warning) {
      batch.warnings.push_back(std::move(note));
    } else {
      batch.fates[static_cast<std::size_t>(row)] = Fate::set_aside;
      batch.set_aside.push_back(std::move(note));
    }
  }));
  std::ranges::stable_sort(batch.warnings, [](const RowNote& a, const RowNote& b) { return a.row < b.row; });
  return {};
}

void Sequencer::foresee_refusals() {
  std::vector<std::vector<std::string>> described = flow_.target.uniques;
  for (const ObjectField& f : flow_.target.fields)
    if (f.unique) described.push_back({f.name});
  std::set<std::set<int>> known;
  for (const CompiledRule& rule : flow_.rules)
    if (rule.rule->kind == RuleKind::unique) known.emplace(rule.fields.begin(), rule.fields.end());
  for (const std::vector<std::string>& names : described) {
    std::vector<int> columns;
    for (const std::string& name : names) {
      const auto column = std::ranges::find_if(flow_.columns, [&](const TargetColumn& c) { return c.name == name && !c.deferred; });
      if (column != flow_.columns.end()) columns.push_back(static_cast<int>(column - flow_.columns.begin()));
    }
    if (columns.size() != names.size() || !known.emplace(columns.begin(), columns.end()).second) continue;
    if (UniqueFields fields = unique_fields(std::move(columns)); !fields.columns.empty()) foreseen_.push_back(std::move(fields));
  }
}

Result<> Sequencer::unique_in_target(SequencedBatch& batch, const UniqueFields& fields) {
  return each_double(batch, fields, [&](std::int64_t row, std::string value, std::string) {
    batch.fates[static_cast<std::size_t>(row)] = Fate::set_aside;
    batch.set_aside.push_back({row, make_error(4102, {{"field", fields.name}, {"seen", std::move(value)}}), fields.name});
  });
}

}  // namespace godwit
