#include "core/host/manifest.hpp"
#include "core/model/read_text.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace godwit {
namespace {

using nlohmann::json;

Delivery delivery_of(const std::string& name) {
  const auto delivery = parse_delivery(name);
  if (!delivery) throw std::invalid_argument("unknown delivery " + name);
  return *delivery;
}

OwnedMessage message_of(const json& m) {
  OwnedMessage out;
  out.number = m.at("number").get<int>();
  if (!parse_error_kind(m.at("kind").get<std::string>(), &out.kind)) throw std::invalid_argument("unknown kind " + m["kind"].dump());
  out.en = m.at("en").get<std::string>(), out.zh = m.at("zh").get<std::string>();
  out.remedy_en = m.value("remedy_en", ""), out.remedy_zh = m.value("remedy_zh", "");
  return out;
}

}  // namespace

Result<Manifest> parse_manifest(std::string_view text, std::string_view place) {
  try {
    const json j = json::parse(text);
    Manifest out;
    out.text = text;
    out.name = j.at("name").get<std::string>(), out.title = j.value("title", out.name), out.version = j.value("version", "");
    out.delivery = delivery_of(j.value("delivery", "none"));
    if (const auto limits = j.find("limits"); limits != j.end()) out.writes_in_flight = limits->value("writes_in_flight", 1);
    for (std::string extension : j.value("extensions", std::vector<std::string>{})) {
      std::transform(extension.begin(), extension.end(), extension.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      out.extensions.push_back(std::move(extension));
    }
    for (const json& m : j.value("messages", json::array())) out.messages.push_back(message_of(m));
    return out;
  } catch (const std::exception& e) {
    return fail(3008, {{"place", std::string(place)}, {"seen", e.what()}});
  }
}

Result<Manifest> read_manifest(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(3008, {{"place", file.string()}, {"seen", std::generic_category().message(errno)}});
  const auto text = read_text(in);
  if (!text) return fail(3008, {{"place", file.string()}, {"seen", std::generic_category().message(errno)}});
  return parse_manifest(*text, file.string());
}

}  // namespace godwit
