#pragma once
// The target's and the old system's side of the control totals. The source's side (buckets read, loaded, filtered ...) is
// written by the run, from the source's own columns: nothing here goes through the mapping.

#include <functional>
#include <string>
#include <vector>

#include "core/config/project.hpp"
#include "core/host/connection.hpp"
#include "core/journal/journal.hpp"
#include "core/model/result.hpp"

namespace godwit {

// Sums of the target field of `total`, one record (bucket "target") per value of its currency field: by the target itself
// (Connection::aggregate), or, where it cannot, by reading the two fields of every row of `object`. Exact in both cases. Null
// values add nothing; a null currency is "". No records when the connection can neither aggregate nor read.
// GW-4224 when the target answers something that is no number.
Result<std::vector<TotalRecord>> sum_target(const Total& total, const std::string& object, Connection& connection);

// The open connection of that name.
using ConnectionOf = std::function<Connection&(const std::string& name)>;

// For every total of the project whose flow took part in `run`: asks the target, reads the files of the old system's figures
// (relative to the project's folder), and keeps both in the journal's table `total`, in place of what an earlier call kept.
// GW-4220 ... 4222 for a bad file, GW-4223 for a figure that no total of the project takes, GW-4225 for a total whose file has no
// figure for it. Nothing is written when one of these is met.
Result<> verify_totals(const Project& project, Journal& journal, std::int64_t run, const ConnectionOf& connection_of);

// How many of a run's totals, counted per currency, do not agree beyond the total's tolerance: the target against what was
// loaded, or the source against the old system's figure. Sums that were not taken on one side do not count.
Result<std::int64_t> unequal_totals(const Project& project, Journal& journal, std::int64_t run);

}  // namespace godwit
