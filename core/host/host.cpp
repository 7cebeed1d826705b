#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "core/host/connection.hpp"
#include "core/host/http_service.hpp"
#include "core/host/library.hpp"
#include "core/host/manifest.hpp"
#include "core/host/observer.hpp"
#include "core/host/options.hpp"
#include "core/host/package.hpp"
#include "core/host/probe.hpp"
#include "core/host/session.hpp"
#include "core/host/wire.hpp"
#include "core/model/catalogue.hpp"
#include "core/model/nearest.hpp"

namespace godwit {
namespace {

namespace fs = std::filesystem;

// What plugins have to say. Standard output belongs to results, which programs read. Never freed: a plugin may speak until the end.
spdlog::logger& plugin_log() {
  static auto* const log = new spdlog::logger("", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  return *log;
}

// What plugins see of a host. Plugins may keep it for as long as the process lives, so it is never freed.
struct Services {
  std::atomic<bool> cancelled{false};
  gw_host table{};
  HttpService http;

  explicit Services(const std::shared_ptr<BoundaryObserver>& observer) : http(http_options(observer)) {
    table.struct_size = sizeof table;
    table.ctx = this;
    table.log = [](void*, std::int32_t level, gw_str message) {
      static constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err};
      plugin_log().log(kLevels[std::clamp(level, 0, 3)], "{}", wire::view(message));
    };
    table.now_us = [](void*) -> std::int64_t {
      return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    };
    table.cancelled = [](void* ctx) -> std::int32_t { return static_cast<Services*>(ctx)->cancelled ? 1 : 0; };
    table.http_open = [](void* ctx, gw_str rules, gw_http_client** out, gw_error* error) -> std::int32_t {
      auto opened = static_cast<Services*>(ctx)->http.open(wire::view(rules));
      if (!opened) return wire::give_error(opened.error(), error);
      return *out = *opened, GW_OK;
    };
    set_http_members(table);
  }

  HttpServiceOptions http_options(const std::shared_ptr<BoundaryObserver>& observer) {
    HttpServiceOptions out;
    out.cancelled = [this] { return cancelled.load(); };
    out.trouble = [](const Error& error) { plugin_log().warn("{}", describe(error)); };
    if (observer) out.log = [observer](const http::LogEntry& entry) { observer->called(entry); };
    return out;
  }
};

Services& new_services(const std::shared_ptr<BoundaryObserver>& observer) {
  static std::mutex mutex;
  static auto* const all = new std::vector<std::unique_ptr<Services>>;
  const std::lock_guard lock(mutex);
  return *all->emplace_back(std::make_unique<Services>(observer));
}

std::vector<const gw_connector_api*>& static_connectors() {
  static std::vector<const gw_connector_api*> all;
  return all;
}

struct Entry {
  Manifest manifest;
  fs::path library;                             // empty: linked in
  const gw_connector_api* table = nullptr;      // null until loaded
  std::optional<Error> problem;
};

class PluginHost : public Host {
 public:
  explicit PluginHost(const HostOptions& options) : options_(options), services_(new_services(options.observer)) {
    for (const gw_connector_api* table : static_connectors()) add_static(*table);
    for (const fs::path& folder : options_.folders) add_folder(folder);
    for (const auto& [name, entry] : entries_) register_messages(entry.manifest.messages);
  }

  std::vector<ConnectorListing> list() override {
    const std::lock_guard lock(mutex_);
    std::vector<ConnectorListing> out;
    for (const auto& [name, e] : entries_)
      out.push_back({name, e.manifest.title, e.manifest.version, e.library.string(), e.manifest.text, e.problem});
    return out;
  }

  Result<std::unique_ptr<Connection>> open(std::string_view connector, const nlohmann::json& settings) override {
    const std::string name(connector);
    if (!settings.is_object()) return fail(3026, {{"connector", name}, {"seen", settings.type_name()}});
    for (const auto& [key, value] : settings.items())
      if (!value.is_string()) return fail(3026, {{"connector", name}, {"seen", key + ": " + std::string(value.type_name())}});
    auto session = std::make_shared<Session>();
    const std::string json = settings.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    GW_ASSIGN(const Entry* entry, load(connector, json));
    session->api = entry->table, session->connector = name;
    const auto began = std::chrono::steady_clock::now();
    const Result<> opened = wire::call("open", entry->table->open, static_cast<const gw_host*>(&services_.table), wire::str(json), &session->handle);
    const int number = options_.observer ? options_.observer->next_connection() : 0;
    if (options_.observer) {
      const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began).count();
      options_.observer->ended({number, name, "open", "", took, "", opened ? nullptr : &opened.error()}, masked_settings(settings, entry->manifest.text), nullptr);
    }
    if (!opened) return Failure(with_connector(opened.error(), name));
    if (session->handle == nullptr) return fail(3012, {{"connector", name}, {"call", "open"}, {"seen", "null"}});
    auto connection = wrap_connection(std::move(session), entry->manifest.delivery, entry->manifest.writes_in_flight);
    return options_.observer ? observe(std::move(connection), options_.observer, number) : std::move(connection);
  }

