#pragma once
// Candidate targets side by side: the same extract and the same mapping, planned against each.

#include <optional>
#include <string>
#include <vector>

#include "core/cli/context.hpp"
#include "core/run/planner.hpp"

namespace godwit::cli {

// One candidate: planned, or the reason why it cannot even be planned.
struct Candidate {
  std::string name;
  std::optional<PlanResult> plan;
  std::optional<Error> failure;
};

// `names`: environments, or connections that stand in for the one that the flows write into, with commas between. GW-2384 for fewer than
// two, GW-2385 for a connection where the flows write into several. A candidate that cannot be reached is an answer, too.
Result<std::vector<Candidate>> plan_candidates(Context& context, const std::string& names, const PlanRequest& request);

// On the screen, or as JSON; `file` also gets it as a workbook, unless it is "". GW-4202, GW-4207.
Result<> show_comparison(Context& context, const std::vector<Candidate>& candidates, const std::string& file);

}  // namespace godwit::cli
