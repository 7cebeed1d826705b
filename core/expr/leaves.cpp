// Literals, columns, unset, casts, || and calls of functions.

#include <algorithm>
#include <cstring>

#include "core/expr/decimal_math.hpp"
#include "core/expr/node.hpp"
#include "core/expr/source_text.hpp"

namespace godwit::expr {
namespace {

class Literal final : public Node {
 public:
  explicit Literal(Column one) : Node(one.type), one_(std::move(one)) {}
  Result<Vector> evaluate(Run&, Rows) const override { return Vector{one_, true, {}}; }
  const Column* literal() const override { return &one_; }

 private:
  Column one_;
};

class ColumnOf final : public Node {
 public:
  ColumnOf(ScopePart part, int index, Type type, std::string name)
      : Node(type), part_(part), index_(static_cast<std::size_t>(index)), name_(std::move(name)) {}

  Result<Vector> evaluate(Run& run, Rows) const override {
    const std::span<const Column> columns = part_ == ScopePart::columns ? run.input.columns
                                            : part_ == ScopePart::lets  ? run.input.lets
                                                                        : run.input.source;
    // A batch of another shape than the one compiled for would be read out of bounds.
    if (index_ >= columns.size() || columns[index_].type != type() || columns[index_].length != run.size())
      return fail(2199, {{"field", name_},
                         {"seen", index_ >= columns.size() ? "-" : to_string(columns[index_].type)},
                         {"expected", to_string(type())}});
    return Vector{columns[index_], false, {}};
  }

 private:
  ScopePart part_;
  std::size_t index_;
  std::string name_;
};

class Unset final : public Node {
 public:
  Unset() : Node(TypeId::null_type) {}
  bool may_unset() const override { return true; }
  Result<Vector> evaluate(Run&, Rows) const override {
    Vector out = null_vector(type());
    out.set = zeroed(1).finish();
    return out;
  }
};

class Cast final : public Node {
 public:
  Cast(NodePtr value, Type type) : Node(type), value_(std::move(value)) {}
  bool may_unset() const override { return value_->may_unset(); }

  Result<Vector> evaluate(Run& run, Rows rows) const override {
    std::vector<std::int32_t> store;
    const std::size_t before = run.stopped();
    GW_ASSIGN(Vector v, value_->evaluate(run, rows));
    rows = run.live(rows, before, store);
    if (v.column.type.id == TypeId::null_type || v.is_constant_null()) {
      v.column = null_column(type(), v.column.length);
      return v;
    }
    const Type from = v.column.type;
    if (v.constant) v.column = repeated(v.column, run.size()), v.constant = false;
    const std::int64_t n = run.size();
    MutableBuffer out = zeroed(static_cast<std::size_t>(type().width()) * static_cast<std::size_t>(n));
    if (type().id == TypeId::float64) {
      double* to = out.as<double>();
      if (from.id == TypeId::int64) {
        run.each(rows, [&](std::int64_t r) { to[r] = static_cast<double>(v.column.int64(r)); });
      } else {
        run.each(rows, [&](std::int64_t r) { to[r] = decimal_to_double(v.column.decimal(r), from.scale); });
      }
    } else {
      std::vector<std::int64_t> failed;
      run.each(rows, [&](std::int64_t r) {
        int128 scaled = 0;
        const int128 value = from.id == TypeId::int64 ? int128{v.column.int64(r)} : v.column.decimal(r);
        if (!v.is_null(r) && !decimal_rescale(value, from.scale, type().scale, &scaled)) failed.push_back(r);
        std::memcpy(out.data() + 16 * r, &scaled, 16);
      });
      for (const std::int64_t r : failed)
        run.fail(r, make_error(1201, {{"seen", seen_value(v, r)}, {"expected", to_string(type())}}));
    }
    v.column.type = type(), v.column.values = out.finish();
    return v;
  }

 private:
  NodePtr value_;
};

// Null where any part is.
class Concat final : public Node {
 public:
  explicit Concat(Nodes parts) : Node(TypeId::utf8), parts_(std::move(parts)) {}

  Result<Vector> evaluate(Run& run, Rows rows) const override {
    std::vector<std::int32_t> store;
    std::vector<Vector> values;
    values.reserve(parts_.size());
    for (const NodePtr& part : parts_) {
      const std::size_t before = run.stopped();
      GW_ASSIGN(Vector v, part->evaluate(run, rows));
      rows = run.live(rows, before, store);
      if (v.is_constant_null()) return null_vector(type());
      values.push_back(std::move(v));
    }
    MutableBuffer valid = zeroed(bitmap_bytes(run.size()));
    TextColumn out(run, TypeId::utf8);
    run.each(rows, [&](std::int64_t row) {
      std::size_t bytes = 0;
      for (const Vector& v : values) {
        if (v.is_null(row)) return;
        bytes += v.column.text(v.at(row)).size();
      }
      char* to = out.room(row, bytes);
      if (to == nullptr) return;
      for (const Vector& v : values) {
        const std::string_view text = v.column.text(v.at(row));
        to = std::copy(text.begin(), text.end(), to);
      }
      out.done(row, bytes);
      set_bit(valid.data(), row);
    });
    Vector result;
    result.column = out.finish(valid.finish());
    return result;
  }

