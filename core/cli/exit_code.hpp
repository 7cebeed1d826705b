#pragma once
// How the program ends when a command that is no run fails. Runs have exit_code_of() of core/run/runner.hpp: their errors leave something
// to resume.

#include "core/model/result.hpp"
#include "core/run/runner.hpp"

namespace godwit::cli {

inline int exit_code(const Error& error) {
  switch (error.kind) {
    case ErrorKind::bad_config: return kExitConfig;
    case ErrorKind::retry:
    case ErrorKind::denied: return kExitConnection;
    case ErrorKind::cancelled: return kExitInterrupted;
    case ErrorKind::row_rejected: return kExitGate;
    case ErrorKind::broken: break;
  }
  // What a connector could not cope with concerns its system; the rest is ours.
  return error.number >= 3000 && error.number < 4000 ? kExitConnection : kExitInternal;
}

}  // namespace godwit::cli
