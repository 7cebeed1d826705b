#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "plugins/kits/sandbox/codec.hpp"
#include "plugins/kits/sandbox/dispatcher.hpp"
#include "plugins/kits/sandbox/server.hpp"

namespace godwit::sandbox {
namespace {

void print_help(const Vendor& vendor) {
  std::printf("usage: godwit-sandbox-%s --data FILE [options]\n\nA local simulation of this vendor's API.\n\n%s", std::string(vendor.name()).c_str(), options_help());
  std::printf("\nSwitches (--set NAME=VALUE), the first value is the default where none is named:\n");
  for (const Switch& one : vendor.switches()) {
    std::string values;
    for (const std::string& value : one.values) values += (values.empty() ? "" : "|") + value;
    std::printf("  %s=%s%s%s\n      %s\n", one.name.c_str(), one.initial.c_str(), values.empty() ? "" : "   of ", values.c_str(), one.help.c_str());
  }
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error(path + ": cannot be read");
  std::ostringstream out;
  out << in.rdbuf();
  return std::move(out).str();
}

std::map<std::string, std::string> settle_switches(const Options& options, const std::vector<Switch>& known) {
  std::map<std::string, std::string> out;
  for (const Switch& one : known) out[one.name] = one.initial;
  for (const auto& [name, value] : options.switches) {
    const auto found = std::find_if(known.begin(), known.end(), [&](const Switch& one) { return one.name == name; });
    if (found == known.end()) throw std::runtime_error("--set " + name + ": there is no such switch; --help lists them");
    if (!found->values.empty() && std::find(found->values.begin(), found->values.end(), value) == found->values.end()) {
      std::string values;
      for (const std::string& one : found->values) values += " " + one;
      throw std::runtime_error("--set " + name + ": \"" + value + "\" is none of" + values);
    }
    out[name] = value;
  }
  return out;
}

LimitRules settle_limits(const Options& options, LimitRules rules) {
  if (options.rate) rules.window.calls = *options.rate;
  if (options.per_seconds) rules.window.per_ms = std::max<std::int64_t>(1, static_cast<std::int64_t>(*options.per_seconds * 1000));
  if (options.sliding) rules.window.sliding = *options.sliding;
  if (options.daily) rules.daily.quota = *options.daily;
  if (options.records_per_second) rules.records_per_second = *options.records_per_second;
  return rules;
}

// Signals are taken by this thread alone: blocked before any other is made.
sigset_t block_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

void serve(const Options& options, Vendor& vendor) {
  const sigset_t signals = block_signals();
  std::map<std::string, std::string> switches = settle_switches(options, vendor.switches());
  std::vector<std::string> texts{vendor.metadata()};
  for (std::string& text : vendor.metadata_of(switches)) texts.push_back(std::move(text));
  for (const std::string& file : options.metadata) texts.push_back(read_file(file));
  const Model model(vendor.completed(std::move(texts)), vendor.kinds());
  const LimitRules rules = settle_limits(options, vendor.limits());
  Clock clock(options.clock_offset_ms);
  Database database(options.data);
  Store store(database, model, vendor.id_column());
  Router router;
  Faults faults(options.seed);
  for (const Fault& fault : options.faults) faults.add(fault);
  Stats stats;
  DailyQuota daily(rules.daily, database);
  Windows windows(rules.window);
  Pace pace(rules.records_per_second);
  Recorder recorder(options.record);
  World world{options, clock, database, model, store, router, faults, stats, daily, windows, pace, std::move(switches)};
  {
    const auto lock = database.lock();
    Savepoint transaction(database);
    daily.used(clock.now_ms());
    vendor.start(world);
    transaction.keep();
  }
  Dispatcher dispatcher(world, vendor, recorder);
  vendor.begin_work(world);
  {
    Server server(options, dispatcher);
    std::printf("listening on %s\n", server.address().c_str());
    std::fflush(stdout);
    int signal = 0;
    sigwait(&signals, &signal);
    world.stopping = true;
    server.stop();
  }
  vendor.end_work();
}

}  // namespace

std::string World::secret(std::size_t characters) {
  const auto lock = database.lock();
  return random_word(options.seed, static_cast<std::uint64_t>(database.next("secret")), characters);
}

int run_sandbox(int argc, char** argv, Vendor& vendor) {
  Options options;
  std::string error;
  if (!parse_options(argc, argv, options, error)) {
    std::fprintf(stderr, "godwit-sandbox-%s: %s\nHow to write it: --help.\n", std::string(vendor.name()).c_str(), error.c_str());
    return 2;
  }
  if (options.help) return print_help(vendor), 0;
  try {
    serve(options, vendor);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "godwit-sandbox-%s: %s\n", std::string(vendor.name()).c_str(), e.what());
    return 2;
  }
  return 0;
}

}  // namespace godwit::sandbox
