// is_empty, is_email, equal_ignoring_case, in_range, clamp, least, greatest: questions and comparisons.

#include <unicode/uchar.h>

#include <tuple>

#include "core/expr/functions/exact.hpp"
#include "core/expr/functions/groups.hpp"
#include "core/expr/functions/match_key.hpp"

namespace godwit::fn {
namespace {

Result<Bound> bind_is_empty(const BindArguments&) {
  return Bound{TypeId::boolean, [](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   call.out.append_bool(is_null(call.arguments[0], row) || is_blank(text_at(call.arguments[0], row)));
                 }
               }};
}

Result<Bound> bind_equal_ignoring_case(const BindArguments&) {
  return Bound{TypeId::boolean, [](const Call& call) {
                 std::string a, b;
                 for (const std::int32_t row : call.rows) {
                   call.out.append_bool(match_key(text_at(call.arguments[0], row), a) ==
                                        match_key(text_at(call.arguments[1], row), b));
                 }
               }};
}

// What mail systems accept in practice, not all that RFC 5322 permits: no quotes, no comments, a domain with a dot.
bool is_email(std::string_view text) {
  const std::size_t at_sign = text.rfind('@');
  if (at_sign == text.npos || at_sign == 0 || at_sign > 64 || text.size() > 254) return false;
  const std::string_view local = text.substr(0, at_sign), domain = text.substr(at_sign + 1);
  const auto is_word = [](std::string_view part, std::string_view signs) {
    for (std::size_t at = 0; at < part.size();) {
      const char32_t c = next_character(part, at);
      const bool sign = c < 0x80 && signs.find(static_cast<char>(c)) != signs.npos;
      const auto u = static_cast<UChar32>(c);
      const bool word = c < 0x80 ? ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9')
                                 : u_isalnum(u) || u_getCombiningClass(u) != 0;
      if (!sign && !word) return false;
    }
    return true;
  };
  if (local.front() == '.' || local.back() == '.' || local.find("..") != local.npos ||
      !is_word(local, ".!#$%&'*+/=?^_`{|}~-"))
    return false;
  std::size_t labels = 0, digits_only = 0;
  for (std::size_t from = 0; from <= domain.size(); ++labels) {
    const std::size_t to = std::min(domain.find('.', from), domain.size());
    const std::string_view label = domain.substr(from, to - from);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-' || !is_word(label, "-"))
      return false;
    digits_only = label.find_first_not_of("0123456789") == label.npos ? 1 : 0;
    if (to == domain.size() && label.size() < 2) return false;
    from = to + 1;
  }
  return labels >= 2 && digits_only == 0;
}

// ---- comparisons of values of one kind ----

// The one type in which all arguments compare without loss; GW-2205 when there is none.
Result<Type> common_type(const BindArguments& arguments, std::string_view function) {
  Type common(TypeId::null_type);
  for (const Type type : arguments.types) {
    if (type.id == TypeId::null_type || type == common) continue;
    if (common.id == TypeId::null_type) {
      common = type;
    } else if (common.is_numeric() && type.is_numeric() && common.id != TypeId::number_text &&
               type.id != TypeId::number_text) {
      if (common.id == TypeId::float64 || type.id == TypeId::float64) {
        common = TypeId::float64;
      } else {
        common = Type::decimal(kMostDigits, std::max(common.scale, type.scale));
      }
    } else {
      return fail(2205, {{"function", std::string(function)}, {"seen", to_string(common)}, {"other", to_string(type)}});
    }
  }
  return common.id == TypeId::null_type ? Type(TypeId::utf8) : common;
}

// -1, 0, 1 as the first value is smaller, equal, greater. Neither is null.
int compare(const ArgumentColumn& a, const ArgumentColumn& b, std::int64_t row, TypeId common) {
  switch (common) {
    case TypeId::float64: {
      const double x = float_at(a, row), y = float_at(b, row);
      return (x > y) - (x < y);
    }
    case TypeId::int64:
    case TypeId::decimal128: {
      const Exact x = exact_at(a, row), y = exact_at(b, row);
      return decimal_compare(x.value, x.scale, y.value, y.scale);
    }
    case TypeId::utf8: {
      const int order = text_at(a, row).compare(text_at(b, row));
      return (order > 0) - (order < 0);
    }
    case TypeId::date32: {
      const std::int32_t x = a.column->date32(a.at(row)), y = b.column->date32(b.at(row));
      return (x > y) - (x < y);
    }
    default: {
      const std::int64_t x = integer_at(a, row), y = integer_at(b, row);
      return (x > y) - (x < y);
    }
  }
}

void append_common(const Call& call, std::int32_t row, const ArgumentColumn& chosen, Type common) {
  if (chosen.column->type == common) return call.out.append_from(*chosen.column, chosen.at(row));
  if (common.id == TypeId::float64) return call.out.append_float64(float_at(chosen, row));
  int128 value;
  const Exact exact = exact_at(chosen, row);
  const Fit fit = rescale(exact, common.scale, Rounding::exact, &value);
  if (fit == Fit::fits) return call.out.append_decimal(value);
  char buffer[kNumberText];
  reject_fit(call, row, fit, shortest_text(exact, buffer), common.scale);
}

template <int wanted>  // 1: greatest, -1: least
Result<Bound> bind_extreme(const BindArguments& arguments) {
  GW_ASSIGN(const Type common, common_type(arguments, wanted > 0 ? "greatest" : "least"));
  return Bound{common, [common](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   const ArgumentColumn* best = nullptr;
                   for (const ArgumentColumn& argument : call.arguments) {
                     if (is_null(argument, row)) continue;
                     if (best == nullptr || compare(argument, *best, row, common.id) == wanted) best = &argument;
                   }
                   best == nullptr ? call.out.null() : append_common(call, row, *best, common);
                 }
               }};
}

