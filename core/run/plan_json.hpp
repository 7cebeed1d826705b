#pragma once
// A plan as the journal keeps it and `godwit plan --json` prints it.

#include <string>

#include "core/run/planner.hpp"

namespace godwit {

// One JSON object; sentences in `language`. `record` gives the hashes and the sample.
std::string plan_json(const PlanResult& result, const PlanRecord& record, Language language);

}  // namespace godwit
