// case, coalesce, nullif and try: each branch is evaluated for the rows that take it and for no others.

#include <algorithm>
#include <utility>

#include "core/expr/node.hpp"

namespace godwit::expr {
namespace {

// The rows for which a condition is true go to `taken`, the others to `rest`.
void split(const Run& run, Rows rows, const Vector& condition, std::vector<std::int32_t>* taken, std::vector<std::int32_t>* rest) {
  run.each(rows, [&](std::int64_t row) {
    const bool yes = !condition.is_null(row) && condition.column.boolean(condition.at(row));
    (yes ? taken : rest)->push_back(static_cast<std::int32_t>(row));
  });
}

// Evaluates a branch for `rows` and keeps what came of it.
Result<> add_part(Run& run, const Node& node, std::vector<std::int32_t> rows, std::vector<Part>* parts) {
  if (rows.empty()) return {};
  Part part;
  const std::size_t before = run.stopped();
  // All rows as such: their nodes may run dense and share buffers.
  const bool all = static_cast<std::int64_t>(rows.size()) == run.size();
  GW_ASSIGN(part.vector, node.evaluate(run, all ? Rows() : Rows(rows)));
  std::vector<std::int32_t> store;
  const Rows live = run.live(Rows(rows), before, store);
  part.rows = live.list();
  parts->push_back(std::move(part));
  return {};
}

class Case final : public Node {
 public:
  Case(NodePtr operand, Nodes conditions, Nodes results, NodePtr otherwise, Type type)
      : Node(type),
        operand_(std::move(operand)),
        conditions_(std::move(conditions)),
        results_(std::move(results)),
        otherwise_(std::move(otherwise)) {
    for (const NodePtr& r : results_) may_unset_ = may_unset_ || r->may_unset();
    if (otherwise_ != nullptr) may_unset_ = may_unset_ || otherwise_->may_unset();
  }
  bool may_unset() const override { return may_unset_; }

  Result<Vector> evaluate(Run& run, Rows rows) const override {
    std::vector<std::int32_t> store;
    std::size_t before = run.stopped();
    Vector operand;
    if (operand_ != nullptr) {
      GW_ASSIGN(operand, operand_->evaluate(run, rows));
      rows = run.live(rows, before, store);
    }
    std::vector<std::int32_t> open_store;
    Rows open = rows;
    std::vector<Part> parts;
    for (std::size_t i = 0; i < conditions_.size() && run.count(open) != 0; ++i) {
      before = run.stopped();
      GW_ASSIGN(Vector condition, conditions_[i]->evaluate(run, open));
      open = run.live(open, before, open_store);
      if (operand_ != nullptr) condition = compare(run, open, TokenKind::equal, operand, condition);
      std::vector<std::int32_t> taken, rest;
      split(run, open, condition, &taken, &rest);
      GW_TRY(add_part(run, *results_[i], std::move(taken), &parts));
      open_store = std::move(rest), open = Rows(open_store);
    }
    if (otherwise_ != nullptr && run.count(open) != 0) GW_TRY(add_part(run, *otherwise_, run.listed(open), &parts));
    return merged(run, type(), parts);
  }

 private:
  NodePtr operand_;
  Nodes conditions_, results_;
  NodePtr otherwise_;
  bool may_unset_ = false;
};

// The first value that is not null. An unset value is a decision too: nothing after it is looked at.
class Coalesce final : public Node {
 public:
  Coalesce(Nodes values, Type type) : Node(type), values_(std::move(values)) {
    for (const NodePtr& v : values_) may_unset_ = may_unset_ || v->may_unset();
  }
  bool may_unset() const override { return may_unset_; }

  Result<Vector> evaluate(Run& run, Rows rows) const override {
    std::vector<std::int32_t> open = run.listed(rows);
    std::vector<Part> parts;
    for (const NodePtr& value : values_) {
      if (open.empty()) break;
      const std::size_t before_parts = parts.size();
      GW_TRY(add_part(run, *value, std::move(open), &parts));
      open.clear();
      if (parts.size() == before_parts) break;
      Part& part = parts.back();
      std::vector<std::int32_t> decided;
      for (const std::int32_t row : part.rows)
        (part.vector.is_null(row) && part.vector.is_set(row) ? open : decided).push_back(row);
      part.rows = std::move(decided);
    }
    return merged(run, type(), parts);
  }

 private:
  Nodes values_;
  bool may_unset_ = false;
};

class NullIf final : public Node {
 public:
  NullIf(NodePtr value, NodePtr other) : Node(value->type()), value_(std::move(value)), other_(std::move(other)) {}

  Result<Vector> evaluate(Run& run, Rows rows) const override {
    std::vector<std::int32_t> store;
    std::size_t before = run.stopped();
    GW_ASSIGN(Vector value, value_->evaluate(run, rows));
    rows = run.live(rows, before, store), before = run.stopped();
    GW_ASSIGN(const Vector other, other_->evaluate(run, rows));
    rows = run.live(rows, before, store);
    const Vector same = compare(run, rows, TokenKind::equal, value, other);
    const Buffer keep = bitmap_of(run, rows, [&](std::int64_t r) { return same.is_null(r) || !same.column.boolean(same.at(r)); });
    if (value.constant) value.column = repeated(value.column, run.size()), value.constant = false;
    value.column = with_nulls(std::move(value.column), keep.data());
    return value;
  }

 private:
  NodePtr value_, other_;
};

// A row that fails in the value is not set aside: it is null, or what `otherwise` gives. Rows that wait still wait.
class Try final : public Node {
 public:
  Try(NodePtr value, NodePtr otherwise, Type type) : Node(type), value_(std::move(value)), otherwise_(std::move(otherwise)) {}
  bool may_unset() const override { return value_->may_unset() || (otherwise_ != nullptr && otherwise_->may_unset()); }

  Result<Vector> evaluate(Run& run, Rows rows) const override {
    std::vector<RowError> outer = std::exchange(run.errors, {});
    const std::size_t before = run.stopped();
    Result<Vector> value = value_->evaluate(run, rows);
    const std::vector<RowError> inner = std::exchange(run.errors, std::move(outer));
    if (!value) return value;
    if (run.stopped() == before) return value;
    std::vector<std::int32_t> failed, good;
    {
      std::vector<std::int32_t> store;
      good = run.listed(run.live(rows, before, store));
    }
    for (const RowError& e : inner) run.forgive(e.row), failed.push_back(static_cast<std::int32_t>(e.row));
    std::sort(failed.begin(), failed.end());
    std::vector<Part> parts;
    parts.push_back({std::move(*value), std::move(good)});
    if (otherwise_ != nullptr) GW_TRY(add_part(run, *otherwise_, std::move(failed), &parts));
    return merged(run, type(), parts);
  }

 private:
  NodePtr value_, otherwise_;
};

}  // namespace

NodePtr case_node(NodePtr operand, Nodes conditions, Nodes results, NodePtr otherwise, Type type) {
  return std::make_unique<Case>(std::move(operand), std::move(conditions), std::move(results), std::move(otherwise), type);
}
NodePtr coalesce_node(Nodes values, Type type) { return std::make_unique<Coalesce>(std::move(values), type); }
NodePtr nullif_node(NodePtr value, NodePtr other) {
  return std::make_unique<NullIf>(std::move(value), std::move(other));
}
NodePtr try_node(NodePtr value, NodePtr otherwise, Type type) {
  return std::make_unique<Try>(std::move(value), std::move(otherwise), type);
}

}  // namespace godwit::expr
