// Reads flows/NAME.yaml.

#include <algorithm>
#include <array>
#include <set>

#include "core/config/lint.hpp"
#include "core/config/parts.hpp"

namespace godwit::config {
namespace {

constexpr std::array<std::string_view, 18> kFlowKeys{
    "from",      "query",       "where",       "delete_when", "to",         "key",       "source_key", "let", "map", "validate",
    "on_double", "on_conflict", "compare", "keep_prior", "tolerance",  "after", "id",  "zone"};
constexpr std::array<std::string_view, 2> kOnDouble{"set_aside", "merge"};
constexpr std::array<std::string_view, 3> kOnConflict{"set_aside", "source", "target"};
constexpr std::array<std::string_view, 2> kCompare{"scan", "journal"};

// The column an expression is, when it is nothing else.
std::string bare_column(const ExpressionText& expression) {
  if (expression.is_constant) return {};
  const std::string& text = expression.text;
  if (is_bare_name(text)) return text;
  if (text.size() > 2 && text.front() == '"' && text.find('"', 1) == text.size() - 1)
    return text.substr(1, text.size() - 2);
  return {};
}

class FlowReader {
 public:
  FlowReader(const Node& root, ValueReader& reader, const Names& names, const ProjectFiles& files, Findings& findings)
      : root_(root), reader_(reader), names_(names), files_(files), findings_(findings) {}

  Flow read(std::string name) {
    flow_.name = std::move(name);
    flow_.place = reader_.place(root_);
    if (!reader_.map(root_, flow_.place.file, kFlowKeys)) return std::move(flow_);
    read_ends();
    if (const Node* n = root_.find("where")) flow_.where = reader_.expression(*n, "where");
    if (const Node* n = root_.find("delete_when")) flow_.delete_when = reader_.expression(*n, "delete_when");
    if (const Node* n = root_.find("key")) read_key(*n);
    if (const Node* n = root_.find("source_key")) flow_.source_key = reader_.names(*n, "source_key");
    if (root_.find("source_key") == nullptr) derive_source_key();
    if (const Node* n = root_.find("let")) read_expressions(*n, "let", flow_.let);
    if (const Node* n = root_.find("map")) read_map(*n);
    // A table that only links two others has nothing but its key.
    if (root_.find("map") == nullptr && root_.find("key") == nullptr) reader_.report(2039, root_, {{"key", "map"}});
    if (const Node* n = root_.find("validate")) {
      for (const Node* rule : ValueReader::items(*n)) read_rule(*rule, reader_, names_, flow_.validate);
    }
    read_switches();
    if (const Node* n = root_.find("tolerance")) read_tolerance(*n);
    if (const Node* n = root_.find("after")) read_after(*n);
    if (const Node* n = root_.find("id")) flow_.id = reader_.name(*n, "id").value_or("");
    if (const Node* n = root_.find("zone")) flow_.zone = reader_.zone(*n).value_or("");
    return std::move(flow_);
  }

 private:
  std::optional<ObjectRef> object(const Node& node, std::string_view what) {
    auto ref = reader_.object(node, what);
    if (ref && names_.complete) reader_.expect_known(ref->connection, node, names_.connections, 2055);
    return ref;
  }

  void read_ends() {
    const Node* from = root_.find("from");
    const Node* to = root_.find("to");
    if (from == nullptr) reader_.report(2039, root_, {{"key", "from"}});
    if (to == nullptr) reader_.report(2039, root_, {{"key", "to"}});
    if (from != nullptr) {
      if (from->is_list() && from->items.empty()) reader_.report(2037, *from, {{"key", "from"}});
      std::set<std::string_view> seen;
      for (const Node* item : ValueReader::items(*from)) {
        auto ref = object(*item, "from");
        if (!ref) continue;
        if (!seen.insert(item->text).second) reader_.report(2056, *item, {{"seen", item->text}});
        flow_.from.push_back(std::move(*ref));
      }
    }
    if (const Node* query = root_.find("query")) read_query(*query);
    if (to != nullptr) {
      if (auto ref = object(*to, "to")) flow_.to = std::move(*ref);
    }
  }

  // The statement stands for the one object that `from` names.
  void read_query(const Node& node) {
    const auto text = reader_.text(node, "query");
    if (!text) return;
    if (flow_.from.size() != 1) return reader_.report(2072, node, {{"seen", std::to_string(flow_.from.size())}});
    flow_.from.front().query = *text;
  }

  // {Target: expression}, or the names that source and target share: [a, b], a.
  void read_key(const Node& node) {
    if (node.is_map()) {
      read_expressions(node, "key", flow_.key);
      if (node.entries.empty()) reader_.report(2037, node, {{"key", "key"}});
      return;
    }
    if (node.is_list() && node.items.empty()) reader_.report(2037, node, {{"key", "key"}});
    for (const Node* item : ValueReader::items(node)) {
      const auto name = reader_.name(*item, "key");
      if (!name) continue;
      const SourcePlace place = reader_.place(*item);
      flow_.key.push_back({*name, {column_expression(*name), place, false}, place});
    }
  }

