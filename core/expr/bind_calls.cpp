// Calls: special forms by name, all others from the function table.

#include <algorithm>

#include "core/expr/binder.hpp"
#include "core/expr/signature.hpp"
#include "core/expr/special_forms.hpp"
#include "core/model/nearest.hpp"

namespace godwit::expr {
namespace {

// The type in the set that a null literal, or a number of a narrower type, becomes.
bool widened(Type type, TypeSet set, Type* out) {
  if ((set & one_of(type.id)) != 0) return *out = type, true;
  if (type.id == TypeId::null_type) {
    for (const TypeId id : {TypeId::utf8, TypeId::int64, TypeId::float64, TypeId::date32, TypeId::boolean, TypeId::timestamp,
                            TypeId::timestamp_tz, TypeId::time64, TypeId::json, TypeId::binary, TypeId::number_text})
      if ((set & one_of(id)) != 0) return *out = id, true;
    return (set & one_of(TypeId::decimal128)) != 0 ? (*out = Type::decimal(38, 0), true) : false;
  }
  if (type.id == TypeId::int64 && (set & one_of(TypeId::decimal128)) != 0) return *out = Type::decimal(19, 0), true;
  if ((type.id == TypeId::int64 || type.id == TypeId::decimal128) && (set & one_of(TypeId::float64)) != 0)
    return *out = TypeId::float64, true;
  return false;
}

}  // namespace

Result<NodePtr> Binder::call(const Syntax& call) {
  std::string name = call.text;
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  if (name == "coalesce") return coalesce(call);
  if (name == "if") return if_then(call);
  if (name == "nullif") return nullif(call);
  if (name == "try") return try_value(call);
  if (name == "value_map") return value_map(call);
  if (name == "parent") return parent(call);
  if (name == "lookup") return lookup(call);
  const Function* function = find_function(name);
  if (function == nullptr) return unknown_function(call);
  return function_call(call, *function);
}

Failure Binder::unknown_function(const Syntax& call) const {
  std::vector<std::string_view> known;
  for (const Function& f : functions()) known.push_back(f.name);
  for (const SpecialForm& f : special_forms()) known.push_back(f.name);
  return source_.fail(2116, call.op_begin, {{"seen", shortened(call.text)}, {"nearest", std::string(nearest(call.text, known))}});
}

Result<GivenArguments> Binder::given(const Syntax& call, std::size_t least, std::size_t most,
                                     std::initializer_list<std::string_view> names, std::string_view signature) const {
  GivenArguments out;
  for (std::size_t i = 0; i < call.children.size(); ++i) {
    const std::string& name = call.names[i];
    if (name.empty()) {
      out.positional.push_back(call.children[i].get());
      continue;
    }
    if (std::find(names.begin(), names.end(), name) == names.end())
      return source_.fail(2132, call.name_begins[i], {{"function", call.text}, {"seen", shortened(name)}, {"expected", std::string(signature)}});
    if (!out.named.emplace(name, call.children[i].get()).second)
      return source_.fail(2133, call.name_begins[i], {{"function", call.text}, {"parameter", name}});
  }
  if (out.positional.size() < least || out.positional.size() > most)
    return source_.fail(2131, call.op_begin, {{"function", call.text},
                                              {"seen", std::to_string(out.positional.size())},
                                              {"expected", std::string(signature)}});
  return out;
}

Result<NodePtr> Binder::function_call(const Syntax& call, const Function& function) {
  const std::vector<Parameter>& parameters = function.parameters;
  const std::string signature = signature_of(function);
  const auto wrong_count = [&] {
    return source_.fail(2131, call.op_begin, {{"function", std::string(function.name)},
                                              {"seen", std::to_string(call.children.size())},
                                              {"expected", signature}});
  };
  // Which argument goes where: positional ones in order, the rest by name; surplus ones to a variadic last parameter.
  std::vector<const Syntax*> fixed(parameters.size(), nullptr), surplus;
  for (std::size_t i = 0; i < call.children.size(); ++i) {
    const Syntax* argument = call.children[i].get();
    if (call.names[i].empty()) {
      if (i < parameters.size()) fixed[i] = argument;
      else if (!parameters.empty() && parameters.back().variadic) surplus.push_back(argument);
      else return wrong_count();
      continue;
    }
    const auto at = std::find_if(parameters.begin(), parameters.end(), [&](const Parameter& p) { return p.name == call.names[i]; });
    if (at == parameters.end())
      return source_.fail(2132, call.name_begins[i], {{"function", std::string(function.name)}, {"seen", shortened(call.names[i])}, {"expected", signature}});
    const Syntax*& slot = fixed[static_cast<std::size_t>(at - parameters.begin())];
    if (slot != nullptr)
      return source_.fail(2133, call.name_begins[i], {{"function", std::string(function.name)}, {"parameter", call.names[i]}});
    slot = argument;
  }
  BindArguments bind;
  bind.options = &options_;
  std::vector<FunctionArgument> arguments;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (fixed[i] == nullptr) {
      if (!parameters[i].optional) return wrong_count();
      bind.types.push_back(TypeId::null_type), bind.constants.emplace_back();
      arguments.emplace_back();
      continue;
    }
    GW_ASSIGN(FunctionArgument bound, argument(function, parameters[i], *fixed[i], &bind));
    arguments.push_back(std::move(bound));
  }
  for (const Syntax* more : surplus) {
    GW_ASSIGN(FunctionArgument bound, argument(function, parameters.back(), *more, &bind));
    arguments.push_back(std::move(bound));
  }
  Result<Bound> bound = function.bind(bind);
  if (!bound) {
    // A complaint about a parameter points at its argument.
    std::size_t begin = call.op_begin;
    for (std::size_t i = 0; i < parameters.size(); ++i)
      if (fixed[i] != nullptr && parameters[i].name == bound.error().argument("parameter")) begin = fixed[i]->begin;
    return Failure(source_.located(std::move(bound).error(), begin));
  }
  return function_node(function, std::move(*bound), std::move(arguments));
}

