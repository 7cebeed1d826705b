#include "core/cli/context.hpp"

#include <istream>
#include <nlohmann/json.hpp>
#include <ostream>

#include "core/cli/json.hpp"
#include "core/host/observer.hpp"
#include "core/host/options.hpp"
#include "core/journal/journal.hpp"
#include "core/run/source_key.hpp"

namespace godwit::cli {
namespace {

// --lang, else the variables that POSIX names for it, else English.
Language language_of(const GlobalOptions& options, const std::map<std::string, std::string>& environment) {
  Language language = Language::en;
  if (parse_language(options.language, &language)) return language;
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const auto at = environment.find(name);
    if (at == environment.end() || at->second.empty()) continue;
    return at->second.starts_with("zh") ? Language::zh_cn : Language::en;
  }
  return language;
}

}  // namespace

Context::Context(World world, GlobalOptions options) : world_(std::move(world)), options_(std::move(options)), language_(language_of(options_, world_.environment)) {
  set_default_language(language_);
}
Context::~Context() = default;

std::string Context::say(std::string_view key, std::initializer_list<godwit::Argument> arguments) const { return text(key, language_, arguments); }

void Context::print_json(const Json& value) {
  out() << value.dump() << '\n';
}

Host& Context::host() {
  if (!host_) host_ = new_host();
  return *host_;
}

std::unique_ptr<Host> Context::new_host() {
  if (world_.make_host) return world_.make_host();
  HostOptions options = default_host_options();
  options.observer = observer_;
  return make_host(options);
}

Result<> Context::start_observing() {
  if (!options_.trace_boundary && options_.record.empty()) return {};
  GW_ASSIGN(observer_, make_observer(options_.trace_boundary ? world_.err : nullptr, options_.record.empty() ? std::filesystem::path() : path(options_.record)));
  return {};
}

bool Context::has_project() const {
  return static_cast<bool>(options_.project.empty() ? find_project(world_.folder) : find_project(path(options_.project)));
}

Result<const Project*> Context::project(bool resolve) {
  if (project_ && (resolved_ || !resolve)) return project_.get();
  GW_ASSIGN(const std::filesystem::path folder, find_project(options_.project.empty() ? world_.folder : path(options_.project)));
  LoadOptions how;
  how.resolve = resolve;
  GW_ASSIGN(Project project, load_project(folder, options_.environment, how));
  derive_source_keys(project);
  project_ = std::make_unique<Project>(std::move(project));
  resolved_ = resolve;
  // Who neither asked for a language nor has one set sees the project's.
  if (options_.language.empty() && language_ == Language::en) set_default_language(language_ = project_->language);
  return project_.get();
}

Result<std::unique_ptr<Connection>> Context::connect(std::string_view name, const std::map<std::string, std::string>& settings) {
  GW_ASSIGN(const Project* project, this->project());
  const ConnectionConfig* config = project->connection(name);
  if (config == nullptr) {
    std::string known;
    for (const ConnectionConfig& c : project->connections) known += (known.empty() ? "" : ", ") + c.name;
    return fail(2303, {{"seen", std::string(name)}, {"known", known}});
  }
  nlohmann::json given{{"@folder", project->folder.string()}};
  for (const auto& [setting, value] : config->settings) given[setting] = value;
  for (const auto& [setting, value] : settings) given[setting] = value;
  return host().open(config->connector, given);
}

Result<Journal*> Context::journal() {
  if (journal_) return journal_.get();
  GW_ASSIGN(const Project* project, this->project(false));
  host();  // so that the messages of connectors are known
  GW_ASSIGN(journal_, Journal::open(project->folder / ".godwit", Journal::Mode::read_only));
  return journal_.get();
}

Json error_json(const Error& error, Language language) {
  static constexpr const char* kKinds[] = {"", "retry", "row_rejected", "bad_config", "denied", "broken", "cancelled"};
  Json out{{"number", "GW-" + std::to_string(error.number)}, {"kind", kKinds[static_cast<int>(error.kind)]},
                             {"message", sentence(error, language)}, {"remedy", remedy(error, language)}};
  if (const std::string_view place = error.argument("place"); !place.empty()) out["place"] = place;
  out["arguments"] = Json::object();
  for (const auto& [name, value] : error.arguments)
    if (name != "place") out["arguments"][name] = value;
  return out;
}

void print_error(Context& context, const Error& error) {
  if (!context.json()) {
    context.err() << describe(error, context.language()) << '\n';
    return;
  }
  context.err() << Json{{"error", error_json(error, context.language())}}.dump() << '\n';
  for (const Error& more : error.more) print_error(context, more);
}

}  // namespace godwit::cli
