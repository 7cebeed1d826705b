#include "core/run/parent_index.hpp"

namespace godwit {

Result<std::unique_ptr<ParentIndex>> ParentIndex::open(const std::filesystem::path& folder, Type id_type, bool identity,
                                                       std::size_t memory_bytes, bool read_only,
                                                       std::function<bool(const UnitId&)> is_settled) {
  KeyedState::Options options;
  options.folder = folder;
  options.kind = identity || id_type.id == TypeId::int64 ? StateKind::integer : StateKind::bytes;
  options.memory_bytes = memory_bytes;
  options.read_only = read_only;
  options.is_settled = std::move(is_settled);
  GW_ASSIGN(auto state, KeyedState::open(std::move(options)));
  return std::unique_ptr<ParentIndex>(new ParentIndex(id_type, identity, std::move(state)));
}

Result<> ParentIndex::put(std::span<const Hash128> keys, std::span<const ParentTag> tags, const Column& ids) {
  if (as_text()) {
    std::vector<std::uint8_t> raw(keys.size());
    std::vector<std::string> texts(keys.size());
    std::vector<std::string_view> values(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      raw[i] = static_cast<std::uint8_t>(tags[i]);
      if (ids.length != 0 && !ids.is_null(static_cast<std::int64_t>(i))) texts[i] = value_text(ids, static_cast<std::int64_t>(i));
      values[i] = texts[i];
    }
    return state_->put_bytes(keys, raw, values);
  }
  std::vector<StateEntry> entries(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    entries[i].tag = static_cast<std::uint8_t>(tags[i]);
    if (ids.length != 0 && !ids.is_null(static_cast<std::int64_t>(i))) entries[i].value = ids.int64(static_cast<std::int64_t>(i));
  }
  return state_->put(keys, entries);
}

Result<> ParentIndex::probe(std::span<const Hash128> keys, std::vector<ReferenceState>* states, Column* ids) {
  auto state_of = [](const StateEntry& e) {
    if (!e.found) return ReferenceState::unknown;
    switch (static_cast<ParentTag>(e.tag)) {
      case ParentTag::loaded: return ReferenceState::found;
      case ParentTag::merged: return ReferenceState::merged;
      case ParentTag::set_aside: return ReferenceState::set_aside;
      case ParentTag::filtered: return ReferenceState::filtered;
    }
    return ReferenceState::unknown;
  };
  auto has_id = [](ReferenceState s) { return s == ReferenceState::found || s == ReferenceState::merged; };
  states->resize(keys.size());
  ColumnBuilder out(as_text() ? Type(TypeId::utf8) : Type(TypeId::int64));
  out.reserve(identity_ ? 0 : static_cast<std::int64_t>(keys.size()));
  if (as_text()) {
    StateTexts texts;
    GW_TRY(state_->probe_bytes(keys, &texts));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      (*states)[i] = state_of(texts.entries[i]);
      has_id((*states)[i]) ? out.append_text(texts.text(i)) : out.null();
    }
  } else {
    std::vector<StateEntry> entries(keys.size());
    GW_TRY(state_->probe(keys, entries));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      (*states)[i] = state_of(entries[i]);
      has_id((*states)[i]) && !identity_ ? out.append_int64(entries[i].value) : out.null();
    }
  }
  if (!identity_) *ids = out.finish();
  return {};
}

Result<> ParentIndex::put_unless_loaded(std::span<const Hash128> keys, std::span<const ParentTag> tags) {
  if (keys.empty()) return {};
  std::vector<ReferenceState> states;
  Column ids;
  GW_TRY(probe(keys, &states, &ids));
  std::vector<Hash128> free;
  std::vector<ParentTag> free_tags;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (states[i] == ReferenceState::found || states[i] == ReferenceState::merged) continue;
    free.push_back(keys[i]), free_tags.push_back(tags[i]);
  }
  return put(free, free_tags, Column{});
}

}  // namespace godwit