Result<FunctionArgument> Binder::argument(const Function& function, const Parameter& parameter,
                                          const Syntax& given, BindArguments* bind) {
  NodePtr node;
  // A plain word is the text of a constant parameter, unless a column is called so: then nobody can know what is meant.
  const bool word = parameter.constant && (parameter.types & kText) != 0 && given.kind == SyntaxKind::name && !given.quoted;
  if (word && !is_known_name(given.text)) {
    ColumnBuilder text(TypeId::utf8);
    text.append_text(given.text);
    node = literal_node(text.finish());
  } else {
    GW_ASSIGN(node, value(given));
  }
  if (parameter.constant && node->literal() == nullptr)
    return fail(2134, given, {{"function", std::string(function.name)}, {"parameter", std::string(parameter.name)},
                              {"seen", shortened(source_.text().substr(given.begin, given.end - given.begin))}});
  if (parameter.constant && node->literal()->is_null(0)) {
    // A constant null is an argument left out.
    if (!parameter.optional)
      return fail(2134, given, {{"function", std::string(function.name)}, {"parameter", std::string(parameter.name)}, {"seen", "null"}});
    bind->types.push_back(TypeId::null_type), bind->constants.emplace_back();
    return FunctionArgument{};
  }
  Type type;
  if (!widened(node->type(), parameter.types, &type)) {
    const TypeId seen = node->type().id;
    const bool time = (seen == TypeId::timestamp && (parameter.types & one_of(TypeId::timestamp_tz)) != 0) ||
                      (seen == TypeId::timestamp_tz && (parameter.types & one_of(TypeId::timestamp)) != 0);
    return fail(time ? 2136 : 2135, given, {{"function", std::string(function.name)}, {"parameter", std::string(parameter.name)},
                                            {"seen", to_string(node->type())}, {"expected", type_names(parameter.types)}});
  }
  node = cast(std::move(node), type);
  bind->types.push_back(type);
  const Column* literal = node->literal();
  bind->constants.push_back(literal != nullptr && !literal->is_null(0) ? std::optional(value_text(*literal, 0)) : std::nullopt);
  return FunctionArgument{std::move(node)};
}

}  // namespace godwit::expr
