#include "core/cli/program.hpp"

#include <algorithm>
#include <exception>
#include <ostream>

#include "core/cli/exit_code.hpp"
#include "core/cli/help.hpp"
#include "core/cli/parse.hpp"
#include "core/run/version.hpp"

namespace godwit::cli {
namespace {

int run_guarded(std::vector<std::string> line, World& world) {
  std::vector<Command> all = commands();
  GlobalOptions options;
  bool help = false, version = false;
  const Arguments globals = global_arguments(options, help, version);
  Result<Parsed> parsed = parse_line(line, globals, all);
  Language known = Language::en;
  if (parsed && !options.language.empty() && !parse_language(options.language, &known))
    parsed = fail(2306, {{"seen", options.language}});
  Context context(world, options);
  if (!parsed) {
    print_error(context, parsed.error());
    return exit_code(parsed.error());
  }
  if (version) {
    context.out() << "godwit " << kVersion << '\n';
    return kExitFinished;
  }
  if (parsed->command == nullptr) {
    print_help(context, all, globals);
    return help ? kExitFinished : kExitConfig;
  }
  if (help) {
    print_help(context, *parsed->command, globals);
    return kExitFinished;
  }
  const Result<> observing = context.start_observing();
  const Result<int> done = observing ? parsed->command->run(context) : Result<int>(Failure(observing.error()));
  context.out().flush();
  if (done) return *done;
  print_error(context, done.error());
  return exit_code(done.error());
}

}  // namespace

int run_program(std::vector<std::string> arguments, World world) {
  std::ostream& err = *world.err;
  try {
    return run_guarded(std::move(arguments), world);
  } catch (const std::exception& e) {
    err << describe(make_error(5900, {{"seen", e.what()}})) << '\n';
  } catch (...) {
    err << describe(make_error(5900, {{"seen", "unknown exception"}})) << '\n';
  }
  return kExitInternal;
}

}  // namespace godwit::cli
