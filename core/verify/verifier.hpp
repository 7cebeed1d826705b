#pragma once
// Proof through the mapping: what every source row should have become, held against what the target holds now.

#include <vector>

#include "core/config/project.hpp"
#include "core/host/connection.hpp"
#include "core/journal/records.hpp"
#include "core/run/run_context.hpp"

namespace godwit {

struct VerifyRequest {
  std::optional<std::int64_t> run;       // default: the newest finished run of the scope
  std::vector<std::string> only;         // flows
  std::int64_t keep_differences = 10000; // written to the journal per flow; all are counted
};

struct VerifyResult {
  RunRecord run;
  std::vector<VerificationRecord> flows;
  std::int64_t unequal_totals = 0;  // control totals, per currency, that do not agree beyond their tolerance
  bool differs = false;  // something is missing, extra or different beyond tolerance, a total included
};

// Reads the sources again, maps them as the run did (its now(), its corrections), reads the target back by key, compares every mapped field
// and looks for references that lead nowhere. Writes verification and differences into the journal, nothing into the target.
Result<VerifyResult> verify_project(Project project, Host& host, const VerifyRequest& request, const ProgressSink& progress);

}  // namespace godwit
