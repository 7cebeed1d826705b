#pragma once
// New rows by bulk write: a job of up to 25,000 rows costs 500 credits, where calls of 100 would cost a credit for every ten.

#include "connectors/zoho/org.hpp"
#include "connectors/zoho/write_plan.hpp"

namespace godwit::zoho {

// Writes the open rows that are new, if there are enough of them and jobs can be trusted with them: upserts by a unique field, so that a job that comes twice
// makes nothing twice. Rows that a job skipped, or that CSV does not surely carry, stay open: calls write them and say what is wrong with them.
// GW-3708 when a job does not end; what was learned stays in `state` also then.
Result<> write_bulk(Org& org, const WritePlan& plan, UnitState& state, UnitMemory* memory);

// Jobs that an earlier life of the unit left are waited for, and their results taken.
Result<> adopt_jobs(Org& org, const WritePlan& plan, UnitState& state, UnitMemory* memory);

}  // namespace godwit::zoho
