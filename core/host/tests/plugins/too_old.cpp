// A table that ends before functions that every connector needs.

#define godwit_plugin_v1 good_plugin
#include "core/host/tests/plugins/good.cpp"
#undef godwit_plugin_v1

extern "C" __attribute__((visibility("default"))) const gw_plugin_api* godwit_plugin_v1(void);
extern "C" __attribute__((visibility("default"))) const gw_plugin_api* godwit_plugin_v1(void) {
  static gw_connector_api connector = *good_plugin()->connectors[0];
  connector.struct_size = offsetof(gw_connector_api, splits);
  static const gw_connector_api* const kAll[] = {&connector};
  static gw_plugin_api plugin = *good_plugin();
  plugin.connectors = kAll;
  return &plugin;
}
