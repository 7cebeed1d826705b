#pragma once
// Which record is which, as an earlier tool knew it, taken into the journal: later runs update these records instead of creating them
// again, and parent() finds them.

#include <filesystem>
#include <string>

#include "core/config/project.hpp"
#include "core/host/connection.hpp"
#include "core/model/result.hpp"

namespace godwit::cli {

struct CrosswalkImport {
  std::int64_t rows = 0;
  std::int64_t run = 0;  // the run that it became in the journal
};

// Reads a CSV file with the columns source_key and target_id, and flow if it holds several flows, as `crosswalk export` writes it;
// values of composite keys are joined by " / ". It becomes a run of kind `run` of its own. Nothing is taken over when anything is
// wrong: GW-2349 the flow has no key, 2350 a column is missing, 2351 a value that is no key or id of the flow's type, 2352 a key
// twice, 2353 a run of the scope is unfinished.
Result<CrosswalkImport> import_crosswalk(const Project& project, Host& host, const std::string& flow, const std::filesystem::path& file);

}  // namespace godwit::cli
