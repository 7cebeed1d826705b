#pragma once
// From figures to a verdict. Private to the report.

#include "core/config/project.hpp"
#include "core/report/model.hpp"

namespace godwit::report {

// One control total in one currency, from the journal's buckets: fills due, differences, verdict. Sums that are no
// numbers count as not taken.
void settle_money(MoneyLine& line);

// Open items, the gate lines that every run has, and the verdict: the worst of all lines.
void judge(CutoverReport& report);

}  // namespace godwit::report
