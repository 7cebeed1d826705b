#include "plugins/kits/rest/address.hpp"

#include <nlohmann/json.hpp>

namespace godwit::rest {

std::string url_part(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if ((u >= '0' && u <= '9') || (u >= 'A' && u <= 'Z') || (u >= 'a' && u <= 'z') || c == '-' || c == '_' || c == '.' || c == '~') out += c;
    else out += '%', out += kHex[u >> 4], out += kHex[u & 15];
  }
  return out;
}

std::string host_of(std::string_view url) {
  if (const std::size_t at = url.find("://"); at != std::string_view::npos) url.remove_prefix(at + 3);
  return std::string(url.substr(0, url.find('/')));
}

void add_network(const sdk::Settings& settings, nlohmann::ordered_json* rules) {
  if (!settings.text("ca").empty()) (*rules)["tls"]["ca"] = settings.path("ca").string();
  if (!settings.text("proxy").empty()) (*rules)["proxy"] = std::string(settings.text("proxy"));
}

}  // namespace godwit::rest