 private:
  Nodes parts_;
};

// Numbers, dates and truths as text, for ||.
class AsText final : public Node {
 public:
  explicit AsText(NodePtr value) : Node(TypeId::utf8), value_(std::move(value)) {}

  Result<Vector> evaluate(Run& run, Rows rows) const override {
    std::vector<std::int32_t> store;
    const std::size_t before = run.stopped();
    GW_ASSIGN(const Vector v, value_->evaluate(run, rows));
    rows = run.live(rows, before, store);
    if (v.is_constant_null()) return null_vector(type());
    TextColumn out(run, TypeId::utf8);
    run.each(rows, [&](std::int64_t row) {
      if (!v.is_null(row)) out.append(row, value_text(v.column, v.at(row)));
    });
    Vector result;
    result.column = out.finish(v.constant ? Buffer() : v.column.validity);
    return result;
  }

 private:
  NodePtr value_;
};

class FunctionCall final : public Node {
 public:
  FunctionCall(const Function& function, Bound bound, std::vector<FunctionArgument> arguments)
      : Node(bound.type), function_(function), bound_(std::move(bound)), arguments_(std::move(arguments)) {}

  Result<Vector> evaluate(Run& run, Rows rows) const override {
    std::vector<std::int32_t> store;
    std::vector<Vector> values(arguments_.size());
    std::vector<ArgumentColumn> given(arguments_.size());
    bool may_be_null = false;
    for (std::size_t i = 0; i < arguments_.size(); ++i) {
      if (arguments_[i].node == nullptr) continue;
      const std::size_t before = run.stopped();
      GW_ASSIGN(values[i], arguments_[i].node->evaluate(run, rows));
      rows = run.live(rows, before, store);
      if (function_.null_in_null_out && values[i].is_constant_null()) return null_vector(type());
      may_be_null = may_be_null || (!values[i].constant && values[i].column.has_nulls());
      given[i] = {&values[i].column, values[i].constant};
    }
    std::vector<std::int32_t> without_nulls;
    if (function_.null_in_null_out && may_be_null) {
      without_nulls.reserve(static_cast<std::size_t>(run.count(rows)));
      run.each(rows, [&](std::int64_t row) {
        for (std::size_t i = 0; i < values.size(); ++i)
          if (given[i] && values[i].is_null(row)) return;
        without_nulls.push_back(static_cast<std::int32_t>(row));
      });
      rows = Rows(without_nulls);
    }
    const std::vector<std::int32_t>& list = run.listed(rows);
    ColumnBuilder out(type());
    out.reserve(static_cast<std::int64_t>(list.size()));
    std::vector<RowError> errors;
    if (!list.empty()) bound_.call({given, list, out, errors});
    if (out.length() != static_cast<std::int64_t>(list.size()))
      return fail(5900, {{"seen", std::string(function_.name) + "() gave " + std::to_string(out.length()) + " values for " +
                                      std::to_string(list.size()) + " rows"}});
    for (RowError& e : errors) run.fail(e.row, std::move(e.error));
    Vector result;
    result.column = out.finish();
    if (!run.may_make(result.column.bytes.size())) {
      for (const std::int32_t row : list) run.fail(row, make_error(1206, {{"seen", std::to_string(result.column.bytes.size())}}));
      return null_vector(type());
    }
    result.column = scatter(result.column, list, run.size());
    return result;
  }

 private:
  const Function& function_;
  Bound bound_;
  std::vector<FunctionArgument> arguments_;
};

}  // namespace

NodePtr literal_node(Column one) { return std::make_unique<Literal>(std::move(one)); }
NodePtr null_node(Type type) { return std::make_unique<Literal>(null_column(type, 1)); }
NodePtr column_node(ScopePart part, int index, Type type, std::string name) {
  return std::make_unique<ColumnOf>(part, index, type, std::move(name));
}
NodePtr unset_node() { return std::make_unique<Unset>(); }
NodePtr cast_node(NodePtr value, Type type) {
  if (value->type() == type) return value;
  return std::make_unique<Cast>(std::move(value), type);
}
NodePtr concat_node(Nodes parts) {
  for (NodePtr& part : parts)
    if (part->type().id != TypeId::utf8) part = std::make_unique<AsText>(std::move(part));
  return std::make_unique<Concat>(std::move(parts));
}
NodePtr function_node(const Function& function, Bound bound, std::vector<FunctionArgument> arguments) {
  return std::make_unique<FunctionCall>(function, std::move(bound), std::move(arguments));
}

std::string operator_text(TokenKind op) {
  switch (op) {
    case TokenKind::plus: return "+";
    case TokenKind::minus: return "-";
    case TokenKind::star: return "*";
    case TokenKind::slash: return "/";
    case TokenKind::percent: return "%";
    case TokenKind::equal: return "=";
    case TokenKind::not_equal: return "<>";
    case TokenKind::less: return "<";
    case TokenKind::less_equal: return "<=";
    case TokenKind::greater: return ">";
    default: return ">=";
  }
}
std::string seen_value(const Vector& value, std::int64_t row) {
  return value.is_null(row) ? "null" : shortened(value_text(value.column, value.at(row)));
}

}  // namespace godwit::expr
