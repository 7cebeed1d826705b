#pragma once
// A compiled expression is a tree of nodes; each answers a whole column at a time.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/expr/function.hpp"
#include "core/expr/token.hpp"
#include "core/expr/vector.hpp"
#include "core/model/result.hpp"

namespace godwit::expr {

// Immutable, so one tree serves many threads.
class Node {
 public:
  explicit Node(Type type) : type_(type) {}
  virtual ~Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  Type type() const { return type_; }
  // The values of `rows`, none of which is stopped. Rows that fail are told to the run. An error is fatal.
  virtual Result<Vector> evaluate(Run& run, Rows rows) const = 0;
  // The value, when it is one literal.
  virtual const Column* literal() const { return nullptr; }
  // True when rows may come out unset.
  virtual bool may_unset() const { return false; }

 private:
  Type type_;
};
using NodePtr = std::unique_ptr<const Node>;
using Nodes = std::vector<NodePtr>;

// The part of a Scope that a column comes from.
enum class ScopePart : std::uint8_t { columns, lets, source };

// ---- leaves ----
NodePtr literal_node(Column one);
NodePtr null_node(Type type);
NodePtr column_node(ScopePart part, int index, Type type, std::string name);
NodePtr unset_node();

// ---- operators; operands are of the types named, as the compiler has made them ----
// Widening: null to any type, integer to decimal or float, decimal to a wider decimal or float.
NodePtr cast_node(NodePtr value, Type type);
// + - * / % on two int64, two float64, or two decimal128 into `type`.
NodePtr arithmetic_node(TokenKind op, NodePtr left, NodePtr right, Type type);
NodePtr negate_node(NodePtr value);
// date + days, date - days, date - date.
NodePtr date_arithmetic_node(TokenKind op, NodePtr left, NodePtr right, Type type);
// Both of one type (decimals may differ in scale).
NodePtr comparison_node(TokenKind op, NodePtr left, NodePtr right);
NodePtr between_node(NodePtr value, NodePtr low, NodePtr high, bool negated);
NodePtr in_node(NodePtr value, Nodes list, bool negated);
NodePtr like_node(NodePtr value, NodePtr pattern, NodePtr escape, bool negated);  // escape may be null
NodePtr concat_node(Nodes parts);
NodePtr logical_node(bool conjunction, Nodes operands);  // and, or
NodePtr not_node(NodePtr operand);
NodePtr is_null_node(NodePtr value, bool negated);
NodePtr is_truth_node(NodePtr value, bool truth, bool negated);

// ---- choices: a branch is evaluated only for the rows that take it ----
// case: conditions and results alike in number; `otherwise` may be null. With an operand, conditions are values
// compared with it.
NodePtr case_node(NodePtr operand, Nodes conditions, Nodes results, NodePtr otherwise, Type type);
NodePtr coalesce_node(Nodes values, Type type);
NodePtr nullif_node(NodePtr value, NodePtr other);
NodePtr try_node(NodePtr value, NodePtr otherwise, Type type);

// ---- calls ----
struct FunctionArgument {
  NodePtr node;  // null: optional and left out
};
NodePtr function_node(const Function& function, Bound bound, std::vector<FunctionArgument> arguments);

// ---- shared by nodes ----
// a op b per row: true, false or null. Both of one type (decimals may differ in scale).
Vector compare(Run& run, Rows rows, TokenKind op, const Vector& a, const Vector& b);
std::string operator_text(TokenKind op);
// The value as messages quote it.
std::string seen_value(const Vector& value, std::int64_t row);

}  // namespace godwit::expr
