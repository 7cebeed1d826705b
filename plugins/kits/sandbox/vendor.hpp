#pragma once
// What a vendor's sandbox is made of: a class that derives from Vendor, and a main() that calls run_sandbox(). All else (options,
// HTTP, limits, faults, statistics, recording, the data file) is done around it.
//
//   class Acme : public Vendor {
//     std::string_view name() const override { return "acme"; }
//     std::string metadata() const override { return kMetadataJson; }   // of "sandbox_metadata.hpp", made by godwit_add_sandbox()
//     void start(World& world) override {
//       world.router.on("GET", "/things/{id}", [&](Request& r) { return thing(world, r); });
//     }
//     Answer refuse(Refusal why, const Request& request) override { ... }   // in Acme's words
//   };
//   int main(int argc, char** argv) { Acme acme; return godwit::sandbox::run_sandbox(argc, argv, acme); }

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/kits/sandbox/clock.hpp"
#include "plugins/kits/sandbox/database.hpp"
#include "plugins/kits/sandbox/exchange.hpp"
#include "plugins/kits/sandbox/faults.hpp"
#include "plugins/kits/sandbox/limits.hpp"
#include "plugins/kits/sandbox/model.hpp"
#include "plugins/kits/sandbox/options.hpp"
#include "plugins/kits/sandbox/router.hpp"
#include "plugins/kits/sandbox/stats.hpp"
#include "plugins/kits/sandbox/store.hpp"

namespace godwit::sandbox {

// Why a call is answered by the program and not by a handler.
enum class Refusal {
  unknown_path,
  wrong_method,
  rate,          // too many calls in a window
  daily,         // the day's quota is used up
  concurrent,    // too many calls at the same time
  server_error,  // a fault, or an error of the sandbox itself
  bad_encoding,  // the body cannot be unpacked, or is too large
  locked,        // a `lock` fault on a call that does not look at Request::locked itself
};

// A behaviour that --set NAME=VALUE chooses: each fact that a contract leaves unconfirmed is one.
struct Switch {
  std::string name, initial;
  std::vector<std::string> values;  // what it may be; empty: any text
  std::string help;
};

// What one call costs.
struct Charge {
  std::string window = "all";  // calls with the same word share a window; "": not counted in any
  std::int64_t daily = 1;      // of the day's quota
  bool concurrent = true;      // counted among the calls at the same time
};

// Everything that a handler may use. Lives from start() to the end of the program.
struct World {
  const Options& options;
  Clock& clock;
  Database& database;
  const Model& model;
  Store& store;
  Router& router;
  Faults& faults;
  Stats& stats;
  DailyQuota& daily;
  Windows& windows;
  Pace& pace;                                   // --records-per-second
  std::map<std::string, std::string> switches;  // filled: every switch of the vendor has its value
  std::atomic<bool> stopping{false};            // the program ends: background work returns soon

  const std::string& setting(const std::string& name) const { return switches.at(name); }
  bool on(const std::string& name) const { return setting(name) == "yes"; }
  // A word nobody can guess; with --seed the same ones in the same order.
  std::string secret(std::size_t characters);
};

class Vendor {
 public:
  virtual ~Vendor() = default;
  virtual std::string_view name() const = 0;
  // The built-in metadata, JSON as model.hpp has it, and what its type names mean.
  virtual std::string metadata() const = 0;
  // More of it that switches ask for, laid over the built-in one and below what --metadata brings.
  virtual std::vector<std::string> metadata_of(const std::map<std::string, std::string>& /*switches*/) const { return {}; }
  // Last look at all texts of the metadata, the built-in one first, then those of --metadata: a vendor whose every object has fields of the
  // system adds them here. Throws ModelError.
  virtual std::vector<std::string> completed(std::vector<std::string> texts) const { return texts; }
  virtual std::map<std::string, Kind> kinds() const = 0;
  virtual std::string id_column() const = 0;
  virtual std::vector<Switch> switches() const { return {}; }
  // The vendor's limits; options of the command line change them.
  virtual LimitRules limits() const { return {}; }
  // Adds routes, makes tables of its own, seeds what a new tenant has. Called once, before the first call comes in, under
  // Database::lock() and in a transaction.
  virtual void start(World& world) = 0;
  // Starts background work; called after start(), without the lock.
  virtual void begin_work(World&) {}
  // Ends it; called before the program ends. World::stopping is set.
  virtual void end_work() {}
  virtual Charge charge(const Request&) const { return {}; }
  // In the vendor's own words and shape. `wait_ms`: how long until a limit lets calls through again; 0 where that does not apply.
  virtual Answer refuse(Refusal why, const Request& request, std::int64_t wait_ms) = 0;
  // Looks at Request::locked itself for this call; otherwise a `lock` fault refuses the whole call.
  virtual bool handles_lock(const Request&) const { return false; }
  // Adds what every answer carries, such as headers about limits. Under Database::lock().
  virtual void finish(const Request&, Answer&) {}
  // More for GET /__sandbox/stats. Under Database::lock().
  virtual void add_stats(Json&) {}
};

// The whole program: reads the command line, serves until SIGTERM or SIGINT, gives the exit code. 2: the command line, the metadata
// or the data file cannot be used.
int run_sandbox(int argc, char** argv, Vendor& vendor);

}  // namespace godwit::sandbox
