#pragma once
// Writes one module.

#include <memory>

#include "connectors/zoho/org.hpp"

namespace godwit::zoho {

// Delivery upsert_by_key. Flows without a key only create; of those, a call whose answer was lost leaves its rows in doubt. `org` outlives the writer.
Result<std::unique_ptr<Writer>> open_writer(Org& org, const WriteRequest& request);

}  // namespace godwit::zoho
