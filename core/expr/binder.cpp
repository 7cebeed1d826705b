#include "core/expr/binder.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/expr/decimal_math.hpp"
#include "core/expr/time_literal.hpp"
#include "core/model/nearest.hpp"

namespace godwit::expr {
namespace {

// A literal that is computed at compile time is kept only when it is small; large ones are made when they are needed.
constexpr std::size_t kLargestFolded = std::size_t{64} << 10;

template <typename F>
NodePtr one(Type type, F append) {
  ColumnBuilder builder(type);
  append(builder);
  return literal_node(builder.finish());
}
NodePtr truth(bool v) {
  return one(TypeId::boolean, [v](ColumnBuilder& b) { b.append_bool(v); });
}
template <typename T>
void add_once(std::vector<T>* list, const T& item) {
  if (std::find(list->begin(), list->end(), item) == list->end()) list->push_back(item);
}

// Names near enough to be meant, nearest first, at most three.
std::string near_names(std::string_view seen, std::vector<std::string_view> known) {
  std::string out;
  for (int i = 0; i < 3; ++i) {
    const std::string_view best = nearest(seen, known);
    if (best.empty() || edit_distance(seen.substr(0, 200), best.substr(0, 200)) > std::max<std::size_t>(1, seen.size() / 3)) break;
    if (!out.empty()) out += ", ";
    out += best;
    std::erase(known, best);
  }
  return out;
}
std::string first_names(const std::vector<std::string_view>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i == 12) return out + ", ...";
    if (i != 0) out += ", ";
    out += names[i];
  }
  return out.empty() ? "-" : out;
}

}  // namespace

bool common_type(Type a, Type b, Type* out) {
  if (a == b || b.id == TypeId::null_type) return *out = a, true;
  if (a.id == TypeId::null_type) return *out = b, true;
  const auto numeric = [](Type t) { return t.id == TypeId::int64 || t.id == TypeId::float64 || t.id == TypeId::decimal128; };
  if (!numeric(a) || !numeric(b)) return false;
  if (a.id == TypeId::float64 || b.id == TypeId::float64) return *out = TypeId::float64, true;
  a = as_decimal(a), b = as_decimal(b);
  const int scale = std::max(a.scale, b.scale), whole = std::max(a.precision - a.scale, b.precision - b.scale);
  *out = Type::decimal(std::min(kMostDigits, whole + scale), scale);
  return true;
}

Type as_decimal(Type type) { return type.id == TypeId::decimal128 ? type : Type::decimal(19, 0); }

Result<NodePtr> Binder::bind(const Syntax& syntax) {
  const std::size_t before = varying_;
  GW_ASSIGN(NodePtr node, dispatch(syntax));
  if (varying_ != before || node->literal() != nullptr) return node;
  return folded(std::move(node));
}

// A constant that fails fails at run time: only the rows that reach it are set aside.
NodePtr Binder::folded(NodePtr node) const {
  EvalInput nothing;
  nothing.rows = 1;
  Run run(nothing);
  const Result<Vector> v = node->evaluate(run, Rows());
  if (!v || run.stopped() != 0 || v->column.length != 1 || v->column.size_bytes() > kLargestFolded) return node;
  return literal_node(v->column);
}

NodePtr Binder::cast(NodePtr node, Type type) const {
  const bool constant = node->literal() != nullptr;
  node = cast_node(std::move(node), type);
  return constant ? folded(std::move(node)) : std::move(node);
}

Result<NodePtr> Binder::value(const Syntax& syntax) {
  GW_ASSIGN(NodePtr node, bind(syntax));
  if (node->may_unset()) return fail(2121, syntax);
  return node;
}

Result<NodePtr> Binder::condition(const Syntax& syntax, std::string_view what) {
  GW_ASSIGN(NodePtr node, value(syntax));
  if (node->type().id == TypeId::null_type) return cast(std::move(node), TypeId::boolean);
  if (node->type().id != TypeId::boolean)
    return fail(2124, syntax, {{"operator", std::string(what)}, {"seen", to_string(node->type())}});
  return node;
}

