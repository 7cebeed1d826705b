/* A table with holes. */
#include "plugins/abi/godwit_abi.h"
static const gw_connector_api kConnector = {sizeof(gw_connector_api), {"null_table", 10}, {"{}", 2}};
static const gw_connector_api* const kConnectors[] = {&kConnector};
static const gw_plugin_api kPlugin = {sizeof(gw_plugin_api), GW_ABI_VERSION, 1, kConnectors};
__attribute__((visibility("default"))) const gw_plugin_api* godwit_plugin_v1(void);
const gw_plugin_api* godwit_plugin_v1(void) { return &kPlugin; }
