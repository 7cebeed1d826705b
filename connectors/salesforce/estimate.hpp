#pragma once
// What work costs at an org: calls, jobs, hours, and its share of the day's allowances.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "connectors/salesforce/org.hpp"

namespace godwit::salesforce {

// What the org says once per connection: a plan asks for many flows.
struct Allowances {
  struct Allowance {
    std::int64_t most = 0, left = 0;
  };
  std::map<std::string, Allowance, std::less<>> named;  // as GET /limits names them; empty where the user may not see them
  bool is_sandbox = false;
};

// Asks for the allowances and whether the org is a sandbox. Errors: those of a call, but for a missing right to see the limits.
Result<Allowances> ask_allowances(Org& org);

// The work as write_bulk() and write_collections() would do it. Rates are the settings plan_call_ms and plan_bulk_rows, since Salesforce promises none;
// the days' allowances lose the share that is kept for the org's users. Asks nothing.
Estimate estimate_of(const Options& options, const Allowances& allowances, const Work& work);

}  // namespace godwit::salesforce
