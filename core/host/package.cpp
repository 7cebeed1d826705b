#include "core/host/package.hpp"

#include <sodium.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "core/host/elf.hpp"
#include "core/host/library.hpp"
#include "core/host/manifest.hpp"
#include "core/host/probe.hpp"
#include "core/model/read_text.hpp"

namespace godwit {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Line 1: what this is. Line 2: SHA-256 of all that follows. Line 3: facts as JSON. Then the manifest, then the library.
constexpr std::string_view kMagic = "godwit-connector 1\n";
constexpr std::size_t kDigest = 64;

std::string sha256(std::string_view bytes) {
  unsigned char digest[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(digest, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  std::string out(2 * sizeof digest + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), digest, sizeof digest);
  out.pop_back();
  return out;
}

Result<std::string> read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  auto bytes = read_text(in);
  if (!in.is_open() || !bytes) return fail(3036, {{"place", file.string()}, {"seen", std::generic_category().message(errno)}});
  return std::move(*bytes);
}

// Whole or not at all, whoever looks.
Result<> write_file(const fs::path& file, std::string_view bytes) {
  std::error_code failed;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), failed);
  const fs::path made = file.string() + ".new." + std::to_string(getpid());
  {
    std::ofstream out(made, std::ios::binary);
    out << bytes;
    out.close();
    if (!out) {
      const std::string seen = failed ? failed.message() : std::generic_category().message(errno);
      fs::remove(made, failed);
      return fail(3038, {{"place", file.string()}, {"seen", seen}});
    }
  }
  fs::rename(made, file, failed);
  if (failed) return fail(3038, {{"place", file.string()}, {"seen", failed.message()}});
  return {};
}

json to_json(const PackageFacts& facts) {
  return {{"name", facts.name}, {"title", facts.title}, {"version", facts.version}, {"abi", facts.abi}, {"machine", facts.machine}, {"libc", facts.libc}, {"libraries", facts.libraries}};
}

// The name becomes a file's: nothing but letters, digits and _ may stand in it.
bool is_plain(std::string_view name) { return !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos; }

struct Package {
  PackageFacts facts;
  std::string manifest, library;
};

Result<Package> read_package(const fs::path& file) {
  const auto damaged = [&](std::string seen) { return fail(3036, {{"place", file.string()}, {"seen", std::move(seen)}}); };
  GW_ASSIGN(const std::string bytes, read_file(file));
  const std::string_view all = bytes;
  if (!all.starts_with(kMagic)) return damaged("no connector package of format 1");
  if (all.size() < kMagic.size() + kDigest + 1) return damaged("cut off");
  const std::string_view rest = all.substr(kMagic.size() + kDigest + 1);
  Package out;
  out.facts.sha256 = all.substr(kMagic.size(), kDigest);
  if (all[kMagic.size() + kDigest] != '\n' || sha256(rest) != out.facts.sha256) return damaged("its bytes do not have the hash that it names");
  const std::size_t line = rest.find('\n');
  try {
    const json facts = json::parse(rest.substr(0, line));
    out.facts.name = facts.at("name").get<std::string>(), out.facts.title = facts.at("title").get<std::string>();
    out.facts.version = facts.at("version").get<std::string>(), out.facts.abi = facts.at("abi").get<int>();
    out.facts.machine = facts.at("machine").get<std::string>(), out.facts.libc = facts.at("libc").get<std::string>();
    out.facts.libraries = facts.at("libraries").get<std::vector<std::string>>();
    const auto size = facts.at("manifest_bytes").get<std::size_t>();
    if (line == std::string_view::npos || size > rest.size() - line - 1) return damaged("cut off");
    out.manifest = rest.substr(line + 1, size), out.library = rest.substr(line + 1 + size);
  } catch (const std::exception& e) {
    return damaged(e.what());
  }
  if (!is_plain(out.facts.name)) return damaged("a connector named " + out.facts.name);
  return out;
}

fs::path library_file(const fs::path& folder, const std::string& name) { return folder / ("godwit-" + name + ".so"); }
fs::path manifest_file(const fs::path& folder, const std::string& name) { return folder / ("godwit-" + name + ".json"); }

}  // namespace

