#pragma once
// A finished run, taken back: created records go, updated ones get their prior values, deleted ones return. Records that
// people changed since are listed and left.

#include <filesystem>
#include <memory>
#include <vector>

#include "core/run/runner.hpp"
#include "core/run/workspace.hpp"

namespace godwit {

struct UndoOptions {
  // Goes on although some of what the run did cannot be taken back at all: flows without a key, units that were on their way when the run ended.
  // Without it such a run is refused (GW-4082, 4083, 4087) before anything is changed.
  bool leave = false;
};

// Undoes run `number` of the project's environment. Only the newest run that is not undone can be (GW-4080 names the one to
// undo first). Interrupted, it goes on when asked again. Rows that were left are set aside with the reason, and the exit code is 1.
Result<RunResult> undo_run(Project project, Host& host, std::int64_t number, const UndoOptions& options, const RunListener& listener);

// Empties a rehearsal: all runs of the environment that are not undone, newest first; stops at the first that does not finish, and goes on there when
// asked again. Refused in production (GW-4088). `undone` is told of each; none: there was nothing to undo.
Result<int> undo_all_runs(Project project, Host& host, const UndoOptions& options, const RunListener& listener, const std::function<void(const RunResult&)>& undone);

// What undo and its preview start from.
struct UndoGround {
  std::unique_ptr<Journal> journal;
  std::unique_ptr<Workspace> workspace;
  std::int64_t scope = 0;
};
Result<UndoGround> open_undo_ground(Project project, Host& host);
// Whether run `number` may be undone now.
Result<> check_newest(Journal& journal, std::int64_t scope, std::int64_t number);
// Runs of the scope that are not undone, newest first.
Result<std::vector<RunRecord>> undoable_runs(Journal& journal, std::int64_t scope);
// Rows that were on their way to the target when the run ended, and of which the journal knows no more: per flow.
Result<std::int64_t> rows_under_way(Journal& journal, std::int64_t run, const std::string& flow);

}  // namespace godwit
