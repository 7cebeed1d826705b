// The good connector behind the table of an earlier boundary of the same version: it ends before `aggregate`, and what stands there is not its.

#define godwit_plugin_v1 good_plugin
#include "core/host/tests/plugins/good.cpp"
#undef godwit_plugin_v1

extern "C" __attribute__((visibility("default"))) const gw_plugin_api* godwit_plugin_v1(void);
extern "C" __attribute__((visibility("default"))) const gw_plugin_api* godwit_plugin_v1(void) {
  static gw_connector_api connector = *good_plugin()->connectors[0];
  connector.struct_size = offsetof(gw_connector_api, aggregate);
  connector.aggregate = reinterpret_cast<decltype(connector.aggregate)>(std::uintptr_t{1});  // whoever calls it crashes
  static const gw_connector_api* const kAll[] = {&connector};
  static gw_plugin_api plugin = *good_plugin();
  plugin.connectors = kAll;
  return &plugin;
}
