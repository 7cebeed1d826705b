#pragma once
// From figures to a verdict. Private to the report.

#include <vector>

#include "core/config/project.hpp"
#include "core/report/model.hpp"

namespace godwit::report {

// Adds to the gates that the run judged (set_aside, warned, in_doubt, obligations, conflicts) those that need a proof
// (missing, differing, totals), and the lines that hold for every run. A gate of the project takes the place of such a
// line for the flows it covers.
void add_gate_lines(CutoverReport& report, const std::vector<Gate>& gates);

// Open items, gate lines, and the verdict: the worst of all lines.
void judge(CutoverReport& report, const std::vector<Gate>& gates);

}  // namespace godwit::report
