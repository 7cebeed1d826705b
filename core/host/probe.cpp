#include "core/host/probe.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "core/host/elf.hpp"
#include "core/host/http_service.hpp"
#include "core/host/library.hpp"
#include "core/host/wire.hpp"
#include "core/model/read_text.hpp"

extern char** environ;

namespace godwit {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::string_view kStep = "godwit-probe step: ";

// A file name in the cache that no other state of any library has.
std::string cache_name(const std::filesystem::path& library, const struct stat& file, const std::string& connector) {
  std::string key = library.string() + '\n' + connector;
  for (const auto number : {static_cast<long long>(file.st_size), static_cast<long long>(file.st_mtim.tv_sec),
                            static_cast<long long>(file.st_mtim.tv_nsec), static_cast<long long>(file.st_ino), static_cast<long long>(GW_ABI_VERSION)})
    key += '\n' + std::to_string(number);
  std::uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  char name[17];
  std::snprintf(name, sizeof name, "%016llx", static_cast<unsigned long long>(hash));
  return name;
}

// What the child wrote and how it ended.
struct Child {
  std::string output;
  int status = 0;
  bool hung = false;
};

// A file that nobody else sees, with `text` in it and read from its start; -1 when there is no room.
int unnamed_file(const std::string& text) {
  const int file = memfd_create("godwit-settings", MFD_CLOEXEC);
  if (file >= 0 && (write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size()) || lseek(file, 0, SEEK_SET) != 0)) return close(file), -1;
  return file;
}

Result<Child> run_child(const std::filesystem::path& program, const std::filesystem::path& library, const Tried& tried, std::chrono::milliseconds timeout) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail(3019, {{"seen", std::strerror(errno)}});
  // Settings may hold secrets: neither arguments nor the environment carry them, which other users can see.
  const int settings = unnamed_file(tried.settings_json);
  if (settings < 0) return close(ends[0]), close(ends[1]), fail(3019, {{"seen", std::strerror(errno)}});
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, settings, STDIN_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::string program_text = program.string(), library_text = library.string(), connector = tried.connector;
  char* arguments[] = {program_text.data(), library_text.data(), connector.empty() ? nullptr : connector.data(), nullptr};
  pid_t pid = 0;
  const int refused = posix_spawn(&pid, program_text.c_str(), &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]), close(settings);
  if (refused != 0) {
    close(ends[0]);
    return fail(3019, {{"place", program_text}, {"seen", std::strerror(refused)}});
  }
  Child child;
  const auto deadline = Clock::now() + timeout;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd waiting{ends[0], POLLIN, 0};
    const int ready = left <= 0 ? 0 : poll(&waiting, 1, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) {
      child.hung = true;
      break;
    }
    char bytes[4096];
    const ssize_t n = read(ends[0], bytes, sizeof bytes);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    // A library that talks without end is cut off; the verdict is the last line anyway.
    child.output.append(bytes, static_cast<std::size_t>(n));
    if (child.output.size() > (1u << 20)) child.output.erase(0, child.output.size() - (1u << 16));
  }
  close(ends[0]);
  // The pipe is closed but the process may live on (it closed its output and hangs): it gets the time that is left.
  while (!child.hung) {
    const pid_t done = waitpid(pid, &child.status, WNOHANG);
    if (done == pid || (done < 0 && errno != EINTR)) return child;
    if (Clock::now() >= deadline) child.hung = true;
    else usleep(1000);
  }
  kill(pid, SIGKILL);
  while (waitpid(pid, &child.status, 0) < 0 && errno == EINTR) {
  }
  return child;
}

