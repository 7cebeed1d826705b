#pragma once
// From syntax to nodes: names are looked up, types checked, constants folded.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/expr/node.hpp"
#include "core/expr/syntax.hpp"

namespace godwit::expr {

// What an expression reads, in the order of first mention.
struct Uses {
  std::vector<int> columns, lets, source;
  std::vector<std::string> parents, lookups, files;
  bool deferred = false;
};

// The smallest type that holds values of both; false when there is none.
bool common_type(Type a, Type b, Type* out);
// The decimal that holds every value of a number type but float.
Type as_decimal(Type type);

// Arguments of a special form: positional ones, then `name => value` ones.
struct GivenArguments {
  std::vector<const Syntax*> positional;
  std::map<std::string, const Syntax*, std::less<>> named;
  const Syntax* find(std::string_view name) const {
    const auto at = named.find(name);
    return at == named.end() ? nullptr : at->second;
  }
};

class Binder {
 public:
  Binder(const SourceText& source, const CompileOptions& options) : source_(source), options_(options) {}

  // Any expression; the whole of it may be unset.
  Result<NodePtr> bind(const Syntax& syntax);
  const Uses& uses() const { return uses_; }

 private:
  // An operand: it cannot be unset.
  Result<NodePtr> value(const Syntax& syntax);
  Result<NodePtr> condition(const Syntax& syntax, std::string_view what);
  Result<NodePtr> dispatch(const Syntax& syntax);
  NodePtr folded(NodePtr node) const;
  // The node widened to `type`; a literal stays one.
  NodePtr cast(NodePtr node, Type type) const;

  // binder.cpp
  Result<NodePtr> number(const Syntax& syntax);
  Result<NodePtr> name(const Syntax& syntax);
  Result<NodePtr> member(const Syntax& syntax);
  Failure unknown_name(std::string_view name, std::size_t begin, const Schema* only) const;
  Failure unknown_function(const Syntax& call) const;
  bool is_known_name(std::string_view name) const;
  Failure fail(int number, const Syntax& at, std::initializer_list<Argument> arguments = {}) const {
    return source_.fail(number, at.begin, arguments);
  }

  // bind_operators.cpp
  Result<NodePtr> negate(const Syntax& syntax);
  Result<NodePtr> arithmetic(const Syntax& syntax);
  Result<NodePtr> comparison(const Syntax& syntax);
  Result<NodePtr> logical(const Syntax& syntax);
  Result<NodePtr> concat(const Syntax& syntax);
  Result<NodePtr> in(const Syntax& syntax);
  Result<NodePtr> between(const Syntax& syntax);
  Result<NodePtr> like(const Syntax& syntax);
  // Brings both to one type that can be compared.
  Result<> make_comparable(std::string_view op, std::size_t begin, NodePtr* left, NodePtr* right) const;
  Failure mismatch(int number, std::string_view op, std::size_t begin, Type left, Type right) const;

  // bind_choices.cpp
  Result<NodePtr> case_expression(const Syntax& syntax);
  Result<NodePtr> coalesce(const Syntax& call);
  Result<NodePtr> if_then(const Syntax& call);
  Result<NodePtr> nullif(const Syntax& call);
  Result<NodePtr> try_value(const Syntax& call);
  // Brings all branches to one type; `at` are their places.
  Result<Type> unify(Nodes* branches, const std::vector<const Syntax*>& at, std::string_view what) const;

  // bind_calls.cpp
  Result<NodePtr> call(const Syntax& call);
  Result<NodePtr> function_call(const Syntax& call, const Function& function);
  Result<FunctionArgument> argument(const Function& function, const Parameter& parameter,
                                    const Syntax& given, BindArguments* bind);
  // Splits the arguments of a special form; `signature` is printed when they do not fit.
  Result<GivenArguments> given(const Syntax& call, std::size_t least, std::size_t most,
                               std::initializer_list<std::string_view> names, std::string_view signature) const;

  // bind_references.cpp
  Result<NodePtr> value_map(const Syntax& call);
  Result<NodePtr> parent(const Syntax& call);
  Result<NodePtr> lookup(const Syntax& call);
  // A name given as an argument: quoted text, or a plain word; `example` is shown where it is none.
  Result<std::string> constant_text(const Syntax& syntax, std::string_view example);
  Result<bool> constant_bool(const Syntax& syntax, std::string_view what);

  const SourceText& source_;
  const CompileOptions& options_;
  Uses uses_;
  std::size_t varying_ = 0;  // columns, references and unset met so far: what has none below it is a constant
};

// Names that a text mentions, without scope; see mentions().
void collect_mentions(const Syntax& syntax, Mentions* out);
// "crm.User" of a member chain, "accounts" of a name, the text of a literal; "" when it is none of them.
std::string written_name(const Syntax& syntax);

}  // namespace godwit::expr
