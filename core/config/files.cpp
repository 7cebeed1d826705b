#include "core/config/files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <system_error>

namespace godwit::config {
namespace {

namespace fs = std::filesystem;

// flows/accounts.yaml, but not flows/.#accounts.yaml nor flows/accounts.yaml~
bool is_flow_file(std::string_view path) {
  if (!path.starts_with("flows/")) return false;
  const std::string_view name = path.substr(6);
  return !name.starts_with('.') && name.find('/') == std::string_view::npos &&
         (name.ends_with(".yaml") || name.ends_with(".yml"));
}

class DiskFiles final : public ProjectFiles {
 public:
  explicit DiskFiles(fs::path folder) : folder_(std::move(folder)) {}

  FileText read(const std::string& path, std::size_t limit) const override {
    const fs::path file = folder_ / fs::path(path);
    std::error_code error;
    const fs::file_status status = fs::status(file, error);
    if (!fs::exists(status)) {
      if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory) {
        return {FileText::State::unreadable, "", error.message()};
      }
      return {FileText::State::missing, "", ""};
    }
    if (fs::is_directory(status)) return {FileText::State::unreadable, "", std::strerror(EISDIR)};
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return {FileText::State::unreadable, "", std::strerror(errno != 0 ? errno : EIO)};
    FileText out{FileText::State::ok, "", ""};
    // Read rather than ask for the size: a pipe (a secret from <(...)) has none.
    char block[1 << 16];
    while (stream.read(block, sizeof block), stream.gcount() > 0) {
      out.bytes.append(block, static_cast<std::size_t>(stream.gcount()));
      if (out.bytes.size() > limit) return {FileText::State::too_large, "", std::to_string(fs::file_size(file, error))};
    }
    if (stream.bad()) return {FileText::State::unreadable, "", std::strerror(errno != 0 ? errno : EIO)};
    return out;
  }

  std::vector<std::string> flow_files() const override {
    std::vector<std::string> out;
    std::error_code error;
    for (fs::directory_iterator it(folder_ / "flows", error), end; !error && it != end; it.increment(error)) {
      std::string path = "flows/" + it->path().filename().string();
      std::error_code ignored;
      if (is_flow_file(path) && !it->is_directory(ignored)) out.push_back(std::move(path));
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  std::optional<std::string> variable(const std::string& name) const override {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  }

 private:
  fs::path folder_;
};

}  // namespace

std::unique_ptr<ProjectFiles> disk_files(fs::path folder) { return std::make_unique<DiskFiles>(std::move(folder)); }

FileText MemoryFiles::read(const std::string& path, std::size_t limit) const {
  const auto file = files.find(path);
  if (file == files.end()) return {FileText::State::missing, "", ""};
  if (file->second.size() > limit) return {FileText::State::too_large, "", std::to_string(file->second.size())};
  return {FileText::State::ok, file->second, ""};
}

std::vector<std::string> MemoryFiles::flow_files() const {
  std::vector<std::string> out;
  for (const auto& [path, bytes] : files) {
    if (is_flow_file(path)) out.push_back(path);
  }
  return out;
}

std::optional<std::string> MemoryFiles::variable(const std::string& name) const {
  const auto value = variables.find(name);
  return value == variables.end() ? std::nullopt : std::optional<std::string>(value->second);
}

}  // namespace godwit::config
