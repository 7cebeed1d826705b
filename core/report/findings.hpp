#pragma once
// The journal's single rows, grouped for the report: causes, differences, references that failed. Private to the
// report.

#include "core/model/result.hpp"
#include "core/report/collect.hpp"
#include "core/report/model.hpp"

namespace godwit::report {

// Fills causes, warnings, differences, failed_obligations, rows_set_aside of `report`, whose run and flows are known.
Result<> collect_findings(Database& journal, const CollectOptions& options, CutoverReport& report);

}  // namespace godwit::report
