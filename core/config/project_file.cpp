// Reads godwit.yaml.

#include <array>
#include <nlohmann/json.hpp>

#include "core/config/parts.hpp"

namespace godwit::config {
namespace {

constexpr std::array<std::string_view, 9> kProjectKeys{"project", "language", "connections", "environments", "gates",
                                                       "totals",  "memory",   "signing_key", "zone"};
constexpr std::array<std::string_view, 3> kEnvironmentKeys{"production", "mask", "connections"};
constexpr std::array<std::string_view, 6> kGateKeys{"share", "rows", "min_rows", "on", "flow", "approver"};
constexpr std::array<std::string_view, 8> kGates{"set_aside", "warned",      "differing", "missing",
                                                 "in_doubt",  "obligations", "totals",    "conflicts"};
constexpr std::array<std::string_view, 7> kTotalKeys{"flow",     "source",   "target", "currency", "source_currency",
                                                     "expected", "tolerance"};
constexpr std::array<std::string_view, 2> kGateActions{"report", "stop"};
constexpr std::array<std::string_view, 1> kMasks{"pii"};
constexpr std::int64_t kLeastMemory = 16 << 20;

// A connection as it is put together from its own map and the environment's overlay.
struct Draft {
  std::string name;
  const Node* place = nullptr;
  std::vector<std::pair<std::string, const Node*>> settings;  // `connector` and `zone` among them

  const Node* find(std::string_view key) const {
    for (const auto& [name, node] : settings) {
      if (name == key) return node;
    }
    return nullptr;
  }
};

class ProjectReader {
 public:
  ProjectReader(const Node& root, ValueReader& reader, const ProjectFiles& files, const LoadOptions& options,
                Project& project)
      : root_(root), reader_(reader), files_(files), options_(options), project_(project) {}

  void read(std::string_view environment, const std::vector<std::string>& flow_names) {
    if (!reader_.map(root_, "godwit.yaml", kProjectKeys)) return;
    if (const Node* name = root_.find("project")) {
      if (auto value = reader_.name(*name, "project")) project_.name = *value;
    } else {
      reader_.report(2039, root_, {{"key", "project"}});
    }
    if (const Node* node = root_.find("language")) read_language(*node);
    if (const Node* node = root_.find("memory")) read_memory(*node);
    if (const Node* node = root_.find("signing_key"))
      project_.signing_key = reader_.name(*node, "signing_key").value_or("");
    std::string zone;
    if (const Node* node = root_.find("zone")) zone = reader_.zone(*node).value_or("");
    if (const Node* node = root_.find("connections")) read_connections(*node, nullptr);
    if (const Node* node = root_.find("environments")) {
      read_environments(*node, environment);
    } else if (!environment.empty()) {
      reader_.report(2040, root_, {{"seen", std::string(environment)}, {"nearest", ""}});
    }
    for (const Draft& draft : drafts_) finish(draft, zone);
    if (const Node* node = root_.find("gates")) read_gates(*node, flow_names);
    if (const Node* node = root_.find("totals")) read_totals(*node, flow_names);
  }

 private:
  void read_language(const Node& node) {
    static constexpr std::array<std::string_view, 2> kLanguages{"en", "zh-CN"};
    const auto word = reader_.choice(node, "language", kLanguages);
    if (word) project_.language = *word == 1 ? Language::zh_cn : Language::en;
  }

  void read_memory(const Node& node) {
    const auto bytes = reader_.bytes(node, "memory");
    if (bytes && *bytes < kLeastMemory) {
      reader_.report(2031, node, {{"key", "memory"}, {"seen", node.text}});
    } else if (bytes) {
      project_.memory = *bytes;
    }
  }

