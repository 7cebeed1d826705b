// docs/reference/functions.md, printed from the function table and the special forms.

#include <algorithm>
#include <string>

#include "core/expr/expression.hpp"
#include "core/expr/function.hpp"
#include "core/expr/signature.hpp"
#include "core/expr/special_forms.hpp"

namespace godwit::expr {
namespace {

struct Entry {
  std::string_view name, group;
  std::string text;
};

// A cell of a Markdown table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    if (c == '\n') out += "<br>";
    else out += c;
  }
  return out;
}
// Code inside a cell: enough backquotes that the text may hold some itself, and spaces kept visible.
std::string code(std::string_view text) {
  if (text.empty()) return "(empty text)";
  const std::string fence = text.find('`') == std::string_view::npos ? "`" : "``";
  const std::string pad = fence.size() == 2 ? " " : "";
  return fence + pad + cell(text) + pad + fence;
}

std::string heading(std::string_view name, std::string_view signature, std::string_view summary) {
  return "### " + std::string(name) + "\n\n`" + std::string(signature) + "`\n\n" + std::string(summary) + "\n\n";
}
std::string examples_table(const std::vector<Example>& examples) {
  if (examples.empty()) return {};
  std::string out = "| example | result |\n|---|---|\n";
  for (const Example& e : examples) out += "| " + code(e.call) + " | " + code(e.result) + " |\n";
  return out + '\n';
}

Entry entry_of(const Function& f) {
  std::string out = heading(f.name, signature_of(f), f.summary);
  if (!f.parameters.empty()) {
    out += "| parameter | type | |\n|---|---|---|\n";
    for (const Parameter& p : f.parameters) {
      out += "| " + std::string(p.name) + " | " + type_names(p.types);
      if (p.constant) out += ", constant";
      if (p.optional) out += ", may be left out";
      if (p.variadic) out += ", one or more";
      out += " | " + cell(p.help) + " |\n";
    }
    out += '\n';
  }
  if (!f.null_in_null_out) out += "Null arguments are passed on to the function.\n\n";
  return {f.name, f.group, out + examples_table(f.examples)};
}

Entry entry_of(const SpecialForm& f) {
  std::string out = heading(f.name, f.signature, f.summary) + "| argument | |\n|---|---|\n";
  for (const SpecialForm::Argument& a : f.arguments) out += "| " + std::string(a.name) + " | " + cell(a.help) + " |\n";
  return {f.name, f.group, out + '\n' + examples_table(f.examples)};
}

}  // namespace
}  // namespace godwit::expr

namespace godwit {

std::string functions_reference_markdown() {
  std::vector<expr::Entry> entries;
  for (const Function& f : functions()) entries.push_back(expr::entry_of(f));
  for (const expr::SpecialForm& f : expr::special_forms()) entries.push_back(expr::entry_of(f));
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });

  // Groups of our own order first; any other follows by name.
  std::vector<std::string_view> groups{"condition", "text", "number", "date", "hash", "reference"};
  for (const auto& e : entries)
    if (std::find(groups.begin(), groups.end(), e.group) == groups.end()) groups.push_back(e.group);

  std::string out =
      "<!-- Generated from the function table. Do not edit: `GODWIT_UPDATE=1 ctest --test-dir build -R '^expr$'` writes it anew. -->\n"
      "# Functions\n\n"
      "What each function takes and gives. Every example on this page is run by the tests. How expressions are written is in\n"
      "[the guide](../guide/expressions.md).\n\n"
      "A function whose argument is null gives null without being called, unless its entry says otherwise. A function that fails\n"
      "sets its row aside with the number shown as `GW-...`, unless it stands in `try()`. A *constant* argument is a literal: it is\n"
      "read once, before the first row, and a plain word may stand for its text.\n\n";
  for (const std::string_view group : groups) {
    std::string names;
    for (const auto& e : entries)
      if (e.group == group) names += (names.empty() ? "" : ", ") + std::string("[") + std::string(e.name) + "](#" + std::string(e.name) + ")";
    if (!names.empty()) out += "- **" + std::string(group) + "**: " + names + "\n";
  }
  for (const std::string_view group : groups) {
    if (std::none_of(entries.begin(), entries.end(), [&](const auto& e) { return e.group == group; })) continue;
    out += "\n## " + std::string(group) + "\n\n";
    for (const auto& e : entries)
      if (e.group == group) out += e.text;
  }
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace godwit
