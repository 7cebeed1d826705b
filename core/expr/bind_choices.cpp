// case, coalesce, if, nullif, try: all branches get one type.

#include "core/expr/binder.hpp"

namespace godwit::expr {

Result<Type> Binder::unify(Nodes* branches, const std::vector<const Syntax*>& at, std::string_view what) const {
  Type common = TypeId::null_type;
  for (std::size_t i = 0; i < branches->size(); ++i) {
    const Type own = (*branches)[i]->type();
    Type next;
    if (!common_type(common, own, &next)) {
      const bool times = common.id != own.id && (common.id == TypeId::timestamp || common.id == TypeId::timestamp_tz) &&
                         (own.id == TypeId::timestamp || own.id == TypeId::timestamp_tz);
      return fail(times ? 2127 : 2119, *at[i],
                  {{"operator", std::string(what)}, {"seen", to_string(own)}, {"expected", to_string(common)}});
    }
    common = next;
  }
  for (NodePtr& branch : *branches) branch = cast(std::move(branch), common);
  return common;
}

Result<NodePtr> Binder::case_expression(const Syntax& syntax) {
  NodePtr operand, otherwise;
  Nodes conditions, results;
  std::vector<const Syntax*> condition_at, result_at;
  std::size_t i = 0;
  const std::size_t end = syntax.children.size() - (syntax.has_otherwise ? 1 : 0);
  if (syntax.has_operand) {
    GW_ASSIGN(operand, value(*syntax.children[i++]));
  }
  for (; i + 1 < end; i += 2) {
    NodePtr when;
    if (operand == nullptr) {
      GW_ASSIGN(when, condition(*syntax.children[i], "case when"));
    } else {
      GW_ASSIGN(when, value(*syntax.children[i]));
    }
    GW_ASSIGN(NodePtr then, bind(*syntax.children[i + 1]));
    conditions.push_back(std::move(when)), condition_at.push_back(syntax.children[i].get());
    results.push_back(std::move(then)), result_at.push_back(syntax.children[i + 1].get());
  }
  if (syntax.has_otherwise) {
    GW_ASSIGN(NodePtr last, bind(*syntax.children.back()));
    results.push_back(std::move(last)), result_at.push_back(syntax.children.back().get());
  }
  if (operand != nullptr) {
    Nodes all;
    std::vector<const Syntax*> at{syntax.children[0].get()};
    all.push_back(std::move(operand));
    for (NodePtr& c : conditions) all.push_back(std::move(c));
    at.insert(at.end(), condition_at.begin(), condition_at.end());
    GW_ASSIGN(const Type type, unify(&all, at, "case"));
    if (type.id == TypeId::json || type.id == TypeId::number_text)
      return mismatch(2157, "=", syntax.begin, type, type);
    if (type.id == TypeId::null_type)
      for (NodePtr& n : all) n = cast(std::move(n), TypeId::utf8);
    operand = std::move(all.front());
    for (std::size_t k = 0; k < conditions.size(); ++k) conditions[k] = std::move(all[k + 1]);
  }
  GW_ASSIGN(const Type type, unify(&results, result_at, "case"));
  if (syntax.has_otherwise) otherwise = std::move(results.back()), results.pop_back();
  return case_node(std::move(operand), std::move(conditions), std::move(results), std::move(otherwise), type);
}

Result<NodePtr> Binder::coalesce(const Syntax& call) {
  GW_ASSIGN(const GivenArguments arguments, given(call, 1, kLongestExpression, {}, "coalesce(value, ...)"));
  Nodes values;
  for (const Syntax* argument : arguments.positional) {
    GW_ASSIGN(NodePtr node, bind(*argument));
    values.push_back(std::move(node));
  }
  GW_ASSIGN(const Type type, unify(&values, arguments.positional, "coalesce"));
  return coalesce_node(std::move(values), type);
}

Result<NodePtr> Binder::if_then(const Syntax& call) {
  GW_ASSIGN(const GivenArguments arguments, given(call, 2, 3, {}, "if(condition, then [, otherwise])"));
  Nodes conditions, results;
  GW_ASSIGN(NodePtr test, condition(*arguments.positional[0], "if"));
  conditions.push_back(std::move(test));
  std::vector<const Syntax*> at;
  for (std::size_t i = 1; i < arguments.positional.size(); ++i) {
    GW_ASSIGN(NodePtr branch, bind(*arguments.positional[i]));
    results.push_back(std::move(branch)), at.push_back(arguments.positional[i]);
  }
  GW_ASSIGN(const Type type, unify(&results, at, "if"));
  NodePtr otherwise;
  if (results.size() == 2) otherwise = std::move(results.back()), results.pop_back();
  return case_node(nullptr, std::move(conditions), std::move(results), std::move(otherwise), type);
}

Result<NodePtr> Binder::nullif(const Syntax& call) {
  GW_ASSIGN(const GivenArguments arguments, given(call, 2, 2, {}, "nullif(value, other)"));
  GW_ASSIGN(NodePtr left, value(*arguments.positional[0]));
  GW_ASSIGN(NodePtr right, value(*arguments.positional[1]));
  GW_TRY(make_comparable("=", call.op_begin, &left, &right));
  return nullif_node(std::move(left), std::move(right));
}

Result<NodePtr> Binder::try_value(const Syntax& call) {
  GW_ASSIGN(const GivenArguments arguments, given(call, 1, 2, {"otherwise"}, "try(value [, otherwise])"));
  if (arguments.positional.size() == 2 && arguments.find("otherwise") != nullptr)
    return source_.fail(2133, call.op_begin, {{"function", "try"}, {"parameter", "otherwise"}});
  Nodes both;
  std::vector<const Syntax*> at = arguments.positional;
  if (const Syntax* otherwise = arguments.find("otherwise")) at.push_back(otherwise);
  for (const Syntax* argument : at) {
    GW_ASSIGN(NodePtr node, bind(*argument));
    both.push_back(std::move(node));
  }
  GW_ASSIGN(const Type type, unify(&both, at, "try"));
  NodePtr otherwise;
  if (both.size() == 2) otherwise = std::move(both[1]);
  return try_node(std::move(both[0]), std::move(otherwise), type);
}

}  // namespace godwit::expr
