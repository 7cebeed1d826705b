#include "core/host/library.hpp"

#include <boost/dll/shared_library.hpp>
#include <map>
#include <mutex>
#include <string>

namespace godwit {
namespace {

// Libraries are never unloaded: threads, static destructors and released arrays may still need their code.
struct Loaded {
  std::mutex mutex;
  std::map<std::string, std::pair<boost::dll::shared_library, const gw_plugin_api*>> by_path;
};
Loaded& loaded() {
  static auto* const all = new Loaded;
  return *all;
}

// The loader's own words within Boost's: "... (dlerror system message: <words>): Bad file descriptor".
std::string system_words(std::string_view what) {
  static constexpr std::string_view kBefore = "dlerror system message: ";
  const std::size_t from = what.find(kBefore), to = what.rfind("): ");
  if (from == std::string_view::npos || to == std::string_view::npos || to < from) return std::string(what);
  return std::string(what.substr(from + kBefore.size(), to - from - kBefore.size()));
}

Result<const gw_plugin_api*> check_plugin(const gw_plugin_api* plugin, const std::string& place) {
  const auto unusable = [&](std::string seen) { return fail(3007, {{"place", place}, {"seen", std::move(seen)}}); };
  if (plugin == nullptr) return unusable(std::string(GW_ENTRY_SYMBOL) + "() answered null");
  // The version stands behind the size, so that both can be read of any version to come.
  if (plugin->struct_size < offsetof(gw_plugin_api, abi_version) + sizeof plugin->abi_version)
    return unusable("gw_plugin_api of " + std::to_string(plugin->struct_size) + " bytes");
  if (plugin->abi_version != GW_ABI_VERSION)
    return fail(3004, {{"place", place}, {"seen", std::to_string(plugin->abi_version)}, {"expected", std::to_string(GW_ABI_VERSION)}});
  if (plugin->struct_size < sizeof(gw_plugin_api)) return unusable("gw_plugin_api of " + std::to_string(plugin->struct_size) + " bytes");
  if (plugin->connector_count == 0 || plugin->connectors == nullptr) return unusable("no connector in it");
  for (std::size_t i = 0; i < plugin->connector_count; ++i)
    if (auto checked = check_table(plugin->connectors[i]); !checked) {
      checked.error().arguments.insert(checked.error().arguments.begin(), {"place", place});
      return Failure(std::move(checked).error());
    }
  return plugin;
}

}  // namespace

Result<> check_table(const gw_connector_api* c) {
  const auto unusable = [](std::string seen) { return fail(3007, {{"seen", std::move(seen)}}); };
  if (c == nullptr) return unusable("gw_connector_api is null");
  // `aggregate` is optional, so a table may end before it.
  if (c->struct_size < offsetof(gw_connector_api, aggregate)) return unusable("gw_connector_api of " + std::to_string(c->struct_size) + " bytes");
  if (c->name.data == nullptr || c->name.size == 0) return unusable("a connector without a name");
  const std::string name(c->name.data, c->name.size);
  const auto missing = [&](const char* function) { return unusable(name + ": function " + function + " is null"); };
  if (c->open == nullptr) return missing("open");
  if (c->close == nullptr) return missing("close");
  if (c->check == nullptr) return missing("check");
  if (c->describe == nullptr) return missing("describe");
  if (c->reader == nullptr && c->writer == nullptr) return unusable(name + ": it neither reads nor writes");
  if (const gw_reader_api* r = c->reader; r != nullptr) {
    if (r->struct_size < sizeof(gw_reader_api)) return unusable(name + ": gw_reader_api of " + std::to_string(r->struct_size) + " bytes");
    if (c->open_reader == nullptr) return missing("open_reader");
    if (r->schema == nullptr) return missing("reader.schema");
    if (r->read == nullptr) return missing("reader.read");
    if (r->close == nullptr) return missing("reader.close");
  }
  if (const gw_writer_api* w = c->writer; w != nullptr) {
    if (w->struct_size < sizeof(gw_writer_api)) return unusable(name + ": gw_writer_api of " + std::to_string(w->struct_size) + " bytes");
    if (c->open_writer == nullptr) return missing("open_writer");
    if (w->prepare == nullptr) return missing("writer.prepare");
    if (w->submit == nullptr) return missing("writer.submit");
    if (w->resolve == nullptr) return missing("writer.resolve");
    if (w->read_back == nullptr) return missing("writer.read_back");
    if (w->last_unit == nullptr) return missing("writer.last_unit");
    if (w->close == nullptr) return missing("writer.close");
  }
  return {};
}

const gw_connector_api* find_connector(const gw_plugin_api& plugin, std::string_view name) {
  for (std::size_t i = 0; i < plugin.connector_count; ++i) {
    const gw_str seen = plugin.connectors[i]->name;
    if (std::string_view(seen.data, seen.size) == name) return plugin.connectors[i];
  }
  return nullptr;
}

Result<const gw_plugin_api*> load_library(const std::filesystem::path& path) {
  const std::string place = path.string();
  Loaded& all = loaded();
  const std::lock_guard lock(all.mutex);
  if (const auto known = all.by_path.find(place); known != all.by_path.end()) return known->second.second;
  try {
    boost::dll::shared_library library;
    library.load(boost::dll::fs::path(place), boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
    if (!library.has(GW_ENTRY_SYMBOL)) return fail(3003, {{"place", place}, {"expected", GW_ENTRY_SYMBOL}});
    const auto entry = library.get<const gw_plugin_api*()>(GW_ENTRY_SYMBOL);
    GW_ASSIGN(const gw_plugin_api* plugin, check_plugin(entry(), place));
    all.by_path.emplace(place, std::pair{std::move(library), plugin});
    return plugin;
  } catch (const std::exception& e) {
    return fail(3002, {{"place", place}, {"seen", system_words(e.what())}});
  }
}

}  // namespace godwit
