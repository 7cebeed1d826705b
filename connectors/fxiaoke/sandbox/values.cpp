#include "connectors/fxiaoke/sandbox/values.hpp"

#include <algorithm>
#include <charconv>

#include "connectors/fxiaoke/sandbox/rejected.hpp"
#include "plugins/kits/sandbox/clock.hpp"

namespace godwit::sandbox::fxiaoke {
namespace {

constexpr std::string_view kOpenUser = "FSUID_";
constexpr char kHex[] = "0123456789ABCDEF";

Rejected bad_value(const Field& field, const std::string& what) {
  return {kBadValue, "字段[" + field.label + "](" + field.name + ")" + what};
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string expect_text(const Field& field, const Json& wire) {
  if (!wire.is_string()) throw bad_value(field, "的值应为字符串, 收到 " + wire.dump());
  std::string text = wire;
  if (field.length > 0 && characters(text) > static_cast<std::size_t>(field.length))
    throw bad_value(field, "长度不能超过" + std::to_string(field.length) + "个字符, 收到" + std::to_string(characters(text)) + "个");
  return text;
}

std::int64_t expect_time(const Field& field, const Json& wire, int zone_minutes) {
  if (!wire.is_number_integer()) throw bad_value(field, "的值应为毫秒时间戳, 收到 " + wire.dump());
  const std::int64_t ms = wire;
  return field.type == "date" ? midnight_ms(ms, zone_minutes) : ms;
}

std::string expect_option(const Field& field, const Json& wire) {
  if (!wire.is_string() || field.choice(wire.get<std::string>()) == nullptr) throw bad_value(field, "的选项值" + wire.dump() + "不存在");
  return wire;
}

// ["1000"]: ids as strings.
Json expect_list(const Field& field, const Json& wire, const ValueRules& rules) {
  if (!wire.is_array()) throw bad_value(field, "的值应为列表, 收到 " + wire.dump());
  Json out = Json::array();
  for (const Json& one : wire) {
    if (field.type == "select_many") {
      out.push_back(expect_option(field, one));
      continue;
    }
    if (!one.is_string()) throw bad_value(field, "的列表元素应为字符串, 收到 " + one.dump());
    const std::string id = one;
    if (field.type == "employee" && rules.convert_people && !id.starts_with(kOpenUser))
      throw bad_value(field, "的人员" + id + "不是openUserId");
    out.push_back(field.type == "employee" && rules.convert_people ? from_open_user(id) : id);
  }
  if (field.type == "employee" && field.name == "owner" && out.size() != 1) throw bad_value(field, "只能有一个负责人");
  return out;
}

}  // namespace

std::string decimal_text(const Field& field, const Json& wire) {
  if (!wire.is_number() && !wire.is_string()) throw bad_value(field, "的值应为数字, 收到 " + wire.dump());
  const std::string text = wire.is_string() ? wire.get<std::string>() : wire.dump();
  std::string_view rest = text;
  const bool minus = rest.starts_with('-');
  if (minus || rest.starts_with('+')) rest.remove_prefix(1);
  const std::size_t point = std::min(rest.find('.'), rest.size());
  std::string_view whole = rest.substr(0, point);
  std::string_view part = rest.substr(std::min(point + 1, rest.size()));
  const auto digits = [](std::string_view s) { return std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; }); };
  if (whole.empty() || !digits(whole) || !digits(part) || (point < rest.size() && part.empty())) throw bad_value(field, "的值" + text + "不是数字");
  while (whole.size() > 1 && whole.front() == '0') whole.remove_prefix(1);
  while (part.ends_with('0')) part.remove_suffix(1);
  const auto places = static_cast<std::size_t>(field.scale);
  if (part.size() > places) throw bad_value(field, "的值" + text + "小数位数超过" + std::to_string(places) + "位");
  if (field.length > 0 && whole.size() > static_cast<std::size_t>(field.length)) throw bad_value(field, "的值" + text + "整数位数超过" + std::to_string(field.length) + "位");
  std::string out = std::string(whole);
  if (places > 0) out += "." + std::string(part) + std::string(places - part.size(), '0');
  const bool zero = out.find_first_not_of("0.") == std::string::npos;
  return (minus && !zero ? "-" : "") + out;
}

Value column_value(const Field& field, const Json& wire, const ValueRules& rules) {
  if (wire.is_null()) return {};
  if (wire.is_string() && wire.get_ref<const std::string&>().empty() && !(rules.keep_empty_text && kept(field) == Kept::text && field.values.empty() && field.references.empty()))
    return {};
  switch (kept(field)) {
    case Kept::decimal: return decimal_text(field, wire);
    case Kept::integer: return expect_time(field, wire, rules.zone_minutes);
    case Kept::boolean:
      if (!wire.is_boolean()) throw bad_value(field, "的值应为布尔值, 收到 " + wire.dump());
      return std::int64_t{wire.get<bool>()};
    case Kept::list: {
      const Json list = expect_list(field, wire, rules);
      return list.empty() ? Value() : Value(list.dump());
    }
    case Kept::json:
      if (!wire.is_array()) throw bad_value(field, "的值应为列表, 收到 " + wire.dump());
      return wire.empty() ? Value() : Value(wire.dump());
    case Kept::computed: throw bad_value(field, "只读");
    case Kept::text: break;
  }
  if (field.type == "select_one") return expect_option(field, wire);
  return expect_text(field, wire);
}

Json wire_value(const Field& field, const Value& held, const ValueRules& rules) {
  if (is_null(held)) return nullptr;
  switch (kept(field)) {
    case Kept::integer: return to_int(held);
    case Kept::boolean: return to_int(held) != 0;
    case Kept::json: return Json::parse(to_text(held));
    case Kept::list: {
      Json list = Json::parse(to_text(held));
      if (field.type == "employee" && rules.convert_people)
        for (Json& id : list) id = to_open_user(id.get<std::string>());
      return list;
    }
    default: return to_text(held);
  }
}

std::string to_open_user(std::string_view id) {
  std::string out(kOpenUser);
  for (const char c : id) (out += kHex[static_cast<unsigned char>(c) >> 4]) += kHex[c & 15];
  return out;
}

std::string from_open_user(std::string_view id) {
  if (!id.starts_with(kOpenUser)) return std::string(id);
  const std::string_view digits = id.substr(kOpenUser.size());
  std::string out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    unsigned code = 0;
    if (std::from_chars(digits.data() + i, digits.data() + i + 2, code, 16).ec != std::errc{}) return std::string(id);
    out += static_cast<char>(code);
  }
  return out;
}

}  // namespace godwit::sandbox::fxiaoke
