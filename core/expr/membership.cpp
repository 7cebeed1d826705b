// in (list) and like.

#include <algorithm>
#include <unordered_set>

#include "core/expr/like.hpp"
#include "core/expr/node.hpp"

namespace godwit::expr {
namespace {

// Any types, any values: one comparison per member, for the rows that no member has matched yet.
class In final : public Node {
 public:
  In(NodePtr value, Nodes list, bool negated)
      : Node(TypeId::boolean), value_(std::move(value)), list_(std::move(list)), negated_(negated) {}

  Result<Vector> evaluate(Run& run, Rows rows) const override {
    std::vector<std::int32_t> value_store, store;
    std::size_t before = run.stopped();
    GW_ASSIGN(const Vector value, value_->evaluate(run, rows));
    rows = run.live(rows, before, value_store);
    const std::size_t size = bitmap_bytes(run.size());
    MutableBuffer found = zeroed(size), unknown = zeroed(size);
    // A null is in no list and in no list's complement: its rows need no member at all.
    std::vector<std::int32_t> present;
    run.each(rows, [&](std::int64_t row) {
      if (value.is_null(row)) set_bit(unknown.data(), row);
      else present.push_back(static_cast<std::int32_t>(row));
    });
    store = std::move(present);
    Rows open(store);
    for (const NodePtr& member : list_) {
      if (run.count(open) == 0) break;
      before = run.stopped();
      GW_ASSIGN(const Vector candidate, member->evaluate(run, open));
      open = run.live(open, before, store);
      const Vector same = compare(run, open, TokenKind::equal, value, candidate);
      std::vector<std::int32_t> still_open;
      run.each(open, [&](std::int64_t row) {
        if (same.is_null(row))
          set_bit(unknown.data(), row);
        else if (same.column.boolean(same.at(row)))
          return set_bit(found.data(), row);
        still_open.push_back(static_cast<std::int32_t>(row));
      });
      store = std::move(still_open), open = Rows(store);
    }
    Vector out;
    out.column.type = TypeId::boolean, out.column.length = run.size();
    MutableBuffer valid(size);
    for (std::size_t i = 0; i < size; ++i) valid.data()[i] = static_cast<std::uint8_t>(found.data()[i] | ~unknown.data()[i]);
    if (negated_)
      for (std::size_t i = 0; i < size; ++i) found.data()[i] = static_cast<std::uint8_t>(~found.data()[i]);
    out.column.values = found.finish(), out.column.validity = valid.finish();
    return out;
  }

 private:
  NodePtr value_;
  Nodes list_;
  bool negated_;
};

// Texts or integers against literals: one probe per row.
class InLiterals final : public Node {
 public:
  InLiterals(NodePtr value, Nodes list, bool negated)
      : Node(TypeId::boolean), value_(std::move(value)), list_(std::move(list)), negated_(negated) {
    for (const NodePtr& node : list_) {
      const Column& one = *node->literal();
      if (one.is_null(0)) has_null_ = true;
      else if (one.type.id == TypeId::utf8) texts_.insert(one.text(0));
      else integers_.insert(one.int64(0));
    }
  }

  Result<Vector> evaluate(Run& run, Rows rows) const override {
    std::vector<std::int32_t> store;
    const std::size_t before = run.stopped();
    GW_ASSIGN(const Vector value, value_->evaluate(run, rows));
    rows = run.live(rows, before, store);
    if (value.is_constant_null()) return null_vector(TypeId::boolean);
    const bool text = value.column.type.id == TypeId::utf8;
    const Buffer found = bitmap_of(run, rows, [&](std::int64_t row) {
      return text ? texts_.contains(value.column.text(value.at(row))) : integers_.contains(value.column.int64(value.at(row)));
    });
    Vector out;
    out.column.type = TypeId::boolean, out.column.length = run.size(), out.column.values = found;
    if (has_null_)  // not found among (1, null) is not known
      out.column.validity = bitmap_of(run, rows, [&](std::int64_t row) { return !value.is_null(row) && bit_is_set(found.data(), row); });
    else if (!value.constant)
      out.column.validity = value.column.validity;
    if (negated_) out.column.values = bitmap_of(run, rows, [&](std::int64_t row) { return !bit_is_set(found.data(), row); });
    return out;
  }

