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
  // For a plan: also sets aside what the target would refuse, since two rows give the same value to fields that it describes as
  // unique (GW-4102, as the target says it). In a run the target judges itself.
  void foresee_refusals();

 private:
  // Fields that no two rows may share, and what stands for them in the name of their state.
  struct UniqueFields {
    std::vector<int> columns;
    std::string name;
  };
  UniqueFields unique_fields(std::vector<int> columns) const;
  Result<> doubles(SequencedBatch& batch);
  Result<> unique_rule(SequencedBatch& batch, const CompiledRule& rule);
  Result<> unique_in_target(SequencedBatch& batch, const UniqueFields& fields);
  // Calls doubled(row, value, first) for each kept row of the batch that gives no new value to `fields`.
  template <typename Doubled>
  Result<> each_double(SequencedBatch& batch, const UniqueFields& fields, const Doubled& doubled);
  Result<std::vector<Hash128>> survivors_of(const SequencedBatch& batch, const std::vector<std::int32_t>& rows,
                                            const std::vector<Hash128>& keys, const std::vector<StateEntry>& seen);
  StateEntry origin(const SequencedBatch& batch, std::int64_t row) const;
  std::string first_place(const StateEntry& entry) const;

  const CompiledFlow& flow_;
  const std::vector<std::string>& flow_names_;
  const int ordinal_;
  SeenKeys& seen_;
  std::vector<UniqueFields> foreseen_;
};

}  // namespace godwit
