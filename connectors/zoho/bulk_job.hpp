#pragma once
// Jobs of bulk read and bulk write.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "connectors/zoho/org.hpp"

namespace godwit::zoho {

// Asks after a job until it has ended, in ever longer intervals, and gives its last description. `url`: of the job; `status`: place of its state there; `what`: the
// module, for errors. GW-3708 when bulk_patience is over, GW-3018 when asked to stop; the job goes on, and may be asked after again.
Result<nlohmann::json> wait_for_job(Org& org, const std::string& url, const char* status, std::string_view job, std::string_view what);

}  // namespace godwit::zoho
