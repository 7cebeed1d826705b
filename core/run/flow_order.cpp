#include "core/run/flow_order.hpp"

#include <algorithm>
#include <functional>

#include "core/expr/expression.hpp"

namespace godwit {
namespace {

Result<std::set<std::string>> parents_of(const Flow& flow) {
  std::set<std::string> out;
  std::vector<const ExpressionText*> texts;
  for (const auto* list : {&flow.key, &flow.let, &flow.map})
    for (const NamedExpression& n : *list) texts.push_back(&n.expression);
  if (flow.where) texts.push_back(&*flow.where);
  if (flow.delete_when) texts.push_back(&*flow.delete_when);
  for (const ExpressionText* t : texts) {
    if (t->is_constant) continue;
    CompileOptions options;
    options.file = t->place.file, options.line = t->place.line, options.column = t->place.column;
    GW_ASSIGN(Mentions m, mentions(t->text, options));
    out.insert(m.parents.begin(), m.parents.end());
  }
  for (const ValidateRule& r : flow.validate) out.insert(r.flows.begin(), r.flows.end());
  return out;
}

}  // namespace

Result<FlowOrder> order_flows(const Project& project) {
  FlowOrder out;
  std::map<std::string, std::set<std::string>> before;  // hard: `after:` and same target object
  for (const Flow& f : project.flows) {
    GW_ASSIGN(auto parents, parents_of(f));
    for (const std::string& name : parents)
      if (project.flow(name) == nullptr)
        return fail(4020, {{"place", f.place.to_string()}, {"flow", f.name}, {"seen", name}});
    for (const std::string& name : f.after) {
      if (project.flow(name) == nullptr)
        return fail(4020, {{"place", f.place.to_string()}, {"flow", f.name}, {"seen", name}});
      before[f.name].insert(name);
    }
    out.parents[f.name] = std::move(parents);
  }
  // Depth first over parents and `after:`; a parent that is being visited closes a circle and is left to the second pass.
  std::map<std::string, int> state;  // 1 being visited, 2 done
  std::function<Result<>(const Flow&)> visit = [&](const Flow& f) -> Result<> {
    state[f.name] = 1;
    for (const std::string& name : before[f.name]) {
      if (state[name] == 1)
        return fail(4021, {{"place", f.place.to_string()}, {"flow", f.name}, {"seen", name}});
      if (state[name] == 0) GW_TRY(visit(*project.flow(name)));
    }
    for (const std::string& name : out.parents[f.name])
      if (name != f.name && state[name] == 0) GW_TRY(visit(*project.flow(name)));
    state[f.name] = 2;
    out.order.push_back(f.name);
    return {};
  };
  for (const Flow& f : project.flows)
    if (state[f.name] == 0) GW_TRY(visit(f));
  auto rank = [&](const std::string& name) { return std::ranges::find(out.order, name) - out.order.begin(); };
  for (const Flow& f : project.flows)
    for (const std::string& parent : out.parents[f.name])
      if (rank(parent) >= rank(f.name)) out.deferred[f.name].insert(parent);
  return out;
}

}  // namespace godwit
