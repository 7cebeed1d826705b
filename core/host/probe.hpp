#pragma once
// A library file that was never seen is tried out in a process of its own, so that one that crashes or hangs
// while it is loaded takes nothing with it.

#include <filesystem>
#include <string>

#include "core/host/options.hpp"
#include "core/model/result.hpp"

namespace godwit {

// What the child does with a library that loads: nothing more without a connector; else it opens a connection with these settings, checks it
// and describes its first object.
struct Tried {
  std::string connector, settings_json;
};

// Success when the library was probed before in this way (same path, size, time of change and boundary version) or passes now. Errors: those
// of load_library and check_needs, GW-3001 no such file, 3005 crashed, 3006 hung, 3019 the child could not be started. A connection that
// is refused is no fault of the library's, nor is a system that takes its time; both pass and are tried again the next time.
Result<> probe_library(const std::filesystem::path& library, const HostOptions& options, const Tried& tried = {});

// The child's side, the whole of the godwit-probe program: loads the library that the first argument names and prints "ok", or the error
// as JSON {"number", "arguments"}. With a connector's name as second argument, its settings come by standard input. Before each step the step's
// name is printed, so that a crash can be told. Answers the process's exit code.
int probe_main(int argc, char** argv);

}  // namespace godwit
