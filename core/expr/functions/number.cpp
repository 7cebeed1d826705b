// number, integer, float, decimal, is_number, number_or_null: text and numbers into exact numbers.

#include <charconv>
#include <cmath>
#include <memory>

#include "core/expr/functions/exact.hpp"
#include "core/expr/functions/groups.hpp"
#include "core/expr/functions/number_parse.hpp"

namespace godwit::fn {
namespace {

constexpr TypeSet kDigits = one_of(TypeId::number_text);

// What number() and its kin agreed on in bind.
struct Plan {
  NumberFormat format;
  int scale = 6;
  Rounding rounding = Rounding::exact;
};

// Parameters (value, locale, scale, percent, exponent, currency, rounding) as declared below.
Result<std::shared_ptr<const Plan>> make_plan(const BindArguments& arguments, std::string_view function) {
  auto plan = std::make_shared<Plan>();
  GW_ASSIGN(const std::string locale, constant_locale(arguments, 1, function));
  plan->format = NumberFormat::of(locale);
  GW_ASSIGN(const std::int64_t scale, constant_integer(arguments, 2, function, "scale", 0, kMostDigits, 6));
  plan->scale = static_cast<int>(scale);
  GW_ASSIGN(plan->format.percent, constant_bool(arguments, 3, function, "percent", false));
  GW_ASSIGN(plan->format.exponent, constant_bool(arguments, 4, function, "exponent", false));
  if (given(arguments, 5)) {
    const std::string code = constant_or(arguments, 5, "");
    if (!plan->format.only_currency(code)) return bad_constant(function, "currency", code, "ISO 4217: EUR, CNY, USD …");
  }
  GW_ASSIGN(plan->rounding, constant_rounding(arguments, 6, function, Rounding::exact));
  return std::shared_ptr<const Plan>(std::move(plan));
}

// Reads texts one after another by a plan. Keeps what the loop needs at hand.
class Texts {
 public:
  explicit Texts(const Plan& plan)
      : plan_(plan),
        decimal_(plan.format.decimal < 0x80 ? static_cast<char>(plan.format.decimal) : '\0'),
        group_(plan.format.fast_group) {}

  // The number at the plan's scale; a fault or a fit that is none tells why not.
  bool read(std::string_view text, int128* out) {
    std::int64_t digits;
    int scale;
    if (parse_short(text, decimal_, group_, &digits, &scale) && scale <= plan_.scale) [[likely]] {
      fault_.number = 0;
      return (fit_ = rescale({digits, scale}, plan_.scale, plan_.rounding, out)) == Fit::fits;
    }
    Exact exact;
    fault_ = parse_number(text, plan_.format, &exact);
    return fault_.number == 0 && (fit_ = rescale(exact, plan_.scale, plan_.rounding, out)) == Fit::fits;
  }
  void explain(const Call& call, std::int32_t row, std::string_view text) const {
    if (fault_.number != 0) return reject(call, row, number_error(fault_, text, plan_.format));
    reject_fit(call, row, fit_, text, plan_.scale);
  }