Result<NodePtr> Binder::dispatch(const Syntax& syntax) {
  switch (syntax.kind) {
    case SyntaxKind::null_literal: return null_node(TypeId::null_type);
    case SyntaxKind::true_literal: return truth(true);
    case SyntaxKind::false_literal: return truth(false);
    case SyntaxKind::text: return one(TypeId::utf8, [&](ColumnBuilder& b) { b.append_text(syntax.text); });
    case SyntaxKind::integer:
    case SyntaxKind::decimal:
    case SyntaxKind::exponent: return number(syntax);
    case SyntaxKind::date: {
      const auto days = parse_date(syntax.text);
      if (!days) return fail(2120, syntax, {{"seen", shortened(syntax.text)}, {"expected", "date '2024-01-31'"}});
      return one(TypeId::date32, [&](ColumnBuilder& b) { b.append_date32(*days); });
    }
    case SyntaxKind::timestamp: {
      const auto time = parse_timestamp(syntax.text);
      if (!time) return fail(2120, syntax, {{"seen", shortened(syntax.text)}, {"expected", "timestamp '2024-01-31T23:59:59', timestamp '2024-01-31T23:59:59+08:00'"}});
      return one(time->zoned ? TypeId::timestamp_tz : TypeId::timestamp, [&](ColumnBuilder& b) { b.append_int64(time->us); });
    }
    case SyntaxKind::name: return name(syntax);
    case SyntaxKind::member: return member(syntax);
    case SyntaxKind::unset: return ++varying_, unset_node();
    case SyntaxKind::negate: return negate(syntax);
    case SyntaxKind::arithmetic: return arithmetic(syntax);
    case SyntaxKind::comparison: return comparison(syntax);
    case SyntaxKind::logical_and:
    case SyntaxKind::logical_or: return logical(syntax);
    case SyntaxKind::concat: return concat(syntax);
    case SyntaxKind::in: return in(syntax);
    case SyntaxKind::between: return between(syntax);
    case SyntaxKind::like: return like(syntax);
    case SyntaxKind::case_: return case_expression(syntax);
    case SyntaxKind::call: return call(syntax);
    case SyntaxKind::logical_not: {
      GW_ASSIGN(NodePtr operand, condition(*syntax.children[0], "not"));
      return not_node(std::move(operand));
    }
    case SyntaxKind::is_null: {
      GW_ASSIGN(NodePtr operand, value(*syntax.children[0]));
      return is_null_node(std::move(operand), syntax.negated);
    }
    case SyntaxKind::is_truth: {
      const bool truth = syntax.op == TokenKind::equal;
      GW_ASSIGN(NodePtr operand, condition(*syntax.children[0], truth ? "is true" : "is false"));
      return is_truth_node(std::move(operand), truth, syntax.negated);
    }
    case SyntaxKind::path:
    case SyntaxKind::list: break;
  }
  return fail(2122, syntax);  // a list or a file name where a value is wanted
}

Result<NodePtr> Binder::number(const Syntax& syntax) {
  const std::string& text = syntax.text;
  if (syntax.kind == SyntaxKind::exponent) {
    double v = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(v))
      return fail(2106, syntax, {{"seen", shortened(text)}});
    return one(TypeId::float64, [v](ColumnBuilder& b) { b.append_float64(v); });
  }
  if (syntax.kind == SyntaxKind::integer) {
    std::int64_t v = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), v).ec == std::errc())
      return one(TypeId::int64, [v](ColumnBuilder& b) { b.append_int64(v); });
  }
  // Digits beyond 64 bits, or with a point: an exact decimal of just these digits.
  const bool negative = text.front() == '-';
  const std::size_t point = text.find('.');
  const int scale = point == std::string::npos ? 0 : static_cast<int>(std::min<std::size_t>(text.size() - point - 1, 1000));
  int128 v = 0;
  int digits = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') continue;
    if (digits > 0 || c != '0') ++digits;
    if (digits > kMostDigits || scale > kMostDigits) return fail(2118, syntax, {{"seen", shortened(text)}});
    v = v * 10 + (c - '0');
  }
  const Type type = Type::decimal(std::max({digits, scale, 1}), scale);
  return one(type, [&](ColumnBuilder& b) { b.append_decimal(negative ? -v : v); });
}

Result<NodePtr> Binder::name(const Syntax& syntax) {
  const auto find = [&](const Schema* schema) { return schema == nullptr ? -1 : find_field(*schema, syntax.text); };
  ++varying_;
  if (const int i = find(options_.scope.columns); i >= 0) {
    add_once(&uses_.columns, i);
    return column_node(ScopePart::columns, i, (*options_.scope.columns)[static_cast<std::size_t>(i)].type, syntax.text);
  }
  if (const int i = find(options_.scope.lets); i >= 0) {
    add_once(&uses_.lets, i);
    return column_node(ScopePart::lets, i, (*options_.scope.lets)[static_cast<std::size_t>(i)].type, syntax.text);
  }
  return unknown_name(syntax.text, syntax.begin, nullptr);
}

bool Binder::is_known_name(std::string_view name) const {
  const Scope& s = options_.scope;
  return (s.columns != nullptr && find_field(*s.columns, name) >= 0) || (s.lets != nullptr && find_field(*s.lets, name) >= 0);
}

Result<NodePtr> Binder::member(const Syntax& syntax) {
  const Syntax& of = *syntax.children[0];
  if (of.kind == SyntaxKind::name && !of.quoted && of.text == "source" && !is_known_name("source")) {
    if (options_.scope.source == nullptr) return fail(2123, of);
    const int i = find_field(*options_.scope.source, syntax.text);
    if (i < 0) return unknown_name(syntax.text, syntax.op_begin, options_.scope.source);
    ++varying_;
    add_once(&uses_.source, i);
    return column_node(ScopePart::source, i, (*options_.scope.source)[static_cast<std::size_t>(i)].type, syntax.text);
  }
  GW_ASSIGN(const NodePtr node, value(of));
  return source_.fail(2125, syntax.op_begin, {{"seen", syntax.text}, {"type", to_string(node->type())}});
}

Failure Binder::unknown_name(std::string_view seen, std::size_t begin, const Schema* only) const {
  std::vector<std::string_view> known;
  for (const Schema* schema : {only != nullptr ? only : options_.scope.columns, only != nullptr ? nullptr : options_.scope.lets})
    if (schema != nullptr)
      for (const Field& f : *schema) known.push_back(f.name);
  const std::string shown = shortened(seen), near = near_names(seen, known);
  if (!near.empty()) return source_.fail(2114, begin, {{"seen", shown}, {"nearest", near}});
  return source_.fail(2115, begin, {{"seen", shown}, {"expected", first_names(known)}});
}

}  // namespace godwit::expr
