#pragma once
// Salesforce deletes what hangs on a record together with it: the contacts of an account, whoever made or edited them. Such a record is kept.

#include "connectors/salesforce/org.hpp"
#include "connectors/salesforce/unit_state.hpp"

namespace godwit::salesforce {

// Refuses open deletions (GW-4105) of records that others still hang on and would go with: those that somebody owns, and those of custom objects.
// What Salesforce keeps about a record by itself (shares, history, feeds) goes with it. Nothing is asked where the setting cascades is follow.
Result<> keep_parents(Org& org, const WritePlan& plan, UnitState& state);

}  // namespace godwit::salesforce
