#pragma once
// What needs the rows in their order: the same key twice, and `unique` rules.

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/journal/keyed_state.hpp"
#include "core/run/formed_unit.hpp"

namespace godwit {

// Keys that a run has met, per target object: shared by all flows into that object. First in source order wins.
class SeenKeys {
 public:
  struct Options {
    std::filesystem::path folder;   // of this run
    std::size_t memory_bytes = 16 << 20;
    bool fresh = false;
    std::function<bool(const UnitId&)> is_settled;
  };
  explicit SeenKeys(Options options) : options_(std::move(options)) {}
  // The state of that name; opened on first use.
  Result<KeyedState*> state(const std::string& name, StateKind kind);
  Result<> seal(const UnitId& unit);
  Result<> settled(const UnitId& unit);

 private:
  Options options_;
  std::map<std::string, std::unique_ptr<KeyedState>> states_;
};

// One flow's rows in order; one thread.
class Sequencer {
 public:
  // `flow_ordinal`: of the flow in the run's order, at most 60: tells rows of several flows apart.
  Sequencer(const CompiledFlow& flow, const std::vector<std::string>& flow_names, int flow_ordinal, SeenKeys& seen)
      : flow_(flow), flow_names_(flow_names), ordinal_(flow_ordinal), seen_(seen) {}
  // Sets rows aside or merges them; what is Fate::kept afterwards goes to the target.
  Result<SequencedBatch> sequence(MappedBatch batch);

 private:
  Result<> doubles(SequencedBatch& batch);
  Result<> unique(SequencedBatch& batch, const CompiledRule& rule);
  Result<std::vector<Hash128>> survivors_of(const SequencedBatch& batch, const std::vector<std::int32_t>& rows,
                                            const std::vector<Hash128>& keys, const std::vector<StateEntry>& seen);
  StateEntry origin(const SequencedBatch& batch, std::int64_t row) const;
  std::string first_place(const StateEntry& entry) const;

  const CompiledFlow& flow_;
  const std::vector<std::string>& flow_names_;
  const int ordinal_;
  SeenKeys& seen_;
};

}  // namespace godwit
