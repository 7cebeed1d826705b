#include "core/config/project.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>

#include "core/config/parts.hpp"

namespace godwit {

std::string SourcePlace::to_string() const { return line > 0 ? fmt::format("{}:{}:{}", file, line, column) : file; }

const ConnectionConfig* Project::connection(std::string_view name) const {
  for (const auto& c : connections) {
    if (c.name == name) return &c;
  }
  return nullptr;
}

const Flow* Project::flow(std::string_view name) const {
  for (const auto& f : flows) {
    if (f.name == name) return &f;
  }
  return nullptr;
}

namespace config {
namespace {

constexpr std::string_view kProjectFile = "godwit.yaml";

// The tree of one file, or nothing after a finding.
struct Parsed {
  std::optional<SourceText> source;
  NodePtr root;
};

Parsed parse_file(const ProjectFiles& files, const std::string& path, Findings& findings) {
  Parsed out;
  const FileText file = files.read(path, kLargestFile);
  if (file.state == FileText::State::missing) {
    findings.add(2071, {path, 0, 0}, {{"seen", path}});
  } else if (file.state == FileText::State::unreadable) {
    findings.add(2002, {path, 0, 0}, {{"seen", path}, {"reason", file.reason}});
  } else if (file.state == FileText::State::too_large) {
    findings.add(2003, {path, 0, 0}, {{"seen", file.reason}, {"expected", std::to_string(kLargestFile)}});
  } else if (auto source = SourceText::decode(path, file.bytes)) {
    out.source = std::move(*source);
    out.root = parse_yaml(*out.source, findings);
  } else {
    findings.add(std::move(source).error(), {path, 0, 0});
  }
  return out;
}

// flows/accounts.yaml -> accounts; the name must be usable in parent(accounts, ...).
std::vector<std::pair<std::string, std::string>> flow_names(const ProjectFiles& files, Findings& findings) {
  std::vector<std::pair<std::string, std::string>> out;  // name, path
  for (const std::string& path : files.flow_files()) {
    const std::size_t slash = path.rfind('/');
    std::string name = path.substr(slash + 1, path.rfind('.') - slash - 1);
    if (!is_utf8(name)) {
      findings.add(2068, {"flows", 0, 0}, {{"seen", "flows/*.yaml"}});
      continue;
    }
    if (!is_bare_name(name)) findings.add(2068, {path, 0, 0}, {{"seen", name}});
    const auto same = [&](const auto& other) { return other.first == name; };
    if (const auto other = std::find_if(out.begin(), out.end(), same); other != out.end()) {
      findings.add(2069, {path, 0, 0}, {{"seen", other->second}});
      continue;
    }
    out.emplace_back(std::move(name), path);
  }
  return out;
}

void settle_zones(Project& project) {
  for (Flow& flow : project.flows) {
    if (!flow.zone.empty()) continue;
    std::set<std::string> zones;
    for (const ObjectRef& from : flow.from) {
      const ConnectionConfig* connection = project.connection(from.connection);
      zones.insert(connection == nullptr ? "" : connection->zone);
    }
    if (zones.size() == 1) flow.zone = *zones.begin();
  }
}

}  // namespace

Result<Project> load(const ProjectFiles& files, const std::filesystem::path& folder, std::string_view environment,
                     const LoadOptions& options) {
  Findings findings;
  Project project;
  project.folder = folder;
  const auto named = flow_names(files, findings);
  Names names;
  for (const auto& [name, path] : named) names.flows.push_back(name);

  const Parsed main = parse_file(files, std::string(kProjectFile), findings);
  if (main.root != nullptr) {
    ValueReader reader(*main.source, findings);
    read_project_file(main.root, reader, environment, files, options, names.flows, project);
    names.complete = true;
    for (const auto& c : project.connections) names.connections.push_back(c.name);
  }
  for (const auto& [name, path] : named) {
    const Parsed parsed = parse_file(files, path, findings);
    if (parsed.root == nullptr) continue;
    ValueReader reader(*parsed.source, findings);
    project.flows.push_back(read_flow_file(parsed.root, reader, name, names, files, findings));
  }
  settle_zones(project);
  hash_mapping(files, findings, project);
  if (!findings.empty()) return Failure(findings.take());
  return project;
}

}  // namespace config

Result<Project> load_project(const std::filesystem::path& folder, std::string_view environment,
                             const LoadOptions& options) {
  return config::load(*config::disk_files(folder), folder, environment, options);
}

Result<std::filesystem::path> find_project(const std::filesystem::path& start) {
  std::error_code error;
  std::filesystem::path folder = std::filesystem::absolute(start, error);
  if (error) return fail(2002, {{"seen", start.string()}, {"reason", error.message()}});
  folder = folder.lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  for (std::filesystem::path at = folder;; at = at.parent_path()) {
    if (std::filesystem::is_regular_file(at / config::kProjectFile, error)) return at;
    for (std::string_view other : {"godwit.yml", "Godwit.yaml"}) {
      if (std::filesystem::is_regular_file(at / other, error)) {
        return fail(2070, {{"place", (at / other).string()}, {"seen", std::string(other)}});
      }
    }
    if (at == at.parent_path()) return fail(2001, {{"seen", folder.string()}});
  }
}

}  // namespace godwit
