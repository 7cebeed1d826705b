// godwit new: a project that runs as it stands, or a connector that passes its contract as it stands.

#include <algorithm>
#include <cctype>
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

struct NewOptions {
  std::string where, connector, kind;
  bool writer = false;
};

// Lines between "part{" and "}part" marks, which stand alone in comments, are there only with that part; the marks themselves never are.
std::string with_parts(std::string_view text, bool writer) {
  std::string out;
  std::string_view dropped;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end);
    const std::string_view word = line.substr(0, line.find_last_not_of("\n") + 1);
    bool mark = false;
    for (const auto& [part, wanted] : {std::pair(std::string_view("writer"), writer), std::pair(std::string_view("reader"), !writer)}) {
      if (word.ends_with(" " + std::string(part) + "{")) mark = true, dropped = wanted ? "" : part;
      if (word.ends_with(" }" + std::string(part))) mark = true, dropped = "";
    }
    if (!mark && dropped.empty()) out += line;
  }
  return out;
}

std::string replaced(std::string text, std::string_view what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) text.replace(at, what.size(), by);
  return text;
}

Result<int> make_connector(Context& context, const NewOptions& options) {
  const std::string& name = options.connector;
  const bool plain = name[0] >= 'a' && name[0] <= 'z' && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
  if (!plain) return fail(2362, {{"seen", name}});
  const std::string kind = options.kind.empty() ? "file" : options.kind;
  if (kind != "file" && kind != "rest" && kind != "sql") return fail(2325, {{"seen", kind}, {"expected", "file, rest, sql"}, {"command", "new"}});
  const fs::path folder = context.path(name);
  std::error_code ignored;
  if (fs::exists(folder, ignored) && (!fs::is_directory(folder, ignored) || !fs::is_empty(folder, ignored))) return fail(2324, {{"place", folder.string()}});
  std::string upper = name;
  std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); });
  for (const TemplateFile& file : connector_template_files()) {
    const fs::path path(file.path);
    if (*path.begin() != kind || (!options.writer && path.stem() == "writer")) continue;
    GW_TRY(write(folder / path.lexically_relative(kind), replaced(replaced(with_parts(file.text, options.writer), "acme", name), "ACME", upper)));
  }
  if (context.json()) context.print_json({{"folder", folder.string()}, {"connector", name}, {"kind", kind}});
  else context.out() << context.say("cli.new.connector_made", {{"folder", folder.string()}, {"name", name}}) << '\n';
  return kExitFinished;
}

Result<int> make_project(Context& context, const std::string& where) {
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
  auto options = std::make_shared<NewOptions>();
  // `new connector` alone still makes a project, in a folder of that name.
  Command out{"new", Group::begin, 10, {}, [options](Context& context) -> Result<int> {
    if (options->where == "connector" && !options->connector.empty()) return make_connector(context, *options);
    if (!options->connector.empty()) return fail(2305, {{"seen", options->connector}, {"command", "new"}});
    return make_project(context, options->where);
  }};
  out.arguments.positional(options->where, "FOLDER", "cli.new.where", true);
  out.arguments.positional(options->connector, "NAME", "cli.new.name", false);
  out.arguments.option(options->kind, "--kind", "KIND", "cli.new.kind");
  out.arguments.flag(options->writer, "--writer", "cli.new.writer");
  return out;
}

}  // namespace godwit::cli
