// abs, sign, round, trunc, floor, ceil, mod, power, sqrt: arithmetic that keeps exact numbers exact.

#include <cmath>

#include "core/expr/functions/exact.hpp"
#include "core/expr/functions/groups.hpp"

namespace godwit::fn {
namespace {

bool is_float(Type type) { return type.id == TypeId::float64; }

// The type of a rounded number: integers stay integers, decimals get `scale` places.
Type rounded_type(Type from, int scale) {
  return from.id == TypeId::decimal128 ? Type::decimal(kMostDigits, std::max(scale, 0)) : from;
}

// To `places` decimal places; negative ones round to tens, hundreds ...
Fit round_to(Exact in, int places, Rounding rounding, int out_scale, int128* out) {
  if (places >= in.scale) return rescale(in, out_scale, Rounding::exact, out);
  if (in.scale - places > kMostDigits) places = in.scale - kMostDigits;  // all digits are gone either way
  // Rounded as if the places were the scale, then moved to the scale of the result.
  int128 kept;
  const Fit fit = rescale({in.value, in.scale - places}, 0, rounding, &kept);
  return fit != Fit::fits ? fit : rescale({kept, places}, out_scale, Rounding::exact, out);
}

double round_float(double value, int places, Rounding rounding) {
  // Through the decimal that the float spells, as people expect of 2.675; beyond 38 digits nothing is left to round.
  const std::optional<Exact> exact = exact_of(value);
  if (!exact || places >= exact->scale) return value;
  int128 out;
  const int scale = std::max(places, 0);
  if (round_to(*exact, places, rounding, scale, &out) != Fit::fits) return value;
  return decimal_to_double(out, scale);
}

Bound round_bound(Type from, int places, Rounding rounding) {
  const Type type = rounded_type(from, places);
  if (is_float(from)) {
    return {type, [places, rounding](const Call& call) {
              for (const std::int32_t row : call.rows) {
                call.out.append_float64(round_float(float_at(call.arguments[0], row), places, rounding));
              }
            }};
  }
  return {type, [places, rounding, type](const Call& call) {
            for (const std::int32_t row : call.rows) {
              const Exact exact = exact_at(call.arguments[0], row);
              int128 out;
              const Fit fit = round_to(exact, places, rounding, type.scale, &out);
              const bool integer = type.id == TypeId::int64;
              if (fit != Fit::fits || (integer && (out < INT64_MIN || out > INT64_MAX))) {
                char buffer[kNumberText];
                reject(call, row, 1253,
                       {{"seen", std::string(shortest_text(exact, buffer))},
                        {"expected", std::to_string(integer ? 18 : kMostDigits - type.scale)}});
              } else if (integer) {
                call.out.append_int64(static_cast<std::int64_t>(out));
              } else {
                call.out.append_decimal(out);
              }
            }
          }};
}

Result<Bound> bind_round(const BindArguments& arguments) {
  GW_ASSIGN(const std::int64_t places, constant_integer(arguments, 1, "round", "places", -kMostDigits, kMostDigits, 0));
  GW_ASSIGN(const int mode, constant_choice(arguments, 2, "round", "mode", {"half_up", "half_even"}));
  return round_bound(arguments.types[0], static_cast<int>(places), mode == 0 ? Rounding::half_up : Rounding::half_even);
}

Result<Bound> bind_trunc(const BindArguments& arguments) {
  GW_ASSIGN(const std::int64_t places, constant_integer(arguments, 1, "trunc", "places", -kMostDigits, kMostDigits, 0));
  return round_bound(arguments.types[0], static_cast<int>(places), Rounding::down);
}

template <Rounding rounding>
Result<Bound> bind_whole(const BindArguments& arguments) {
  if (is_float(arguments.types[0])) {
    return Bound{TypeId::float64, [](const Call& call) {
                   for (const std::int32_t row : call.rows) {
                     const double v = float_at(call.arguments[0], row);
                     call.out.append_float64(rounding == Rounding::floor ? std::floor(v) : std::ceil(v));
                   }
                 }};
  }
  return round_bound(arguments.types[0], 0, rounding);
}

Result<Bound> bind_abs(const BindArguments& arguments) {
  const Type type = arguments.types[0];
  return Bound{type, [type](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   if (is_float(type)) {
                     call.out.append_float64(std::fabs(float_at(call.arguments[0], row)));
                     continue;
                   }
                   const Exact exact = exact_at(call.arguments[0], row);
                   const int128 size = exact.value < 0 ? -exact.value : exact.value;
                   if (type.id == TypeId::decimal128) {
                     call.out.append_decimal(size);
                   } else if (size > INT64_MAX) {
                     reject(call, row, 1253, {{"seen", std::to_string(INT64_MIN)}, {"expected", "18"}});
                   } else {
                     call.out.append_int64(static_cast<std::int64_t>(size));
                   }
                 }
               }};
}

Result<Bound> bind_sign(const BindArguments& arguments) {
  const bool real = is_float(arguments.types[0]);
  return Bound{TypeId::int64, [real](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   if (real) {
                     const double v = float_at(call.arguments[0], row);
                     call.out.append_int64((v > 0) - (v < 0));
                   } else {
                     const int128 v = exact_at(call.arguments[0], row).value;
                     call.out.append_int64((v > 0) - (v < 0));
                   }
                 }
               }};
}