  // Adds the connections of a map to the drafts. `overlay` names the environment that overlays them.
  void read_connections(const Node& node, const std::string* overlay) {
    if (!reader_.free_map(node, "connections")) return;
    for (const auto& entry : node.entries) {
      const std::string& name = entry.key->text;
      if (name.empty()) continue;
      if (name.find_first_of(". \t") != std::string::npos) {
        reader_.report(2041, *entry.key, {{"seen", name}});
        continue;
      }
      if (!reader_.free_map(*entry.value, name)) continue;
      Draft* draft = nullptr;
      for (Draft& d : drafts_) {
        if (d.name == name) draft = &d;
      }
      if (draft == nullptr && overlay != nullptr && entry.value->find("connector") == nullptr) {
        std::vector<std::string> known;
        for (const Draft& d : drafts_) known.push_back(d.name);
        reader_.report(2042, *entry.key, {{"seen", name}, {"nearest", nearest_name(name, known)}});
        continue;
      }
      if (draft == nullptr) draft = &drafts_.emplace_back(Draft{name, entry.key.get(), {}});
      for (const auto& setting : entry.value->entries) {
        bool replaced = false;
        for (auto& [key, value] : draft->settings) {
          if (key == setting.key->text) value = setting.value.get(), replaced = true;
        }
        if (!replaced) draft->settings.emplace_back(setting.key->text, setting.value.get());
      }
    }
  }

  // Every environment is checked, the chosen one is applied.
  void read_environments(const Node& node, std::string_view chosen) {
    if (!reader_.free_map(node, "environments")) return;
    std::vector<std::string> names;
    bool found = chosen.empty();
    const std::vector<Draft> plain = drafts_;
    std::vector<Draft> result = drafts_;
    for (const auto& entry : node.entries) {
      const std::string& name = entry.key->text;
      names.push_back(name);
      if (entry.value->kind != Node::Kind::missing && !reader_.map(*entry.value, name, kEnvironmentKeys)) continue;
      const bool is_chosen = !chosen.empty() && name == chosen;
      found = found || is_chosen;
      if (const Node* production = entry.value->find("production")) {
        const auto value = reader_.boolean(*production, "production");
        if (value && is_chosen) project_.production = *value;
      }
      if (const Node* mask = entry.value->find("mask")) {
        const auto value = reader_.choice(*mask, "mask", kMasks);
        if (value && is_chosen) project_.mask = kMasks[*value];
      }
      if (const Node* connections = entry.value->find("connections")) {
        drafts_ = plain;
        read_connections(*connections, &name);
        if (is_chosen) result = drafts_;
      }
    }
    drafts_ = std::move(result);
    if (found) {
      project_.environment = std::string(chosen);
    } else {
      reader_.report(2040, node, {{"seen", std::string(chosen)}, {"nearest", nearest_name(chosen, names)}});
    }
  }

  std::string setting_text(const Node& node, const std::string& key, ConnectionConfig& connection) {
    const auto one = [&](const Node& value) {
      const auto text = reader_.text(value, key);
      if (!text) return std::string();
      if (!options_.resolve) return *text;
      return resolve_text(value, *text, reader_, files_, connection.secrets);
    };
    if (node.is_list()) {
      auto list = nlohmann::json::array();
      for (const auto& item : node.items) list.push_back(one(*item));
      return list.dump();
    }
    if (node.is_map()) {
      auto map = nlohmann::json::object();
      for (const auto& entry : node.entries) map[entry.key->text] = one(*entry.value);
      return map.dump();
    }
    return one(node);
  }

  void finish(const Draft& draft, const std::string& project_zone) {
    ConnectionConfig connection;
    connection.name = draft.name;
    connection.place = reader_.place(*draft.place);
    connection.zone = project_zone;
    if (draft.find("connector") == nullptr) {
      reader_.report(2043, *draft.place, {{"seen", draft.name}});
    }
    for (const auto& [key, node] : draft.settings) {
      if (key == "connector") {
        connection.connector = reader_.name(*node, key).value_or("");
      } else if (key == "zone") {
        if (auto zone = reader_.zone(*node)) connection.zone = *zone;
      } else {
        connection.settings.emplace_back(key, setting_text(*node, key, connection));
      }
    }
    project_.connections.push_back(std::move(connection));
  }

  void read_gates(const Node& node, const std::vector<std::string>& flow_names) {
    if (!reader_.map(node, "gates", kGates)) return;
    for (const auto& entry : node.entries) {
      for (const Node* one : ValueReader::items(*entry.value)) read_gate(entry.key->text, *one, flow_names);
    }
  }

