#pragma once
// Writes one object: small units by collections calls, large ones by Bulk jobs.

#include <memory>

#include "connectors/salesforce/org.hpp"

namespace godwit::salesforce {

// Delivery upsert_by_key: a row that is sent again meets its record by the external key. Flows without a key only create; of those, a call
// whose answer was lost leaves its rows in doubt. `org` outlives the writer.
Result<std::unique_ptr<Writer>> open_writer(Org& org, const WriteRequest& request);

}  // namespace godwit::salesforce