 private:
  NodePtr value_;
  Nodes list_;  // own the texts
  bool negated_, has_null_ = false;
  std::unordered_set<std::string_view> texts_;
  std::unordered_set<std::int64_t> integers_;
};

class Like final : public Node {
 public:
  Like(NodePtr value, NodePtr pattern, NodePtr escape, bool negated)
      : Node(TypeId::boolean), value_(std::move(value)), pattern_(std::move(pattern)), escape_(std::move(escape)), negated_(negated) {
    const Column* p = pattern_->literal();
    const Column* e = escape_ == nullptr ? nullptr : escape_->literal();
    if (p != nullptr && !p->is_null(0) && (escape_ == nullptr || (e != nullptr && !e->is_null(0))))
      ready_ = LikePattern::make(p->text(0), e == nullptr ? std::string_view() : e->text(0));
  }

  Result<Vector> evaluate(Run& run, Rows rows) const override {
    std::vector<std::int32_t> store;
    std::size_t before = run.stopped();
    GW_ASSIGN(const Vector value, value_->evaluate(run, rows));
    rows = run.live(rows, before, store), before = run.stopped();
    if (value.is_constant_null()) return null_vector(TypeId::boolean);
    if (ready_) {
      Vector out;
      out.column.type = TypeId::boolean, out.column.length = run.size();
      out.column.values = bitmap_of(run, rows, [&](std::int64_t r) { return ready_->matches(value.column.text(value.at(r))) != negated_; });
      if (!value.constant) out.column.validity = value.column.validity;
      return out;
    }
    GW_ASSIGN(const Vector pattern, pattern_->evaluate(run, rows));
    rows = run.live(rows, before, store), before = run.stopped();
    Vector escape;
    if (escape_ != nullptr) {
      GW_ASSIGN(escape, escape_->evaluate(run, rows));
      rows = run.live(rows, before, store);
    }
    return row_by_row(run, rows, value, pattern, escape_ == nullptr ? nullptr : &escape);
  }

 private:
  // The pattern is data: another one in every row.
  Vector row_by_row(Run& run, Rows rows, const Vector& value, const Vector& pattern, const Vector* escape) const {
    MutableBuffer valid = zeroed(bitmap_bytes(run.size()));
    Vector out;
    out.column.type = TypeId::boolean, out.column.length = run.size();
    out.column.values = bitmap_of(run, rows, [&](std::int64_t r) {
      if (value.is_null(r) || pattern.is_null(r) || (escape != nullptr && escape->is_null(r))) return false;
      const std::string_view text = pattern.column.text(pattern.at(r));
      const auto ready = LikePattern::make(text, escape == nullptr ? std::string_view() : escape->column.text(escape->at(r)));
      if (!ready) {
        run.fail(r, make_error(1205, {{"seen", seen_value(pattern, r)}}));
        return false;
      }
      set_bit(valid.data(), r);
      return ready->matches(value.column.text(value.at(r))) != negated_;
    });
    out.column.validity = valid.finish();
    return out;
  }

  NodePtr value_, pattern_, escape_;
  bool negated_;
  std::optional<LikePattern> ready_;
};

}  // namespace

NodePtr in_node(NodePtr value, Nodes list, bool negated) {
  const TypeId id = value->type().id;
  const bool literal = std::all_of(list.begin(), list.end(), [](const NodePtr& n) { return n->literal() != nullptr; });
  if (literal && (id == TypeId::utf8 || id == TypeId::int64))
    return std::make_unique<InLiterals>(std::move(value), std::move(list), negated);
  return std::make_unique<In>(std::move(value), std::move(list), negated);
}
NodePtr like_node(NodePtr value, NodePtr pattern, NodePtr escape, bool negated) {
  return std::make_unique<Like>(std::move(value), std::move(pattern), std::move(escape), negated);
}

}  // namespace godwit::expr
