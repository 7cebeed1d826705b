/* A plugin of a version to come. */
#include "plugins/abi/godwit_abi.h"
static const gw_plugin_api kPlugin = {sizeof(gw_plugin_api) + 64, GW_ABI_VERSION + 1, 0, 0};
__attribute__((visibility("default"))) const gw_plugin_api* godwit_plugin_v1(void);
const gw_plugin_api* godwit_plugin_v1(void) { return &kPlugin; }
