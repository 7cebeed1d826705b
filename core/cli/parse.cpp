#include "core/cli/parse.hpp"

#include <CLI/CLI.hpp>

#include "core/model/nearest.hpp"

namespace godwit::cli {
namespace {

void declare(CLI::App& app, const Argument& argument) {
  if (argument.rest) return;
  std::string names = argument.positional ? argument.name : argument.name + (argument.letter.empty() ? "" : "," + argument.letter);
  CLI::Option* option = nullptr;
  if (auto* const* flag = std::get_if<bool*>(&argument.target)) {
    option = app.add_flag(names, **flag);
  } else if (auto* const* text = std::get_if<std::string*>(&argument.target)) {
    option = app.add_option(names, **text);
  } else if (auto* const* number = std::get_if<std::optional<std::int64_t>*>(&argument.target)) {
    auto* target = *number;
    option = app.add_option_function<std::int64_t>(names, [target](std::int64_t value) { *target = value; });
    option->check(CLI::NonNegativeNumber);
  } else if (auto* const* several = std::get_if<std::vector<std::string>*>(&argument.target)) {
    // One value each time: "--set a=1 FILE" must not swallow FILE.
    option = app.add_option(names, **several)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  if (argument.positional) option->required(false);  // said by us, with the command's own usage
}

// Names of options that may follow, for "nearest".
std::string nearest_option(const std::string& seen, const Arguments& globals, const Command* command) {
  std::vector<std::string_view> known;
  const auto add = [&](const Arguments& arguments) {
    for (const Argument& a : arguments.all())
      if (!a.positional && !a.hidden) known.push_back(a.name);
  };
  add(globals);
  if (command != nullptr) add(command->arguments);
  return std::string(nearest(seen.substr(0, seen.find('=')), known));
}

bool is_empty(const Argument& argument) {
  if (auto* const* text = std::get_if<std::string*>(&argument.target)) return (*text)->empty();
  if (auto* const* several = std::get_if<std::vector<std::string>*>(&argument.target)) return (*several)->empty();
  return false;
}

// The rest of the line of a command that hands it on, cut off: what stands behind the command's first positional is not ours to
// understand. `godwit --lang en sandbox acme --port 1`: --port and 1.
void cut_rest(std::vector<std::string>& line, const Arguments& globals, const std::vector<Command>& commands) {
  const auto takes_value = [&](const std::string& word) {
    for (const Argument& a : globals.all())
      if (word == a.name || word == a.letter) return !std::holds_alternative<bool*>(a.target);
    return false;
  };
  std::size_t at = 0;
  while (at < line.size() && line[at].starts_with('-')) at += takes_value(line[at]) ? 2 : 1;
  if (at + 1 >= line.size() || line[at + 1].starts_with('-')) return;
  for (const Command& command : commands) {
    if (command.name != line[at]) continue;
    for (const Argument& a : command.arguments.all()) {
      if (!a.rest) continue;
      const auto begin = line.begin() + static_cast<std::ptrdiff_t>(at) + 2;
      std::get<std::vector<std::string>*>(a.target)->assign(begin, line.end());
      line.erase(begin, line.end());
      return;
    }
  }
}

}  // namespace

Arguments global_arguments(GlobalOptions& options, bool& help, bool& version) {
  Arguments out;
  out.option(options.project, "--project", "DIR", "cli.global.project", "-C");
  out.option(options.environment, "--env", "NAME", "cli.global.env");
  out.flag(options.json, "--json", "cli.global.json");
  out.option(options.language, "--lang", "en|zh-CN", "cli.global.lang");
  out.flag(options.quiet, "--quiet", "cli.global.quiet", "-q");
  out.flag(options.trace_boundary, "--trace-boundary", "cli.global.trace_boundary");
  out.option(options.record, "--record", "FILE", "cli.global.record");
  out.flag(help, "--help", "cli.global.help", "-h");
  out.flag(version, "--version", "cli.global.version");
  return out;
}

Result<Parsed> parse_line(std::vector<std::string> line, const Arguments& globals, std::vector<Command>& commands) {
  cut_rest(line, globals, commands);
  CLI::App app;
  app.set_help_flag();
  app.allow_windows_style_options(false);
  app.require_subcommand(0, 1);
  app.allow_extras();
  for (const Argument& a : globals.all()) declare(app, a);
  Parsed out;
  std::map<const CLI::App*, Command*> by_app;
  for (Command& command : commands) {
    CLI::App* sub = app.add_subcommand(command.name);
    sub->set_help_flag();
    sub->fallthrough();
    sub->allow_extras();
    sub->prefix_command(false);
    for (const Argument& a : command.arguments.all()) declare(*sub, a);
    by_app[sub] = &command;
  }
  const auto named = [&]() -> Command* {
    for (const CLI::App* sub : app.get_subcommands()) return by_app.at(sub);
    return nullptr;
  };
  std::reverse(line.begin(), line.end());  // CLI11 takes a line from its end
  try {
    app.parse(line);
  } catch (const CLI::ParseError& e) {
    return fail(2302, {{"seen", e.what()}});
  }
  out.command = named();
  const std::vector<std::string> extras = app.remaining(true);
  bool help = false;
  for (const Argument& a : globals.all())
    if (a.name == "--help") help = *std::get<bool*>(a.target);
  if (!extras.empty()) {
    const std::string& seen = extras.front();
    if (seen.starts_with('-') && seen.size() > 1)
      return fail(2301, {{"seen", seen}, {"nearest", nearest_option(seen, globals, out.command)}, {"command", out.command == nullptr ? "" : out.command->name}});
    if (out.command == nullptr) {
      std::vector<std::string_view> names;
      for (const Command& c : commands) names.push_back(c.name);
      return fail(2300, {{"seen", seen}, {"nearest", std::string(nearest(seen, names))}});
    }
    return fail(2305, {{"seen", seen}, {"command", out.command->name}});
  }
  if (out.command == nullptr || help) return out;
  for (const Argument& a : out.command->arguments.all())
    if (a.positional && a.required && is_empty(a)) return fail(2304, {{"expected", a.name}, {"command", out.command->name}});
  return out;
}

}  // namespace godwit::cli
