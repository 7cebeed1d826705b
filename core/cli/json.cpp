#include "core/cli/json.hpp"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/cli/json_value.hpp"

namespace godwit::cli {
namespace {

Json from(const nlohmann::ordered_json& value) {
  if (value.is_object()) {
    Json out = Json::object();
    for (const auto& [name, member] : value.items()) out.set(name, from(member));
    return out;
  }
  if (value.is_array()) {
    Json out = Json::array();
    for (const auto& element : value) out.push_back(from(element));
    return out;
  }
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number_float()) return value.get<double>();
  return nullptr;
}

}  // namespace

Json::Json(double value) {
  if (!std::isfinite(value)) return;  // JSON has no such number: null
  char digits[32];
  kind_ = Kind::plain, text_.assign(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

Json Json::raw(std::string text) {
  if (!accepts(text)) return Json(std::move(text));
  Json out = of(Kind::plain);
  out.text_ = std::move(text);
  return out;
}

std::optional<Json> Json::parse(std::string_view text) {
  const auto parsed = nlohmann::ordered_json::parse(text, nullptr, false);
  if (parsed.is_discarded()) return std::nullopt;
  return from(parsed);
}

bool Json::accepts(std::string_view text) { return nlohmann::json::accept(text); }

Json& Json::operator[](std::string_view name) {
  if (kind_ == Kind::null) kind_ = Kind::object;
  for (auto& [known, value] : members_)
    if (known == name) return value;
  return members_.emplace_back(std::string(name), Json()).second;
}

const Json* Json::find(std::string_view name) const {
  for (const auto& [known, value] : members_)
    if (kind_ == Kind::object && known == name) return &value;
  return nullptr;
}

std::string Json::dump() const {
  std::string out;
  append(out);
  return out;
}

void Json::append(std::string& out) const {
  switch (kind_) {
    case Kind::null: out += "null"; return;
    case Kind::plain: out += text_; return;
    case Kind::text: append_json_text(out, text_); return;
    case Kind::array:
    case Kind::object: break;
  }
  const bool object = kind_ == Kind::object;
  out += object ? '{' : '[';
  bool first = true;
  for (const auto& [name, value] : members_) {
    if (!first) out += ',';
    first = false;
    if (object) append_json_text(out, name), out += ':';
    value.append(out);
  }
  out += object ? '}' : ']';
}

}  // namespace godwit::cli
