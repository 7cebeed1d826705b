#pragma once
// A library file that was never seen is tried out in a process of its own, so that one that crashes or hangs
// while it is loaded takes nothing with it.

#include <filesystem>

#include "core/host/options.hpp"
#include "core/model/result.hpp"

namespace godwit {

// Success when the library was probed before (same path, size, time of change and boundary version) or passes now. Errors: those of
// load_library, GW-3001 no such file, 3005 crashed, 3006 hung, 3019 the child could not be started.
Result<> probe_library(const std::filesystem::path& library, const HostOptions& options);

// The child's side, the whole of the godwit-probe program: loads the library and prints "ok", or the error as
// JSON {"number", "arguments"}. Answers the process's exit code.
int probe_main(int argc, char** argv);

}  // namespace godwit
