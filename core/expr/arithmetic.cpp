// + - * / % and unary minus on whole columns. Nothing wraps, rounds silently or becomes infinite: a row whose
// result cannot be held fails.

#include <cmath>
#include <limits>

#include "core/expr/decimal_math.hpp"
#include "core/expr/node.hpp"
#include "core/expr/operands.hpp"

namespace godwit::expr {
namespace {

enum class Outcome : std::uint8_t { ok, overflow, zero };

// Applies op(a, b, &out) -> Outcome to the rows. The dense loop runs over all rows, null ones too, and only looks at
// which rows failed when one did.
template <typename T, typename Op>
Buffer computed(const Run& run, Rows rows, const Vector& a, const Vector& b, Op op, bool* any_failed) {
  const std::int64_t n = run.size();
  MutableBuffer out = rows.all() ? MutableBuffer(sizeof(T) * static_cast<std::size_t>(n)) : zeroed(sizeof(T) * static_cast<std::size_t>(n));
  bool failed = false;
  with_values<T>(a, b, [&](auto left, auto right) {
    std::uint8_t* to = out.data();
    run.each(rows, [&](std::int64_t row) {
      T value{};
      failed |= op(left(row), right(row), &value) != Outcome::ok;
      std::memcpy(to + sizeof(T) * static_cast<std::size_t>(row), &value, sizeof(T));
    });
  });
  *any_failed = failed;
  return out.finish();
}

template <typename T, typename Op>
Vector apply(Run& run, Rows rows, const Vector& a, const Vector& b, Type type, TokenKind symbol, Op op) {
  bool any_failed = false;
  Vector out;
  out.column.type = type, out.column.length = run.size();
  out.column.values = computed<T>(run, rows, a, b, op, &any_failed);
  out.column.validity = common_validity(a, b, run.size());
  if (any_failed) [[unlikely]] {
    with_values<T>(a, b, [&](auto left, auto right) {
      run.each(rows, [&](std::int64_t row) {
        if (a.is_null(row) || b.is_null(row)) return;
        T value;
        const Outcome outcome = op(left(row), right(row), &value);
        if (outcome == Outcome::ok) return;
        const std::string seen = seen_value(a, row) + ' ' + operator_text(symbol) + ' ' + seen_value(b, row);
        run.fail(row, outcome == Outcome::zero ? make_error(1202, {{"seen", seen}})
                                               : make_error(1201, {{"seen", seen}, {"expected", to_string(type)}}));
      });
    });
  }
  return out;
}

Vector integers(Run& run, Rows rows, const Vector& a, const Vector& b, TokenKind op) {
  using I = std::int64_t;
  const Type type = TypeId::int64;
  switch (op) {
    case TokenKind::plus:
      return apply<I>(run, rows, a, b, type, op, [](I x, I y, I* o) { return __builtin_add_overflow(x, y, o) ? Outcome::overflow : Outcome::ok; });
    case TokenKind::minus:
      return apply<I>(run, rows, a, b, type, op, [](I x, I y, I* o) { return __builtin_sub_overflow(x, y, o) ? Outcome::overflow : Outcome::ok; });
    case TokenKind::star:
      return apply<I>(run, rows, a, b, type, op, [](I x, I y, I* o) { return __builtin_mul_overflow(x, y, o) ? Outcome::overflow : Outcome::ok; });
    default:  // % : the sign of the dividend, as in SQL
      return apply<I>(run, rows, a, b, type, op, [](I x, I y, I* o) {
        if (y == 0) return *o = 0, Outcome::zero;
        *o = y == -1 ? 0 : x % y;  // the smallest integer % -1 traps on x86
        return Outcome::ok;
      });
  }
}

Vector floats(Run& run, Rows rows, const Vector& a, const Vector& b, TokenKind op) {
  const Type type = TypeId::float64;
  const auto checked = [](double v, double* o) { return *o = v, std::isfinite(v) ? Outcome::ok : Outcome::overflow; };
  switch (op) {
    case TokenKind::plus:
      return apply<double>(run, rows, a, b, type, op, [=](double x, double y, double* o) { return checked(x + y, o); });
    case TokenKind::minus:
      return apply<double>(run, rows, a, b, type, op, [=](double x, double y, double* o) { return checked(x - y, o); });
    case TokenKind::star:
      return apply<double>(run, rows, a, b, type, op, [=](double x, double y, double* o) { return checked(x * y, o); });
    case TokenKind::slash:
      return apply<double>(run, rows, a, b, type, op, [=](double x, double y, double* o) {
        if (y == 0) return *o = 0, Outcome::zero;
        return checked(x / y, o);
      });
    default:
      return apply<double>(run, rows, a, b, type, op, [=](double x, double y, double* o) {
        if (y == 0) return *o = 0, Outcome::zero;
        return checked(std::fmod(x, y), o);
      });
  }
}

Vector decimals(Run& run, Rows rows, const Vector& a, const Vector& b, TokenKind op, Type type) {
  const int sa = a.column.type.scale, sb = b.column.type.scale, s = type.scale;
  const auto outcome = [](bool ok) { return ok ? Outcome::ok : Outcome::overflow; };
  switch (op) {
    case TokenKind::plus:
    case TokenKind::minus: {
      const int128 up_a = power_of_ten(s - sa), up_b = power_of_ten(s - sb);
      const bool minus = op == TokenKind::minus;
      return apply<int128>(run, rows, a, b, type, op, [=](int128 x, int128 y, int128* o) {
        if (__builtin_mul_overflow(x, up_a, &x) || __builtin_mul_overflow(y, up_b, &y)) return Outcome::overflow;
        return outcome(minus ? decimal_subtract(x, y, o) : decimal_add(x, y, o));
      });
    }
    case TokenKind::star:
      return apply<int128>(run, rows, a, b, type, op,
                           [=](int128 x, int128 y, int128* o) { return outcome(decimal_multiply(x, y, sa + sb - s, o)); });
    case TokenKind::slash:
      return apply<int128>(run, rows, a, b, type, op, [=](int128 x, int128 y, int128* o) {
        if (y == 0) return *o = 0, Outcome::zero;
        return outcome(decimal_divide(x, y, s - sa + sb, o));
      });
    default:
      return apply<int128>(run, rows, a, b, type, op, [=](int128 x, int128 y, int128* o) {
        if (y == 0) return *o = 0, Outcome::zero;
        return *o = decimal_remainder(x, s - sa, y, s - sb), Outcome::ok;
      });
  }
}

class Arithmetic final : public Node {
 public:
  Arithmetic(TokenKind op, NodePtr left, NodePtr right, Type type)
      : Node(type), op_(op), left_(std::move(left)), right_(std::move(right)) {}

