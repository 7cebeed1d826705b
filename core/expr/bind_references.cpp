// value_map, parent and lookup: what looks outside the row.

#include <algorithm>

#include "core/expr/binder.hpp"
#include "core/expr/reference_node.hpp"
#include "core/expr/value_map.hpp"

namespace godwit::expr {
namespace {

constexpr std::string_view kValueMap = "value_map(value, file [, from => column, to => column, otherwise => set_aside | keep | null | value, ignore_case => true])";
constexpr std::string_view kParent = "parent(flow, key, ...)";
constexpr std::string_view kLookup = "lookup(connection.Object, field, key [, otherwise_value => key, otherwise => set_aside | null, give => field])";

void add_once(std::vector<std::string>* list, const std::string& item) {
  if (std::find(list->begin(), list->end(), item) == list->end()) list->push_back(item);
}
bool is_word(const Syntax& syntax, std::string_view word) {
  return syntax.kind == SyntaxKind::name && !syntax.quoted && same_word(syntax.text, word);
}
// The items of a list, or the one thing itself.
std::vector<const Syntax*> items(const Syntax& syntax) {
  if (syntax.kind != SyntaxKind::list) return {&syntax};
  std::vector<const Syntax*> out;
  for (const SyntaxPtr& child : syntax.children) out.push_back(child.get());
  return out;
}

}  // namespace

std::string written_name(const Syntax& syntax) {
  if (syntax.kind == SyntaxKind::name || syntax.kind == SyntaxKind::text || syntax.kind == SyntaxKind::path) return syntax.text;
  if (syntax.kind != SyntaxKind::member) return {};
  const std::string of = written_name(*syntax.children[0]);
  return of.empty() ? of : of + '.' + syntax.text;
}

Result<std::string> Binder::constant_text(const Syntax& syntax, std::string_view example) {
  const std::string name = written_name(syntax);
  if (name.empty()) return fail(2137, syntax, {{"expected", std::string(example)}});
  return name;
}

Result<bool> Binder::constant_bool(const Syntax& syntax, std::string_view what) {
  if (syntax.kind == SyntaxKind::true_literal) return true;
  if (syntax.kind == SyntaxKind::false_literal) return false;
  return fail(2138, syntax, {{"parameter", std::string(what)}, {"expected", "true, false"}});
}

Result<NodePtr> Binder::value_map(const Syntax& call) {
  GW_ASSIGN(const GivenArguments arguments, given(call, 2, 2, {"from", "to", "otherwise", "ignore_case"}, kValueMap));
  GW_ASSIGN(NodePtr key, value(*arguments.positional[0]));
  if (key->type().id == TypeId::null_type) key = cast(std::move(key), TypeId::utf8);
  if (key->type().id != TypeId::utf8 && key->type().id != TypeId::int64)
    return fail(2135, *arguments.positional[0],
                {{"function", "value_map"}, {"parameter", "value"}, {"seen", to_string(key->type())}, {"expected", "text, integer"}});
  GW_ASSIGN(const std::string file, constant_text(*arguments.positional[1], "maps/industry.csv"));

  ValueMap::Options options;
  if (const Syntax* from = arguments.find("from")) {
    GW_ASSIGN(options.from, constant_text(*from, "old_code"));
  }
  if (const Syntax* to = arguments.find("to")) {
    GW_ASSIGN(options.to, constant_text(*to, "old_code"));
  }
  if (const Syntax* ignore = arguments.find("ignore_case")) {
    GW_ASSIGN(options.ignore_case, constant_bool(*ignore, "ignore_case"));
  }
  Unmapped unmapped = Unmapped::set_aside;
  NodePtr otherwise;
  if (const Syntax* given_otherwise = arguments.find("otherwise")) {
    if (is_word(*given_otherwise, "keep")) {
      unmapped = Unmapped::keep;
    } else if (given_otherwise->kind == SyntaxKind::null_literal) {
      unmapped = Unmapped::null;
    } else if (!is_word(*given_otherwise, "set_aside")) {
      unmapped = Unmapped::value;
      GW_ASSIGN(otherwise, bind(*given_otherwise));
      if (otherwise->type().id == TypeId::null_type) otherwise = cast_node(std::move(otherwise), TypeId::utf8);
      if (otherwise->type().id != TypeId::utf8)
        return fail(2135, *given_otherwise, {{"function", "value_map"}, {"parameter", "otherwise"}, {"seen", to_string(otherwise->type())}, {"expected", "text"}});
    }
  }
  Result<std::shared_ptr<const ValueMap>> map = ValueMap::load(options_.folder, file, options);
  if (!map) {
    // What is wrong inside the file stands at its line; what is wrong with the file stands at its name here.
    Error error = std::move(map).error();
    if (error.argument("place").find(':') != std::string_view::npos && error.number != 5911 && error.number != 5912) return Failure(std::move(error));
    const std::string seen(error.argument("seen"));
    return fail(error.number == 5912 ? 2146 : 2145, *arguments.positional[1], {{"file", file}, {"seen", seen}, {"expected", std::string(error.argument("expected"))}});
  }
  add_once(&uses_.files, file);
  return value_map_node(std::move(*map), file, std::move(key), unmapped, std::move(otherwise));
}

Result<NodePtr> Binder::parent(const Syntax& call) {
  GW_ASSIGN(const GivenArguments arguments, given(call, 2, 64, {}, kParent));
  if (call.piped) return source_.fail(2139, call.op_begin, {{"function", "parent"}, {"expected", std::string(kParent)}});
  std::vector<std::string> flows;
  for (const Syntax* item : items(*arguments.positional[0])) {
    GW_ASSIGN(std::string flow, constant_text(*item, "accounts, [accounts, branches]"));
    add_once(&flows, flow);
  }
  Nodes keys;
  std::vector<Type> types;
  for (std::size_t i = 1; i < arguments.positional.size(); ++i) {
    GW_ASSIGN(NodePtr key, value(*arguments.positional[i]));
    if (key->type().id == TypeId::null_type) key = cast(std::move(key), TypeId::utf8);
    types.push_back(key->type());
    keys.push_back(std::move(key));
  }
  if (options_.references == nullptr) return source_.fail(2126, call.op_begin, {{"function", "parent"}});
  Result<References::Bound> bound = options_.references->bind_parent(flows, types);
  if (!bound) return Failure(source_.located(std::move(bound).error(), arguments.positional[0]->begin));
  std::string name;
  for (const std::string& flow : flows) name += (name.empty() ? "" : ", ") + flow, add_once(&uses_.parents, flow);
  uses_.deferred = uses_.deferred || bound->deferred;
  ++varying_;
  return reference_node({options_.references, *bound, true, std::move(name), false}, std::move(keys), nullptr);
}

Result<NodePtr> Binder::lookup(const Syntax& call) {
  GW_ASSIGN(const GivenArguments arguments, given(call, 3, 64, {"otherwise_value", "otherwise", "give"}, kLookup));
  if (call.piped) return source_.fail(2139, call.op_begin, {{"function", "lookup"}, {"expected", std::string(kLookup)}});
  GW_ASSIGN(const std::string object, constant_text(*arguments.positional[0], "crm.Account"));
  if (object.find('.') == std::string::npos) return fail(2137, *arguments.positional[0], {{"expected", "crm.Account"}});
  std::vector<std::string> fields;
  for (const Syntax* item : items(*arguments.positional[1])) {
    GW_ASSIGN(std::string field, constant_text(*item, "Email, [Code, Site]"));
    fields.push_back(std::move(field));
  }
  if (arguments.positional.size() != 2 + fields.size())
    return source_.fail(2130, call.op_begin, {{"seen", std::to_string(arguments.positional.size() - 2)}, {"expected", std::to_string(fields.size())}});
  Nodes keys;
  std::vector<Type> types;
  for (std::size_t i = 2; i < arguments.positional.size(); ++i) {
    GW_ASSIGN(NodePtr key, value(*arguments.positional[i]));
    if (key->type().id == TypeId::null_type) key = cast(std::move(key), TypeId::utf8);
    types.push_back(key->type());
    keys.push_back(std::move(key));
  }
  NodePtr fallback;
  if (const Syntax* instead = arguments.find("otherwise_value")) {
    if (keys.size() != 1) return fail(2129, *instead);
    GW_ASSIGN(fallback, value(*instead));
    Type common;
    if (!common_type(types[0], fallback->type(), &common) || common != types[0])
      return fail(2135, *instead, {{"function", "lookup"}, {"parameter", "otherwise_value"}, {"seen", to_string(fallback->type())}, {"expected", to_string(types[0])}});
    fallback = cast(std::move(fallback), types[0]);
  }
  bool null_if_unknown = false;
  if (const Syntax* otherwise = arguments.find("otherwise")) {
    null_if_unknown = otherwise->kind == SyntaxKind::null_literal;
    if (!null_if_unknown && !is_word(*otherwise, "set_aside"))
      return fail(2138, *otherwise, {{"parameter", "otherwise"}, {"expected", "set_aside, null"}});
  }
  std::string give;
  if (const Syntax* field = arguments.find("give")) {
    GW_ASSIGN(give, constant_text(*field, "Email"));
  }
  if (options_.references == nullptr) return source_.fail(2126, call.op_begin, {{"function", "lookup"}});
  Result<References::Bound> bound = options_.references->bind_lookup(object, fields, types, give);
  if (!bound) return Failure(source_.located(std::move(bound).error(), arguments.positional[0]->begin));
  add_once(&uses_.lookups, object);
  uses_.deferred = uses_.deferred || bound->deferred;
  ++varying_;
  return reference_node({options_.references, *bound, false, object, null_if_unknown}, std::move(keys), std::move(fallback));
}

}  // namespace godwit::expr
