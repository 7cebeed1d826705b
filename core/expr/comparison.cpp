// = <> < <= > >= and between: true, false, or null where an operand is null.

#include "core/expr/decimal_math.hpp"
#include "core/expr/node.hpp"
#include "core/expr/operands.hpp"

namespace godwit::expr {
namespace {

// Bitmap of "left op right".
template <typename Left, typename Right>
Buffer compared(const Run& run, Rows rows, TokenKind op, Left left, Right right) {
  switch (op) {
    case TokenKind::equal: return bitmap_of(run, rows, [&](std::int64_t r) { return left(r) == right(r); });
    case TokenKind::not_equal: return bitmap_of(run, rows, [&](std::int64_t r) { return left(r) != right(r); });
    case TokenKind::less: return bitmap_of(run, rows, [&](std::int64_t r) { return left(r) < right(r); });
    case TokenKind::less_equal: return bitmap_of(run, rows, [&](std::int64_t r) { return left(r) <= right(r); });
    case TokenKind::greater: return bitmap_of(run, rows, [&](std::int64_t r) { return left(r) > right(r); });
    default: return bitmap_of(run, rows, [&](std::int64_t r) { return left(r) >= right(r); });
  }
}

bool holds(TokenKind op, int order) {
  switch (op) {
    case TokenKind::equal: return order == 0;
    case TokenKind::not_equal: return order != 0;
    case TokenKind::less: return order < 0;
    case TokenKind::less_equal: return order <= 0;
    case TokenKind::greater: return order > 0;
    default: return order >= 0;
  }
}

template <typename T>
Buffer compared_values(const Run& run, Rows rows, TokenKind op, const Vector& a, const Vector& b) {
  Buffer out;
  with_values<T>(a, b, [&](auto left, auto right) { out = compared(run, rows, op, left, right); });
  return out;
}

Buffer bits(Run& run, Rows rows, TokenKind op, const Vector& a, const Vector& b) {
  switch (a.column.type.id) {
    case TypeId::float64: return compared_values<double>(run, rows, op, a, b);
    case TypeId::date32: return compared_values<std::int32_t>(run, rows, op, a, b);
    case TypeId::decimal128: {
      const int sa = a.column.type.scale, sb = b.column.type.scale;
      if (sa == sb) return compared_values<int128>(run, rows, op, a, b);
      Buffer out;
      with_values<int128>(a, b, [&](auto left, auto right) {
        out = bitmap_of(run, rows, [&](std::int64_t r) { return holds(op, decimal_compare(left(r), sa, right(r), sb)); });
      });
      return out;
    }
    case TypeId::boolean:
      return bitmap_of(run, rows, [&](std::int64_t r) {
        return holds(op, static_cast<int>(a.column.boolean(a.at(r))) - static_cast<int>(b.column.boolean(b.at(r))));
      });
    case TypeId::utf8:
    case TypeId::binary:
    case TypeId::json:
    case TypeId::number_text: {
      Buffer out;
      with_texts(a, b, [&](auto left, auto right) { out = compared(run, rows, op, left, right); });
      return out;
    }
    default: return compared_values<std::int64_t>(run, rows, op, a, b);  // int64, time64, timestamps
  }
}

class Comparison final : public Node {
 public:
  Comparison(TokenKind op, NodePtr left, NodePtr right)
      : Node(TypeId::boolean), op_(op), left_(std::move(left)), right_(std::move(right)) {}

  Result<Vector> evaluate(Run& run, Rows rows) const override {
    std::vector<std::int32_t> store;
    const std::size_t before = run.stopped();
    GW_ASSIGN(const Vector a, left_->evaluate(run, rows));
    rows = run.live(rows, before, store);
    const std::size_t between = run.stopped();
    GW_ASSIGN(const Vector b, right_->evaluate(run, rows));
    return compare(run, run.live(rows, between, store), op_, a, b);
  }

 private:
  TokenKind op_;
  NodePtr left_, right_;
};

// low <= value and value <= high, with the value evaluated once.
class Between final : public Node {
 public:
  Between(NodePtr value, NodePtr low, NodePtr high, bool negated)
      : Node(TypeId::boolean), value_(std::move(value)), low_(std::move(low)), high_(std::move(high)), negated_(negated) {}

  Result<Vector> evaluate(Run& run, Rows rows) const override {
    std::vector<std::int32_t> store;
    std::size_t before = run.stopped();
    GW_ASSIGN(const Vector value, value_->evaluate(run, rows));
    rows = run.live(rows, before, store), before = run.stopped();
    GW_ASSIGN(const Vector low, low_->evaluate(run, rows));
    rows = run.live(rows, before, store), before = run.stopped();
    GW_ASSIGN(const Vector high, high_->evaluate(run, rows));
    rows = run.live(rows, before, store);
    const Vector above = compare(run, rows, TokenKind::greater_equal, value, low);
    const Vector below = compare(run, rows, TokenKind::less_equal, value, high);

    // Three-valued and: one false is false, whatever the other; then null wins over true.
    const auto is_false = [](const Vector& v, std::int64_t r) { return !v.is_null(r) && !v.column.boolean(v.at(r)); };
    Vector out;
    out.column.type = TypeId::boolean, out.column.length = run.size();
    const bool nulls = above.constant || below.constant || above.column.has_nulls() || below.column.has_nulls();
    if (nulls)
      out.column.validity = bitmap_of(run, rows, [&](std::int64_t r) {
        return is_false(above, r) || is_false(below, r) || (!above.is_null(r) && !below.is_null(r));
      });
    out.column.values = bitmap_of(run, rows, [&](std::int64_t r) {
      return (is_false(above, r) || is_false(below, r)) == negated_;
    });
    return out;
  }

 private:
  NodePtr value_, low_, high_;
  bool negated_;
};

}  // namespace

Vector compare(Run& run, Rows rows, TokenKind op, const Vector& a, const Vector& b) {
  if (a.is_constant_null() || b.is_constant_null()) return null_vector(TypeId::boolean);
  Vector out;
  out.column.type = TypeId::boolean, out.column.length = run.size();
  out.column.values = bits(run, rows, op, a, b);
  out.column.validity = common_validity(a, b, run.size());
  return out;
}

NodePtr comparison_node(TokenKind op, NodePtr left, NodePtr right) {
  return std::make_unique<Comparison>(op, std::move(left), std::move(right));
}
NodePtr between_node(NodePtr value, NodePtr low, NodePtr high, bool negated) {
  return std::make_unique<Between>(std::move(value), std::move(low), std::move(high), negated);
}

}  // namespace godwit::expr
