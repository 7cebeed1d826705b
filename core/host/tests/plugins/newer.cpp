// The good connector behind the tables of a later boundary of the same version: members were appended that this host does not know.

#define godwit_plugin_v1 good_plugin
#include "core/host/tests/plugins/good.cpp"
#undef godwit_plugin_v1

namespace {

template <typename Table>
struct Longer {
  Table table;
  const void* appended[4];
};
template <typename Table>
Longer<Table> longer(const Table& table) {
  Longer<Table> out{table, {}};
  out.table.struct_size = sizeof out;
  for (const void*& member : out.appended) member = reinterpret_cast<const void*>(std::uintptr_t{1});  // whoever follows it crashes
  return out;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const gw_plugin_api* godwit_plugin_v1(void);
extern "C" __attribute__((visibility("default"))) const gw_plugin_api* godwit_plugin_v1(void) {
  static const gw_connector_api& good = *good_plugin()->connectors[0];
  static const auto kReader = longer(*good.reader);
  static const auto kWriter = longer(*good.writer);
  static auto connector = longer(good);
  connector.table.reader = &kReader.table, connector.table.writer = &kWriter.table;
  static const gw_connector_api* const kAll[] = {&connector.table};
  static auto plugin = longer(*good_plugin());
  plugin.table.connectors = kAll;
  return &plugin.table;
}
