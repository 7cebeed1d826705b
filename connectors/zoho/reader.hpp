#pragma once
// Reads one module: by queries in the order of ids, people from their own list.

#include <memory>

#include "connectors/zoho/org.hpp"

namespace godwit::zoho {

// Positions are ids of records, so that a reader goes on exactly behind a row whatever was added or deleted meanwhile; of people, pages of their
// list; of bulk reads, the job and its rows. GW-3031 for a field that is not there. `org` outlives the reader.
Result<std::unique_ptr<Reader>> open_reader(Org& org, const ReadRequest& request);

}  // namespace godwit::zoho
