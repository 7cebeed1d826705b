// Every project and flow shown in the documents is read by the code that reads the user's.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/config/tests/support.hpp"

namespace godwit::config {
namespace {

namespace fs = std::filesystem;

// Files that a sample names and that the page does not show: anything goes.
class SampleFiles final : public MemoryFiles {
 public:
  FileText read(const std::string& path, std::size_t limit) const override {
    if (path != "godwit.yaml" && !path.starts_with("flows/")) return {FileText::State::ok, "target,source\nx,y\n", ""};
    return MemoryFiles::read(path, limit);
  }
  std::optional<std::string> variable(const std::string&) const override { return "value"; }
};

struct Page {
  std::string name;
  std::vector<SampleFiles> projects;
  std::size_t blocks = 0;
};

// A block whose first line is `# godwit.yaml` begins a project; `# flows/x.yaml` adds to it.
Page read_page(const fs::path& path) {
  Page page{path.filename().string(), {}, 0};
  std::ifstream stream(path);
  std::string line, file, text;
  bool inside = false;
  while (std::getline(stream, line)) {
    if (!inside && line == "```yaml") {
      inside = true;
      text.clear(), file.clear();
    } else if (inside && line == "```") {
      inside = false;
      if (file == "godwit.yaml") page.projects.emplace_back();
      if (file.empty() && (text.starts_with("project:") || text.starts_with("from:"))) {
        ADD_FAILURE() << page.name << ": a sample without its file's name in a comment: " << text;
      }
      if (file != "godwit.yaml" && !file.starts_with("flows/")) continue;
      if (page.projects.empty()) {  // a flow shown alone
        page.projects.emplace_back();
        page.projects.back().files["godwit.yaml"] =
            "project: sample\nconnections: {legacy: {connector: csv}, crm: {connector: sqlite}}\n";
      }
      page.projects.back().files[file] = text;
      ++page.blocks;
    } else if (inside) {
      if (text.empty() && file.empty() && line.starts_with("# ")) file = line.substr(2);
      text += line + "\n";
    }
  }
  return page;
}

std::vector<fs::path> pages() {
  const fs::path root = GODWIT_SOURCE_DIR;
  std::vector<fs::path> out;
  for (const auto& entry : fs::recursive_directory_iterator(root / "docs")) {
    if (entry.path().extension() == ".md") out.push_back(entry.path());
  }
  if (fs::exists(root / "README.md")) out.push_back(root / "README.md");
  return out;
}

TEST(Documents, EverySampleIsAProject) {
  std::size_t blocks = 0;
  for (const fs::path& path : pages()) {
    Page page = read_page(path);
    blocks += page.blocks;
    for (SampleFiles& project : page.projects) {
      // A page that shows one half only: the other half is the plainest.
      if (!project.files.contains("flows/accounts.yaml")) {
        project.files["flows/accounts.yaml"] = "from: legacy.a\nto: crm.A\nkey: id\n";
        if (project.files["godwit.yaml"].find("legacy:") == std::string::npos)
          project.files.erase("flows/accounts.yaml");
      }
      std::string& main = project.files["godwit.yaml"];
      if (main.find("connections:") == std::string::npos)
        main += "connections: {legacy: {connector: csv}, crm: {connector: sqlite}}\n";
      const auto loaded = load(project, "/project", "");
      EXPECT_TRUE(loaded) << page.name << "\n" << (loaded ? "" : describe(loaded.error()));
    }
  }
  EXPECT_GE(blocks, 7u) << "the guide to the project file shows at least these";
}

// A pipeline's folder, before its extract is made.
class PipelineFiles final : public ProjectFiles {
 public:
  explicit PipelineFiles(const fs::path& folder) : disk_(disk_files(folder)) {}
  FileText read(const std::string& path, std::size_t limit) const override {
    if (path.starts_with("extract/")) return {FileText::State::ok, "", ""};
    return disk_->read(path, limit);
  }
  std::vector<std::string> flow_files() const override { return disk_->flow_files(); }
  std::optional<std::string> variable(const std::string&) const override { return "value"; }

 private:
  std::unique_ptr<ProjectFiles> disk_;
};

TEST(Documents, EveryPipelineIsAProjectInEveryEnvironment) {
  std::size_t pipelines = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(GODWIT_SOURCE_DIR) / "pipelines")) {
    if (!fs::exists(entry.path() / "godwit.yaml")) continue;
    ++pipelines;
    const PipelineFiles files(entry.path());
    std::vector<std::string> environments{""};
    if (entry.path().filename() == "harbour-trading")
      environments.insert(environments.end(), {"rehearsal", "production"});
    for (const auto& environment : environments) {
      const auto project = load(files, entry.path(), environment);
      ASSERT_TRUE(project) << entry.path() << " " << environment << "\n" << describe(project.error());
      EXPECT_EQ(project->production, environment == "production");
      EXPECT_FALSE(project->flows.empty());
    }
  }
  EXPECT_GE(pipelines, 1u);
}

TEST(Documents, GuideNamesEveryKeyOfTheFiles) {
  std::ifstream stream(fs::path(GODWIT_SOURCE_DIR) / "docs/guide/project-file.md");
  std::stringstream text;
  text << stream.rdbuf();
  const std::string guide = text.str();
  // The keys as the messages list them.
  MemoryFiles files = sound_project();
  files.files["godwit.yaml"] += "zzz: 1\n";
  files.files["flows/accounts.yaml"] += "zzz: 1\nvalidate: [{zzz: 1}]\n";
  const auto found = errors_of(load_in(files));
  ASSERT_EQ(found.size(), 3u);
  std::size_t keys = 0;
  for (const Error& error : found) {
    std::istringstream words{std::string(error.argument("expected"))};
    for (std::string word; std::getline(words, word, ',');) {
      word.erase(0, word.find_first_not_of(' '));
      EXPECT_TRUE(guide.find("`" + word + "`") != std::string::npos || guide.find(word + ":") != std::string::npos)
          << word;
      ++keys;
    }
  }
  EXPECT_EQ(keys, 9u + 18u + 10u);
}

}  // namespace
}  // namespace godwit::config
