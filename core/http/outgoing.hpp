#pragma once
// A call as it is sent: rules, session and request put together.

#include "core/http/fill.hpp"
#include "core/http/transfer.hpp"

namespace godwit::http {

// Fills in every {{name}}, works out the computed values, adds the client's headers, query and body members. GW-3055, 3057.
Result<Outgoing> build_outgoing(const Rules& rules, const Request& request, const Values& session, Clock& clock);
// Whether the answer is asked for as JSON.
bool wants_json(const Outgoing& outgoing);
// What can be said against a request before it is sent: method, paths that exclude each other. GW-3055.
Result<> check_request(const Request& request);

}  // namespace godwit::http