Result<Bound> bind_in_range(const BindArguments& arguments) {
  GW_ASSIGN(const Type common, common_type(arguments, "in_range"));
  return Bound{TypeId::boolean, [common](const Call& call) {
                 const auto& [value, low, high] = std::tie(call.arguments[0], call.arguments[1], call.arguments[2]);
                 for (const std::int32_t row : call.rows) {
                   // A bound that is null does not bound.
                   if (is_null(value, row)) {
                     call.out.null();
                   } else {
                     call.out.append_bool((is_null(low, row) || compare(value, low, row, common.id) >= 0) &&
                                          (is_null(high, row) || compare(value, high, row, common.id) <= 0));
                   }
                 }
               }};
}

Result<Bound> bind_clamp(const BindArguments& arguments) {
  GW_ASSIGN(const Type common, common_type(arguments, "clamp"));
  return Bound{common, [common](const Call& call) {
                 const auto& [value, low, high] = std::tie(call.arguments[0], call.arguments[1], call.arguments[2]);
                 for (const std::int32_t row : call.rows) {
                   if (compare(value, low, row, common.id) < 0) {
                     append_common(call, row, low, common);
                   } else {
                     append_common(call, row, compare(value, high, row, common.id) > 0 ? high : value, common);
                   }
                 }
               }};
}

constexpr TypeSet kOrdered = kText | kNumber | kDate | kTimestamp | one_of(TypeId::time64) | one_of(TypeId::null_type);
const Parameter kValues{.name = "value",
                        .types = kOrdered,
                        .variadic = true,
                        .help = "Numbers, texts, dates, times or timestamps, all of one kind."};
const Parameter kValue{.name = "value", .types = kOrdered, .help = "A number, text, date, time or timestamp."};
const Parameter kLow{.name = "low", .types = kOrdered, .help = "Least value."};
const Parameter kHigh{.name = "high", .types = kOrdered, .help = "Greatest value."};

}  // namespace

