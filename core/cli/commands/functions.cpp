// godwit functions: the mapping language's functions, with their examples.

#include <ostream>

#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/exit_code.hpp"
#include "core/cli/json.hpp"
#include "core/cli/table.hpp"
#include "core/expr/function.hpp"
#include "core/model/nearest.hpp"

namespace godwit::cli {
namespace {

struct FunctionsOptions {
  std::string name;
  bool markdown = false;
};

std::string signature(const Function& f) {
  std::string out = std::string(f.name) + "(";
  for (std::size_t i = 0; i < f.parameters.size(); ++i) {
    const Parameter& p = f.parameters[i];
    std::string one(p.name);
    if (p.variadic) one += ", …";
    if (p.optional) one = "[" + one + "]";
    out += (i == 0 ? "" : ", ") + one;
  }
  return out + ")";
}

Json to_json(const Function& f) {
  Json out{{"name", f.name}, {"group", f.group}, {"summary", f.summary}, {"signature", signature(f)}, {"parameters", Json::array()},
                   {"examples", Json::array()}};
  for (const Parameter& p : f.parameters)
    out["parameters"].push_back({{"name", p.name}, {"optional", p.optional}, {"constant", p.constant}, {"variadic", p.variadic}, {"help", p.help}});
  for (const Example& e : f.examples) out["examples"].push_back({{"call", e.call}, {"result", e.result}});
  return out;
}

void print_one(Context& context, const Function& f) {
  if (context.json()) return context.print_json(to_json(f));
  std::ostream& out = context.out();
  out << signature(f) << "\n\n  " << f.summary << '\n';
  if (!f.parameters.empty()) out << '\n';
  for (const Parameter& p : f.parameters) {
    out << "  " << p.name << (p.optional ? " " + context.say("cli.functions.optional") : "") << (p.constant ? " " + context.say("cli.functions.constant") : "");
    out << (p.help.empty() ? "" : ": ") << p.help << '\n';
  }
  if (!f.examples.empty()) out << '\n';
  for (const Example& e : f.examples) out << "  " << e.call << "  →  " << e.result << '\n';
}

Result<int> run_functions(Context& context, const FunctionsOptions& options) {
  if (options.markdown) {
    context.out() << functions_reference_markdown();
    return kExitFinished;
  }
  if (!options.name.empty()) {
    if (const Function* f = find_function(options.name); f != nullptr) {
      print_one(context, *f);
      return kExitFinished;
    }
    std::vector<std::string_view> names;
    for (const Function& f : functions()) names.push_back(f.name);
    return fail(2330, {{"seen", options.name}, {"nearest", std::string(nearest(options.name, names))}});
  }
  if (context.json()) {
    Json out = Json::array();
    for (const Function& f : functions()) out.push_back(to_json(f));
    context.print_json(out);
    return kExitFinished;
  }
  Table table(context.out(), {{context.say("cli.functions.group")}, {context.say("cli.functions.call")}, {context.say("cli.functions.does")}}, 100);
  std::vector<std::string_view> groups;
  for (const Function& f : functions())
    if (std::find(groups.begin(), groups.end(), f.group) == groups.end()) groups.push_back(f.group);
  for (const std::string_view group : groups)
    for (const Function& f : functions())
      if (f.group == group) table.row({std::string(f.group), signature(f), std::string(f.summary)});
  return kExitFinished;
}

}  // namespace

Command functions_command() {
  auto options = std::make_shared<FunctionsOptions>();
  Command out{"functions", Group::prepare, 40, {}, [options](Context& context) { return run_functions(context, *options); }};
  out.arguments.positional(options->name, "NAME", "cli.functions.which", false);
  out.arguments.flag(options->markdown, "--markdown", "cli.functions.markdown");
  return out;
}

}  // namespace godwit::cli