  std::string connector_for_file(std::string_view path) override {
    std::string lower(path);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::lock_guard lock(mutex_);
    for (const auto& [name, entry] : entries_)
      for (const std::string& extension : entry.manifest.extensions)
        if (lower.size() > extension.size() && lower.ends_with(extension)) return name;
    return {};
  }

  void request_cancel() override { services_.cancelled = true; }

 private:
  void add_static(const gw_connector_api& table) {
    Entry entry;
    entry.table = &table;
    const std::string name(wire::view(table.name));
    take_manifest(entry, parse_manifest(wire::view(table.manifest_json), name), name);
  }

  // godwit-<name>.json stands for godwit-<name>.so beside it; nothing else in the folder is looked at.
  void add_folder(const fs::path& folder) {
    std::error_code ignored;  // a folder of the search path need not be there
    std::vector<fs::path> files;
    for (fs::directory_iterator it(folder, ignored), end; !ignored && it != end; it.increment(ignored)) {
      const std::string file = it->path().filename().string();
      if (file.starts_with("godwit-") && file.ends_with(".json")) files.push_back(it->path());
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
      Entry entry;
      entry.library = fs::path(file).replace_extension(".so");
      take_manifest(entry, read_manifest(file), file.stem().string().substr(7));
    }
  }

  void take_manifest(Entry& entry, Result<Manifest> manifest, const std::string& name) {
    if (manifest) {
      entry.manifest = std::move(*manifest);
      std::error_code ignored;
      if (!entry.library.empty() && !fs::exists(entry.library, ignored))
        entry.problem = make_error(3001, {{"place", fs::path(entry.library).replace_extension(".json").string()}, {"seen", entry.library.string()}});
    } else {
      entry.manifest.name = entry.manifest.title = name;
      entry.problem = std::move(manifest).error();
    }
    std::string key = entry.manifest.name;
    entries_.emplace(std::move(key), std::move(entry));  // the first of a name wins
  }

  // The entry of that name with its table. Entries stay where they are: the map is never changed after the constructor.
  Result<const Entry*> load(std::string_view name, const std::string& settings_json) {
    const std::lock_guard lock(mutex_);
    const auto at = entries_.find(name);
    if (at == entries_.end()) {
      std::vector<std::string_view> names;
      std::string known;
      for (const auto& [other, entry] : entries_) names.push_back(other), known += (known.empty() ? "" : ", ") + other;
      return fail(3000, {{"seen", std::string(name)}, {"nearest", std::string(nearest(name, names))}, {"known", known.empty() ? "-" : known}});
    }
    Entry& entry = at->second;
    if (entry.problem) return Failure(*entry.problem);
    if (entry.table != nullptr) {
      GW_TRY(check_table(entry.table));
      return &entry;
    }
    GW_TRY(probe_library(entry.library, options_, {std::string(name), settings_json}));
    GW_ASSIGN(const gw_plugin_api* plugin, load_library(entry.library));
    const gw_connector_api* table = find_connector(*plugin, name);
    if (table == nullptr)
      return fail(3009, {{"place", entry.library.string()}, {"seen", std::string(wire::view(plugin->connectors[0]->name))}, {"expected", std::string(name)}});
    entry.table = table;
    return &entry;
  }

  HostOptions options_;
  Services& services_;
  std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace

HostOptions default_host_options() {
  HostOptions out;
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored), beside = program.parent_path();
  if (const char* listed = std::getenv("GODWIT_PLUGINS"); listed != nullptr) {
    std::string_view rest = listed;
    while (!rest.empty()) {
      const std::size_t colon = rest.find(':');
      if (colon != 0) out.folders.emplace_back(rest.substr(0, colon));
      rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
    }
  }
  if (const fs::path own = user_plugin_folder(); !own.empty()) out.folders.push_back(own);
  for (const fs::path& folder : {beside / "plugins", beside.parent_path() / "plugins", beside.parent_path() / "lib/godwit/plugins"}) out.folders.push_back(folder);
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/') out.cache = fs::path(cache) / "godwit/probed";
  else if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') out.cache = fs::path(home) / ".cache/godwit/probed";
  // Beside the program, where it is installed, or where a build has it beside the plugins.
  std::vector<fs::path> places{beside, beside.parent_path() / "libexec/godwit"};
  for (const fs::path& folder : out.folders) places.push_back(folder.parent_path() / "bin"), places.push_back(folder.parent_path().parent_path().parent_path() / "libexec/godwit");
  out.probe = beside / "godwit-probe";
  for (const fs::path& place : places)
    if (fs::exists(place / "godwit-probe", ignored)) {
      out.probe = place / "godwit-probe";
      break;
    }
  return out;
}

std::unique_ptr<Host> make_host(const HostOptions& options) { return std::make_unique<PluginHost>(options); }
std::unique_ptr<Host> make_host() { return make_host(default_host_options()); }

void register_static_connector(const gw_connector_api* connector) { static_connectors().push_back(connector); }

}  // namespace godwit
