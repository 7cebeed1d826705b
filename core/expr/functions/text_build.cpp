// concat, concat_ws, pad_left, pad_right, repeat, reverse: texts made of others.

#include "core/expr/functions/exact.hpp"
#include "core/expr/functions/graphemes.hpp"
#include "core/expr/functions/groups.hpp"

namespace godwit::fn {
namespace {

// Appends the value as to_text() spells it.
void append_value(const ArgumentColumn& argument, std::int32_t row, std::string& out) {
  char buffer[kNumberText];
  switch (argument.column->type.id) {
    case TypeId::utf8:
    case TypeId::json:
    case TypeId::number_text:
      out += text_at(argument, row);
      break;
    case TypeId::int64:
    case TypeId::decimal128:
      out += shortest_text(exact_at(argument, row), buffer);
      break;
    default:
      out += value_text(*argument.column, argument.at(row));
  }
}

Result<Bound> bind_concat(const BindArguments&) {
  return Bound{TypeId::utf8, [](const Call& call) {
                 std::string scratch;
                 TextOut out(call);
                 for (const std::int32_t row : call.rows) {
                   scratch.clear();
                   for (const ArgumentColumn& argument : call.arguments) {
                     if (!is_null(argument, row)) append_value(argument, row, scratch);
                   }
                   out.append(row, scratch);
                 }
               }};
}

Result<Bound> bind_concat_ws(const BindArguments&) {
  return Bound{TypeId::utf8, [](const Call& call) {
                 std::string scratch;
                 TextOut out(call);
                 for (const std::int32_t row : call.rows) {
                   if (is_null(call.arguments[0], row)) {
                     call.out.null();
                     continue;
                   }
                   scratch.clear();
                   bool first = true;
                   for (const ArgumentColumn& argument : call.arguments.subspan(1)) {
                     if (is_null(argument, row)) continue;
                     if (argument.column->type.id == TypeId::utf8 && text_at(argument, row).empty()) continue;
                     if (!first) scratch += text_at(call.arguments[0], row);
                     append_value(argument, row, scratch);
                     first = false;
                   }
                   out.append(row, scratch);
                 }
               }};
}

template <bool left>
Result<Bound> bind_pad(const BindArguments& arguments) {
  const std::string fill = constant_or(arguments, 2, " ");
  if (count_characters(fill) != 1)
    return bad_constant(left ? "pad_left" : "pad_right", "fill", fill, "'0', ' ', '　' …");
  return Bound{TypeId::utf8, [fill](const Call& call) {
                 std::string scratch;
                 TextOut out(call);
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   const std::int64_t missing =
                       std::max<std::int64_t>(integer_at(call.arguments[1], row), 0) - count_characters(text);
                   if (missing <= 0) {
                     out.append(row, text);
                   } else if (static_cast<std::size_t>(missing) > kLongestText / fill.size()) {
                     out.refuse(row, static_cast<std::size_t>(missing));
                   } else {
                     scratch.clear();
                     if (!left) scratch = text;
                     for (std::int64_t i = 0; i < missing; ++i) scratch += fill;
                     if (left) scratch += text;
                     out.append(row, scratch);
                   }
                 }
               }};
}

Result<Bound> bind_repeat(const BindArguments&) {
  return Bound{
      TypeId::utf8, [](const Call& call) {
        std::string scratch;
        TextOut out(call);
        for (const std::int32_t row : call.rows) {
          const std::string_view text = text_at(call.arguments[0], row);
          const std::int64_t count = integer_at(call.arguments[1], row);
          if (count < 0) {
            reject(call, row, 1274, {{"parameter", "count"}, {"seen", std::to_string(count)}, {"expected", "≥ 0"}});
            continue;
          }
          if (!text.empty() && static_cast<std::size_t>(count) > kLongestText / text.size()) {
            out.refuse(row, kLongestText / text.size() < static_cast<std::size_t>(count) / 1000
                                ? SIZE_MAX
                                : text.size() * static_cast<std::size_t>(count));
            continue;
          }
          scratch.clear();
          for (std::int64_t i = 0; i < (text.empty() ? 0 : count); ++i) scratch += text;
          out.append(row, scratch);
        }
      }};
}

Result<Bound> bind_reverse(const BindArguments&) {
  return Bound{TypeId::utf8, [](const Call& call) {
                 std::string scratch;
                 std::optional<Graphemes> graphemes;
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   scratch.resize(text.size());
                   if (is_ascii(text)) {
                     std::reverse_copy(text.begin(), text.end(), scratch.begin());
                   } else {
                     if (!graphemes) graphemes.emplace();
                     graphemes->start(text);
                     std::size_t from = 0, end = text.size();
                     for (std::int64_t at; (at = graphemes->next()) >= 0;) {
                       const auto next = static_cast<std::size_t>(at);
                       end -= next - from;
                       text.copy(scratch.data() + end, next - from, from);
                       from = next;
                     }
                   }
                   call.out.append_text(scratch);
                 }
               }};
}

