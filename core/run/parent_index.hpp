#pragma once
// What became of each source key of a flow: what parent() asks. Lives as long as the scope: a later run of only the
// children still finds the parents that an earlier run loaded.

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/expr/references.hpp"
#include "core/journal/keyed_state.hpp"

namespace godwit {

// Tags of the keyed state.
enum class ParentTag : std::uint8_t { loaded = 1, set_aside = 2, filtered = 3, merged = 4 };

// Ids are int64, utf8, or none (identity: the caller's own key is the id). One thread writes, any may ask.
class ParentIndex {
 public:
  static Result<std::unique_ptr<ParentIndex>> open(const std::filesystem::path& folder, Type id_type, bool identity,
                                                   std::size_t memory_bytes, bool read_only,
                                                   std::function<bool(const UnitId&)> is_settled);

  // ids: one per key, or length 0 (identity, or not loaded).
  Result<> put(std::span<const Hash128> keys, std::span<const ParentTag> tags, const Column& ids);
  // For rows that did not get to the target: a key that is loaded stays loaded, whatever becomes of doubles of it.
  Result<> put_unless_loaded(std::span<const Hash128> keys, std::span<const ParentTag> tags);
  Result<> erase(std::span<const Hash128> keys) { return state_->erase(keys); }
  // states[i] and ids (of the id type; null where none). For an identity index `ids` stays empty.
  Result<> probe(std::span<const Hash128> keys, std::vector<ReferenceState>* states, Column* ids);

  Type id_type() const { return id_type_; }
  bool identity() const { return identity_; }
  KeyedState& state() { return *state_; }

 private:
  ParentIndex(Type id_type, bool identity, std::unique_ptr<KeyedState> state)
      : id_type_(id_type), identity_(identity), state_(std::move(state)) {}
  bool as_text() const { return !identity_ && id_type_.id != TypeId::int64; }

  Type id_type_;
  bool identity_;
  std::unique_ptr<KeyedState> state_;
};

}  // namespace godwit