Result<std::string> library_manifest(const fs::path& library, const HostOptions& options) {
  std::error_code gone;
  fs::path path = fs::canonical(library, gone);
  if (gone) return fail(3001, {{"place", library.string()}, {"seen", gone.message()}});
  GW_TRY(probe_library(path, options));
  GW_ASSIGN(const gw_plugin_api* plugin, load_library(path));
  const gw_str text = plugin->connectors[0]->manifest_json, name = plugin->connectors[0]->name;
  GW_ASSIGN(const Manifest manifest, parse_manifest(text.data == nullptr ? "" : std::string_view(text.data, text.size), path.string()));
  if (manifest.name != std::string_view(name.data, name.size))
    return fail(3009, {{"place", path.string()}, {"seen", std::string(name.data, name.size)}, {"expected", manifest.name}});
  return manifest.text;
}

std::string package_name(const PackageFacts& facts) { return "godwit-" + facts.name + "-" + facts.version + "-" + facts.machine + ".gwc"; }

Result<PackageFacts> pack_connector(const fs::path& library, const fs::path& package, const HostOptions& options) {
  GW_ASSIGN(const std::string text, library_manifest(library, options));
  GW_ASSIGN(const Manifest manifest, parse_manifest(text, library.string()));
  GW_ASSIGN(const LibraryNeeds needs, read_needs(library));
  GW_ASSIGN(const std::string bytes, read_file(library));
  PackageFacts facts{manifest.name, manifest.title, manifest.version, GW_ABI_VERSION, needs.machine, needs.libc, needs.libraries, ""};
  json head = to_json(facts);
  head["manifest_bytes"] = text.size();
  const std::string rest = head.dump() + "\n" + text + bytes;
  facts.sha256 = sha256(rest);
  GW_TRY(write_file(package.empty() ? fs::path(package_name(facts)) : package, std::string(kMagic) + facts.sha256 + "\n" + rest));
  return facts;
}

Result<PackageFacts> install_connector(const fs::path& package, const fs::path& folder, const HostOptions& options) {
  GW_ASSIGN(const Package made, read_package(package));
  if (made.facts.abi != GW_ABI_VERSION)
    return fail(3004, {{"place", package.string()}, {"seen", std::to_string(made.facts.abi)}, {"expected", std::to_string(GW_ABI_VERSION)}});
  GW_TRY(check_needs({made.facts.machine, made.facts.libc, {}}, package.string()));
  // Tried out under a name that no host looks for. It stands in the folder itself, so that the last step is a rename.
  const fs::path tried = folder / (".trying-" + made.facts.name + "-" + std::to_string(getpid()) + ".so");
  GW_TRY(write_file(tried, made.library));
  HostOptions uncached = options;
  uncached.cache.clear();
  Result<std::string> manifest = library_manifest(tried, uncached);
  if (manifest && *manifest != made.manifest) manifest = fail(3036, {{"place", package.string()}, {"seen", "a manifest that is not the library's"}});
  std::error_code failed;
  if (manifest) {
    fs::rename(tried, library_file(folder, made.facts.name), failed);
    if (!failed) {
      GW_TRY(write_file(manifest_file(folder, made.facts.name), made.manifest));
      return made.facts;
    }
    manifest = fail(3038, {{"place", folder.string()}, {"seen", failed.message()}});
  }
  fs::remove(tried, failed);
  return Failure(std::move(manifest).error());
}

Result<> remove_connector(const std::string& name, const fs::path& folder) {
  std::error_code failed;
  if (!is_plain(name)) return fail(3037, {{"place", folder.string()}, {"seen", name}});
  // The manifest first: a connector without one is not there, one without its library is an error.
  const bool known = fs::remove(manifest_file(folder, name), failed);
  if (failed) return fail(3038, {{"place", manifest_file(folder, name).string()}, {"seen", failed.message()}});
  if (!known) return fail(3037, {{"place", folder.string()}, {"seen", name}});
  fs::remove(library_file(folder, name), failed);
  if (failed) return fail(3038, {{"place", library_file(folder, name).string()}, {"seen", failed.message()}});
  return {};
}

fs::path user_plugin_folder() {
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data == '/') return fs::path(data) / "godwit/plugins";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') return fs::path(home) / ".local/share/godwit/plugins";
  return {};
}

fs::path shared_plugin_folder() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored).parent_path().parent_path() / "lib/godwit/plugins";
}

}  // namespace godwit
