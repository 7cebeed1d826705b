#pragma once
// Writes one object of an API: new records several in a call, updates and deletions one by one.

#include <memory>

#include "connectors/rest/reader.hpp"

namespace godwit::restapi {

// An answer that is lost is found out by the object's look-up before anything is sent again; without one its rows are in doubt, unless the
// API updates what it has. `api` outlives the writer. GW-3453, 3454, 3455.
Result<std::unique_ptr<Writer>> open_writer(const Api& api, std::shared_ptr<sdk::HttpClient> client, const sdk::HostServices& host, const WriteRequest& request);

}  // namespace godwit::restapi
