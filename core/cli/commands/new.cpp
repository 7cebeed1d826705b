// godwit new: a project that runs as it stands.

#include <fstream>
#include <ostream>

#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/json.hpp"
#include "core/cli/template.hpp"
#include "core/journal/sqlite.hpp"
#include "core/run/runner.hpp"

namespace godwit::cli {
namespace {

namespace fs = std::filesystem;

Result<> write(const fs::path& file, std::string_view text) {
  std::error_code failed;
  fs::create_directories(file.parent_path(), failed);
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (!out) return fail(2323, {{"place", file.string()}, {"seen", failed ? failed.message() : std::generic_category().message(errno)}});
  return {};
}

// The sample's project name becomes the folder's; its language that of the user.
std::string adapted(std::string_view text, const std::string& name, Language language) {
  std::string out(text);
  static constexpr std::string_view kProject = "project: first-steps", kLanguage = "language: en                 # zh-CN";
  if (const std::size_t at = out.find(kProject); at != std::string::npos) {
    // Quoted as JSON, which YAML reads, so that a folder's name may hold anything.
    const bool plain = name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == std::string::npos && !name.empty();
    out.replace(at, kProject.size(), "project: " + (plain ? name : Json(name).dump()));
  }
  if (language == Language::zh_cn)
    if (const std::size_t at = out.find(kLanguage); at != std::string::npos) out.replace(at, kLanguage.size(), "language: zh-CN              # en");
  return out;
}

Result<int> run(Context& context, const std::string& where) {
  const fs::path folder = context.path(where).lexically_normal();
  std::error_code ignored;
  if (fs::exists(folder, ignored) && (!fs::is_directory(folder, ignored) || !fs::is_empty(folder, ignored))) return fail(2324, {{"place", folder.string()}});
  std::string name = (folder.has_filename() ? folder : folder.parent_path()).filename().string();
  for (const TemplateFile& file : template_files()) {
    const fs::path path = folder / (file.path == "gitignore" ? fs::path(".gitignore") : fs::path(file.path));
    GW_TRY(write(path, file.path == "godwit.yaml" ? adapted(file.text, name, context.language()) : std::string(file.text)));
    if (path.extension() != ".sql") continue;
    // NAME.sql describes the sample's target; NAME.db is made from it.
    GW_ASSIGN(Database database, Database::open(fs::path(path).replace_extension(".db"), Database::Mode::create));
    GW_TRY(database.execute(file.text));
  }
  if (context.json()) context.print_json({{"folder", folder.string()}});
  else context.out() << context.say("cli.new.made", {{"folder", folder.string()}, {"where", where}}) << '\n';
  return kExitFinished;
}

}  // namespace

Command new_command() {
  auto where = std::make_shared<std::string>();
  Command out{"new", Group::begin, 10, {}, [where](Context& context) { return run(context, *where); }};
  out.arguments.positional(*where, "FOLDER", "cli.new.where", true);
  return out;
}

}  // namespace godwit::cli
