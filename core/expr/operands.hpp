#pragma once
// Reading the two operands of an operator without asking, value by value, which of them is a constant.

#include <cstdint>
#include <cstring>

#include "core/expr/vector.hpp"

namespace godwit::expr {

// Fixed-width values. Imported columns need not be aligned for 128 bits, hence memcpy (a plain load when compiled).
template <typename T>
struct EachValue {
  const std::uint8_t* data;
  T operator()(std::int64_t row) const {
    T v;
    std::memcpy(&v, data + sizeof(T) * static_cast<std::size_t>(row), sizeof(T));
    return v;
  }
};
template <typename T>
struct OneValue {
  T value;
  T operator()(std::int64_t) const { return value; }
};

struct EachText {
  const Column* column;
  std::string_view operator()(std::int64_t row) const { return column->text(row); }
};

// Calls f(a, b) with readers of T for both operands.
template <typename T, typename F>
void with_values(const Vector& a, const Vector& b, F&& f) {
  const EachValue<T> left{a.column.values.data()}, right{b.column.values.data()};
  if (a.constant && b.constant) return f(OneValue<T>{left(0)}, OneValue<T>{right(0)});
  if (a.constant) return f(OneValue<T>{left(0)}, right);
  if (b.constant) return f(left, OneValue<T>{right(0)});
  f(left, right);
}
template <typename F>
void with_texts(const Vector& a, const Vector& b, F&& f) {
  const EachText left{&a.column}, right{&b.column};
  if (a.constant && b.constant) return f(OneValue<std::string_view>{left(0)}, OneValue<std::string_view>{right(0)});
  if (a.constant) return f(OneValue<std::string_view>{left(0)}, right);
  if (b.constant) return f(left, OneValue<std::string_view>{right(0)});
  f(left, right);
}

}  // namespace godwit::expr
