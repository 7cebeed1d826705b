#pragma once
// Where a project's files come from: the disk, or a test's memory.

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/project.hpp"

namespace godwit::config {

struct FileText {
  enum class State { ok, missing, unreadable, too_large } state = State::missing;
  std::string bytes;
  std::string reason;  // the system's words when unreadable; the size when too large
};

class ProjectFiles {
 public:
  virtual ~ProjectFiles() = default;
  // A file relative to the project folder, or absolute.
  virtual FileText read(const std::string& path, std::size_t limit) const = 0;
  // flows/*.yaml and flows/*.yml, relative, sorted; hidden files and editors' copies left out.
  virtual std::vector<std::string> flow_files() const = 0;
  // An environment variable.
  virtual std::optional<std::string> variable(const std::string& name) const = 0;
};

std::unique_ptr<ProjectFiles> disk_files(std::filesystem::path folder);

// Files by relative path and variables by name.
class MemoryFiles : public ProjectFiles {
 public:
  std::map<std::string, std::string> files, variables;

  FileText read(const std::string& path, std::size_t limit) const override;
  std::vector<std::string> flow_files() const override;
  std::optional<std::string> variable(const std::string& name) const override;
};

// load_project on any files; `folder` is what the project will say of itself.
Result<Project> load(const ProjectFiles& files, const std::filesystem::path& folder, std::string_view environment,
                     const LoadOptions& options = {});

}  // namespace godwit::config