  void derive_source_key() {
    for (const NamedExpression& part : flow_.key) {
      const std::string column = bare_column(part.expression);
      if (column.empty()) {
        flow_.source_key.clear();
        return;
      }
      flow_.source_key.push_back(column);
    }
  }

  void read_expressions(const Node& node, std::string_view what, std::vector<NamedExpression>& out) {
    if (!reader_.free_map(node, what)) return;
    bool cut = false;  // by a comma in {..}: what follows is its tail, not a key
    for (const auto& entry : node.entries) {
      const std::string& name = entry.key->text;
      if (name.empty() || (cut && entry.value->kind == Node::Kind::missing)) continue;
      // Reported by free_map already.
      if (entry.value->kind == Node::Kind::missing && looks_cut(name)) continue;
      const std::size_t before = findings_.size();
      auto expression = reader_.expression(*entry.value, name);
      cut = findings_.size() > before && in_braces(node);
      if (expression) out.push_back({name, std::move(*expression), reader_.place(*entry.key)});
    }
  }

  static bool looks_cut(std::string_view name) {
    return name.find(':') != std::string_view::npos ||
           find_full_width(name, 0, "：，“”").offset != std::string_view::npos;
  }

  bool in_braces(const Node& node) const {
    const std::string& text = reader_.source().text();
    return node.in_flow || (node.offset < text.size() && text[node.offset] == '{');
  }

  void read_map(const Node& node) {
    if (node.is_scalar()) {
      if (auto path = reader_.name(node, "map")) {
        flow_.files.push_back(*path);
        read_sheet(node, *path, reader_, files_, findings_, flow_.map);
      }
    } else {
      read_expressions(node, "map", flow_.map);
    }
    for (const NamedExpression& part : flow_.key) {
      for (const NamedExpression& field : flow_.map) {
        if (field.name == part.name) {
          findings_.add(2057, field.place, {{"seen", field.name}, {"line", std::to_string(part.place.line)}});
        }
      }
    }
  }

  void read_switches() {
    if (const Node* n = root_.find("on_double")) {
      flow_.on_double = static_cast<OnDouble>(reader_.choice(*n, "on_double", kOnDouble).value_or(0));
    }
    if (const Node* n = root_.find("on_conflict")) {
      flow_.on_conflict = static_cast<OnConflict>(reader_.choice(*n, "on_conflict", kOnConflict).value_or(0));
    }
    if (const Node* n = root_.find("compare")) {
      flow_.compare = static_cast<CompareMode>(reader_.choice(*n, "compare", kCompare).value_or(0));
    }
    if (const Node* n = root_.find("keep_prior")) flow_.keep_prior = reader_.boolean(*n, "keep_prior").value_or(true);
  }

  // "0.01", "1s", "case", "space"
  static bool is_tolerance(std::string_view text) {
    if (text == "case" || text == "space") return true;
    for (std::string_view unit : {"ms", "s", "m", "h", "d"}) {
      if (text.ends_with(unit)) {
        text.remove_suffix(unit.size());
        break;
      }
    }
    const std::size_t point = text.find('.');
    const auto digits = [](std::string_view t) {
      return !t.empty() && t.find_first_not_of("0123456789") == std::string_view::npos;
    };
    return point == std::string_view::npos ? digits(text)
                                           : digits(text.substr(0, point)) && digits(text.substr(point + 1));
  }

  void read_tolerance(const Node& node) {
    if (!reader_.free_map(node, "tolerance")) return;
    const auto mapped = [&](const std::string& field) {
      const auto has = [&](const NamedExpression& e) { return e.name == field; };
      return std::any_of(flow_.key.begin(), flow_.key.end(), has) ||
             std::any_of(flow_.map.begin(), flow_.map.end(), has);
    };
    std::vector<std::string> fields;
    for (const auto& field : flow_.map) fields.push_back(field.name);
    for (const auto& entry : node.entries) {
      const auto value = reader_.name(*entry.value, entry.key->text);
      if (!value) continue;
      if (!is_tolerance(*value)) {
        reader_.report(2058, *entry.value, {{"seen", *value}});
      } else if (!mapped(entry.key->text)) {
        reader_.report(2059, *entry.key,
                       {{"seen", entry.key->text}, {"nearest", nearest_name(entry.key->text, fields)}});
      } else {
        flow_.tolerance[entry.key->text] = *value;
      }
    }
  }

  void read_after(const Node& node) {
    for (const Node* item : ValueReader::items(node)) {
      const auto flow = reader_.name(*item, "after");
      if (!flow || !reader_.expect_known(*flow, *item, names_.flows, 2045)) continue;
      if (*flow == flow_.name) {
        reader_.report(2061, *item, {{"seen", *flow}});
      } else {
        flow_.after.push_back(*flow);
      }
    }
  }

  const Node& root_;
  ValueReader& reader_;
  const Names& names_;
  const ProjectFiles& files_;
  Findings& findings_;
  Flow flow_;
};

}  // namespace

Flow read_flow_file(const NodePtr& root, ValueReader& reader, std::string name, const Names& names,
                    const ProjectFiles& files, Findings& findings) {
  return FlowReader(*root, reader, names, files, findings).read(std::move(name));
}

}  // namespace godwit::config
