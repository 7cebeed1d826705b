#pragma once

#include <memory>

#include "client.hpp"

namespace acme {

// Rows come in the order of their ids, page by page; a row's place is its id, and a position is "after:" and the last id that was read.
godwit::Result<std::unique_ptr<godwit::Reader>> open_reader(const Client::Options& options, const godwit::sdk::HostServices& host, const godwit::ReadRequest& request);

}  // namespace acme
