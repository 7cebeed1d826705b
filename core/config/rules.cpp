// Reads `validate:`.

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "core/config/parts.hpp"

namespace godwit::config {
namespace {

constexpr std::array<std::string_view, 7> kKinds{"require", "unique", "check", "in", "pattern", "length", "reference"};
constexpr std::array<std::string_view, 10> kKeys{"require", "unique",    "check", "in",    "pattern",
                                                 "length",  "reference", "to",    "level", "say"};
constexpr std::array<std::string_view, 2> kLevels{"error", "warning"};
constexpr std::array<std::string_view, 2> kLengthKeys{"min", "max"};

void read_length(const Node& node, ValueReader& reader, ValidateRule& rule) {
  if (!node.is_map()) {  // length: {Name: 80}
    rule.max = reader.integer(node, "length", 0);
    return;
  }
  if (!reader.map(node, "length", kLengthKeys)) return;
  if (const Node* n = node.find("min")) rule.min = reader.integer(*n, "min", 0);
  if (const Node* n = node.find("max")) rule.max = reader.integer(*n, "max", 0);
  const bool turned = rule.min && rule.max && *rule.min > *rule.max;
  if (turned || node.entries.empty()) reader.report(2051, node);
}

void read_flows(const Node& node, ValueReader& reader, const Names& names, ValidateRule& rule) {
  for (const Node* item : ValueReader::items(node)) {
    const auto flow = reader.name(*item, "reference");
    if (flow && reader.expect_known(*flow, *item, names.flows, 2045)) rule.flows.push_back(*flow);
  }
}

// in, pattern, length, reference: {field: what}, a rule for each field.
void read_per_field(const Node& node, std::string_view kind, ValueReader& reader, const Names& names, ValidateRule rule,
                    std::vector<ValidateRule>& out) {
  if (!reader.free_map(node, kind)) return;
  for (const auto& entry : node.entries) {
    ValidateRule one = rule;
    one.fields = {entry.key->text};
    const Node& value = *entry.value;
    if (one.kind == RuleKind::in) {
      for (const Node* item : ValueReader::items(value)) {
        if (auto word = reader.text(*item, entry.key->text)) one.values.push_back(*word);
      }
      if (value.is_list() && value.items.empty()) reader.report(2037, value, {{"key", entry.key->text}});
    } else if (one.kind == RuleKind::pattern) {
      one.pattern = reader.text(value, entry.key->text).value_or("");
      RE2::Options options;
      options.set_log_errors(false);
      const RE2 compiled(one.pattern, options);
      if (!compiled.ok()) reader.report(2052, value, {{"seen", one.pattern}, {"reason", compiled.error()}});
    } else if (one.kind == RuleKind::length) {
      read_length(value, reader, one);
    } else {
      read_flows(value, reader, names, one);
    }
    out.push_back(std::move(one));
  }
}

}  // namespace

void read_rule(const Node& node, ValueReader& reader, const Names& names, std::vector<ValidateRule>& out) {
  if (!reader.map(node, "validate", kKeys)) return;
  bool mistyped = false;  // its nearest key has been named
  for (const auto& entry : node.entries) {
    mistyped = mistyped || std::find(kKeys.begin(), kKeys.end(), entry.key->text) == kKeys.end();
  }
  ValidateRule rule;
  rule.place = reader.place(node);
  if (const Node* level = node.find("level")) rule.warning = reader.choice(*level, "level", kLevels).value_or(0) == 1;
  if (const Node* say = node.find("say")) rule.say = reader.text(*say, "say").value_or("");
  const Node* value = nullptr;
  int kinds = 0;
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    const Node* found = node.find(kKinds[i]);
    if (found == nullptr) continue;
    value = found;
    rule.kind = static_cast<RuleKind>(i);
    ++kinds;
  }
  if (kinds == 0 && mistyped) return;
  if (kinds != 1) {
    reader.report(kinds == 0 ? 2053 : 2054, node);
    return;
  }
  const std::string_view kind = kKinds[static_cast<std::size_t>(rule.kind)];
  const Node* to = node.find("to");
  if (to != nullptr && rule.kind != RuleKind::reference) {
    reader.report(2004, *to, {{"seen", "to"}, {"nearest", "say"}});
  }
  switch (rule.kind) {
    case RuleKind::require:
      // Each field fails for itself and is named by itself.
      for (auto& field : reader.names(*value, kind)) {
        rule.fields = {std::move(field)};
        out.push_back(rule);
      }
      return;
    case RuleKind::unique:  // a list is one composite key
      rule.fields = reader.names(*value, kind);
      break;
    case RuleKind::check:
      if (auto e = reader.expression(*value, kind)) rule.check = *e;
      break;
    case RuleKind::reference:
      if (value->is_map()) {
        read_per_field(*value, kind, reader, names, rule, out);
        return;
      }
      rule.fields = reader.names(*value, kind);  // reference: [order, line]   to: orders
      if (to == nullptr) {
        reader.report(2039, node, {{"key", "to"}});
      } else {
        read_flows(*to, reader, names, rule);
      }
      break;
    case RuleKind::in:
    case RuleKind::pattern:
    case RuleKind::length:
      read_per_field(*value, kind, reader, names, rule, out);
      return;
  }
  out.push_back(std::move(rule));
}

}  // namespace godwit::config