constexpr TypeSet kShown = kAny & ~one_of(TypeId::binary);
const Parameter kShownValues{
    .name = "value", .types = kShown, .variadic = true, .help = "Any values; nulls are left out."};
const Parameter kWidth{
    .name = "width", .types = kInteger, .help = "Least number of characters; a longer text stays as it is."};
const Parameter kFill{.name = "fill",
                      .optional = true,
                      .constant = true,
                      .help = "The one character that is added; a space when left out."};

}  // namespace

std::vector<Function> text_build_functions() {
  return {
      {.name = "concat",
       .group = "text",
       .summary = "The values one behind the other, nulls left out; || instead gives null when one is null.",
       .parameters = {kShownValues},
       .null_in_null_out = false,
       .bind = bind_concat,
       .examples = {{"concat('Haus ', 7, null, 'b')", "Haus 7b"},
                    {"concat('北京', '市')", "北京市"},
                    {"concat(null, null)", ""},
                    {"concat(number('1.50'), ' ', date('2023-01-05'))", "1.5 2023-01-05"}}},
      {.name = "concat_ws",
       .group = "text",
       .summary = "The values with a separator between them, nulls and empty texts left out.",
       .parameters = {{.name = "separator", .help = "What stands between the values."}, kShownValues},
       .null_in_null_out = false,
       .bind = bind_concat_ws,
       .examples = {{"concat_ws(', ', 'Anna', null, '', 'Meier')", "Anna, Meier"},
                    {"concat_ws('、', '张三', '李四')", "张三、李四"},
                    {"concat_ws('-', null)", ""},
                    {"concat_ws(null, 'a', 'b')", "null"}}},
      {.name = "pad_left",
       .group = "text",
       .summary = "The text with characters put before it until it is so long.",
       .parameters = {kText1, kWidth, kFill},
       .bind = bind_pad<true>,
       .examples = {{"pad_left('571', 4, '0')", "0571"},
                    {"pad_left('４２', 4, '０')", "００４２"},
                    {"pad_left('12345', 4, '0')", "12345"},
                    {"pad_left('a', 99999999999)", "GW-1259"},
                    {"pad_left(null, 4)", "null"}}},
      {.name = "pad_right",
       .group = "text",
       .summary = "The text with characters put behind it until it is so long.",
       .parameters = {kText1, kWidth, kFill},
       .bind = bind_pad<false>,
       .examples = {{"pad_right('ä', 3, '.')", "ä.."},
                    {"pad_right('abc', -1)", "abc"},
                    {"pad_right(null, 4)", "null"}}},
      {.name = "repeat",
       .group = "text",
       .summary = "The text so many times.",
       .parameters = {kText1, {.name = "count", .types = kInteger, .help = "How often."}},
       .bind = bind_repeat,
       .examples = {{"repeat('哈', 3)", "哈哈哈"},
                    {"repeat('ab', 0)", ""},
                    {"repeat('x', -1)", "GW-1274"},
                    {"repeat('x', 9999999999)", "GW-1259"},
                    {"repeat(null, 2)", "null"}}},
      {.name = "reverse",
       .group = "text",
       .summary = "The text from its end to its beginning, letters with their marks kept together.",
       .parameters = {kText1},
       .bind = bind_reverse,
       .examples = {{"reverse('abc')", "cba"},
                    {"reverse('東京e\u0301')", "e\u0301京東"},
                    {"reverse('')", ""},
                    {"reverse(null)", "null"}}},
  };
}

}  // namespace godwit::fn
