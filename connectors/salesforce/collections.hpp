#pragma once
// Rows by sObject Collections: up to 200 records a call, calls side by side, every record with an outcome of its own.

#include "plugins/kits/rest/call_memory.hpp"
#include "connectors/salesforce/org.hpp"
#include "connectors/salesforce/unit_state.hpp"

namespace godwit::salesforce {

// Writes the rows of `state` that are open. What it learned stays in `state` also when it answers an error: a call that was refused as a
// whole, or that could not be made. Then the rows that are open were not written, or nobody knows.
Result<> write_collections(Org& org, const WritePlan& plan, UnitState& state, rest::CallMemory& memory);

// Notes which upserts name no record yet, so that one that a call made before its answer was lost is told from one that was there. Units that
// come again ask nothing: their earlier life may have made the records. Inserts need no such question.
Result<> note_absent(Org& org, const WritePlan& plan, UnitState& state);

// Finds the ids of the records that open updates and deletions name; those that are not there are missing, those that are there several
// times are refused.
Result<> find_targets(Org& org, const WritePlan& plan, UnitState& state);

}  // namespace godwit::salesforce
