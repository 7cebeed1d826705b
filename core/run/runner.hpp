#pragma once
// A whole run: which flows, from where, under which number; resume, stop, gates and exit code.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/config/project.hpp"
#include "core/host/connection.hpp"
#include "core/run/run_context.hpp"

namespace godwit {

// Exit codes of the program, design section 4.
inline constexpr int kExitFinished = 0, kExitGate = 1, kExitConfig = 2, kExitConnection = 3, kExitInterrupted = 4, kExitInternal = 5;
int exit_code_of(const Error& error);

struct RunRequest {
  std::vector<std::string> only;       // flows; empty: all
  std::optional<std::int64_t> limit;   // rows per flow
  std::string keys_file;               // readable source keys, one a line
  std::string until;                   // "HH:MM" today or ISO local time: stop safely then
  std::optional<std::int64_t> plan;    // refuse when anything moved since this plan
  bool fresh = false;                  // --new: give up an interrupted run and start another
  bool cutover = false;
  bool delta = false;
  bool replay = false;                 // only rows that are set aside and open
  bool accept_changes = false;
  std::size_t unit_rows = 64 << 10;  // what settles together, at most
};

struct RunSummary {
  RunRecord run;
  std::vector<FlowRunRecord> flows;
  std::vector<GateRecord> gates;
  bool resumed = false;
  int exit_code = 0;
};

// What a run tells while it goes on.
struct RunListener {
  ProgressSink progress;
  std::function<void(const RunRecord&, bool resumed)> began;
};

// Takes the journal's lock for as long as it runs. An interrupted run of the same scope goes on unless `fresh`. A stop (signal, `godwit stop`,
// gate, `until`) ends with state stopped and exit code 4, and the error that says why in `stopped`.
struct RunResult {
  RunSummary summary;
  std::optional<Error> stopped;
};
Result<RunResult> run_project(Project project, Host& host, const RunRequest& request, const RunListener& listener);

// Asks the run that holds this project's journal to stop after the unit at hand. GW-4071 when none is running.
Result<std::int64_t> request_stop(const std::filesystem::path& project);
// Set by signal handlers: the running run stops after its unit.
void interrupt_run();
// Why a run of this project should stop after the unit at hand (a signal, `godwit stop`), or "". clear_stop() forgets a request that is older than the run.
std::string stop_reason(const std::filesystem::path& project);
void clear_stop(const std::filesystem::path& project);

}  // namespace godwit
