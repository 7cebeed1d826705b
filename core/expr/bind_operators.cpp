// Types of operators. The rules are in docs/guide/expressions.md.

#include <algorithm>
#include <array>

#include "core/expr/binder.hpp"
#include "core/expr/decimal_math.hpp"
#include "core/expr/like.hpp"

namespace godwit::expr {
namespace {

bool is_number(Type t) {
  return t.id == TypeId::int64 || t.id == TypeId::float64 || t.id == TypeId::decimal128 || t.id == TypeId::null_type;
}
bool is_timestamp(Type t) { return t.id == TypeId::timestamp || t.id == TypeId::timestamp_tz; }

// Products keep every place up to this many; beyond it they are rounded so that whole digits remain.
constexpr int kMostProductPlaces = 18;
// Quotients have at least this many places.
constexpr int kLeastQuotientPlaces = 6;

Type result_of(TokenKind op, Type a, Type b) {
  if (a.id == TypeId::float64 || b.id == TypeId::float64) return TypeId::float64;
  if (a.id == TypeId::int64 && b.id == TypeId::int64 && op != TokenKind::slash) return TypeId::int64;
  a = as_decimal(a), b = as_decimal(b);
  const int most = std::max(a.scale, b.scale), whole = std::max(a.precision - a.scale, b.precision - b.scale);
  switch (op) {
    case TokenKind::star:
      return Type::decimal(std::min(kMostDigits, a.precision + b.precision), std::min(a.scale + b.scale, std::max(kMostProductPlaces, most)));
    case TokenKind::slash: return Type::decimal(kMostDigits, std::max(kLeastQuotientPlaces, most));
    case TokenKind::percent: return Type::decimal(std::min(kMostDigits, whole + most), most);
    default: return Type::decimal(std::min(kMostDigits, whole + most + 1), most);
  }
}

}  // namespace

Failure Binder::mismatch(int number, std::string_view op, std::size_t begin, Type left, Type right) const {
  const std::string seen = to_string(left) + ' ' + std::string(op) + ' ' + to_string(right);
  const bool times = is_timestamp(left) && is_timestamp(right) && left.id != right.id;
  return source_.fail(times ? 2127 : number, begin, {{"operator", std::string(op)}, {"seen", seen}});
}

Result<NodePtr> Binder::negate(const Syntax& syntax) {
  GW_ASSIGN(NodePtr operand, value(*syntax.children[0]));
  const Type type = operand->type();
  if (type.id == TypeId::null_type) return null_node(TypeId::int64);
  if (!is_number(type)) return source_.fail(2117, syntax.begin, {{"operator", "-"}, {"seen", to_string(type)}, {"expected", "integer, decimal, float"}});
  return negate_node(std::move(operand));
}

Result<NodePtr> Binder::arithmetic(const Syntax& syntax) {
  GW_ASSIGN(NodePtr left, value(*syntax.children[0]));
  GW_ASSIGN(NodePtr right, value(*syntax.children[1]));
  Type a = left->type(), b = right->type();
  const TokenKind op = syntax.op;
  const auto day = [](Type t) { return t.id == TypeId::date32; };
  const auto whole = [](Type t) { return t.id == TypeId::int64 || t.id == TypeId::null_type; };
  if ((op == TokenKind::plus && ((day(a) && whole(b)) || (whole(a) && day(b)))) || (op == TokenKind::minus && day(a) && whole(b)))
    return date_arithmetic_node(op, cast(std::move(left), day(a) ? TypeId::date32 : TypeId::int64),
                                cast(std::move(right), day(b) ? TypeId::date32 : TypeId::int64), TypeId::date32);
  if (op == TokenKind::minus && day(a) && day(b))
    return date_arithmetic_node(op, std::move(left), std::move(right), TypeId::int64);
  if (!is_number(a) || !is_number(b)) return mismatch(2155, operator_text(op), syntax.op_begin, a, b);
  if (a.id == TypeId::null_type) a = b;
  if (b.id == TypeId::null_type) b = a;
  if (a.id == TypeId::null_type) a = b = TypeId::int64;
  const Type type = result_of(op, a, b);
  const auto operand_type = [&](Type own) { return type.id == TypeId::decimal128 ? as_decimal(own) : type; };
  left = cast(std::move(left), operand_type(a)), right = cast(std::move(right), operand_type(b));
  return arithmetic_node(op, std::move(left), std::move(right), type);
}

Result<> Binder::make_comparable(std::string_view op, std::size_t begin, NodePtr* left, NodePtr* right) const {
  const Type a = (*left)->type(), b = (*right)->type();
  Type common;
  if (!common_type(a, b, &common)) return mismatch(2156, op, begin, a, b);
  if (common.id == TypeId::json || common.id == TypeId::number_text) return mismatch(2157, op, begin, a, b);
  if (common.id == TypeId::null_type) common = TypeId::utf8;  // null = null: unknown, whatever the type
  for (NodePtr* side : {left, right}) {
    // Decimals are compared as they are: a common scale could have too many digits.
    if (common.id == TypeId::decimal128 && (*side)->type().id == TypeId::decimal128) continue;
    const Type own = common.id == TypeId::decimal128 && (*side)->type().id == TypeId::int64 ? Type::decimal(19, 0) : common;
    *side = cast(std::move(*side), own);
  }
  return {};
}

Result<NodePtr> Binder::comparison(const Syntax& syntax) {
  GW_ASSIGN(NodePtr left, value(*syntax.children[0]));
  GW_ASSIGN(NodePtr right, value(*syntax.children[1]));
  GW_TRY(make_comparable(operator_text(syntax.op), syntax.op_begin, &left, &right));
  return comparison_node(syntax.op, std::move(left), std::move(right));
}

Result<NodePtr> Binder::between(const Syntax& syntax) {
  GW_ASSIGN(NodePtr operand, value(*syntax.children[0]));
  GW_ASSIGN(NodePtr low, value(*syntax.children[1]));
  GW_ASSIGN(NodePtr high, value(*syntax.children[2]));
  // All three to one type, so that the value is evaluated once.
  Type common;
  if (!common_type(operand->type(), low->type(), &common)) return mismatch(2156, "between", syntax.op_begin, operand->type(), low->type());
  if (!common_type(common, high->type(), &common)) return mismatch(2156, "between", syntax.op_begin, operand->type(), high->type());
  if (common.id == TypeId::json || common.id == TypeId::number_text) return mismatch(2157, "between", syntax.op_begin, operand->type(), low->type());
  if (common.id == TypeId::null_type) common = TypeId::utf8;
  for (NodePtr* side : {&operand, &low, &high}) *side = cast(std::move(*side), common);
  return between_node(std::move(operand), std::move(low), std::move(high), syntax.negated);
}

Result<NodePtr> Binder::in(const Syntax& syntax) {
  GW_ASSIGN(NodePtr operand, value(*syntax.children[0]));
  Nodes list;
  Type common = operand->type();
  for (std::size_t i = 1; i < syntax.children.size(); ++i) {
    GW_ASSIGN(NodePtr member, value(*syntax.children[i]));
    Type next;
    if (!common_type(common, member->type(), &next)) return mismatch(2156, "in", syntax.children[i]->begin, common, member->type());
    common = next;
    list.push_back(std::move(member));
  }
  if (common.id == TypeId::json || common.id == TypeId::number_text) return mismatch(2157, "in", syntax.op_begin, common, common);
  if (common.id == TypeId::null_type) common = TypeId::utf8;
  operand = cast(std::move(operand), common);
  for (NodePtr& member : list) member = cast(std::move(member), common);
  return in_node(std::move(operand), std::move(list), syntax.negated);
}

Result<NodePtr> Binder::like(const Syntax& syntax) {
  std::array<NodePtr, 3> parts;
  for (std::size_t i = 0; i < syntax.children.size(); ++i) {
    GW_ASSIGN(parts[i], value(*syntax.children[i]));
    const Type type = parts[i]->type();
    if (type.id == TypeId::null_type) parts[i] = null_node(TypeId::utf8);
    else if (type.id != TypeId::utf8)
      return source_.fail(2117, syntax.children[i]->begin, {{"operator", "like"}, {"seen", to_string(type)}, {"expected", "text"}});
  }
  const Column *pattern = parts[1]->literal(), *escape = parts[2] == nullptr ? nullptr : parts[2]->literal();
  if (pattern != nullptr && !pattern->is_null(0) && (parts[2] == nullptr || (escape != nullptr && !escape->is_null(0))) &&
      !LikePattern::make(pattern->text(0), escape == nullptr ? std::string_view() : escape->text(0)))
    return fail(2128, *syntax.children[parts[2] == nullptr ? 1 : 2], {{"seen", shortened(escape == nullptr ? pattern->text(0) : escape->text(0))}});
  return like_node(std::move(parts[0]), std::move(parts[1]), std::move(parts[2]), syntax.negated);
}

Result<NodePtr> Binder::logical(const Syntax& syntax) {
  const bool conjunction = syntax.kind == SyntaxKind::logical_and;
  Nodes operands;
  for (const SyntaxPtr& child : syntax.children) {
    GW_ASSIGN(NodePtr operand, condition(*child, conjunction ? "and" : "or"));
    operands.push_back(std::move(operand));
  }
  return logical_node(conjunction, std::move(operands));
}

// At least one text among them; numbers, dates and truths are written as value_text() writes them.
Result<NodePtr> Binder::concat(const Syntax& syntax) {
  Nodes parts;
  bool any_text = false;
  for (const SyntaxPtr& child : syntax.children) {
    GW_ASSIGN(NodePtr part, value(*child));
    const TypeId id = part->type().id;
    if (id == TypeId::binary || id == TypeId::json)
      return source_.fail(2117, child->begin, {{"operator", "||"}, {"seen", to_string(part->type())}, {"expected", "text"}});
    any_text = any_text || id == TypeId::utf8 || id == TypeId::null_type;
    parts.push_back(std::move(part));
  }
  if (!any_text) return mismatch(2158, "||", syntax.op_begin, parts[0]->type(), parts[1]->type());
  return concat_node(std::move(parts));
}

}  // namespace godwit::expr
