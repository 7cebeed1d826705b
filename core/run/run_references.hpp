#pragma once
// parent() and lookup() of a run.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/config/project.hpp"
#include "core/expr/references.hpp"
#include "core/host/connection.hpp"
#include "core/run/compiled_flow.hpp"
#include "core/run/flow_order.hpp"
#include "core/run/parent_index.hpp"

namespace godwit {

// Bindings are made while the flows are compiled, one flow after another; resolve() is thread-safe afterwards.
class RunReferences : public References {
 public:
  struct FlowShape {
    IdShape id;
    std::vector<Type> source_key;
  };
  // `objects`: descriptions by "connection.object", as far as lookups need them; asked when bound.
  using Describe = std::function<Result<ObjectDescription>(const std::string& object)>;
  // Opens a reader over the object with these columns; asked when a flow begins.
  using OpenReader = std::function<Result<std::unique_ptr<Reader>>(const std::string& object, const std::vector<std::string>& columns)>;

  RunReferences(std::map<std::string, FlowShape> shapes, const FlowOrder& order, Describe describe, OpenReader open_reader,
                std::filesystem::path state_folder, std::size_t memory_bytes)
      : shapes_(std::move(shapes)), order_(order), describe_(std::move(describe)), open_reader_(std::move(open_reader)),
        state_folder_(std::move(state_folder)), memory_bytes_(memory_bytes) {}

  // The flow whose expressions are compiled next.
  void compiling(const std::string& flow) { compiling_ = flow; }
  // The index that answers for `flow`; not owned, must stay until replaced. Null: every key is unknown.
  void set_parent(const std::string& flow, ParentIndex* index) { parents_[flow] = index; }
  // Second pass: deferred bindings now answer for real.
  void set_final(bool final) { final_ = final; }

  // Reads what the lookups of `flow` look into, as the target is now. end_flow forgets it.
  Result<> begin_flow(const std::string& flow);
  void end_flow();

  Result<Bound> bind_parent(const std::vector<std::string>& flows, std::span<const Type> keys) override;
  Result<Bound> bind_lookup(const std::string& object, const std::vector<std::string>& fields, std::span<const Type> keys,
                            const std::string& give) override;
  Result<> resolve(int handle, std::span<const Column> keys, Column* values, std::vector<ReferenceState>* states) override;

 private:
  struct Binding {
    std::string flow;  // that uses it
    bool deferred = false;
    std::vector<std::string> parents;     // parent()
    std::string object;                   // lookup()
    std::vector<std::string> fields;
    std::string give;
    Type type;
    std::unique_ptr<ParentIndex> values;  // lookup(): value by key, read when the flow begins
    std::unique_ptr<KeyedState> ambiguous;
  };
  Result<> load_lookup(std::size_t handle);
  Result<> resolve_parent(const Binding& binding, std::span<const Column> keys, Column* values, std::vector<ReferenceState>* states);

  std::map<std::string, FlowShape> shapes_;
  const FlowOrder& order_;
  Describe describe_;
  OpenReader open_reader_;
  std::filesystem::path state_folder_;
  std::size_t memory_bytes_;
  std::string compiling_;
  std::map<std::string, ParentIndex*> parents_;
  std::vector<Binding> bindings_;
  bool final_ = false;
};

}  // namespace godwit
