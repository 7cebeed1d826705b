#pragma once
// Wraps a Connector in the C tables of plugins/abi. Include it in the one file that declares the connector and
// end that file with GODWIT_EXPORT_CONNECTOR(kConnector).

#include "plugins/sdk/boundary.hpp"
#include "plugins/sdk/connector.hpp"

namespace godwit::sdk::boundary {

// The table of one connector; made once.
template <const Connector& kConnector>
const gw_connector_api* table() {
  static_assert(well_described(kConnector.settings), "settings: see well_described()");
  static_assert(is_snake_case(kConnector.name) && !kConnector.title.empty() && kConnector.open != nullptr);
  static const Table kTable(kConnector, [](const gw_host* host, gw_str settings, gw_connection** out, gw_error* error) -> std::int32_t {
    return open_connection(kConnector, host, settings, out, error);
  });
  return &kTable.api;
}

// What the one exported symbol answers: null when not even the manifest could be made.
template <const Connector& kConnector>
const gw_plugin_api* plugin() {
  try {
    static const gw_connector_api* const kTables[] = {table<kConnector>()};
    static const gw_plugin_api kPlugin{
        .struct_size = sizeof(gw_plugin_api), .abi_version = GW_ABI_VERSION, .connector_count = 1, .connectors = kTables};
    return &kPlugin;
  } catch (...) {
    return nullptr;
  }
}

}  // namespace godwit::sdk::boundary

#define GODWIT_JOIN_(a, b) a##b
#define GODWIT_JOIN(a, b) GODWIT_JOIN_(a, b)

// In a MODULE build: the library's one exported symbol. With GODWIT_STATIC_CONNECTOR: godwit_connector_<name>(),
// the connector's table, for register_static_connector(). godwit_add_connector() defines GODWIT_CONNECTOR_NAME.
#ifdef GODWIT_STATIC_CONNECTOR
#define GODWIT_EXPORT_CONNECTOR(declaration)                                                         \
  extern "C" const gw_connector_api* GODWIT_JOIN(godwit_connector_, GODWIT_CONNECTOR_NAME)(void);    \
  extern "C" const gw_connector_api* GODWIT_JOIN(godwit_connector_, GODWIT_CONNECTOR_NAME)(void) {   \
    return ::godwit::sdk::boundary::table<declaration>();                                            \
  }
#else
#define GODWIT_EXPORT_CONNECTOR(declaration)                                                  \
  extern "C" __attribute__((visibility("default"))) const gw_plugin_api* godwit_plugin_v1(void); \
  extern "C" __attribute__((visibility("default"))) const gw_plugin_api* godwit_plugin_v1(void) { \
    return ::godwit::sdk::boundary::plugin<declaration>();                                    \
  }
#endif