std::vector<Function> compare_functions() {
  return {
      {.name = "is_empty",
       .group = "condition",
       .summary = "Whether the text is null or nothing but spaces.",
       .parameters = {kText1},
       .null_in_null_out = false,
       .bind = bind_is_empty,
       .examples = {{"is_empty('　')", "true"},
                    {"is_empty('a')", "false"},
                    {"is_empty('')", "true"},
                    {"is_empty(null)", "true"}}},
      {.name = "equal_ignoring_case",
       .group = "condition",
       .summary = "Whether two texts are equal but for case, width of letters and spaces around them.",
       .parameters = {kText1, {.name = "other", .help = "The other text."}},
       .bind = bind_equal_ignoring_case,
       .examples = {{"equal_ignoring_case('STRASSE ', 'Straße')", "true"},
                    {"equal_ignoring_case('ＡＢＣ', 'abc')", "true"},
                    {"equal_ignoring_case('東京', '京都')", "false"},
                    {"equal_ignoring_case(null, 'a')", "null"}}},
      {.name = "is_email",
       .group = "condition",
       .summary =
           "Whether the text is an e-mail address that mail systems accept in practice; letters of any script are.",
       .parameters = {kText1},
       .bind = plain_text_to_bool(is_email),
       .examples = {{"is_email('anna.meier+crm@example.co.uk')", "true"},
                    {"is_email('用户@例子.公司')", "true"},
                    {"is_email('a..b@example.com')", "false"},
                    {"is_email('anna@localhost')", "false"},
                    {"is_email('anna@example.com; b@example.com')", "false"},
                    {"is_email('')", "false"},
                    {"is_email(null)", "null"}}},
      {.name = "in_range",
       .group = "condition",
       .summary = "Whether the value lies between two others or is one of them; a bound that is null does not bound.",
       .parameters = {kValue, kLow, kHigh},
       .null_in_null_out = false,
       .bind = bind_in_range,
       .examples = {{"in_range(5, 1, 5)", "true"},
                    {"in_range(number('5.01'), 1, 5)", "false"},
                    {"in_range(date('2023-06-01'), date('2023-01-01'), null)", "true"},
                    {"in_range(null, 1, 5)", "null"}}},
      {.name = "clamp",
       .group = "condition",
       .summary = "The value, or the bound that it lies beyond.",
       .parameters = {kValue, kLow, kHigh},
       .bind = bind_clamp,
       .examples = {{"clamp(120, 0, 100)", "100"},
                    {"clamp(number('-0.5', scale => 1), 0, 100)", "0.0"},
                    {"clamp(date('2023-06-01'), date('2023-01-01'), date('2023-12-31'))", "2023-06-01"},
                    {"clamp(null, 0, 100)", "null"}}},
      {.name = "least",
       .group = "condition",
       .summary = "The smallest of the values, nulls left out; null when all are null.",
       .parameters = {kValues},
       .null_in_null_out = false,
       .bind = bind_extreme<-1>,
       .examples = {{"least(3, 1, 2)", "1"},
                    {"least(date('2023-01-05'), null, date('2022-12-31'))", "2022-12-31"},
                    {"least(number('1.5', scale => 1), 2)", "1.5"},
                    {"least('b', 'a')", "a"},
                    {"least(null, null)", "null"}}},
      {.name = "greatest",
       .group = "condition",
       .summary = "The greatest of the values, nulls left out; null when all are null.",
       .parameters = {kValues},
       .null_in_null_out = false,
       .bind = bind_extreme<1>,
       .examples = {{"greatest(3, 1, 2)", "3"},
                    {"greatest(timestamp('2023-01-05 10:00'), timestamp('2023-01-05 09:00'))", "2023-01-05T10:00:00"},
                    {"greatest('東', '西')", "西"},
                    {"greatest(2, null)", "2"}}},
  };
}

}  // namespace godwit::fn