// The lines that the child wrote, the last one apart. The library may have printed lines of its own.
std::string last_line(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

// Name of the step that the child had begun, or "load".
std::string last_step(const std::string& output) {
  const std::size_t at = output.rfind(kStep);
  return at == std::string::npos ? "load" : output.substr(at + kStep.size(), output.find('\n', at) - at - kStep.size());
}

// Whether the child got through all it was asked to do; false when it stopped for a reason that is no fault of the library's.
Result<bool> verdict(const Child& child, const std::filesystem::path& library, std::chrono::milliseconds timeout) {
  const std::string place = library.string(), step = last_step(child.output);
  if (child.hung && step != "load") return false;
  if (child.hung) return fail(3006, {{"place", place}, {"expected", std::to_string(timeout.count()) + " ms"}});
  if (WIFSIGNALED(child.status)) return fail(3005, {{"place", place}, {"call", step}, {"seen", strsignal(WTERMSIG(child.status))}});
  const std::string line = last_line(child.output);
  if (line == "ok" && WEXITSTATUS(child.status) == 0) return true;
  if (line == "refused" && WEXITSTATUS(child.status) == 0) return false;
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (json.is_object() && json.contains("number"))
    return Failure(wire::error_of(json.value("number", 0), static_cast<int>(ErrorKind::bad_config), json.value("arguments", nlohmann::json::object()), "probe"));
  return fail(3005, {{"place", place}, {"call", step}, {"seen", "exit code " + std::to_string(WEXITSTATUS(child.status))}});
}

// Opens, checks, describes: false when the connector refused. Whatever it answers is the host's to judge later.
bool try_connection(const gw_connector_api& api, const std::string& settings) {
  const auto step = [](const char* name) { std::printf("%.*s%s\n", static_cast<int>(kStep.size()), kStep.data(), name), std::fflush(stdout); };
  gw_host host{};
  host.struct_size = sizeof host;
  host.log = [](void*, std::int32_t, gw_str) {};
  host.now_us = [](void*) -> std::int64_t { return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count(); };
  host.cancelled = [](void*) -> std::int32_t { return 0; };
  HttpService http({});
  host.ctx = &http;
  host.http_open = [](void* ctx, gw_str rules, gw_http_client** out, gw_error* error) -> std::int32_t {
    auto opened = static_cast<HttpService*>(ctx)->open(wire::view(rules));
    if (!opened) return wire::give_error(opened.error(), error);
    return *out = *opened, GW_OK;
  };
  set_http_members(host);
  gw_connection* connection = nullptr;
  step("open");
  if (!wire::call("open", api.open, static_cast<const gw_host*>(&host), wire::str(settings), &connection) || connection == nullptr) return false;
  gw_text text{};
  step("check");
  const bool checked = static_cast<bool>(wire::call("check", api.check, connection, &text));
  const auto facts = wire::parse_facts(wire::take(&text));
  bool described = checked && facts;
  if (described && !facts->objects.empty()) {
    gw_text description{};
    step("describe");
    described = static_cast<bool>(wire::call("describe", api.describe, connection, wire::str(facts->objects.front()), &description));
    wire::take(&description);
  }
  step("close");
  api.close(connection);
  return described;
}

}  // namespace

Result<> probe_library(const std::filesystem::path& library, const HostOptions& options, const Tried& tried) {
  struct stat file;
  if (stat(library.c_str(), &file) != 0) return fail(3001, {{"place", library.string()}, {"seen", std::strerror(errno)}});
  const std::filesystem::path mark = options.cache.empty() ? options.cache : options.cache / cache_name(library, file, tried.connector);
  std::error_code ignored;  // a cache that cannot be read or written only costs a probe
  if (!mark.empty() && std::filesystem::exists(mark, ignored)) return {};
  GW_ASSIGN(const LibraryNeeds needs, read_needs(library));
  GW_TRY(check_needs(needs, library.string()));
  GW_ASSIGN(const Child child, run_child(options.probe, library, tried, options.probe_timeout));
  GW_ASSIGN(const bool whole, verdict(child, library, options.probe_timeout));
  if (whole && !mark.empty()) {
    std::filesystem::create_directories(options.cache, ignored);
    std::ofstream(mark) << library.string() << '\n';
  }
  return {};
}

int probe_main(int argc, char** argv) {
  if (argc != 2 && argc != 3) return std::fprintf(stderr, "usage: godwit-probe LIBRARY [CONNECTOR < SETTINGS]\n"), 2;
  const auto loaded = load_library(argv[1]);
  if (loaded) {
    const gw_connector_api* api = argc == 3 ? find_connector(**loaded, argv[2]) : nullptr;
    const std::string settings = api == nullptr ? std::string() : read_text(std::cin).value_or("");
    const bool whole = api == nullptr || try_connection(*api, settings);
    return std::puts(whole ? "ok" : "refused"), std::fflush(stdout), 0;
  }
  auto arguments = nlohmann::json::object();
  for (const auto& [name, value] : loaded.error().arguments) arguments[name] = value;
  const nlohmann::json out{{"number", loaded.error().number}, {"arguments", arguments}};
  std::puts(out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  return std::fflush(stdout), 1;
}

}  // namespace godwit
