#pragma once
// The books of a run as people and machines see them.

#include <string>
#include <vector>

#include "core/cli/context.hpp"
#include "core/cli/json.hpp"
#include "core/journal/records.hpp"

namespace godwit::cli {

// One row per flow: stage, buckets, and the difference where the books do not close.
void print_books(Context& context, const std::vector<FlowRunRecord>& flows);
Json counts_json(const Counts& counts);
Json flow_json(const FlowRunRecord& flow);
Json run_json(const RunRecord& run, std::string_view environment);

// A line per gate that did not pass, and one that says that all did.
void print_gates(Context& context, const std::vector<GateRecord>& gates);
Json gate_json(const GateRecord& gate);

// "2025-03-01 09:30:00" out of the journal's time.
std::string short_time(std::string_view iso);
// Whole seconds between two of the journal's times; 0 when one is missing.
std::int64_t seconds_between(std::string_view from, std::string_view to);

// The environment's name of each scope. Scopes of other environments than --env are left out when it is given.
Result<std::map<std::int64_t, ScopeRecord>> wanted_scopes(Context& context, Journal& journal);
// Run `number`, or the newest of the wanted scopes. GW-2340 when there is none.
Result<RunRecord> choose_run(Context& context, Journal& journal, std::optional<std::int64_t> number);

}  // namespace godwit::cli
