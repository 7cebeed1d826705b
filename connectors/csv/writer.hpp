#pragma once
// Writes one object: appends rows to its file, unit by unit, each wholly or not at all (ledger.hpp).

#include <memory>

#include "connectors/csv/catalog.hpp"
#include "core/model/exchange.hpp"
#include "plugins/sdk/connector.hpp"

namespace godwit::csv {

// The file and its ledger are made by prepare(), not before. Errors: 3117 for a request with a key, 3109 for a name that
// is no file name. Several writers of one file, in several processes too, take turns.
Result<std::unique_ptr<Writer>> open_writer(const Options& options, const sdk::HostServices& host, const WriteRequest& request);

}  // namespace godwit::csv