 private:
  const Plan& plan_;
  char decimal_, group_;
  NumberFault fault_;
  Fit fit_ = Fit::fits;
};

bool is_text(Type type) { return type.is_variable(); }

template <bool or_null>
Result<Bound> bind_number(const BindArguments& arguments) {
  GW_ASSIGN(std::shared_ptr<const Plan> plan, make_plan(arguments, or_null ? "number_or_null" : "number"));
  const Type type = Type::decimal(kMostDigits, plan->scale);
  if (is_text(arguments.types[0])) {
    return Bound{type, [plan](const Call& call) {
                   Texts texts(*plan);
                   for (const std::int32_t row : call.rows) {
                     const std::string_view text = text_at(call.arguments[0], row);
                     int128 value;
                     if (texts.read(text, &value)) [[likely]] {
                       call.out.append_decimal(value);
                     } else if (or_null || is_blank(text)) {
                       call.out.null();
                     } else {
                       texts.explain(call, row, text);
                     }
                   }
                 }};
  }
  return Bound{type, [plan, real = arguments.types[0].id == TypeId::float64](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   const std::optional<Exact> exact =
                       real ? exact_of(float_at(call.arguments[0], row)) : exact_at(call.arguments[0], row);
                   int128 value;
                   const Fit fit = exact ? rescale(*exact, plan->scale, plan->rounding, &value) : Fit::too_large;
                   if (fit == Fit::fits) {
                     call.out.append_decimal(value);
                   } else if (or_null) {
                     call.out.null();
                   } else {
                     reject_fit(call, row, fit, value_text(*call.arguments[0].column, call.arguments[0].at(row)),
                                plan->scale);
                   }
                 }
               }};
}

Result<Bound> bind_is_number(const BindArguments& arguments) {
  GW_ASSIGN(std::shared_ptr<const Plan> plan, make_plan(arguments, "is_number"));
  return Bound{
      TypeId::boolean, [plan](const Call& call) {
        for (const std::int32_t row : call.rows) {
          Exact exact;
          call.out.append_bool(parse_number(text_at(call.arguments[0], row), plan->format, &exact).number == 0);
        }
      }};
}

// decimal(value, precision, scale, rounding): the value in exactly this type.
Result<Bound> bind_decimal(const BindArguments& arguments) {
  GW_ASSIGN(const std::int64_t precision,
            constant_integer(arguments, 1, "decimal", "precision", 1, kMostDigits, kMostDigits));
  GW_ASSIGN(const std::int64_t scale, constant_integer(arguments, 2, "decimal", "scale", 0, precision, 0));
  auto plan = std::make_shared<Plan>();
  plan->format = NumberFormat::of("");
  plan->scale = static_cast<int>(scale);
  GW_ASSIGN(plan->rounding, constant_rounding(arguments, 3, "decimal", Rounding::exact));
  const int128 limit = precision == kMostDigits ? power_of_ten(kMostDigits) : power_of_ten(static_cast<int>(precision));
  const TypeId from = arguments.types[0].id;
  return Bound{Type::decimal(static_cast<int>(precision), static_cast<int>(scale)),
               [plan = std::shared_ptr<const Plan>(plan), limit, from, whole = precision - scale](const Call& call) {
                 Texts texts(*plan);
                 const ArgumentColumn& argument = call.arguments[0];
                 for (const std::int32_t row : call.rows) {
                   int128 value = 0;
                   Fit fit = Fit::fits;
                   if (from == TypeId::utf8 || from == TypeId::number_text) {
                     const std::string_view text = text_at(argument, row);
                     if (!texts.read(text, &value)) {
                       is_blank(text) ? call.out.null() : texts.explain(call, row, text);
                       continue;
                     }
                   } else {
                     const auto exact =
                         from == TypeId::float64 ? exact_of(float_at(argument, row)) : exact_at(argument, row);
                     fit = exact ? rescale(*exact, plan->scale, plan->rounding, &value) : Fit::too_large;
                   }
                   if (fit == Fit::fits && value > -limit && value < limit) {
                     call.out.append_decimal(value);
                   } else {
                     const std::string seen = value_text(*argument.column, argument.at(row));
                     if (fit == Fit::inexact) {
                       reject_fit(call, row, fit, seen, plan->scale);
                     } else {
                       reject(call, row, 1253, {{"seen", excerpt(seen)}, {"expected", std::to_string(whole)}});
                     }
                   }
                 }
               }};
}

Result<Bound> bind_integer(const BindArguments& arguments) {
  auto plan = std::make_shared<Plan>();
  GW_ASSIGN(const std::string locale, constant_locale(arguments, 1, "integer"));
  plan->format = NumberFormat::of(locale);
  plan->scale = 0;
  const TypeId from = arguments.types[0].id;
  return Bound{TypeId::int64, [plan = std::shared_ptr<const Plan>(plan), from](const Call& call) {
                 Texts texts(*plan);
                 const ArgumentColumn& argument = call.arguments[0];
                 for (const std::int32_t row : call.rows) {
                   int128 value = 0;
                   Fit fit = Fit::fits;
                   if (from == TypeId::utf8 || from == TypeId::number_text) {
                     const std::string_view text = text_at(argument, row);
                     if (!texts.read(text, &value)) {
                       is_blank(text) ? call.out.null() : texts.explain(call, row, text);
                       continue;
                     }
                   } else {
                     const auto exact =
                         from == TypeId::float64 ? exact_of(float_at(argument, row)) : exact_at(argument, row);
                     fit = exact ? rescale(*exact, 0, Rounding::exact, &value) : Fit::too_large;
                   }
                   if (fit == Fit::fits && value >= INT64_MIN && value <= INT64_MAX) {
                     call.out.append_int64(static_cast<std::int64_t>(value));
                   } else if (fit == Fit::inexact) {
                     reject_fit(call, row, fit, value_text(*argument.column, argument.at(row)), 0);
                   } else {
                     reject(call, row, 1253,
                            {{"seen", excerpt(value_text(*argument.column, argument.at(row)))}, {"expected", "18"}});
                   }
                 }
               }};
}

Result<Bound> bind_float(const BindArguments& arguments) {
  if (!is_text(arguments.types[0])) {
    return Bound{TypeId::float64, [](const Call& call) {
                   for (const std::int32_t row : call.rows) call.out.append_float64(float_at(call.arguments[0], row));
                 }};
  }
  auto format = std::make_shared<NumberFormat>(NumberFormat::of(""));
  format->exponent = true;
  return Bound{TypeId::float64, [format = std::shared_ptr<const NumberFormat>(format)](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   const std::string_view seen = text_at(call.arguments[0], row);
                   std::string_view text = trimmed(seen);
                   if (text.empty()) {
                     call.out.null();
                     continue;
                   }
                   if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
                   double value = 0;
                   const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
                   if (error == std::errc::result_out_of_range) {
                     reject(call, row, 1253, {{"seen", excerpt(seen)}, {"expected", "308"}});
                   } else if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
                     Exact exact;
                     NumberFault fault = parse_number(seen, *format, &exact);
                     if (fault.number == 0) fault = {1250, 1, std::string(text.substr(0, 1))};
                     reject(call, row, number_error(fault, seen, *format));
                   } else {
                     call.out.append_float64(value);
                   }
                 }
               }};
}