void reject_zero(const Call& call, std::int32_t row) {
  reject(call, row, 1274, {{"parameter", "divisor"}, {"seen", "0"}, {"expected", "≠ 0"}});
}

Result<Bound> bind_mod(const BindArguments& arguments) {
  const Type a = arguments.types[0], b = arguments.types[1];
  if (is_float(a) || is_float(b)) {
    return Bound{TypeId::float64, [](const Call& call) {
                   for (const std::int32_t row : call.rows) {
                     const double divisor = float_at(call.arguments[1], row);
                     if (divisor == 0) {
                       reject_zero(call, row);
                     } else {
                       call.out.append_float64(std::fmod(float_at(call.arguments[0], row), divisor));
                     }
                   }
                 }};
  }
  const int scale = std::max(a.scale, b.scale);
  const bool integer = a.id == TypeId::int64 && b.id == TypeId::int64;
  const Type type = integer ? Type(TypeId::int64) : Type::decimal(kMostDigits, scale);
  return Bound{type, [scale, integer](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   int128 left, right;
                   const Exact x = exact_at(call.arguments[0], row), y = exact_at(call.arguments[1], row);
                   if (y.value == 0) {
                     reject_zero(call, row);
                   } else if (rescale(x, scale, Rounding::exact, &left) != Fit::fits ||
                              rescale(y, scale, Rounding::exact, &right) != Fit::fits) {
                     char buffer[kNumberText];
                     reject_fit(call, row, Fit::too_large, shortest_text(x, buffer), scale);
                   } else if (integer) {
                     call.out.append_int64(static_cast<std::int64_t>(left % right));
                   } else {
                     call.out.append_decimal(left % right);
                   }
                 }
               }};
}

// A float result that is none (root of a negative number, overflow) fails the row.
template <typename F>
Bound float_bound(F f) {
  return {TypeId::float64, [f](const Call& call) {
            for (const std::int32_t row : call.rows) {
              const double out = f(call, row);
              if (std::isfinite(out)) {
                call.out.append_float64(out);
              } else {
                reject(call, row, 1257, {{"seen", value_text(*call.arguments[0].column, call.arguments[0].at(row))}});
              }
            }
          }};
}

Result<Bound> bind_power(const BindArguments&) {
  return float_bound([](const Call& call, std::int32_t row) {
    return std::pow(float_at(call.arguments[0], row), float_at(call.arguments[1], row));
  });
}

Result<Bound> bind_sqrt(const BindArguments&) {
  return float_bound([](const Call& call, std::int32_t row) { return std::sqrt(float_at(call.arguments[0], row)); });
}

const Parameter kX{.name = "x", .types = kNumber, .help = "The number."};
const Parameter kPlaces{.name = "places",
                        .types = kInteger,
                        .optional = true,
                        .constant = true,
                        .help = "Decimal places to keep, 0 when left out; -2 rounds to hundreds."};

}  // namespace

