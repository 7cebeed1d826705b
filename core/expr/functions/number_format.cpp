// to_text, format_number: numbers and other values as text.

#include <charconv>
#include <memory>

#include "core/expr/functions/exact.hpp"
#include "core/expr/functions/groups.hpp"
#include "core/expr/functions/number_locale.hpp"

namespace godwit::fn {
namespace {

void append_utf8(std::string& out, const std::u32string& text) {
  for (const char32_t c : text) append_character(out, c);
}

// How a country writes: everything is UTF-8 by now. Immutable.
struct Style {
  std::string decimal = ".", group;
  int group_size = 3, second_size = 3, least_grouped = 1;
};

// `digits` is "-1234567.89" in the plain form.
void write_grouped(std::string_view digits, const Style& style, std::string& out) {
  const std::size_t first = !digits.empty() && digits[0] == '-' ? 1 : 0;
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const auto whole = static_cast<int>(point - first);
  out.append(digits.substr(0, first));
  const bool grouped = !style.group.empty() && whole >= style.group_size + style.least_grouped;
  for (int i = 0; i < whole; ++i) {
    const int left = whole - i;  // digits from here to the decimal sign
    const bool boundary =
        left == style.group_size || (left > style.group_size && (left - style.group_size) % style.second_size == 0);
    if (grouped && i > 0 && boundary) out += style.group;
    out += digits[first + static_cast<std::size_t>(i)];
  }
  if (point < digits.size()) out.append(style.decimal).append(digits.substr(point + 1));
}

Result<Bound> bind_format_number(const BindArguments& arguments) {
  GW_ASSIGN(const std::int64_t places, constant_integer(arguments, 1, "format_number", "places", 0, kMostDigits, -1));
  GW_ASSIGN(const std::string locale, constant_locale(arguments, 2, "format_number"));
  GW_ASSIGN(const bool grouping, constant_bool(arguments, 3, "format_number", "grouping", true));
  Style style;
  if (!locale.empty()) {
    const NumberSymbols symbols = number_symbols(locale);
    style.decimal.clear();
    append_utf8(style.decimal, symbols.decimal);
    if (grouping) append_utf8(style.group, symbols.group);
    style.group_size = symbols.group_size > 0 ? symbols.group_size : 3;
    style.second_size = symbols.second_size > 0 ? symbols.second_size : style.group_size;
    style.least_grouped = symbols.least_grouped;
  }
  const bool real = arguments.types[0].id == TypeId::float64;
  return Bound{TypeId::utf8, [style, real, places = static_cast<int>(places)](const Call& call) {
                 std::string scratch;
                 for (const std::int32_t row : call.rows) {
                   std::optional<Exact> exact =
                       real ? exact_of(float_at(call.arguments[0], row)) : exact_at(call.arguments[0], row);
                   Exact shown{0, places};
                   const Fit fit = !exact       ? Fit::too_large
                                   : places < 0 ? Fit::fits
                                                : rescale(*exact, places, Rounding::half_up, &shown.value);
                   if (fit != Fit::fits) {
                     reject_fit(call, row, fit, value_text(*call.arguments[0].column, call.arguments[0].at(row)),
                                std::max(places, 0));
                     continue;
                   }
                   char buffer[kNumberText];
                   scratch.clear();
                   write_grouped(places < 0 ? shortest_text(*exact, buffer) : fixed_text(shown, buffer), style,
                                 scratch);
                   call.out.append_text(scratch);
                 }
               }};
}

void append_float(ColumnBuilder& out, double value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
  out.append_text({buffer, static_cast<std::size_t>(end.ptr - buffer)});
}

Result<Bound> bind_to_text(const BindArguments& arguments) {
  const Type type = arguments.types[0];
  return Bound{TypeId::utf8, [type](const Call& call) {
                 const ArgumentColumn& argument = call.arguments[0];
                 for (const std::int32_t row : call.rows) {
                   char buffer[kNumberText];
                   switch (type.id) {
                     case TypeId::int64:
                     case TypeId::decimal128:
                       call.out.append_text(shortest_text(exact_at(argument, row), buffer));
                       break;
                     case TypeId::float64:
                       append_float(call.out, float_at(argument, row));
                       break;
                     case TypeId::utf8:
                     case TypeId::json:
                     case TypeId::number_text:
                       call.out.append_text(text_at(argument, row));
                       break;
                     default:
                       call.out.append_text(value_text(*argument.column, argument.at(row)));
                   }
                 }
               }};
}

}  // namespace

std::vector<Function> number_functions_format() {
  return {
      {.name = "to_text",
       .group = "number",
       .summary = "The value as text: numbers exact and without needless zeros, dates and times as ISO 8601 has them.",
       .parameters = {{.name = "value", .types = kAny & ~one_of(TypeId::binary), .help = "Any value but bytes."}},
       .bind = bind_to_text,
       .examples = {{"to_text(42)", "42"},
                    {"to_text(number('12.50', scale => 2))", "12.5"},
                    {"to_text(1 = 1)", "true"},
                    {"to_text(date('2023年1月5日'))", "2023-01-05"},
                    {"to_text(null)", "null"}}},
      {.name = "format_number",
       .group = "number",
       .summary = "The number as people of a country write it.",
       .parameters = {{.name = "x", .types = kNumber, .help = "The number."},
                      {.name = "places",
                       .types = kInteger,
                       .optional = true,
                       .constant = true,
                       .help = "Decimal places, rounded half up; as many as it has when left out."},
                      {.name = "locale",
                       .optional = true,
                       .constant = true,
                       .help = "Country whose separators are meant, such as de_DE; a point and no groups without it."},
                      {.name = "grouping",
                       .types = kBoolean,
                       .optional = true,
                       .constant = true,
                       .help = "Whether digits are grouped; true when left out."}},
       .bind = bind_format_number,
       .examples = {{"format_number(number('1234567.895', scale => 3), 2, locale => de_DE)", "1.234.567,90"},
                    {"format_number(1234567, locale => hi_IN)", "12,34,567"},
                    {"format_number(1234, locale => es_ES)", "1234"},
                    {"format_number(5, 2)", "5.00"},
                    {"format_number(-1234, locale => zh_CN, grouping => false)", "-1234"},
                    {"format_number(null)", "null"}}},
  };
}

}  // namespace godwit::fn
