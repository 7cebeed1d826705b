#pragma once
// Gates: thresholds that stop a run or qualify its result.

#include <map>
#include <string>
#include <vector>

#include "core/config/project.hpp"
#include "core/journal/records.hpp"

namespace godwit {

// A gate with `on: stop` that these counts exceed, as the error GW-4072 that ends the run safely.
Result<> check_stop_gates(const Project& project, const std::string& flow, const Counts& counts);

// Verdicts over a finished run for every gate that needs nothing but the books: set_aside, warned, in_doubt, obligations,
// conflicts. `conflicts`: rows set aside by conflict per flow.
std::vector<GateRecord> judge_run_gates(const Project& project, std::int64_t run, const std::vector<FlowRunRecord>& flows,
                                        const std::map<std::string, std::int64_t>& conflicts);

}  // namespace godwit
