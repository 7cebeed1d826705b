#include "core/contract/values.hpp"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace godwit::contract {
namespace {

int128 power_of_ten(int digits) {
  int128 out = 1;
  while (digits-- > 0) out *= 10;
  return out;
}

// At most `length` characters of ASCII.
std::string fitted(std::string text, const std::optional<std::int64_t>& length) {
  if (length && static_cast<std::int64_t>(text.size()) > *length) text.resize(static_cast<std::size_t>(*length));
  return text;
}

std::int64_t characters(std::string_view text) {
  std::int64_t out = 0;
  for (const char c : text) out += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return out;
}

constexpr std::int64_t kDay = 86'400'000'000, kYear1 = -719162, kYear9999 = 2932896;  // days of 0001-01-01 and 9999-12-31

// "1.50" and "1.5", "-0" and "0" are the same number.
std::string plain_number(std::string text) {
  if (text.find_first_of("eE") != std::string::npos) return text;
  if (text.find('.') != std::string::npos) {
    while (text.ends_with('0')) text.pop_back();
    if (text.ends_with('.')) text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

}  // namespace

void append(ColumnBuilder& builder, const Value& value) {
  const TypeId type = builder.type().id;
  if (std::holds_alternative<std::monostate>(value)) return builder.null();
  if (builder.type().is_variable()) return builder.append_text(std::get<std::string>(value));
  switch (type) {
    case TypeId::boolean: return builder.append_bool(std::get<bool>(value));
    case TypeId::float64: return builder.append_float64(std::get<double>(value));
    case TypeId::decimal128: return builder.append_decimal(std::get<int128>(value));
    case TypeId::date32: return builder.append_date32(static_cast<std::int32_t>(std::get<std::int64_t>(value)));
    case TypeId::null_type: return builder.null();
    default: return builder.append_int64(std::get<std::int64_t>(value));
  }
}

Column column_of(Type type, const std::vector<Value>& values) {
  ColumnBuilder out(type);
  for (const Value& v : values) append(out, v);
  return out.finish();
}

Value ordinary(const ObjectField& field, std::int64_t salt, bool distinct) {
  if (!field.choices.empty() && field.type.is_variable()) return field.choices[static_cast<std::size_t>(salt) % field.choices.size()];
  switch (field.type.id) {
    case TypeId::boolean: return salt % 2 == 0;
    case TypeId::int64: return salt % (distinct ? 2'000'000'000 : 10'000);
    case TypeId::float64: return static_cast<double>(salt % 10'000) + 0.5;
    case TypeId::decimal128: {
      // Within the digits that it has, with a fraction where there is one.
      const int whole = field.type.precision - field.type.scale;
      return (static_cast<int128>(salt) % power_of_ten(std::min(whole, 9))) * power_of_ten(field.type.scale) + (field.type.scale > 0 ? 1 : 0);
    }
    case TypeId::date32: return 10000 + salt % 5000;
    case TypeId::time64: return (salt % 86400) * 1'000'000;
    case TypeId::timestamp:
    case TypeId::timestamp_tz: return (10000 + salt % 5000) * kDay + (salt % 86400) * 1'000'000;
    case TypeId::json: return "{\"n\": " + std::to_string(salt) + "}";
    case TypeId::number_text: return std::to_string(salt) + ".25";
    case TypeId::utf8: {
      // The salt last: a short field keeps what tells rows apart.
      const std::string number = std::to_string(salt), text = "value " + number;
      return field.length && static_cast<std::int64_t>(text.size()) > *field.length ? fitted(std::string(number.rbegin(), number.rend()), field.length) : text;
    }
    case TypeId::binary: return fitted("bytes " + std::to_string(salt), field.length);
    case TypeId::null_type: return {};
  }
  return {};
}

std::vector<Value> extremes(const ObjectField& field) {
  if (!field.choices.empty()) {
    std::vector<Value> out;
    for (const std::string& c : field.choices) out.emplace_back(c);
    return out;
  }
  using Int = std::numeric_limits<std::int64_t>;
  using Real = std::numeric_limits<double>;
  switch (field.type.id) {
    case TypeId::boolean: return {true, false};
    case TypeId::int64: return {std::int64_t{0}, std::int64_t{-1}, std::int64_t{2147483648}, Int::max(), Int::min(), std::int64_t{9007199254740993}};
    case TypeId::float64: return {0.0, 0.1, -1.5, Real::max(), Real::denorm_min(), 1e15 + 0.3, Real::infinity(), Real::quiet_NaN()};
    case TypeId::decimal128: {
      const int128 most = power_of_ten(field.type.precision) - 1;
      return {int128{0}, int128{1}, int128{-1}, most, -most};
    }
    case TypeId::date32: return {std::int64_t{0}, std::int64_t{-1}, std::int64_t{19782}, kYear1, kYear9999};
    case TypeId::time64: return {std::int64_t{0}, std::int64_t{1}, kDay - 1};
    case TypeId::timestamp:
    case TypeId::timestamp_tz: return {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1}, kYear1 * kDay, kYear9999 * kDay + kDay - 1, std::int64_t{1711846800123456}};
    case TypeId::json: return {std::string("null"), std::string("[]"), std::string(R"({"a": [1, null, "上海 \" \\ \n"], "": 0.1})"), std::string("\"text\"")};
    case TypeId::number_text: return {std::string("0"), std::string("-0.000000000000000000000000000000000000000000001"), std::string("123456789012345678901234567890123456789012345678901234567890")};
    case TypeId::binary: {
      std::string every;
      for (int b = 0; b < 256; ++b) every += static_cast<char>(b);
      return {std::string(), every, std::string(1, '\0'), std::string(100'000, '\xff')};
    }
    case TypeId::utf8: {
      std::vector<Value> out{std::string(), std::string(" "), std::string(" a "), std::string("null"), std::string("NULL"), std::string("\\N"), std::string("007"), std::string("1e5"),
                             std::string("a,b;c\td"), std::string("'quoted' \"twice\" \\ %s $1 ?"), std::string("line\nline\r\nline\r"), std::string("上海 ümlaut ﷽ 😀"), std::string("=1+1"),
                             std::string("a\0b", 3), std::string("\xff\xfe", 2)};
      if (field.length) {
        std::vector<Value> fitting;
        for (const Value& v : out)
          if (characters(std::get<std::string>(v)) <= *field.length) fitting.push_back(v);
        out = std::move(fitting);
        if (*field.length < 1'000'000) {
          out.emplace_back(std::string(static_cast<std::size_t>(*field.length), 'x'));
          out.emplace_back(std::string(static_cast<std::size_t>(*field.length) + 1, 'x'));
        }
      } else {
        out.emplace_back(std::string(1 << 20, 'x'));
      }
      return out;
    }
    case TypeId::null_type: return {};
  }
  return {};
}

std::optional<std::string> comparable(const Column& column, std::int64_t i) {
  if (column.is_null(i)) return std::nullopt;
  if (column.type.id == TypeId::json) {
    const auto json = nlohmann::json::parse(column.text(i), nullptr, false);
    return json.is_discarded() ? std::string(column.text(i)) : json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  std::string text = value_text(column, i);
  return column.type.is_numeric() ? plain_number(std::move(text)) : text;
}

std::optional<std::string> comparable(Type type, const Value& value) {
  return comparable(column_of(type, {value}), 0);
}

}  // namespace godwit::contract
