#include "core/cli/help.hpp"

#include <algorithm>
#include <ostream>

#include "core/cli/width.hpp"

namespace godwit::cli {
namespace {

struct Line {
  std::string left, right;
};

// The right column starts at the same place in all lines of a page, unless a left one is too long for it.
void print_lines(std::ostream& out, const std::vector<Line>& lines, int width) {
  for (const Line& line : lines) {
    const int used = display_width(line.left) + 2;
    out << "  " << line.left;
    if (used > width) out << "\n  " << std::string(static_cast<std::size_t>(width), ' ');
    else out << std::string(static_cast<std::size_t>(width - used + 2), ' ');
    out << line.right << '\n';
  }
}

int left_width(const std::vector<Line>& lines) {
  int width = 0;
  for (const Line& line : lines) width = std::max(width, std::min(28, display_width(line.left) + 2));
  return width;
}

std::vector<Line> option_lines(const Context& context, const Arguments& arguments) {
  std::vector<Line> out;
  for (const Argument& a : arguments.all()) {
    if (a.hidden) continue;
    std::string left = a.positional ? a.name : (a.letter.empty() ? "" : a.letter + ", ") + a.name;
    if (!a.value.empty()) left += " " + a.value;
    out.push_back({left, context.say(a.help)});
  }
  return out;
}

std::string key_of(const Command& command, std::string_view what) {
  std::string name = command.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return "cli." + name + "." + std::string(what);
}

}  // namespace

void print_help(Context& context, const std::vector<Command>& commands, const Arguments& globals) {
  std::ostream& out = context.out();
  out << context.say("cli.help.head") << "\n\n" << context.say("cli.help.usage") << "\n";
  static constexpr std::string_view kGroups[] = {"begin", "prepare", "migrate", "check", "look"};
  std::vector<Line> all;
  for (const Command& c : commands) all.push_back({c.name, context.say(key_of(c, "summary"))});
  const int width = left_width(all);
  for (std::size_t group = 0; group < std::size(kGroups); ++group) {
    std::vector<Line> lines;
    for (std::size_t i = 0; i < commands.size(); ++i)
      if (static_cast<std::size_t>(commands[i].group) == group) lines.push_back(all[i]);
    if (lines.empty()) continue;
    out << '\n' << context.say("cli.help.group." + std::string(kGroups[group])) << '\n';
    print_lines(out, lines, width);
  }
  const std::vector<Line> options = option_lines(context, globals);
  out << '\n' << context.say("cli.help.global") << '\n';
  print_lines(out, options, left_width(options));
  out << '\n' << context.say("cli.help.foot") << '\n';
}

void print_help(Context& context, const Command& command, const Arguments& globals) {
  std::ostream& out = context.out();
  std::string usage = "godwit " + command.name;
  Arguments positional, options;
  std::vector<Line> places, switches;
  for (const Argument& a : command.arguments.all()) {
    if (!a.positional) continue;
    const bool several = std::holds_alternative<std::vector<std::string>*>(a.target);
    usage += a.required ? " " + a.name : " [" + a.name + "]";
    if (several) usage += "...";
  }
  for (const Line& line : option_lines(context, command.arguments)) (line.left.starts_with('-') ? switches : places).push_back(line);
  if (!switches.empty()) usage += " " + context.say("cli.help.options_word");
  out << context.say(key_of(command, "summary")) << "\n\n" << context.say("cli.help.usage_word") << ' ' << usage << '\n';
  if (const std::string help = context.say(key_of(command, "help")); !help.empty()) out << '\n' << help << '\n';
  std::vector<Line> every = places;
  every.insert(every.end(), switches.begin(), switches.end());
  const std::vector<Line> common = option_lines(context, globals);
  every.insert(every.end(), common.begin(), common.end());
  const int width = left_width(every);
  if (!places.empty()) out << '\n', print_lines(out, places, width);
  if (!switches.empty()) out << '\n' << context.say("cli.help.options") << '\n', print_lines(out, switches, width);
  out << '\n' << context.say("cli.help.global") << '\n';
  print_lines(out, common, width);
}

}  // namespace godwit::cli
