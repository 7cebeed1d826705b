// godwit contract: tries a connector's promises on a real system.

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>
#include <ostream>

#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/exit_code.hpp"
#include "core/cli/json.hpp"
#include "core/contract/contract.hpp"
#include "core/contract/faults.hpp"
#include "core/host/options.hpp"

namespace godwit::cli {
namespace {

struct ContractLine {
  std::string connection, write;
  bool read_only = false, no_empty_text = false;
  std::vector<std::string> objects, key, omit;
  std::optional<std::int64_t> rows, points;
};

// The library that lets operations fail; empty where it is not installed.
std::filesystem::path faults_library() {
  std::error_code ignored;
  const std::filesystem::path beside = default_host_options().probe.parent_path() / "godwit-faults.so";
  return std::filesystem::exists(beside, ignored) ? beside : std::filesystem::path();
}

// The same command in a process of its own, with the library preloaded: a connector that crashes takes that one with it. nullopt in that
// process, and where there is none to be made.
std::optional<Result<int>> in_a_child(Context& context) {
  if (contract::can_fail() || context.world().make_host || std::getenv("GODWIT_CONTRACT") != nullptr) return std::nullopt;
  context.out().flush();
  const pid_t child = fork();
  if (child < 0) return Result<int>(fail(3019, {{"seen", std::strerror(errno)}}));
  if (child == 0) {
    if (const auto library = faults_library(); !library.empty()) setenv("LD_PRELOAD", library.c_str(), 1);
    setenv("GODWIT_CONTRACT", "1", 1);
    // A build under the address checker wants its own library first, and may be told that it is not. What was told it before stays.
    const char* told = std::getenv("ASAN_OPTIONS");
    setenv("ASAN_OPTIONS", ((told == nullptr ? std::string() : std::string(told) + ":") + "verify_asan_link_order=0:detect_leaks=0").c_str(), 1);
    std::vector<char*> arguments;
    for (const std::string& a : context.world().arguments) arguments.push_back(const_cast<char*>(a.c_str()));
    arguments.push_back(nullptr);
    execv("/proc/self/exe", arguments.data());
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) return Result<int>(fail(3040, {{"seen", strsignal(WTERMSIG(status))}}));
  return Result<int>(WEXITSTATUS(status));
}

std::string said(const Context& context, const contract::Said& what) {
  return text(what.key, context.language(), std::span<const godwit::Argument>(what.arguments));
}

contract::Observer printer(Context& context, std::map<contract::Verdict, int>& counts) {
  static constexpr std::string_view kVerdicts[] = {"passed", "skipped", "failed"};
  const auto title = [&context](const std::string& test) { return context.say("contract.test." + test); };
  contract::Observer out;
  // The title first, so that a crash or a hang shows in which test it was.
  out.begins = [&context, title](const std::string& test) {
    if (!context.json()) context.out() << title(test) << std::flush;
  };
  out.ends = [&context, &counts, title](const contract::TestResult& result) {
    ++counts[result.verdict];
    const std::string_view verdict = kVerdicts[static_cast<std::size_t>(result.verdict)];
    if (context.json()) {
      Json words = Json::array();
      for (const contract::Said& s : result.said) words.push_back(said(context, s));
      context.print_json({{"test", result.test}, {"title", title(result.test)}, {"verdict", std::string(verdict)}, {"said", std::move(words)}});
      return;
    }
    std::ostream& stream = context.out();
    stream << "  " << context.say("contract.verdict." + std::string(verdict)) << '\n';
    for (const contract::Said& s : result.said) stream << "    " << said(context, s) << '\n';
    stream.flush();
  };
  return out;
}

Result<int> run_contract(Context& context, const ContractLine& line) {
  GW_ASSIGN(const Project* project, context.project());
  const ConnectionConfig* config = project->connection(line.connection);
  if (config == nullptr) {
    std::string known;
    for (const ConnectionConfig& c : project->connections) known += (known.empty() ? "" : ", ") + c.name;
    return fail(2303, {{"seen", line.connection}, {"known", known}});
  }
  if (line.write.empty() && !line.read_only) return fail(2360, {{"place", line.connection}});
  if (!line.write.empty() && (line.read_only || project->production)) return fail(2361, {{"place", line.connection}, {"seen", line.write}});
  if (auto done = in_a_child(context)) return std::move(*done);

  nlohmann::json settings{{"@folder", project->folder.string()}};
  for (const auto& [setting, value] : config->settings) settings[setting] = value;
  contract::Options options;
  options.connector = config->connector, options.settings = &settings, options.objects = line.objects, options.write_object = line.write;
  options.key = line.key, options.omit = line.omit, options.no_empty_text = line.no_empty_text, options.rows = line.rows.value_or(options.rows), options.points = line.points.value_or(options.points);
  // A connector that cannot be opened at all has no contract to be tried.
  GW_TRY(context.host().open(config->connector, settings));
  std::map<contract::Verdict, int> counts;
  const auto make = [&context] { return context.new_host(); };
  const bool fine = contract::run_contract(options, make, printer(context, counts));
  const auto count = [&](contract::Verdict v) { return std::to_string(counts[v]); };
  if (!context.json())
    context.out() << '\n' << context.say("contract.sum", {{"connector", config->connector}, {"passed", count(contract::Verdict::passed)}, {"skipped", count(contract::Verdict::skipped)}, {"failed", count(contract::Verdict::failed)}}) << '\n';
  return fine ? kExitFinished : kExitGate;
}

}  // namespace

Command contract_command() {
  auto line = std::make_shared<ContractLine>();
  Command out{"contract", Group::prepare, 12, {}, [line](Context& context) { return run_contract(context, *line); }};
  out.arguments.positional(line->connection, "CONNECTION", "cli.contract.connection", true);
  out.arguments.flag(line->read_only, "--read-only", "cli.contract.read_only");
  out.arguments.option(line->write, "--write", "OBJECT", "cli.contract.write");
  out.arguments.option(line->objects, "--object", "OBJECT", "cli.contract.object");
  out.arguments.option(line->key, "--key", "FIELD", "cli.contract.key");
  out.arguments.option(line->omit, "--omit", "FIELD", "cli.contract.omit");
  out.arguments.flag(line->no_empty_text, "--no-empty-text", "cli.contract.no_empty_text");
  out.arguments.option(line->rows, "--rows", "N", "cli.contract.rows");
  out.arguments.option(line->points, "--points", "N", "cli.contract.points");
  return out;
}

}  // namespace godwit::cli