std::vector<Function> number_functions_math() {
  return {
      {.name = "abs",
       .group = "number",
       .summary = "The number without its sign.",
       .parameters = {kX},
       .bind = bind_abs,
       .examples =
           {{"abs(-5)", "5"}, {"abs(number('-1.50', scale => 2))", "1.50"}, {"abs(0)", "0"}, {"abs(null)", "null"}}},
      {.name = "sign",
       .group = "number",
       .summary = "-1, 0 or 1 as the number is negative, zero or positive.",
       .parameters = {kX},
       .bind = bind_sign,
       .examples = {{"sign(-0.5)", "-1"}, {"sign(0)", "0"}, {"sign(12)", "1"}, {"sign(null)", "null"}}},
      {.name = "round",
       .group = "number",
       .summary = "The number rounded to decimal places.",
       .parameters = {kX,
                      kPlaces,
                      {.name = "mode",
                       .optional = true,
                       .constant = true,
                       .help = "half_up (away from zero, the default) or half_even (to the even digit)."}},
       .bind = bind_round,
       .examples = {{"round(number('2.675', scale => 3), 2)", "2.68"},
                    {"round(number('-2.5', scale => 1))", "-3"},
                    {"round(number('2.665', scale => 3), 2, mode => half_even)", "2.66"},
                    {"round(1250, -2)", "1300"},
                    {"round(1250, -2, mode => half_even)", "1200"},
                    {"round(null, 2)", "null"}}},
      {.name = "trunc",
       .group = "number",
       .summary = "The number with its further decimal places cut off.",
       .parameters = {kX, kPlaces},
       .bind = bind_trunc,
       .examples = {{"trunc(number('-1.999', scale => 3), 1)", "-1.9"},
                    {"trunc(1999, -3)", "1000"},
                    {"trunc(null)", "null"}}},
      {.name = "floor",
       .group = "number",
       .summary = "The greatest whole number that is not above the number.",
       .parameters = {kX},
       .bind = bind_whole<Rounding::floor>,
       .examples = {{"floor(number('1.9', scale => 1))", "1"},
                    {"floor(number('-1.1', scale => 1))", "-2"},
                    {"floor(7)", "7"},
                    {"floor(null)", "null"}}},
      {.name = "ceil",
       .group = "number",
       .summary = "The smallest whole number that is not below the number.",
       .parameters = {kX},
       .bind = bind_whole<Rounding::ceiling>,
       .examples = {{"ceil(number('1.1', scale => 1))", "2"},
                    {"ceil(number('-1.9', scale => 1))", "-1"},
                    {"ceil(7)", "7"},
                    {"ceil(null)", "null"}}},
      {.name = "mod",
       .group = "number",
       .summary = "What is left over when the number is divided; it has the number's sign.",
       .parameters = {kX, {.name = "divisor", .types = kNumber, .help = "Divided by this; not 0."}},
       .bind = bind_mod,
       .examples = {{"mod(7, 3)", "1"},
                    {"mod(-7, 3)", "-1"},
                    {"mod(number('5.5', scale => 1), 2)", "1.5"},
                    {"mod(7, 0)", "GW-1274"},
                    {"mod(null, 3)", "null"}}},
      {.name = "power",
       .group = "number",
       .summary = "The number to a power, as a float.",
       .parameters = {kX, {.name = "exponent", .types = kNumber, .help = "The power."}},
       .bind = bind_power,
       .examples = {{"power(2, 10) = 1024", "true"},
                    {"power(-1, float('0.5'))", "GW-1257"},
                    {"power(10, 999)", "GW-1257"},
                    {"power(null, 2)", "null"}}},
      {.name = "sqrt",
       .group = "number",
       .summary = "The square root of the number, as a float.",
       .parameters = {kX},
       .bind = bind_sqrt,
       .examples = {{"sqrt(16) = 4", "true"}, {"sqrt(-1)", "GW-1257"}, {"sqrt(null)", "null"}}},
  };
}

}  // namespace godwit::fn
