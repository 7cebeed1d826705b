#pragma once
// Reads one object, or a range of it.

#include <memory>
#include <string>
#include <vector>

#include "connectors/csv/catalog.hpp"
#include "core/model/exchange.hpp"
#include "plugins/sdk/connector.hpp"

namespace godwit::csv {

// Errors: those of File::open and read_head, 3031 for a column that is not there, 3032 for a split, position or end that
// is not this object's.
Result<std::unique_ptr<Reader>> open_reader(const Options& options, const sdk::HostServices& host, const ReadRequest& request);

// The object's ranges as split texts, "from:to:line:size of the file".
Result<std::vector<std::string>> split_object(const Options& options, std::string_view object, int wanted);

Result<ObjectDescription> describe_object(const Options& options, const sdk::HostServices& host, std::string_view object);

}  // namespace godwit::csv
