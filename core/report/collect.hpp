#pragma once
// Reads the figures of one run out of the journal.

#include <cstdint>
#include <string>

#include "core/config/project.hpp"
#include "core/journal/sqlite.hpp"
#include "core/model/result.hpp"
#include "core/report/model.hpp"

namespace godwit::report {

struct CollectOptions {
  std::string made_at;        // ISO 8601, UTC, e.g. "2025-03-08T13:02:11Z": the report states when it was made
  std::int64_t examples = 5;  // per cause, difference and failed reference
  std::int64_t rows_set_aside = 20000;  // most rows of the workbook's sheet
  std::int64_t history = 12;            // most runs
};

// The report of run `run`, unsealed. `journal` (Journal::database(), or the file opened read_only) is only read, in one
// transaction, so that a run going on beside gives one consistent state. Of `project` the name, production, mask and
// totals are used. GW-4200 when there is no such run, GW-5010 when SQLite cannot read the journal. One thread per
// database.
Result<CutoverReport> collect(Database& journal, std::int64_t run, const Project& project,
                              const CollectOptions& options);

// Number of the newest run of the journal; GW-4201 when there is none.
Result<std::int64_t> newest_run(Database& journal);

}  // namespace godwit::report
