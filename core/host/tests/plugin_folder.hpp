#pragma once
// A plugin folder of its own for a test, filled with the libraries of tests/plugins.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "core/host/options.hpp"

namespace godwit {

class PluginFolder {
 public:
  PluginFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "godwit-host-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    root_ = name;
    std::filesystem::create_directory(folder());
  }
  PluginFolder(const PluginFolder&) = delete;
  PluginFolder& operator=(const PluginFolder&) = delete;
  ~PluginFolder() { std::filesystem::remove_all(root_); }

  std::filesystem::path folder() const { return root_ / "plugins"; }
  std::filesystem::path cache() const { return root_ / "cache"; }
  std::filesystem::path library(const std::string& name) const { return folder() / ("godwit-" + name + ".so"); }

  // The built library `from` as connector `name`, with a manifest.
  void install(const std::string& name, const std::string& from, const std::string& members = "") const {
    std::filesystem::copy_file(GODWIT_TEST_PLUGINS "/" + from + ".so", library(name), std::filesystem::copy_options::overwrite_existing);
    write(name, R"({"name": ")" + name + R"(", "delivery": "transactional")" + members + "}");
  }
  void install(const std::string& name) const { install(name, name); }
  void write(const std::string& name, const std::string& manifest) const { std::ofstream(folder() / ("godwit-" + name + ".json")) << manifest; }

  HostOptions options() const {
    HostOptions out;
    out.folders = {folder()}, out.cache = cache(), out.probe = GODWIT_BINARY_DIR "/bin/godwit-probe";
    return out;
  }

 private:
  std::filesystem::path root_;
};

}  // namespace godwit
