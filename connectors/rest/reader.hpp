#pragma once
// Rows of an object, page by page, in the paging style that the description names.

#include <memory>

#include "connectors/rest/api.hpp"
#include "plugins/sdk/http.hpp"

namespace godwit::restapi {

// `api` and `client` outlive the reader. GW-3030, 3031, 3032; 3453 when the object cannot be read.
Result<std::unique_ptr<Reader>> open_reader(const Api& api, std::shared_ptr<sdk::HttpClient> client, const sdk::HostServices& host, const ReadRequest& request);

// The object of that name. GW-3030.
Result<const ApiObject*> find_object(const Api& api, std::string_view name);
// A call that only asks, and its answer as JSON. Errors: rest::call_error, GW-3405.
Result<nlohmann::json> ask(sdk::HttpClient& client, const CallShape& call, const std::vector<std::pair<std::string_view, std::string>>& values, std::string_view place);

}  // namespace godwit::restapi
