#pragma once

#include <memory>

#include "client.hpp"

namespace acme {

// Delivery upsert_by_key: a unit whose answer was lost is sent again and meets its records by their id.
godwit::Result<std::unique_ptr<godwit::Writer>> open_writer(const Client::Options& options, const godwit::sdk::HostServices& host, const godwit::WriteRequest& request);

}  // namespace acme
