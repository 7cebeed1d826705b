#pragma once
// A plugin library in this process, and the checks of its table.

#include <filesystem>
#include <string_view>

#include "core/model/result.hpp"
#include "plugins/abi/godwit_abi.h"

namespace godwit {

// Loads the library, or finds it loaded, and checks its table; it stays loaded until the process ends. The errors have
// "place" = path: GW-3002 cannot be loaded, 3003 no plugin, 3004 other version, 3007 unusable table. Thread-safe.
Result<const gw_plugin_api*> load_library(const std::filesystem::path& path);

// GW-3007 with what is missing, for a table that lacks a function it needs.
Result<> check_table(const gw_connector_api* connector);

// The connector of that name, or null.
const gw_connector_api* find_connector(const gw_plugin_api& plugin, std::string_view name);

}  // namespace godwit
