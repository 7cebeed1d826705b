#pragma once
// Where `godwit read` and its like read from: a file, or connection.object of the project.

#include <memory>
#include <string>
#include <vector>

#include "core/cli/context.hpp"

namespace godwit::cli {

struct ObjectSource {
  std::unique_ptr<Connection> connection;
  std::string object;
  std::string shown;  // for places: "customers.csv", "crm.Account"
};

struct ObjectRequest {
  std::string what;                   // FILE or connection.object
  std::string connector;              // --connector, or ""
  std::string object;                 // --object, or "": the only one there is
  std::vector<std::string> settings;  // --set key=value
};

// GW-2310 neither a file nor a connection, 2311 an object must be chosen, 2312 a --set that is none; otherwise what
// the connector says.
Result<ObjectSource> open_source(Context& context, const ObjectRequest& request);

}  // namespace godwit::cli
