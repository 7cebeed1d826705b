#pragma once
// What jobs of the Bulk API 2.0 have in common, whether they read or write.

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "connectors/salesforce/org.hpp"

namespace godwit::salesforce {

// Hears which share of a job's rows is done, 0 to 1, and answers the share at which it wants to hear again.
using OnProgress = std::function<double(double)>;

// Asks after a job ("query" or "ingest") until it has ended, ever less often. The job as Salesforce describes it: JobComplete, Failed or
// Aborted. GW-3507 when it takes longer than the settings allow; GW-3018 when the host asks to stop. The job goes on in both cases.
// `rows`: of a job that tells how many of them it has done; it is asked again when, by that, the share should be reached. 0: it tells nothing.
Result<nlohmann::json> wait_for_job(Org& org, std::string_view kind, const std::string& job, std::string_view what, std::int64_t rows = 0, const OnProgress& progress = {});

// Whether a state is the last one of a job.
bool has_ended(std::string_view state);

}  // namespace godwit::salesforce