  Result<Vector> evaluate(Run& run, Rows rows) const override {
    std::vector<std::int32_t> store;
    const std::size_t before = run.stopped();
    GW_ASSIGN(const Vector a, left_->evaluate(run, rows));
    rows = run.live(rows, before, store);
    const std::size_t between = run.stopped();
    GW_ASSIGN(const Vector b, right_->evaluate(run, rows));
    rows = run.live(rows, between, store);
    if (a.is_constant_null() || b.is_constant_null()) return null_vector(type());
    if (type().id == TypeId::int64) return integers(run, rows, a, b, op_);
    if (type().id == TypeId::float64) return floats(run, rows, a, b, op_);
    return decimals(run, rows, a, b, op_, type());
  }

 private:
  TokenKind op_;
  NodePtr left_, right_;
};

class Negate final : public Node {
 public:
  explicit Negate(NodePtr value) : Node(value->type()), value_(std::move(value)) {}

  Result<Vector> evaluate(Run& run, Rows rows) const override {
    std::vector<std::int32_t> store;
    const std::size_t before = run.stopped();
    GW_ASSIGN(const Vector v, value_->evaluate(run, rows));
    rows = run.live(rows, before, store);
    if (v.is_constant_null()) return v;
    Vector zero;
    zero.constant = true;
    zero.column.type = type(), zero.column.length = 1, zero.column.values = zeroed(16).finish();
    switch (type().id) {
      case TypeId::int64: return integers(run, rows, zero, v, TokenKind::minus);
      case TypeId::float64:  // 0 - x would lose the sign of -0.0
        return apply<double>(run, rows, zero, v, type(), TokenKind::minus, [](double, double x, double* o) { return *o = -x, Outcome::ok; });
      default: return decimals(run, rows, zero, v, TokenKind::minus, type());
    }
  }

 private:
  NodePtr value_;
};

// 0001-01-01 and 9999-12-31 in days.
constexpr std::int64_t kFirstDay = -719162, kLastDay = 2932896;

class DateArithmetic final : public Node {
 public:
  DateArithmetic(TokenKind op, NodePtr left, NodePtr right, Type type)
      : Node(type), op_(op), left_(std::move(left)), right_(std::move(right)) {}

  Result<Vector> evaluate(Run& run, Rows rows) const override {
    std::vector<std::int32_t> store;
    const std::size_t before = run.stopped();
    GW_ASSIGN(const Vector a, left_->evaluate(run, rows));
    rows = run.live(rows, before, store);
    const std::size_t between = run.stopped();
    GW_ASSIGN(const Vector b, right_->evaluate(run, rows));
    rows = run.live(rows, between, store);
    if (a.is_constant_null() || b.is_constant_null()) return null_vector(type());

    Vector out;
    out.column.type = type(), out.column.length = run.size(), out.column.validity = common_validity(a, b, run.size());
    MutableBuffer values = zeroed(static_cast<std::size_t>(type().width()) * static_cast<std::size_t>(run.size()));
    run.each(rows, [&](std::int64_t row) {
      if (a.is_null(row) || b.is_null(row)) return;
      const auto number = [row](const Vector& v) -> std::int64_t {
        return v.column.type.id == TypeId::date32 ? v.column.date32(v.at(row)) : v.column.int64(v.at(row));
      };
      std::int64_t result;
      const bool overflow = op_ == TokenKind::plus ? __builtin_add_overflow(number(a), number(b), &result)
                                                   : __builtin_sub_overflow(number(a), number(b), &result);
      if (type().id == TypeId::int64) {
        values.as<std::int64_t>()[row] = result;
      } else if (overflow || result < kFirstDay || result > kLastDay) {
        run.fail(row, make_error(1203, {{"seen", seen_value(a, row) + ' ' + operator_text(op_) + ' ' + seen_value(b, row)}}));
      } else {
        values.as<std::int32_t>()[row] = static_cast<std::int32_t>(result);
      }
    });
    out.column.values = values.finish();
    return out;
  }

 private:
  TokenKind op_;
  NodePtr left_, right_;
};

}  // namespace

NodePtr arithmetic_node(TokenKind op, NodePtr left, NodePtr right, Type type) {
  return std::make_unique<Arithmetic>(op, std::move(left), std::move(right), type);
}
NodePtr negate_node(NodePtr value) { return std::make_unique<Negate>(std::move(value)); }
NodePtr date_arithmetic_node(TokenKind op, NodePtr left, NodePtr right, Type type) {
  return std::make_unique<DateArithmetic>(op, std::move(left), std::move(right), type);
}

}  // namespace godwit::expr
