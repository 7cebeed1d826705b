#pragma once
// A finished run, taken back: created records go, updated ones get their prior values, deleted ones return. Records that
// people changed since are listed and left.

#include <filesystem>

#include "core/run/runner.hpp"

namespace godwit {

// Undoes run `number` of the project's environment. Only the newest run that is not undone can be (GW-4080 names the one to
// undo first). Interrupted, it goes on when asked again. Rows that were left are set aside with GW-1432, and the exit code is 1.
Result<RunResult> undo_run(Project project, Host& host, std::int64_t number, const RunListener& listener);

}  // namespace godwit
