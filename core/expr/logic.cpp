// and, or, not, is null, is true: three-valued logic.

#include "core/expr/node.hpp"

namespace godwit::expr {
namespace {

// and stops at the first false, or at the first true: an operand is evaluated only for the rows still open, so
// that `x is not null and 10 / x > 1` cannot fail.
class Logical final : public Node {
 public:
  Logical(bool conjunction, Nodes operands) : Node(TypeId::boolean), conjunction_(conjunction), operands_(std::move(operands)) {}

  Result<Vector> evaluate(Run& run, Rows rows) const override {
    const std::size_t size = bitmap_bytes(run.size());
    MutableBuffer decided = zeroed(size), unknown = zeroed(size);
    bool any_unknown = false;
    std::vector<std::int32_t> store;
    Rows open = rows;
    for (const NodePtr& operand : operands_) {
      if (run.count(open) == 0) break;
      const std::size_t before = run.stopped();
      GW_ASSIGN(const Vector v, operand->evaluate(run, open));
      open = run.live(open, before, store);
      std::vector<std::int32_t> still_open;
      still_open.reserve(static_cast<std::size_t>(run.count(open)));
      run.each(open, [&](std::int64_t row) {
        const bool null = v.is_null(row);
        if (null) {
          any_unknown = true;
          set_bit(unknown.data(), row);
        } else if (v.column.boolean(v.at(row)) != conjunction_) {
          set_bit(decided.data(), row);
          return;
        }
        still_open.push_back(static_cast<std::int32_t>(row));
      });
      store = std::move(still_open);
      open = Rows(store);
    }
    Vector out;
    out.column.type = TypeId::boolean, out.column.length = run.size();
    if (any_unknown) {
      MutableBuffer valid(size);
      for (std::size_t i = 0; i < size; ++i) valid.data()[i] = static_cast<std::uint8_t>(decided.data()[i] | ~unknown.data()[i]);
      out.column.validity = valid.finish();
    }
    if (conjunction_)
      for (std::size_t i = 0; i < size; ++i) decided.data()[i] = static_cast<std::uint8_t>(~decided.data()[i]);
    out.column.values = decided.finish();
    return out;
  }

 private:
  bool conjunction_;
  Nodes operands_;
};

Buffer inverted(const Buffer& bits, std::int64_t n) {
  MutableBuffer out(bitmap_bytes(n));
  for (std::size_t i = 0; i < out.size(); ++i) out.data()[i] = static_cast<std::uint8_t>(~bits.data()[i]);
  return out.finish();
}

class Not final : public Node {
 public:
  explicit Not(NodePtr operand) : Node(TypeId::boolean), operand_(std::move(operand)) {}

  Result<Vector> evaluate(Run& run, Rows rows) const override {
    GW_ASSIGN(Vector v, operand_->evaluate(run, rows));
    v.column.values = inverted(v.column.values, v.column.length);
    return v;
  }

 private:
  NodePtr operand_;
};

class IsNull final : public Node {
 public:
  IsNull(NodePtr value, bool negated) : Node(TypeId::boolean), value_(std::move(value)), negated_(negated) {}

  Result<Vector> evaluate(Run& run, Rows rows) const override {
    GW_ASSIGN(const Vector v, value_->evaluate(run, rows));
    Vector out;
    out.constant = v.constant;
    out.column.type = TypeId::boolean, out.column.length = v.column.length;
    const std::size_t size = bitmap_bytes(out.column.length);
    if (!v.column.has_nulls()) {
      out.column.values = filled(size, negated_ ? 0xFF : 0).finish();
    } else {
      out.column.values = negated_ ? v.column.validity : inverted(v.column.validity, out.column.length);
    }
    return out;
  }

 private:
  NodePtr value_;
  bool negated_;
};

// is [not] true, is [not] false: never null.
class IsTruth final : public Node {
 public:
  IsTruth(NodePtr value, bool truth, bool negated)
      : Node(TypeId::boolean), value_(std::move(value)), truth_(truth), negated_(negated) {}

  Result<Vector> evaluate(Run& run, Rows rows) const override {
    std::vector<std::int32_t> store;
    const std::size_t before = run.stopped();
    GW_ASSIGN(const Vector v, value_->evaluate(run, rows));
    rows = run.live(rows, before, store);
    Vector out;
    out.column.type = TypeId::boolean, out.column.length = run.size();
    out.column.values = bitmap_of(run, rows, [&](std::int64_t r) {
      return (!v.is_null(r) && v.column.boolean(v.at(r)) == truth_) != negated_;
    });
    return out;
  }

 private:
  NodePtr value_;
  bool truth_, negated_;
};

}  // namespace

NodePtr logical_node(bool conjunction, Nodes operands) { return std::make_unique<Logical>(conjunction, std::move(operands)); }
NodePtr not_node(NodePtr operand) { return std::make_unique<Not>(std::move(operand)); }
NodePtr is_null_node(NodePtr value, bool negated) { return std::make_unique<IsNull>(std::move(value), negated); }
NodePtr is_truth_node(NodePtr value, bool truth, bool negated) {
  return std::make_unique<IsTruth>(std::move(value), truth, negated);
}

}  // namespace godwit::expr
