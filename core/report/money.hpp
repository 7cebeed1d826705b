#pragma once
// Control totals as the report shows them. Private to the report.

#include "core/config/project.hpp"
#include "core/journal/sqlite.hpp"
#include "core/report/model.hpp"

namespace godwit::report {

// The lines of the run of `report`, settled; and the source figures of its flows. A total that the project promises and
// nobody took has a line as well.
Result<> read_money(Database& journal, const Project& project, CutoverReport& report);

// One control total in one currency, from the journal's buckets: fills due, differences, verdict. Sums that are no
// numbers count as not taken.
void settle_money(MoneyLine& line);

}  // namespace godwit::report
