#pragma once

#include <memory>

#include "file.hpp"
#include "plugins/sdk/connector.hpp"

namespace acme {

// Rows are lines; their place is the byte offset of the line, and a position is the offset behind the last line read.
godwit::Result<std::unique_ptr<godwit::Reader>> open_reader(const Folder& folder, const godwit::sdk::HostServices& host, const godwit::ReadRequest& request);

}  // namespace acme
