#pragma once
// Calls of a unit on their way side by side, and what their ends mean.

#include <functional>
#include <string>
#include <string_view>

#include "core/model/result.hpp"
#include "plugins/kits/rest/batches.hpp"
#include "plugins/sdk/http.hpp"

namespace godwit::rest {

// What a call that did not end well means for the step as a whole: GW-3401 (unreached), 3402 (denied), 3403 (a budget is used up), 3404
// (lost), 3406 (refused), 3018 (cancelled). `place` names system and object; kinds as core/model/catalogue/rest.def has them.
Error call_error(const sdk::HttpAnswer& answer, std::string_view place);
// GW-3405: an answer that is not what the service promises. `seen`: the beginning of it, or what is missing.
Failure not_understood(std::string_view place, std::string_view seen);

// Runs the batches of a queue, at most `window` of them under way at once; how fast they go is the engine's affair.
//   make  the call of a batch; an error stops
//   done  takes the answer, whatever its verdict; it may put rows back into the queue. An error stops
// Once stopped, nothing new is sent; what is under way is waited for and told to `done` too, since it may have been carried out.
// The first error is the answer. One thread.
using MakeCall = std::function<Result<sdk::HttpRequest>(const CallBatch&)>;
using TakeAnswer = std::function<Result<>(CallBatch&, sdk::HttpAnswer&)>;
Result<> run_calls(sdk::HttpClient& client, const sdk::HostServices& host, BatchQueue& queue, std::size_t window, const MakeCall& make,
                   const TakeAnswer& done);

// Waits, unless the host asks to stop: GW-3018 then.
Result<> wait_patiently(const sdk::HostServices& host, std::chrono::milliseconds time);

// Microseconds on a clock that only goes on, for BatchQueue.
std::int64_t steady_us();

}  // namespace godwit::rest
