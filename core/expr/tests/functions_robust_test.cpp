// No value, however odd, crashes a function, hangs it, or leaves a row without an answer.

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "core/expr/tests/functions_call.hpp"
#include "core/model/catalogue.hpp"

namespace godwit::testing {
namespace {

using namespace std::string_literals;

// Broken UTF-8, NULs, half characters, huge and tiny things, and bytes at random.
const std::vector<std::string>& odd_texts() {
  static const std::vector<std::string> texts = [] {
    std::vector<std::string> all{"",
                                 " ",
                                 "\0"s,
                                 "a\0b"s,
                                 "\xFF",
                                 "\xC3",
                                 "\xE4\xB8",
                                 "\xF0\x9F\x91",
                                 "\xED\xA0\x80",
                                 "\xF4\x90\x80\x80",
                                 "\xC0\xAF",
                                 "\x80\x80\x80\x80\x80",
                                 "a\xFFz",
                                 "\u0301",
                                 "\u200D",
                                 "\U0010FFFF",
                                 "\uFEFF",
                                 "\u202E abc",
                                 std::string(300, '9'),
                                 "-" + std::string(60, '9') + "." + std::string(60, '9'),
                                 "1e999999999",
                                 "1e-999999999",
                                 "0e999",
                                 "-",
                                 "+",
                                 ".",
                                 ",",
                                 "()",
                                 "(-1)",
                                 "--1",
                                 "1-",
                                 "%",
                                 "万",
                                 "1万万",
                                 "1亿1",
                                 "1.5亿2",
                                 "9999999999999999999999999999999999999万亿",
                                 "￥",
                                 "€€1",
                                 "1,,2",
                                 "1,23,456",
                                 "0000-00-00",
                                 "9999-12-31",
                                 "10000-01-01",
                                 "2023-13-45",
                                 "99999999",
                                 "00000000",
                                 "2023-01-05T25:61:61+99:99",
                                 "24:00",
                                 "9999-12-31T24:00:00",
                                 "民國999999999年1月1日",
                                 "令和元年",
                                 "元年5月1日",
                                 "1 2 3 4 5 6 7 8 9",
                                 "am",
                                 "Jan",
                                 "Jan Jan Jan",
                                 "日月年",
                                 "R5.1",
                                 "1/1/1/1/1",
                                 "@",
                                 "a@",
                                 "@b",
                                 "a@b.",
                                 "a@.b",
                                 "=\"",
                                 "=\"\"",
                                 "'",
                                 "\t\t",
                                 "////",
                                 "====",
                                 "(((((((((((("};
    std::mt19937_64 chance(20240229);
    const std::string alphabet = "0123456789.,-+/: eE%()'\"年月日TZ万亿\u00A0\u3000äÄß\u0301";
    for (int i = 0; i < 400; ++i) {
      std::string text;
      for (std::size_t n = chance() % 24; n > 0; --n)
        text += i % 4 == 0 ? static_cast<char>(chance()) : alphabet[chance() % alphabet.size()];
      all.push_back(text);
    }
    all.push_back(std::string(1 << 20, 'x'));
    all.push_back(std::string(1 << 20, ' '));
    all.push_back(std::string(1 << 20, '('));
    return all;
  }();
  return texts;
}

// A column of odd values of the type, `rows` of them.
Column odd_column(Type type, std::int64_t rows) {
  static constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max(),
                                kLeast = std::numeric_limits<std::int64_t>::min();
  static constexpr std::int64_t kIntegers[] = {
      0,     1,     -1,     2,         7,          -7,        63,           1000,
      99999, kMost, kLeast, kMost - 1, kLeast + 1, 1LL << 31, -(1LL << 31), 253402300799999999};
  static constexpr double kFloats[] = {0.0,
                                       -0.0,
                                       0.1,
                                       -1.5,
                                       1e308,
                                       -1e308,
                                       5e-324,
                                       1e38,
                                       123456789.125,
                                       std::numeric_limits<double>::infinity(),
                                       -std::numeric_limits<double>::infinity(),
                                       std::numeric_limits<double>::quiet_NaN()};
  static constexpr std::int32_t kDays[] = {0,
                                           -1,
                                           1,
                                           19000,
                                           -719162,
                                           2932896,
                                           -719163,
                                           2932897,
                                           std::numeric_limits<std::int32_t>::max(),
                                           std::numeric_limits<std::int32_t>::min()};
  const int128 most = [] {
    int128 v = 1;
    for (int i = 0; i < 38; ++i) v *= 10;
    return v - 1;
  }();
  const int128 decimals[] = {0, 1, -1, 5, -5, 50, 123456789, most, -most};
  const auto pick = [](const auto& values, std::int64_t i) {
    return values[static_cast<std::size_t>(i) % std::size(values)];
  };
  ColumnBuilder builder(type);
  for (std::int64_t i = 0; i < rows; ++i) {
    switch (type.id) {
      case TypeId::boolean:
        builder.append_bool(i % 2 == 0);
        break;
      case TypeId::int64:
        builder.append_int64(pick(kIntegers, i / 3));
        break;
      case TypeId::time64:
        builder.append_int64(i % 86400 * 1000000);
        break;
      case TypeId::timestamp:
      case TypeId::timestamp_tz:
        builder.append_int64(pick(kIntegers, i));
        break;
      case TypeId::float64:
        builder.append_float64(pick(kFloats, i));
        break;
      case TypeId::decimal128:
        builder.append_decimal(pick(decimals, i));
        break;
      case TypeId::date32:
        builder.append_date32(pick(kDays, i));
        break;
      default:
        builder.append_text(pick(odd_texts(), i));
        break;
    }
  }
  return builder.finish();
}

// A right constant for a parameter that must have one.
Given some_constant(const Function& f, const Parameter& p) {
  const std::string name(p.name);
  if ((p.types & kText) == 0) return constant_integer(name, 3);
  if (p.name == "pattern") return constant_text(name, f.name == "format_date" ? "dd.MM.yyyy" : "([0-9]+)|(x*)");
  if (p.name == "namespace") return constant_text(name, "url");
  return constant_text(name, "x");
}

// Optional constants that open further code.
std::vector<Given> more_constants(const Function& f) {
  std::vector<Given> out;
  for (const Parameter& p : f.parameters) {
    if (!p.constant || !p.optional) continue;
    if (p.name == "locale") out.push_back(constant_text("locale", "zh_CN"));
    if (p.name == "zone") out.push_back(constant_text("zone", "Europe/Berlin"));
    if (p.name == "formats")
      out.push_back(constant_text("formats", "ymd|roc|excel|d.M.yy h:mm a|'x'yyyy-MMM-dd EEE'T'HH:mm:ss.SSSXXX"));
    if (p.name == "century") out.push_back(constant_integer("century", 1930));
    if (p.name == "gap" || p.name == "overlap") out.push_back(constant_text(std::string(p.name), "later"));
    if (p.name == "unit" && f.name != "to_epoch" && f.name != "from_epoch")
      out.push_back(constant_text("unit", "graphemes"));
    if (p.name == "offset") out.push_back(constant_text("offset", "+08:00"));
  }
  return out;
}

class FunctionsRobust : public ::testing::TestWithParam<std::size_t> {};

TEST_P(FunctionsRobust, AnswerEveryRowWhateverItHolds) {
  const Function& f = functions()[GetParam()];
  const auto rows = static_cast<std::int64_t>(odd_texts().size());
  const std::vector<Type> kTypes{TypeId::utf8,          TypeId::int64,        TypeId::float64, Type::decimal(38, 0),
                                 Type::decimal(38, 38), Type::decimal(38, 6), TypeId::boolean, TypeId::date32,
                                 TypeId::timestamp,     TypeId::timestamp_tz, TypeId::time64,  TypeId::binary,
                                 TypeId::number_text};
  CompileOptions options;
  options.zone = "Asia/Shanghai";
  for (const Type type : kTypes) {
    for (const bool more : {false, true}) {
      std::vector<Given> arguments;
      bool used = false;
      for (const Parameter& p : f.parameters) {
        if (p.constant || p.optional) {
          if (p.constant && !p.optional) arguments.push_back(some_constant(f, p));
          continue;
        }
        const bool takes = (p.types & one_of(type.id)) != 0;
        used |= takes;
        const Type other = (p.types & kText) != 0      ? Type(TypeId::utf8)
                           : (p.types & kInteger) != 0 ? Type(TypeId::int64)
                                                       : Type(TypeId::date32);
        const Type taken = takes                                        ? type
                           : (p.types & one_of(other.id)) != 0          ? other
                           : (p.types & one_of(TypeId::timestamp)) != 0 ? Type(TypeId::timestamp)
                                                                        : Type(TypeId::timestamp_tz);
        arguments.push_back({std::string(p.name), odd_column(taken, rows), false});
      }
      if (!used) continue;
      if (more) {
        for (Given& given : more_constants(f)) {
          // A timestamp with zone takes no offset, a date no zone.
          if (given.name == "offset" && type.id == TypeId::timestamp_tz) continue;
          if (given.name == "zone" && f.name == "timestamp" && type.id == TypeId::date32) continue;
          arguments.push_back(std::move(given));
        }
      } else if (f.name == "to_epoch" && type.id != TypeId::timestamp_tz) {
        continue;
      }
      const auto answer = call(f.name, arguments, rows, options);
      ASSERT_TRUE(answer) << f.name << ' ' << to_string(type) << ": " << describe(answer.error());
      for (std::size_t i = 1; i < answer->errors.size(); ++i) {
        ASSERT_LT(answer->errors[i - 1].row, answer->errors[i].row) << f.name << ": each row at most once, in order";
      }
      for (const RowError& error : answer->errors) {
        const Message* message = find_message(error.error.number);
        ASSERT_NE(message, nullptr) << error.error.number;
        // All that the sentence names is there.
        for (const std::string_view pattern : {message->en, message->zh}) {
          for (std::size_t at = 0; (at = pattern.find('{', at)) != pattern.npos; ++at) {
            const std::string name(pattern.substr(at + 1, pattern.find('}', at) - at - 1));
            bool there = false;
            for (const Argument& argument : error.error.arguments) there |= argument.first == name;
            ASSERT_TRUE(there) << f.name << ": GW-" << error.error.number << " lacks {" << name << '}';
          }
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, FunctionsRobust, ::testing::Range<std::size_t>(0, functions().size()),
                         [](const auto& test) { return std::string(functions()[test.param].name); });

}  // namespace
}  // namespace godwit::testing
