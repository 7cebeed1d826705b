#pragma once
// What `run`, `replay` and `undo` share: how they are watched, interrupted and reported.

#include <functional>

#include "core/cli/context.hpp"
#include "core/run/runner.hpp"

namespace godwit::cli {

// Runs `work` with progress on the error stream; the first SIGINT or SIGTERM stops it safely, the second kills. Prints the
// books, the gates and what to do next; gives the exit code.
Result<int> watch_run(Context& context, const std::function<Result<RunResult>(Project, Host&, const RunListener&)>& work);

// The same for work that makes several runs: the books of each are printed when it is done.
using RunsWork = std::function<Result<int>(Project, Host&, const RunListener&, const std::function<void(const RunResult&)>&)>;
Result<int> watch_runs(Context& context, const RunsWork& work);

}  // namespace godwit::cli