const Parameter kNumberValue{.name = "value", .types = kText | kNumber | kDigits, .help = "The text or number."};
const Parameter kLocale{.name = "locale",
                        .optional = true,
                        .constant = true,
                        .help =
                            "Country whose decimal sign and groups are meant, such as de_DE; without it a decimal "
                            "point and no groups."};
const Parameter kRounding{
    .name = "rounding",
    .optional = true,
    .constant = true,
    .help = "What becomes of digits beyond the scale: error (the default), half_up or half_even."};

std::vector<Parameter> number_parameters(TypeSet types) {
  Parameter value = kNumberValue;
  value.types = types;
  return {value,
          kLocale,
          {.name = "scale",
           .types = kInteger,
           .optional = true,
           .constant = true,
           .help = "Decimal places of the result, 0 to 38; 6 when left out."},
          {.name = "percent",
           .types = kBoolean,
           .optional = true,
           .constant = true,
           .help = "Whether a % sign divides by hundred; otherwise it is an error."},
          {.name = "exponent",
           .types = kBoolean,
           .optional = true,
           .constant = true,
           .help = "Whether 1.5E3 is read; otherwise it is an error, because spreadsheets drop digits that way."},
          {.name = "currency",
           .optional = true,
           .constant = true,
           .help = "ISO code of the only currency whose marks may stand beside the number; any when left out."},
          kRounding};
}

}  // namespace