  void read_gate(const std::string& name, const Node& node, const std::vector<std::string>& flow_names) {
    Gate gate;
    gate.name = name;
    gate.place = reader_.place(node);
    if (node.is_scalar()) {  // set_aside: 1%   missing: 0
      if (node.text.ends_with('%')) {
        gate.share = reader_.share(node, name);
      } else {
        gate.rows = reader_.integer(node, name, 0);
      }
      project_.gates.push_back(std::move(gate));
      return;
    }
    if (!reader_.map(node, name, kGateKeys)) return;
    if (const Node* n = node.find("share")) gate.share = reader_.share(*n, "share");
    if (const Node* n = node.find("rows")) gate.rows = reader_.integer(*n, "rows", 0);
    if (const Node* n = node.find("min_rows")) gate.min_rows = reader_.integer(*n, "min_rows", 0).value_or(0);
    if (const Node* n = node.find("on")) gate.stop = reader_.choice(*n, "on", kGateActions).value_or(0) == 1;
    if (const Node* n = node.find("approver")) gate.approver = reader_.text(*n, "approver").value_or("");
    if (const Node* n = node.find("flow")) gate.flow = flow_name(*n, flow_names);
    if (node.find("share") == nullptr && node.find("rows") == nullptr) reader_.report(2044, node, {{"seen", name}});
    project_.gates.push_back(std::move(gate));
  }

  std::string flow_name(const Node& node, const std::vector<std::string>& flow_names) {
    const auto name = reader_.name(node, "flow");
    if (!name) return {};
    reader_.expect_known(*name, node, flow_names, 2045);
    return *name;
  }

  void read_totals(const Node& node, const std::vector<std::string>& flow_names) {
    if (!reader_.free_map(node, "totals")) return;
    for (const auto& entry : node.entries) {
      if (!reader_.map(*entry.value, entry.key->text, kTotalKeys)) continue;
      Total total;
      total.name = entry.key->text;
      total.place = reader_.place(*entry.key);
      const auto required = [&](std::string_view key) {
        const Node* n = entry.value->find(key);
        if (n == nullptr) reader_.report(2039, *entry.key, {{"key", std::string(key)}});
        return n;
      };
      if (const Node* n = required("flow")) total.flow = flow_name(*n, flow_names);
      if (const Node* n = required("source")) {
        if (auto e = reader_.expression(*n, "source")) total.source = *e;
      }
      if (const Node* n = required("target")) total.target = reader_.name(*n, "target").value_or("");
      if (const Node* n = entry.value->find("currency")) total.currency = reader_.name(*n, "currency").value_or("");
      if (const Node* n = entry.value->find("source_currency")) {
        total.source_currency = reader_.expression(*n, "source_currency");
        if (entry.value->find("currency") == nullptr) reader_.report(2039, *entry.key, {{"key", "currency"}});
      }
      if (const Node* n = entry.value->find("expected")) {
        total.expected = reader_.name(*n, "expected").value_or("");
        const auto state = files_.read(total.expected, kLargestFile).state;
        if (!total.expected.empty() && state == FileText::State::missing) {
          reader_.report(2050, *n, {{"seen", total.expected}});
        }
      }
      total.tolerance = "0";
      if (const Node* n = entry.value->find("tolerance"))
        total.tolerance = reader_.decimal(*n, "tolerance").value_or("0");
      project_.totals.push_back(std::move(total));
    }
  }

  const Node& root_;
  ValueReader& reader_;
  const ProjectFiles& files_;
  const LoadOptions& options_;
  Project& project_;
  std::vector<Draft> drafts_;
};

}  // namespace

void read_project_file(const NodePtr& root, ValueReader& reader, std::string_view environment,
                       const ProjectFiles& files, const LoadOptions& options,
                       const std::vector<std::string>& flow_names, Project& project) {
  ProjectReader(*root, reader, files, options, project).read(environment, flow_names);
}

}  // namespace godwit::config
