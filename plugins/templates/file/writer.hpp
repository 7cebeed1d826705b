#pragma once

#include <memory>

#include "file.hpp"
#include "plugins/sdk/connector.hpp"

namespace acme {

// Delivery upsert_by_key: a unit that is sent again meets its records by their key. Each unit writes the file anew beside itself
// and puts it in place in one step, so that nobody ever sees half of it; that suits files that fit into memory.
godwit::Result<std::unique_ptr<godwit::Writer>> open_writer(const Folder& folder, const godwit::sdk::HostServices& host, const godwit::WriteRequest& request);

}  // namespace acme