std::vector<Function> number_functions_parse() {
  return {
      {.name = "number",
       .group = "number",
       .summary = "The exact number that a text spells, with its country's separators, currency marks, accounting "
                  "signs and Chinese units; a blank text gives null.",
       .parameters = number_parameters(kText | kNumber | kDigits),
       .bind = bind_number<false>,
       .examples = {{"number('-1234.5')", "-1234.500000"},
                    {"number('1.234.567,89', locale => de_DE, scale => 2)", "1234567.89"},
                    {"number('￥１，２００', locale => zh_CN, scale => 2)", "1200.00"},
                    {"number('1.2万', locale => zh_CN, scale => 0)", "12000"},
                    {"number('(123.00)', scale => 2)", "-123.00"},
                    {"number('1\u202F234,5 €', locale => fr_FR, scale => 1)", "1234.5"},
                    {"number('12 %', percent => true, scale => 2)", "0.12"},
                    {"number('1,234')", "GW-1250"},
                    {"number('1.23', locale => de_DE)", "GW-1251"},
                    {"number('0.125', scale => 2)", "GW-1252"},
                    {"number('4.40106E+17')", "GW-1254"},
                    {"number('$ 5', currency => EUR)", "GW-1255"},
                    {"number('12%')", "GW-1256"},
                    {"number('　')", "null"},
                    {"number(null)", "null"}}},
      {.name = "number_or_null",
       .group = "number",
       .summary = "As number(), but null for a text that is no number.",
       .parameters = number_parameters(kText | kNumber | kDigits),
       .bind = bind_number<true>,
       .examples = {{"number_or_null('12,5', locale => de_DE, scale => 1)", "12.5"},
                    {"number_or_null('k. A.')", "null"},
                    {"number_or_null('三', locale => zh_CN)", "null"},
                    {"number_or_null(null)", "null"}}},
      {.name = "is_number",
       .group = "number",
       .summary = "Whether number() would read the text.",
       .parameters = number_parameters(kText),
       .bind = bind_is_number,
       .examples = {{"is_number('1’234.50', locale => de_CH)", "true"},
                    {"is_number('12 Stück')", "false"},
                    {"is_number('３億', locale => ja_JP)", "true"},
                    {"is_number('')", "false"},
                    {"is_number(null)", "null"}}},
      {.name = "decimal",
       .group = "number",
       .summary = "The number as a decimal of this precision and scale; a text is read in the plain form.",
       .parameters = {kNumberValue,
                      {.name = "precision", .types = kInteger, .constant = true, .help = "Digits in all, 1 to 38."},
                      {.name = "scale", .types = kInteger, .constant = true, .help = "Decimal places."},
                      kRounding},
       .bind = bind_decimal,
       .examples = {{"decimal('12.5', 10, 2)", "12.50"},
                    {"decimal(7, 5, 1)", "7.0"},
                    {"decimal('2.675', 10, 2, rounding => half_up)", "2.68"},
                    {"decimal('2.675', 10, 2)", "GW-1252"},
                    {"decimal(1000, 3, 0)", "GW-1253"},
                    {"decimal(null, 3, 0)", "null"}}},
      {.name = "integer",
       .group = "number",
       .summary = "The whole number that a text spells or a number is; a fraction is an error.",
       .parameters = {kNumberValue, kLocale},
       .bind = bind_integer,
       .examples = {{"integer('007')", "7"},
                    {"integer('１２３')", "123"},
                    {"integer('1.000', locale => de_DE)", "1000"},
                    {"integer('12.00')", "12"},
                    {"integer('12.5')", "GW-1252"},
                    {"integer('9223372036854775808')", "GW-1253"},
                    {"integer('zwölf')", "GW-1250"},
                    {"integer(null)", "null"}}},
      {.name = "float",
       .group = "number",
       .summary = "The number as a binary floating-point number; use number() for money.",
       .parameters = {kNumberValue},
       .bind = bind_float,
       .examples = {{"float('0.5')", "0.5"},
                    {"float('1.5e3') = 1500", "true"},
                    {"float('1,5')", "GW-1250"},
                    {"float('1e999')", "GW-1253"},
                    {"float(null)", "null"}}},
  };
}

}  // namespace godwit::fn
