#pragma once
// A project with its connections open and its flows compiled against what is really there: what check, plan, run, verify and
// explain start from.

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/config/project.hpp"
#include "core/host/connection.hpp"
#include "core/journal/journal.hpp"
#include "core/model/temporary_folder.hpp"
#include "core/run/compiled_flow.hpp"
#include "core/run/corrections.hpp"
#include "core/run/flow_order.hpp"
#include "core/run/run_references.hpp"

namespace godwit {

class Workspace {
 public:
  struct Options {
    std::vector<std::string> only;  // flows; empty: all. Unknown names: GW-4060
    // Asked once the connections are open and before the flows are compiled: what now() answers, microseconds since 1970 UTC.
    std::function<Result<std::int64_t>(Workspace&)> now;
    std::size_t state_memory = 8 << 20;
    bool lists_lacking = false;  // a plan's way: see CompileContext
    std::filesystem::path state_folder;  // for lookups; "" : a folder of its own below the system's temporary one
  };
  // Opens and checks every connection that a flow uses, describes every object, orders and compiles the flows.
  static Result<std::unique_ptr<Workspace>> open(Project project, Host& host, Options options);
  ~Workspace();

  const Project& project() const { return project_; }
  const FlowOrder& order() const { return order_; }
  // The flows to run, in order, compiled.
  const std::vector<std::unique_ptr<CompiledFlow>>& flows() const { return flows_; }
  const CompiledFlow* flow(std::string_view name) const;
  RunReferences& references() { return *references_; }
  Connection& connection(const std::string& name) { return *connections_.at(name).connection; }
  const ConnectionFacts& facts(const std::string& name) const { return connections_.at(name).facts; }
  const Corrections& corrections() const { return corrections_; }

  // Identities of the target connections, sorted, joined by '|': with the environment they scope the journal.
  std::string target_identity() const;
  std::string target_display() const;
  // Over the hashes of all source objects of the flows.
  std::string extract_hash() const;
  std::string source_hash(const CompiledFlow& flow) const;
  // "legacy.customers + legacy.branches"
  static std::string source_names(const Flow& flow);
  // Godwit and connectors, JSON.
  std::string versions() const;
  bool is_parent(const std::string& flow) const;

  // Readers and writers of a flow.
  std::vector<Connection*> source_connections(const CompiledFlow& flow);
  Result<std::unique_ptr<Writer>> open_writer(const CompiledFlow& flow, const std::string& run_id);
  // Also of the fields that the flow does not map: for reading records back whole.
  Result<std::unique_ptr<Writer>> open_whole(const CompiledFlow& flow, const std::string& run_id);
  Result<std::unique_ptr<Writer>> open_writer(const CompiledFlow& flow, const std::string& run_id, Schema columns);
  Result<std::unique_ptr<Reader>> open_target(const CompiledFlow& flow, const std::vector<std::string>& columns);
  Result<ObjectDescription> describe(const ObjectRef& ref);

 private:
  struct Open {
    std::unique_ptr<Connection> connection;
    ConnectionFacts facts;
  };
  Workspace() = default;
  Result<> connect(Host& host);
  bool connection_writable(const std::string& name) const;
  Result<> compile(const Options& options, std::int64_t now_us);

  Project project_;
  FlowOrder order_;
  std::map<std::string, Open> connections_;
  std::map<std::string, ObjectDescription> objects_;  // by "connection.object"
  std::unique_ptr<RunReferences> references_;
  std::vector<std::unique_ptr<CompiledFlow>> flows_;
  Corrections corrections_;
  TemporaryFolder own_folder_;
};

}  // namespace godwit
