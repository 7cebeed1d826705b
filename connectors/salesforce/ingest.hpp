#pragma once
// Rows by a job of the Bulk API 2.0: an empty job, its id remembered, the rows uploaded, the job closed, its results matched to the rows.

#include "connectors/salesforce/org.hpp"
#include "connectors/salesforce/unit_state.hpp"

namespace godwit::salesforce {

// Writes the open rows of the actions that are worth a job. Rows that a job left open (locked, not processed, not fit for CSV) stay open.
// What it learned stays in `state` also when it answers an error.
Result<> write_bulk(Org& org, const WritePlan& plan, UnitState& state, UnitMemory* memory);

// Jobs that an earlier life of the unit left: one that was not closed is aborted, the results of any other are taken.
Result<> adopt_jobs(Org& org, const WritePlan& plan, UnitState& state, UnitMemory* memory);

}  // namespace godwit::salesforce
