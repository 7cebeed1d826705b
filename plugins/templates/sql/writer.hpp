#pragma once

#include <memory>

#include "database.hpp"
#include "plugins/sdk/connector.hpp"

namespace acme {

// Delivery transactional: a unit and its line in the table godwit_ledger are one transaction, so that resolve() can always tell.
godwit::Result<std::unique_ptr<godwit::Writer>> open_writer(const Options& options, const godwit::sdk::HostServices& host, const godwit::WriteRequest& request);

}  // namespace acme
