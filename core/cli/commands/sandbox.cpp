// godwit sandbox: a local simulation of a vendor's API. The vendors' programs are found by their names; none is known here.

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <ostream>

#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/json.hpp"
#include "core/run/runner.hpp"

namespace godwit::cli {
namespace {

constexpr std::string_view kPrefix = "godwit-sandbox-";

struct SandboxArguments {
  std::string vendor;
  std::vector<std::string> rest;
};

// Where sandboxes may lie, the program's own folder first.
std::vector<std::filesystem::path> places() {
  std::vector<std::filesystem::path> out;
  std::error_code unknown;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", unknown);
  if (!unknown) out.push_back(self.parent_path());
  const char* path = std::getenv("PATH");
  std::string_view left = path == nullptr ? "" : path;
  while (!left.empty()) {
    const std::size_t end = std::min(left.find(':'), left.size());
    if (end > 0) out.emplace_back(left.substr(0, end));
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return out;
}

// Vendor -> program; the first place wins.
std::map<std::string, std::filesystem::path> sandboxes() {
  std::map<std::string, std::filesystem::path> out;
  for (const std::filesystem::path& place : places()) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(place, error)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(kPrefix) && access(entry.path().c_str(), X_OK) == 0 && entry.is_regular_file(error)) out.emplace(name.substr(kPrefix.size()), entry.path());
    }
  }
  return out;
}

Result<int> list(Context& context, const std::map<std::string, std::filesystem::path>& known) {
  if (context.json()) {
    Json out = Json::array();
    for (const auto& [vendor, program] : known) out.push_back({{"vendor", vendor}, {"program", program.string()}});
    context.print_json(out);
  } else if (known.empty()) {
    context.out() << context.say("cli.sandbox.none") << '\n';
  } else {
    for (const auto& [vendor, program] : known) context.out() << vendor << "  " << program.string() << '\n';
  }
  return kExitFinished;
}

Result<int> serve(Context& context, const SandboxArguments& arguments) {
  const std::map<std::string, std::filesystem::path> known = sandboxes();
  if (arguments.vendor.empty()) return list(context, known);
  const auto found = known.find(arguments.vendor);
  if (found == known.end()) {
    std::string names;
    for (const auto& [vendor, program] : known) names += (names.empty() ? "" : ", ") + vendor;
    return fail(2370, {{"seen", arguments.vendor}, {"known", names.empty() ? "-" : names}});
  }
  std::string program = found->second.string();
  std::vector<std::string> words = arguments.rest;
  std::vector<char*> line{program.data()};
  for (std::string& word : words) line.push_back(word.data());
  line.push_back(nullptr);
  context.out().flush();
  // The sandbox takes this process's place, so that whoever started godwit can stop it by the pid that he knows.
  execv(program.c_str(), line.data());
  return fail(2371, {{"seen", program + ": " + std::strerror(errno)}});
}

}  // namespace

Command sandbox_command() {
  auto arguments = std::make_shared<SandboxArguments>();
  Command out{"sandbox", Group::begin, 30, {}, [arguments](Context& context) { return serve(context, *arguments); }};
  out.arguments.positional(arguments->vendor, "VENDOR", "cli.sandbox.vendor", false);
  out.arguments.rest(arguments->rest, "OPTIONS", "cli.sandbox.rest");
  return out;
}

}  // namespace godwit::cli
