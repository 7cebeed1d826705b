#pragma once

#include <memory>

#include "database.hpp"
#include "plugins/sdk/connector.hpp"

namespace acme {

// Rows come in the order of their row id, which is their place and, after "id:", the position. A split is a range of row ids.
godwit::Result<std::unique_ptr<godwit::Reader>> open_reader(const Options& options, const godwit::sdk::HostServices& host, const godwit::ReadRequest& request);
godwit::Result<std::vector<std::string>> split_table(const Database& database, std::string_view table, int wanted);

}  // namespace acme
