#pragma once
// The core's face of a connector: the C tables of plugins/abi wrapped in values that clean up after
// themselves. Nothing here knows any connector by name. The values that are exchanged (ReadRequest, Unit,
// Outcomes, Reader, Writer ...) are in core/model/exchange.hpp, which connectors see as well.

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/exchange.hpp"
#include "core/model/result.hpp"

struct gw_connector_api;

namespace godwit {

// Several readers and writers may be open at once, each used by its own thread; the calls on the
// connection itself come from one thread at a time.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual const std::string& connector() const = 0;
  // As the manifest declares it; after check(), as it is here: a missing right may make it weaker.
  virtual Delivery delivery() const = 0;
  // Units that may be on their way at once, as the manifest declares it; 1: one after another.
  virtual int writes_in_flight() const { return 1; }
  virtual Result<ConnectionFacts> check() = 0;
  virtual Result<ObjectDescription> describe(std::string_view object) = 0;
  virtual Result<std::vector<std::string>> splits(std::string_view object, int wanted) = 0;
  virtual Result<std::unique_ptr<Reader>> open_reader(const ReadRequest& request) = 0;
  virtual Result<std::unique_ptr<Writer>> open_writer(const WriteRequest& request) = 0;
  virtual bool can_read() const = 0;
  virtual bool can_write() const = 0;
  virtual bool can_aggregate() const = 0;
  // aggregate: sum, count, min, max. field may be empty for count.
  virtual Result<std::vector<GroupValue>> aggregate(std::string_view object, std::string_view aggregate,
                                                    std::string_view field, std::string_view where,
                                                    std::string_view group_by) = 0;
  // What work would cost there; nullopt where nothing is counted.
  virtual Result<std::optional<Estimate>> estimate(const Work& work) {
    (void)work;
    return std::nullopt;
  }
};

// What `godwit connectors` lists, from manifests alone; no library is loaded.
struct ConnectorListing {
  std::string name, title, version;
  std::string library;   // path of the shared library; "" when linked in statically
  std::string manifest;  // JSON text, docs/boundary.md
  std::optional<Error> problem;  // why this one cannot be opened (manifest unreadable, library missing)
};

// Finds connectors, loads a library when its connector is first opened, and keeps it until the process ends.
// Search path: the folders of GODWIT_PLUGINS (separated by ':'), then `plugins` beside the program or one above
// it, then `lib/godwit/plugins` one above it. The first of a name wins; linked-in ones come before all.
// Making a host reads the manifests and registers their messages. Thread-safe.
class Host {
 public:
  virtual ~Host() = default;
  virtual std::vector<ConnectorListing> list() = 0;
  // Settings as text values by name (docs: the connector's manifest); "@folder" is what relative paths start at.
  // Unknown connector, unknown or missing setting, wrong library: numbered errors of kind bad_config.
  virtual Result<std::unique_ptr<Connection>> open(std::string_view connector, const nlohmann::json& settings) = 0;
  // Connector whose manifest claims the extension of this file (".csv", case ignored), or "". Such a connector opens
  // the file through its setting "path".
  virtual std::string connector_for_file(std::string_view path) = 0;
  // Every plugin call under way is told to give up soon (HostServices::cancelled). Async-signal-safe.
  virtual void request_cancel() = 0;
};

std::unique_ptr<Host> make_host();
// A table that is linked in, for tests under the sanitizers. Call before make_host().
void register_static_connector(const gw_connector_api* connector);

}  // namespace godwit
