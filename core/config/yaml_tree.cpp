#include "core/config/yaml_tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <map>
#include <set>
#include <sstream>

#include "core/config/lint.hpp"

namespace godwit::config {
namespace {

// Thrown through yaml-cpp to end the parse; the finding has been made.
struct StopParsing {};

bool spells_null(std::string_view text) { return text == "~" || text == "null" || text == "Null" || text == "NULL"; }

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const SourceText& source, Findings& findings) : source_(source), findings_(findings) {}

  NodePtr root() const { return root_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) stop(2018, offset(mark));
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto node = begin(mark);
    std::size_t end = node->offset;
    const std::string& text = source_.text();
    while (end < text.size() && std::string_view(" \t\n,]}:#").find(text[end]) == std::string_view::npos) ++end;
    node->text = text.substr(node->offset, end - node->offset);
    node->end = end;
    const bool written = spells_null(node->text);
    node->kind = written ? Node::Kind::null : Node::Kind::missing;
    if (!written) node->text.clear(), node->end = node->offset;
    finish(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) stop(2019, offset(mark));  // it would contain itself
    place_missing(offset(mark));
    attach(known->second);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    auto node = begin(mark);
    refuse_tag(tag, node->offset);
    node->kind = Node::Kind::scalar;
    node->text = value;
    const char first = node->offset < source_.text().size() ? source_.text()[node->offset] : ' ';
    if (tag == "!") {
      node->style = first == '|' || first == '>' ? Node::Style::block : Node::Style::quoted;
    }
    find_end(*node);
    finish(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(mark, tag, anchor, style, Node::Kind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(mark, tag, anchor, style, Node::Kind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    std::shared_ptr<Node> node;
    YAML::anchor_t anchor;
    NodePtr key;  // of a map: waits for its value
  };

  std::size_t offset(const YAML::Mark& mark) const { return source_.offset(mark.line, mark.column); }

  [[noreturn]] void stop(int number, std::size_t at) {
    findings_.add(number, source_.place(at));
    throw StopParsing{};
  }

  void refuse_tag(const std::string& tag, std::size_t at) {
    if (tag.empty() || tag == "!" || tag == "?" || tag == "tag:yaml.org,2002:str") return;
    findings_.add(2020, source_.place(at), {{"seen", tag}});
  }

  // yaml-cpp gives a missing value the mark of what follows. When what follows is the word null itself, the value
  // looked written, and is not.
  void place_missing(std::size_t at) {
    if (last_null_ != nullptr && last_null_->offset == at) {
      last_null_->kind = Node::Kind::missing;
      last_null_->text.clear();
    }
    last_null_ = nullptr;
  }

  std::shared_ptr<Node> begin(const YAML::Mark& mark) {
    if (++nodes_ > kMostNodes) stop(2017, offset(mark));
    auto node = std::make_shared<Node>();
    node->offset = node->end = offset(mark);
    node->in_flow = flow_ > 0;
    place_missing(node->offset);
    return node;
  }

  void finish(std::shared_ptr<Node> node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = node;
    if (node->kind == Node::Kind::null) last_null_ = node;
    attach(std::move(node));
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value style,
            Node::Kind kind) {
    auto node = begin(mark);
    refuse_tag(tag, node->offset);
    if (open_.size() >= static_cast<std::size_t>(kDeepestNesting)) stop(2017, node->offset);
    node->kind = kind;
    if (style == YAML::EmitterStyle::Flow || flow_ > 0) ++flow_;
    open_.push_back({std::move(node), anchor, nullptr});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    if (flow_ > 0) --flow_;
    if (done.node->is_map()) {
      for (auto& entry : done.node->entries) place_at_key(entry);
      unfold_merges(*done.node);
      find_doubles(*done.node);
    }
    finish(std::move(done.node), done.anchor);
  }

  // A value that is not there is looked for at its key, not at whatever comes next.
  static void place_at_key(Node::Entry& entry) {
    if (entry.value->kind != Node::Kind::missing) return;
    auto moved = std::make_shared<Node>(*entry.value);
    moved->offset = moved->end = entry.key->offset;
    entry.value = std::move(moved);
  }

  void attach(NodePtr node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    parent.node->weight += node->weight;
    if (parent.node->weight > kMostNodes) stop(2017, parent.node->offset);
    if (parent.node->is_list()) {
      parent.node->items.push_back(std::move(node));
    } else if (parent.key == nullptr) {
      if (!node->is_scalar() && node->kind != Node::Kind::null) {
        findings_.add(2021, source_.place(node->offset));
      }
      parent.key = std::move(node);
    } else {
      parent.node->entries.push_back({std::move(parent.key), std::move(node)});
      parent.key = nullptr;
    }
  }

  // `<<: *defaults` brings in the keys that the map does not have itself.
  void unfold_merges(Node& map) {
    std::vector<Node::Entry> own;
    std::vector<NodePtr> merged;
    for (auto& entry : map.entries) {
      if (entry.key->text != "<<" || entry.key->style != Node::Style::plain) {
        own.push_back(std::move(entry));
      } else if (entry.value->is_list()) {
        merged.insert(merged.end(), entry.value->items.begin(), entry.value->items.end());
      } else {
        merged.push_back(entry.value);
      }
    }
    map.entries = std::move(own);
    if (merged.empty()) return;
    std::set<std::string_view> has;
    for (const auto& entry : map.entries) has.insert(entry.key->text);
    for (const auto& from : merged) {
      if (!from->is_map()) {
        findings_.add(2022, source_.place(from->offset), {{"key", "<<"}});
        continue;
      }
      for (const auto& entry : from->entries) {
        if (has.insert(entry.key->text).second) map.entries.push_back(entry);
      }
    }
  }

  void find_doubles(const Node& map) {
    std::map<std::string_view, const Node*> seen;
    for (const auto& entry : map.entries) {
      if (!entry.key->is_scalar() && entry.key->kind != Node::Kind::null) continue;
      const auto [first, fresh] = seen.emplace(entry.key->text, entry.key.get());
      if (fresh) continue;
      findings_.add(2005, source_.place(entry.key->offset),
                    {{"seen", entry.key->text}, {"line", std::to_string(source_.place(first->second->offset).line)}});
    }
  }

  // yaml-cpp tells where a scalar begins, not where it ends, and takes a quotation that never closes.
  void find_end(Node& node) {
    const std::string& text = source_.text();
    std::size_t at = node.offset;
    if (node.style == Node::Style::block) {
      at = std::min(text.find('\n', at), text.size());
      while (at < text.size() && (text[at] == '\n' || source_.text_class(at) == TextClass::block)) ++at;
    } else if (node.style == Node::Style::quoted) {
      const char quote = text[at++];
      for (; at < text.size(); ++at) {
        if (quote == '"' && text[at] == '\\') {
          ++at;
        } else if (text[at] == quote) {
          if (quote == '"' || at + 1 >= text.size() || text[at + 1] != quote) break;
          ++at;
        }
      }
      if (at >= text.size()) stop(2024, node.offset);
      ++at;
    } else {
      // Folding changes white space only: find the words again.
      for (std::size_t i = 0; i < node.text.size();) {
        if (node.text[i] == ' ' || node.text[i] == '\n' || node.text[i] == '\t') {
          ++i;
          continue;
        }
        while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t')) ++at;
        if (at >= text.size() || text[at] != node.text[i]) break;
        ++at, ++i;
      }
    }
    node.end = std::min(at, text.size());
  }

  const SourceText& source_;
  Findings& findings_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, NodePtr> anchors_;
  std::shared_ptr<Node> last_null_;
  NodePtr root_;
  std::size_t nodes_ = 0;
  int flow_ = 0, documents_ = 0;
};

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const auto& entry : entries) {
    if (entry.key->text == key) return entry.value.get();
  }
  return nullptr;
}

NodePtr parse_yaml(const SourceText& source, Findings& findings) {
  if (!lint_layout(source, findings)) return nullptr;
  if (source.too_deep() != std::string::npos) {
    findings.add(2017, source.place(source.too_deep()));
    return nullptr;
  }
  TreeBuilder builder(source, findings);
  try {
    std::istringstream stream(source.text());
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const StopParsing&) {
    return nullptr;
  } catch (const YAML::Exception& error) {
    diagnose(source, source.offset(error.mark.line, error.mark.column), error.msg, findings);
    return nullptr;
  }
  if (builder.root() != nullptr) return builder.root();
  auto empty = std::make_shared<Node>();
  empty->kind = Node::Kind::map;
  return empty;
}

}  // namespace godwit::config
