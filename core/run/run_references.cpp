#include "core/run/run_references.hpp"

#include <algorithm>

#include "core/model/nearest.hpp"

namespace godwit {
namespace {

std::string type_list(std::span<const Type> types) {
  std::string out;
  for (Type t : types) out += (out.empty() ? "" : ", ") + to_string(t);
  return out;
}

// No reference at all: a key column is null, or an empty text, which no record can have as its key.
bool refers_to_nothing(std::span<const Column> keys, std::int64_t i) {
  return std::ranges::any_of(keys, [&](const Column& c) { return c.is_null(i) || (c.type.id == TypeId::utf8 && c.text(i).empty()); });
}

}  // namespace

Result<References::Bound> RunReferences::bind_parent(const std::vector<std::string>& flows, std::span<const Type> keys) {
  Binding b;
  b.flow = compiling_, b.parents = flows;
  bool first = true;
  for (const std::string& name : flows) {
    const auto shape = shapes_.find(name);
    if (shape == shapes_.end()) {
      std::vector<std::string_view> known;
      for (const auto& [flow, unused] : shapes_) known.push_back(flow);
      return fail(4022, {{"seen", name}, {"nearest", std::string(nearest(name, known))}});
    }
    const FlowShape& s = shape->second;
    if (s.source_key.empty()) return fail(4023, {{"seen", name}});
    if (!std::ranges::equal(s.source_key, keys))
      return fail(4024, {{"parent", name}, {"seen", type_list(keys)}, {"expected", type_list(s.source_key)}});
    if (!first && b.type != s.id.type) return fail(4025, {{"seen", name}});
    if (s.id.identity && s.source_key.size() > 1) return fail(4026, {{"seen", name}});
    b.type = s.id.type, first = false;
  }
  if (const auto d = order_.deferred.find(compiling_); d != order_.deferred.end())
    b.deferred = std::ranges::any_of(flows, [&](const std::string& f) { return d->second.contains(f); });
  bindings_.push_back(std::move(b));
  return Bound{static_cast<int>(bindings_.size()) - 1, bindings_.back().type, bindings_.back().deferred};
}

Result<References::Bound> RunReferences::bind_lookup(const std::string& object, const std::vector<std::string>& fields,
                                                     std::span<const Type> keys, const std::string& give) {
  GW_ASSIGN(const ObjectDescription description, describe_(object));
  Binding b;
  b.flow = compiling_, b.object = object, b.fields = fields, b.give = give;
  auto check_field = [&](const std::string& name) -> Result<const ObjectField*> {
    if (const ObjectField* f = description.find(name)) return f;
    std::vector<std::string_view> known;
    for (const ObjectField& f : description.fields) known.push_back(f.name);
    return fail(4027, {{"seen", name}, {"object", object}, {"nearest", std::string(nearest(name, known))}});
  };
  std::vector<Type> types;
  for (const std::string& name : fields) {
    GW_ASSIGN(const ObjectField* f, check_field(name));
    types.push_back(f->type);
  }
  if (!std::ranges::equal(types, keys)) return fail(4028, {{"object", object}, {"seen", type_list(keys)}, {"expected", type_list(types)}});
  if (b.give.empty()) {
    if (description.key.size() != 1) return fail(4029, {{"object", object}});
    b.give = description.key.front();
  }
  GW_ASSIGN(const ObjectField* given, check_field(b.give));
  b.type = given->type;
  bindings_.push_back(std::move(b));
  return Bound{static_cast<int>(bindings_.size()) - 1, bindings_.back().type, false};
}

Result<> RunReferences::begin_flow(const std::string& flow) {
  for (std::size_t i = 0; i < bindings_.size(); ++i)
    if (bindings_[i].flow == flow && !bindings_[i].object.empty()) GW_TRY(load_lookup(i));
  return {};
}

void RunReferences::end_flow() {
  for (Binding& b : bindings_) b.values.reset(), b.ambiguous.reset();
}

Result<> RunReferences::load_lookup(std::size_t handle) {
  Binding& b = bindings_[handle];
  const std::filesystem::path folder = state_folder_ / ("lookup-" + std::to_string(handle));
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  // The answer is kept as it is in the target when it is an integer, and as its text otherwise.
  GW_ASSIGN(b.values, ParentIndex::open(folder / "values", b.type, false, memory_bytes_, false, {}));
  KeyedState::Options options;
  options.folder = folder / "ambiguous", options.memory_bytes = 1 << 20, options.fresh = true;
  GW_ASSIGN(b.ambiguous, KeyedState::open(std::move(options)));
  std::vector<std::string> columns = b.fields;
  columns.push_back(b.give);
  GW_ASSIGN(auto reader, open_reader_(b.object, columns));
  const UnitId unit{0, b.object, 0, 1};
  for (std::int64_t number = 1;; ++number) {
    GW_ASSIGN(ReadBatch read, reader->read());
    const Batch& batch = read.batch;
    if (batch.rows > 0) {
      const std::span<const Column> key_columns(batch.columns.data(), b.fields.size());
      std::vector<Hash128> keys = hash_keys(key_columns), twice;
      std::vector<std::int32_t> wanted;
      std::vector<Hash128> wanted_keys;
      for (std::int64_t i = 0; i < batch.rows; ++i) {
        if (std::ranges::any_of(key_columns, [&](const Column& c) { return c.is_null(i); })) continue;
        wanted.push_back(static_cast<std::int32_t>(i));
        wanted_keys.push_back(keys[static_cast<std::size_t>(i)]);
      }
      // A key met before, in this batch or an earlier one, has no single answer any more.
      std::vector<StateEntry> seen(wanted_keys.size()), marks(wanted_keys.size());
      for (StateEntry& e : marks) e.tag = 1;
      GW_TRY(b.ambiguous->insert_new(wanted_keys, marks, seen));
      for (std::size_t i = 0; i < seen.size(); ++i)
        if (seen[i].found) twice.push_back(wanted_keys[i]);
      std::vector<StateEntry> twice_marks(twice.size());
      for (StateEntry& e : twice_marks) e.tag = 2;
      GW_TRY(b.ambiguous->put(twice, twice_marks));
      const std::vector<ParentTag> tags(wanted_keys.size(), ParentTag::loaded);
      GW_TRY(b.values->put(wanted_keys, tags, take(batch.columns.back(), wanted)));
      UnitId sealed = unit;
      sealed.number = number;
      GW_TRY(b.values->state().seal(sealed));
      GW_TRY(b.ambiguous->seal(sealed));
    }
    if (read.end) break;
  }
  return {};
}

Result<> RunReferences::resolve(int handle, std::span<const Column> keys, Column* values, std::vector<ReferenceState>* states) {
  const Binding& b = bindings_[static_cast<std::size_t>(handle)];
  if (b.object.empty()) return resolve_parent(b, keys, values, states);
  const std::vector<Hash128> hashes = hash_keys(keys);
  Column found;
  GW_TRY(b.values->probe(hashes, states, &found));
  std::vector<StateEntry> marks(hashes.size());
  GW_TRY(b.ambiguous->probe(hashes, marks));
  ColumnBuilder out(b.type);
  out.reserve(keys.front().length);
  const Fitted typed = found.type == b.type ? Fitted{found, {}} : Fitted{};
  for (std::int64_t i = 0; i < keys.front().length; ++i) {
    ReferenceState& s = (*states)[static_cast<std::size_t>(i)];
    const bool null_key = refers_to_nothing(keys, i);
    if (null_key) s = ReferenceState::found;
    else if (marks[static_cast<std::size_t>(i)].tag == 2) s = ReferenceState::ambiguous;
    if (null_key || s != ReferenceState::found || typed.column.length == 0) out.null();
    else out.append_from(typed.column, i);
  }
  *values = out.finish();
  return {};
}

Result<> RunReferences::resolve_parent(const Binding& b, std::span<const Column> keys, Column* values,
                                       std::vector<ReferenceState>* states) {
  const std::int64_t rows = keys.front().length;
  const auto n = static_cast<std::size_t>(rows);
  auto null_key = [&](std::int64_t i) { return refers_to_nothing(keys, i); };
  if (b.deferred && !final_) {
    states->assign(n, ReferenceState::pending);
    for (std::int64_t i = 0; i < rows; ++i)
      if (null_key(i)) (*states)[static_cast<std::size_t>(i)] = ReferenceState::found;
    *values = null_column(b.type, rows);
    return {};
  }
  const std::vector<Hash128> hashes = hash_keys(keys);
  states->assign(n, ReferenceState::unknown);
  std::vector<Column> ids(b.parents.size());
  std::vector<int> from(n, -1);
  for (std::size_t p = 0; p < b.parents.size(); ++p) {
    const auto index = parents_.find(b.parents[p]);
    if (index == parents_.end() || index->second == nullptr) continue;
    std::vector<ReferenceState> answers;
    GW_TRY(index->second->probe(hashes, &answers, &ids[p]));
    if (index->second->identity()) ids[p] = keys.front();  // the key itself is what the target holds
    for (std::size_t i = 0; i < n; ++i) {
      ReferenceState& s = (*states)[i];
      if (s == ReferenceState::found || s == ReferenceState::merged || answers[i] == ReferenceState::unknown) continue;
      s = answers[i];
      if (s == ReferenceState::found || s == ReferenceState::merged) from[i] = static_cast<int>(p);
    }
  }
  // Of one parent the answers are the column, unless its ids are the keys themselves.
  bool as_answered = rows > 0 && ids.size() == 1 && ids[0].length == rows && ids[0].type == b.type && !parents_.at(b.parents[0])->identity();
  for (std::int64_t i = 0; as_answered && i < rows; ++i)
    if (null_key(i)) {
      as_answered = from[static_cast<std::size_t>(i)] < 0;
      (*states)[static_cast<std::size_t>(i)] = ReferenceState::found;
    }
  if (as_answered) {
    *values = std::move(ids[0]);
    return {};
  }
  ColumnBuilder out(b.type);
  out.reserve(rows);
  for (std::int64_t i = 0; i < rows; ++i) {
    if (null_key(i)) {
      (*states)[static_cast<std::size_t>(i)] = ReferenceState::found;
      out.null();
    } else if (const int p = from[static_cast<std::size_t>(i)]; p < 0) {
      out.null();
    } else {
      out.append_from(ids[static_cast<std::size_t>(p)], i);
    }
  }
  *values = out.finish();
  return {};
}

}  // namespace godwit
