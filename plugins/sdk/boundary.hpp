#pragma once
// A Connector behind the C tables of plugins/abi. Whatever is thrown stops there, as GW-3010 with the exception's own words.

#include <cstdint>
#include <string>

#include "plugins/abi/godwit_abi.h"
#include "plugins/sdk/connector.hpp"
#include "plugins/sdk/inline.hpp"

namespace godwit::sdk::boundary {

// The table of one connector, with the manifest that it points to. It lives as long as the library.
struct Table {
  // `connector` outlives the table; `open` calls open_connection() with it. Throws nlohmann::json::exception when messages.json is no JSON.
  Table(const Connector& connector, decltype(gw_connector_api::open) open);
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  std::string manifest;
  gw_connector_api api;
};

// gw_connector_api::open of that connector.
std::int32_t open_connection(const Connector& connector, const gw_host* host, gw_str settings_json, gw_connection** out, gw_error* error);

}  // namespace godwit::sdk::boundary

#ifndef GODWIT_SDK_COMPILED
#include "plugins/sdk/boundary_impl.hpp"
#endif
