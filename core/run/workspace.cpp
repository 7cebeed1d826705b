#include "core/run/workspace.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "core/model/nearest.hpp"
#include "core/run/source_key.hpp"
#include "core/run/version.hpp"

namespace godwit {
namespace {

constexpr int kNoSuchObject = 3030;

// With what relative paths start at.
nlohmann::json settings_json(const ConnectionConfig& config, const std::filesystem::path& folder) {
  nlohmann::json out{{"@folder", folder.string()}};
  for (const auto& [name, value] : config.settings) out[name] = value;
  return out;
}

// Adds the mistakes of one part to those of the whole, so that a check names all at once.
void gather(Error error, std::optional<Error>& all) {
  if (!all) {
    all = std::move(error);
    return;
  }
  std::vector<Error> more = std::move(error.more);
  error.more.clear();
  all->more.push_back(std::move(error));
  for (Error& e : more) all->more.push_back(std::move(e));
}

}  // namespace

Workspace::~Workspace() { flows_.clear(), references_.reset(); }

Result<std::unique_ptr<Workspace>> Workspace::open(Project project, Host& host, Options options) {
  std::unique_ptr<Workspace> w(new Workspace);
  w->project_ = std::move(project);
  derive_source_keys(w->project_);
  for (const std::string& name : options.only)
    if (w->project_.flow(name) == nullptr) {
      std::vector<std::string_view> known;
      for (const Flow& f : w->project_.flows) known.push_back(f.name);
      return fail(4060, {{"seen", name}, {"nearest", std::string(nearest(name, known))}});
    }
  GW_ASSIGN(w->order_, order_flows(w->project_));
  GW_ASSIGN(w->corrections_, Corrections::load(w->project_.folder));
  GW_TRY(w->connect(host));
  std::int64_t now_us = 0;
  if (options.now) {
    GW_ASSIGN(now_us, options.now(*w));
  }
  GW_TRY(w->compile(options, now_us));
  return w;
}

Result<> Workspace::connect(Host& host) {
  std::set<std::string> used;
  for (const Flow& f : project_.flows) {
    for (const ObjectRef& ref : f.from) used.insert(ref.connection);
    used.insert(f.to.connection);
  }
  std::optional<Error> mistakes;
  for (const std::string& name : used) {
    const ConnectionConfig* config = project_.connection(name);
    if (config == nullptr) {
      gather(make_error(4061, {{"seen", name}}), mistakes);
      continue;
    }
    auto opened = host.open(config->connector, settings_json(*config, project_.folder));
    if (!opened) {
      Error e = std::move(opened).error();
      if (e.argument("place").empty()) e.arguments.emplace_back("place", config->place.to_string());
      gather(std::move(e), mistakes);
      continue;
    }
    Open open{std::move(*opened), {}};
    auto facts = open.connection->check();
    if (!facts) {
      Error e = std::move(facts).error();
      if (e.argument("place").empty()) e.arguments.emplace_back("place", "connection " + name);
      gather(std::move(e), mistakes);
      continue;
    }
    open.facts = std::move(*facts);
    connections_.emplace(name, std::move(open));
  }
  if (mistakes) return Failure(std::move(*mistakes));
  return {};
}

Result<ObjectDescription> Workspace::describe(const ObjectRef& ref) {
  const std::string name = ref.connection + "." + ref.asked();
  if (const auto found = objects_.find(name); found != objects_.end()) return found->second;
  const auto open = connections_.find(ref.connection);
  if (open == connections_.end()) return fail(4061, {{"place", ref.place.to_string()}, {"seen", ref.connection}});
  auto description = open->second.connection->describe(ref.asked());
  if (!description) {
    Error e = std::move(description).error();
    if (e.argument("place").empty() && ref.place.line > 0) e.arguments.emplace_back("place", ref.place.to_string());
    return Failure(std::move(e));
  }
  objects_.emplace(name, *description);
  return *description;
}

Result<> Workspace::compile(const Options& options, std::int64_t now_us) {
  std::optional<Error> mistakes;
  std::map<std::string, RunReferences::FlowShape> shapes;
  std::map<std::string, std::vector<LackingField>> supplied;
  std::set<std::string> lacking_objects;
  std::map<std::string, std::pair<std::vector<ObjectDescription>, ObjectDescription>> described;
  for (const Flow& f : project_.flows) {
    auto& [sources, target] = described[f.name];
    bool whole = true;
    for (const ObjectRef& ref : f.from) {
      auto d = describe(ref);
      if (d) sources.push_back(std::move(*d));
      else gather(std::move(d).error(), mistakes), whole = false;
    }
    auto d = describe(f.to);
    if (!d && options.lists_lacking && d.error().number == kNoSuchObject) {
      lacking_objects.insert(f.name);
      ObjectDescription made_up;
      made_up.object = f.to.object;
      d = std::move(made_up);
    }
    if (d) target = std::move(*d);
    else gather(std::move(d).error(), mistakes), whole = false;
    if (!connection_writable(f.to.connection)) {
      gather(make_error(4062, {{"place", f.to.place.to_string()}, {"seen", f.to.connection}}), mistakes);
      whole = false;
    }
    if (!whole) continue;
    RunReferences::FlowShape shape;
    if (options.lists_lacking) supplied[f.name] = supply_key_fields(f, sources.front(), target);
    shape.id = id_shape(f, target);
    const Schema schema = sources.front().schema();
    for (const std::string& name : f.source_key)
      if (const int at = find_field(schema, name); at >= 0) shape.source_key.push_back(schema[static_cast<std::size_t>(at)].type);
    shapes.emplace(f.name, std::move(shape));
  }
  if (mistakes) return Failure(std::move(*mistakes));

  std::filesystem::path folder = options.state_folder;
  if (folder.empty()) {
    GW_ASSIGN(own_folder_, TemporaryFolder::make("workspace"));
    folder = own_folder_.path();
  }
  references_ = std::make_unique<RunReferences>(
      std::move(shapes), order_,
      [this](const std::string& object) -> Result<ObjectDescription> {
        const std::size_t dot = object.find('.');
        return describe(ObjectRef{object.substr(0, dot), dot == std::string::npos ? "" : object.substr(dot + 1), {}});
      },
      [this](const std::string& object, const std::vector<std::string>& columns) -> Result<std::unique_ptr<Reader>> {
        const std::size_t dot = object.find('.');
        ReadRequest request;
        request.object = object.substr(dot + 1), request.columns = columns;
        return connections_.at(object.substr(0, dot)).connection->open_reader(request);
      },
      folder / "lookups", options.state_memory);
  for (const std::string& name : order_.order) {
    if (!options.only.empty() && std::ranges::find(options.only, name) == options.only.end()) continue;
    references_->compiling(name);
    auto& [sources, target] = described[name];
    CompileContext context{&project_, references_.get(), now_us, options.lists_lacking};
    auto compiled = compile_flow(*project_.flow(name), std::move(sources), std::move(target), context);
    if (compiled) {
      auto& keys = supplied[name];
      compiled->lacking.insert(compiled->lacking.begin(), std::make_move_iterator(keys.begin()), std::make_move_iterator(keys.end()));
      compiled->object_lacking = lacking_objects.contains(name);
    }
    if (compiled) flows_.push_back(std::make_unique<CompiledFlow>(std::move(*compiled)));
    else gather(std::move(compiled).error(), mistakes);
  }
  if (mistakes) return Failure(std::move(*mistakes));
  return {};
}

bool Workspace::connection_writable(const std::string& name) const {
  const auto found = connections_.find(name);
  return found == connections_.end() || (found->second.connection->can_write() && found->second.facts.writable);
}

const CompiledFlow* Workspace::flow(std::string_view name) const {
  for (const auto& f : flows_)
    if (f->flow->name == name) return f.get();
  return nullptr;
}

std::string Workspace::target_identity() const {
  std::set<std::string> ids;
  for (const Flow& f : project_.flows) ids.insert(facts(f.to.connection).identity);
  std::string out;
  for (const std::string& id : ids) out += (out.empty() ? "" : "|") + id;
  return out;
}

std::string Workspace::target_display() const {
  std::set<std::string> names;
  for (const Flow& f : project_.flows) names.insert(facts(f.to.connection).display);
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::string Workspace::source_hash(const CompiledFlow& flow) const {
  std::string out;
  for (const ObjectDescription& d : flow.sources) out += (out.empty() ? "" : "+") + d.hash;
  return out;
}

std::string Workspace::extract_hash() const {
  // A short, order-independent name of the extract: the flows come in their own order, which the mapping decides.
  std::map<std::string, std::string> parts;
  for (const auto& f : flows_)
    for (std::size_t i = 0; i < f->sources.size(); ++i)
      parts[f->flow->from[i].connection + "." + f->flow->from[i].object] = f->sources[i].hash;
  ColumnBuilder texts(TypeId::utf8);
  std::string all;
  for (const auto& [name, hash] : parts) all += name + '=' + hash + '\n';
  texts.append_text(all);
  const Column one = texts.finish();
  const Hash128 h = hash_keys(std::span<const Column>(&one, 1)).front();
  return hash_text(h.high) + hash_text(h.low);
}

std::string Workspace::source_names(const Flow& flow) {
  std::string out;
  for (const ObjectRef& ref : flow.from) out += (out.empty() ? "" : " + ") + ref.connection + "." + ref.object;
  return out;
}

std::string Workspace::versions() const {
  nlohmann::ordered_json out{{"godwit", kVersion}};
  for (const auto& [name, open] : connections_)
    out[name] = {{"connector", open.connection->connector()}, {"system", open.facts.version}};
  return out.dump();
}

bool Workspace::is_parent(const std::string& flow) const {
  return std::ranges::any_of(order_.parents, [&](const auto& p) { return p.second.contains(flow); });
}

std::vector<Connection*> Workspace::source_connections(const CompiledFlow& flow) {
  std::vector<Connection*> out;
  for (const ObjectRef& ref : flow.flow->from) out.push_back(connections_.at(ref.connection).connection.get());
  return out;
}

Result<std::unique_ptr<Writer>> Workspace::open_writer(const CompiledFlow& flow, const std::string& run_id) {
  return open_writer(flow, run_id, flow.target_schema);
}

Result<std::unique_ptr<Writer>> Workspace::open_whole(const CompiledFlow& flow, const std::string& run_id) {
  Schema all = flow.target_schema;
  all.insert(all.end(), flow.unmapped_schema.begin(), flow.unmapped_schema.end());
  return open_writer(flow, run_id, std::move(all));
}

Result<std::unique_ptr<Writer>> Workspace::open_writer(const CompiledFlow& flow, const std::string& run_id, Schema columns) {
  WriteRequest request;
  request.object = flow.flow->to.object;
  request.columns = std::move(columns);
  for (std::size_t k = 0; k < flow.key_count; ++k) request.key.push_back(flow.columns[k].name);
  request.id = flow.id_field;
  request.run = run_id, request.flow = flow.flow->name;
  request.ledger = connection(flow.flow->to.connection).delivery() == Delivery::transactional;
  return connection(flow.flow->to.connection).open_writer(request);
}

Result<std::unique_ptr<Reader>> Workspace::open_target(const CompiledFlow& flow, const std::vector<std::string>& columns) {
  ReadRequest request;
  request.object = flow.flow->to.object, request.columns = columns;
  return connection(flow.flow->to.connection).open_reader(request);
}

}  // namespace godwit
