// godwit connector: connectors as files that are handed on: manifest, pack, install, remove.

#include <fstream>
#include <ostream>

#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/exit_code.hpp"
#include "core/cli/json.hpp"
#include "core/host/elf.hpp"
#include "core/host/options.hpp"
#include "core/host/package.hpp"

namespace godwit::cli {
namespace {

namespace fs = std::filesystem;

struct ConnectorOptions {
  std::string action, what, output;
  bool shared = false;
};

Result<fs::path> install_folder(const ConnectorOptions& options) {
  fs::path folder = options.shared ? shared_plugin_folder() : user_plugin_folder();
  if (folder.empty()) return fail(3039);
  return folder;
}

// A library file, or that of a connector that is known by name.
fs::path library_of(Context& context, const std::string& what) {
  std::error_code ignored;
  if (!fs::exists(context.path(what), ignored))
    for (const ConnectorListing& c : context.host().list())
      if (c.name == what && !c.library.empty()) return c.library;
  return context.path(what);
}

Result<int> print_manifest(Context& context, const ConnectorOptions& options) {
  GW_ASSIGN(const std::string text, library_manifest(library_of(context, options.what), default_host_options()));
  if (options.output.empty()) {
    context.out() << text;
    return kExitFinished;
  }
  const fs::path file = context.path(options.output);
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (!out) return fail(2323, {{"place", file.string()}, {"seen", std::generic_category().message(errno)}});
  return kExitFinished;
}

void tell(Context& context, std::string_view text, const PackageFacts& facts, const fs::path& where) {
  if (context.json()) {
    Json libraries = Json::array();
    for (const std::string& library : facts.libraries) libraries.push_back(library);
    context.print_json({{"connector", facts.name}, {"version", facts.version}, {"file", where.string()}, {"abi", facts.abi}, {"machine", facts.machine},
                        {"libc", facts.libc}, {"libraries", std::move(libraries)}, {"sha256", facts.sha256}});
    return;
  }
  context.out() << context.say(text, {{"name", facts.name}, {"version", facts.version}, {"where", where.string()}, {"machine", facts.machine},
                                      {"libc", facts.libc.empty() ? "-" : facts.libc}, {"sha256", facts.sha256}})
                << '\n';
}

Result<int> pack(Context& context, const ConnectorOptions& options) {
  // Made in the folder that the user stands in; its name comes from the manifest, which pack_connector() reads.
  const fs::path library = library_of(context, options.what);
  fs::path file = options.output.empty() ? fs::path() : context.path(options.output);
  if (file.empty()) {
    GW_ASSIGN(const std::string text, library_manifest(library, default_host_options()));
    const Json manifest = Json::object_of(text);
    file = context.path(package_name({manifest.text("name"), "", manifest.text("version"), 0, this_machine(), "", {}, ""}));
  }
  GW_ASSIGN(const PackageFacts facts, pack_connector(library, file, default_host_options()));
  tell(context, "cli.connector.packed", facts, file);
  return kExitFinished;
}

Result<int> install(Context& context, const ConnectorOptions& options) {
  GW_ASSIGN(const fs::path folder, install_folder(options));
  GW_ASSIGN(const PackageFacts facts, install_connector(context.path(options.what), folder, default_host_options()));
  tell(context, "cli.connector.installed", facts, folder);
  return kExitFinished;
}

Result<int> remove(Context& context, const ConnectorOptions& options) {
  GW_ASSIGN(const fs::path folder, install_folder(options));
  GW_TRY(remove_connector(options.what, folder));
  if (context.json()) context.print_json({{"connector", options.what}, {"folder", folder.string()}});
  else context.out() << context.say("cli.connector.removed", {{"name", options.what}, {"where", folder.string()}}) << '\n';
  return kExitFinished;
}

Result<int> run_connector(Context& context, const ConnectorOptions& options) {
  if (options.action == "manifest") return print_manifest(context, options);
  if (options.action == "pack") return pack(context, options);
  if (options.action == "install") return install(context, options);
  if (options.action == "remove") return remove(context, options);
  return fail(2325, {{"seen", options.action}, {"expected", "manifest, pack, install, remove"}, {"command", "connector"}});
}

}  // namespace

Command connector_command() {
  auto options = std::make_shared<ConnectorOptions>();
  Command out{"connector", Group::prepare, 11, {}, [options](Context& context) { return run_connector(context, *options); }};
  out.arguments.positional(options->action, "ACTION", "cli.connector.action", true);
  out.arguments.positional(options->what, "WHAT", "cli.connector.what", true);
  out.arguments.option(options->output, "--output", "FILE", "cli.connector.output");
  out.arguments.flag(options->shared, "--shared", "cli.connector.shared");
  return out;
}

}  // namespace godwit::cli
