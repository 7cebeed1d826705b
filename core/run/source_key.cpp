#include "core/run/source_key.hpp"

#include <algorithm>

#include "core/expr/expression.hpp"

namespace godwit {
namespace {

// Columns that `text` reads; a name of `let` stands for what it reads. `lets`: how many of them may be meant, since one sees
// only those before it.
bool add_columns(const Flow& flow, const ExpressionText& text, std::size_t lets, std::vector<std::string>& out) {
  if (text.is_constant) return true;
  const auto mentioned = mentions(text.text, {});
  if (!mentioned) return false;
  for (const std::string& name : mentioned->columns) {
    const auto end = flow.let.begin() + static_cast<std::ptrdiff_t>(lets);
    const auto let = std::find_if(flow.let.begin(), end, [&](const NamedExpression& l) { return l.name == name; });
    if (let != end) {
      if (!add_columns(flow, let->expression, static_cast<std::size_t>(let - flow.let.begin()), out)) return false;
    } else if (std::ranges::find(out, name) == out.end()) {
      out.push_back(name);
    }
  }
  return true;
}

}  // namespace

void derive_source_keys(Project& project) {
  for (Flow& flow : project.flows) {
    if (!flow.source_key.empty()) continue;
    std::vector<std::string> columns;
    bool known = true;
    for (const NamedExpression& part : flow.key) known = known && add_columns(flow, part.expression, flow.let.size(), columns);
    if (known) flow.source_key = std::move(columns);
  }
}

}  // namespace godwit
