#pragma once
// What a command works with: where it writes, in which language, and the project, connectors and journal, each made
// when first asked for.

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/cli/json.hpp"
#include "core/config/project.hpp"
#include "core/host/connection.hpp"
#include "core/model/catalogue.hpp"
#include "core/model/result.hpp"

namespace godwit {
class BoundaryObserver;
class Journal;
}

namespace godwit::cli {

// The world around the program; tests give their own.
struct World {
  std::ostream* out = nullptr;
  std::ostream* err = nullptr;
  std::istream* in = nullptr;
  bool out_is_terminal = false, err_is_terminal = false;
  int terminal_width = 80;
  std::filesystem::path folder;               // the working directory
  std::vector<std::string> arguments;         // the whole line as the process got it, program first; empty in tests
  std::map<std::string, std::string> environment;  // of the variables that the program looks at
  std::function<std::unique_ptr<Host>()> make_host;  // empty: make_host()
};

// Options that every command takes.
struct GlobalOptions {
  bool json = false;
  std::string language, project, environment;  // --lang, --project, --env
  bool quiet = false;
  bool trace_boundary = false;
  std::string record;  // file, or ""
};

// One thread.
class Context {
 public:
  Context(World world, GlobalOptions options);
  ~Context();

  std::ostream& out() { return *world_.out; }
  std::ostream& err() { return *world_.err; }
  std::istream& in() { return *world_.in; }
  const World& world() const { return world_; }
  const GlobalOptions& options() const { return options_; }
  bool json() const { return options_.json; }
  Language language() const { return language_; }
  // Whether --lang asks for it, rather than the environment or the project.
  bool language_given() const { return !options_.language.empty(); }
  // The catalogue's text in the user's language.
  std::string say(std::string_view key, std::initializer_list<godwit::Argument> arguments = {}) const;
  // One JSON value on a line of its own.
  void print_json(const Json& value);

  // `path` as the user wrote it, relative to the working directory.
  std::filesystem::path path(std::string_view path) const { return world_.folder / path; }

  Host& host();
  // One of its own, apart from host(): for who stops a host and goes on.
  std::unique_ptr<Host> new_host();
  // Begins --trace-boundary and --record; before the first host. GW-3038 when the file cannot be made.
  Result<> start_observing();
  // The project of --project or of the folder that the user stands in; GW-2001 when there is none. With
  // `resolve` false, secrets and variables stay as written, for commands that open no connection.
  Result<const Project*> project(bool resolve = true);
  // Whether there is a project at all.
  bool has_project() const;
  // A connection of the project, with `settings` laid over its own.
  Result<std::unique_ptr<Connection>> connect(std::string_view name, const std::map<std::string, std::string>& settings = {});
  // The project's journal, read only; GW-5004 when nothing was ever run.
  Result<Journal*> journal();

 private:
  World world_;
  GlobalOptions options_;
  Language language_;
  std::shared_ptr<BoundaryObserver> observer_;
  std::unique_ptr<Host> host_;
  std::unique_ptr<Project> project_;
  bool resolved_ = false;
  std::unique_ptr<Journal> journal_;
};

// The error as people or machines read it: text, or with --json one object per error.
void print_error(Context& context, const Error& error);
// {"number": "GW-2004", "kind": "...", "message": "...", "remedy": "...", "place": "...", "arguments": {...}}
Json error_json(const Error& error, Language language);

}  // namespace godwit::cli
