// godwit connectors: what can be read and written, from manifests alone.

#include <ostream>

#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/exit_code.hpp"
#include "core/cli/json.hpp"
#include "core/cli/table.hpp"
#include "core/model/nearest.hpp"

namespace godwit::cli {
namespace {

struct ConnectorsOptions {
  std::string name;
  bool manifest = false;
};

Json manifest_of(const ConnectorListing& c) {
  Json out = Json::object_of(c.manifest);
  if (!out.has("name")) out.set("name", c.name);
  return out;
}

bool is_true(const Json& object, std::string_view member) {
  const Json* found = object.find(member);
  return found != nullptr && found->is_true();
}

// The texts of a member that is a list.
std::string words(const Json& object, std::string_view member, std::string_view between) {
  std::string out;
  if (const Json* list = object.find(member); list != nullptr)
    for (const auto& [none, item] : list->items()) out += (out.empty() ? "" : std::string(between)) + item.text();
  return out;
}

void print_list(Context& context, const std::vector<ConnectorListing>& all) {
  if (context.json()) {
    Json out = Json::array();
    for (const ConnectorListing& c : all) {
      Json one = manifest_of(c);
      one.erase("messages");
      one["library"] = c.library;
      if (c.problem) one["problem"] = error_json(*c.problem, context.language());
      out.push_back(std::move(one));
    }
    context.print_json(out);
    return;
  }
  if (all.empty()) {
    context.out() << context.say("cli.connectors.none") << '\n';
    return;
  }
  Table table(context.out(), {{context.say("cli.connectors.name")}, {context.say("cli.connectors.version")}, {context.say("cli.connectors.does")},
                              {context.say("cli.connectors.delivery")}, {context.say("cli.connectors.files")}, {context.say("cli.connectors.title")}}, 60);
  for (const ConnectorListing& c : all) {
    const Json m = manifest_of(c);
    const bool reads = is_true(m, "reads"), writes = is_true(m, "writes");
    table.row({c.name, c.version, context.say(reads && writes ? "cli.connectors.both" : writes ? "cli.connectors.writes" : "cli.connectors.reads"),
               m.text("delivery"), words(m, "extensions", " "), c.title});
  }
  table.finish();
  for (const ConnectorListing& c : all)
    if (c.problem) context.err() << describe(*c.problem, context.language()) << '\n';
}

std::string values_of(Context& context, const Json& s) {
  std::string out = s.has("choices") ? words(s, "choices", " | ") : s.text("kind");
  if (s.has("unit")) out += " (" + s.text("unit") + ")";
  if (s.has("min") || s.has("max")) out += " " + s.text("min") + "…" + s.text("max");
  if (is_true(s, "secret")) out += " " + context.say("cli.connectors.secret");
  return out;
}

void print_one(Context& context, const ConnectorListing& c) {
  const Json m = manifest_of(c);
  if (context.json()) return context.print_json(m);
  std::ostream& out = context.out();
  out << c.title << " (" << c.name << " " << c.version << ")\n";
  if (!c.library.empty()) out << c.library << '\n';
  out << '\n';
  const Json* settings = m.find("settings");
  if (settings == nullptr) return;
  for (const auto& [none, s] : settings->items()) {
    const std::string initial = is_true(s, "required") ? context.say("cli.connectors.required") : s.text("default");
    out << "  " << s.text("name") << ": " << values_of(context, s);
    if (!initial.empty()) out << "  [" << initial << "]";
    out << "\n      " << s.text("help") << '\n';
  }
}

Result<int> run_connectors(Context& context, const ConnectorsOptions& options) {
  const std::vector<ConnectorListing> all = context.host().list();
  if (options.name.empty()) {
    print_list(context, all);
    return kExitFinished;
  }
  std::vector<std::string_view> names;
  std::string known;
  for (const ConnectorListing& c : all) {
    names.push_back(c.name), known += (known.empty() ? "" : ", ") + c.name;
    if (c.name != options.name) continue;
    if (options.manifest) context.out() << c.manifest;
    else print_one(context, c);
    if (c.problem) return Failure(*c.problem);
    return kExitFinished;
  }
  return fail(3000, {{"seen", options.name}, {"nearest", std::string(nearest(options.name, names))}, {"known", known.empty() ? "-" : known}});
}

}  // namespace

Command connectors_command() {
  auto options = std::make_shared<ConnectorsOptions>();
  Command out{"connectors", Group::prepare, 10, {}, [options](Context& context) { return run_connectors(context, *options); }};
  out.arguments.positional(options->name, "NAME", "cli.connectors.which", false);
  out.arguments.flag(options->manifest, "--manifest", "cli.connectors.manifest");
  return out;
}

}  // namespace godwit::cli
