#include "core/http/fill.hpp"

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>

#include "core/http/crypto.hpp"

namespace godwit::http {
namespace {

using Is = Computed::Is;

// Scheme and host end where the path begins.
std::size_t path_start(std::string_view url) {
  const std::size_t host = url.find("://");
  const std::size_t at = url.find_first_of("/?", host == std::string_view::npos ? 0 : host + 3);
  return at == std::string_view::npos ? url.size() : at;
}

std::optional<std::string> built_in(std::string_view name, const Names& names) {
  if (name == "@uuid") return random_uuid();
  if (name == "@now_s") return std::to_string(names.clock->wall_us() / kSecond);
  if (name == "@now_ms") return std::to_string(names.clock->wall_us() / 1000);
  if (names.call == nullptr) return {};
  const std::string_view url = names.call->url;
  const std::size_t path = path_start(url), query = std::min(url.find('?'), url.size());
  if (name == "@method") return std::string(names.call->method);
  if (name == "@url") return std::string(url);
  if (name == "@body") return std::string(names.call->body);
  if (name == "@path") return std::string(url.substr(path, query - path));
  if (name == "@query") return std::string(query < url.size() ? url.substr(query + 1) : "");
  if (name == "@host") {
    const std::size_t host = url.find("://");
    return host == std::string_view::npos ? "" : std::string(url.substr(host + 3, path - host - 3));
  }
  return {};
}

std::optional<std::string> look_up(std::string_view name, const Names& names) {
  for (const Values* values : {names.own, names.session}) {
    if (values == nullptr) continue;
    if (const auto at = values->find(name); at != values->end()) return at->second;
  }
  return name.starts_with('@') ? built_in(name, names) : std::nullopt;
}

std::string percent_decode(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])), i += 2;
    else out += text[i] == '+' ? ' ' : text[i];
  }
  return out;
}

void add_parameters(std::string_view text, std::vector<std::pair<std::string, std::string>>& out) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = one.find('=');
    if (!one.empty()) out.emplace_back(percent_decode(one.substr(0, equals)), equals == std::string_view::npos ? "" : percent_decode(one.substr(equals + 1)));
  }
}

Result<std::string> sorted(const Computed& rule, const Names& names) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const std::string& part : rule.parts) {
    if (part == "@query") add_parameters(built_in("@query", names).value_or(""), all);
    else if (part == "@form") add_parameters(names.call != nullptr && names.call->form ? names.call->body : "", all);
    else {
      GW_ASSIGN(const std::string text, fill_names(part, names));
      // "name={{value}}" is a parameter; a text alone is a value without a name.
      const std::size_t equals = rule.names ? part.find('=') : std::string::npos;
      if (equals == std::string::npos) all.emplace_back("", text);
      else all.emplace_back(part.substr(0, equals), text.substr(std::min(equals + 1, text.size())));
    }
  }
  std::erase_if(all, [&](const auto& one) { return std::find(rule.without.begin(), rule.without.end(), one.first) != rule.without.end(); });
  std::sort(all.begin(), all.end());
  std::string out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i > 0) out += rule.between;
    if (rule.names && !all[i].first.empty()) out += all[i].first + rule.pair;
    out += all[i].second;
  }
  return out;
}

std::string time_text(const Computed& rule, std::int64_t wall_us) {
  if (rule.format == "s") return std::to_string(wall_us / kSecond);
  if (rule.format == "ms") return std::to_string(wall_us / 1000);
  const std::time_t at = wall_us / kSecond + rule.offset_s;
  std::tm parts{};
  gmtime_r(&at, &parts);
  char out[128];
  return std::string(out, std::strftime(out, sizeof out, rule.format.c_str(), &parts));
}

Result<std::string> computed(const Computed& rule, const Names& names) {
  GW_ASSIGN(std::string of, fill_names(rule.of, names));
  switch (rule.is) {
    case Is::text: return of;
    case Is::time: return time_text(rule, names.clock->wall_us());
    case Is::random: return random_hex(rule.length);
    case Is::sorted: return sorted(rule, names);
    case Is::digest: {
      GW_ASSIGN(const std::string bytes, digest(rule.algorithm, of));
      return encode(rule.as, bytes);
    }
    case Is::hmac: {
      GW_ASSIGN(const std::string key, fill_names(rule.key, names));
      GW_ASSIGN(const std::string bytes, hmac(rule.algorithm, key, of));
      return encode(rule.as, bytes);
    }
    case Is::signature: {
      GW_ASSIGN(const std::string key, fill_names(rule.key, names));
      GW_ASSIGN(const std::string bytes, sign(rule.algorithm, key, of));
      return encode(rule.as, bytes);
    }
    case Is::base64: return to_base64(of);
    case Is::hex: return to_hex(of);
    case Is::url: return percent_encode(of);
    case Is::upper:
    case Is::lower:
      for (char& c : of) c = static_cast<char>(rule.is == Is::upper ? std::toupper(static_cast<unsigned char>(c)) : std::tolower(static_cast<unsigned char>(c)));
      return of;
  }
  return of;
}

}  // namespace

std::string json_escape(std::string_view text) {
  const std::string quoted = nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

Result<std::string> fill_names(std::string_view text, const Names& names, bool json, bool lenient) {
  std::string out;
  out.reserve(text.size());
  for (;;) {
    const std::size_t begin = text.find("{{"), end = begin == std::string_view::npos ? begin : text.find("}}", begin);
    if (end == std::string_view::npos) return out.append(text);
    const std::string_view whole = text.substr(begin, end + 2 - begin);
    std::string_view name = text.substr(begin + 2, end - begin - 2), filter;
    out.append(text.substr(0, begin));
    text.remove_prefix(end + 2);
    if (const std::size_t bar = name.find('|'); bar != std::string_view::npos) filter = name.substr(bar + 1), name = name.substr(0, bar);
    const std::optional<std::string> value = look_up(name, names);
    if (!value && lenient) {
      out += whole;
      continue;
    }
    if (!value) return fail(3055, {{"seen", "{{" + std::string(name) + "}}"}, {"reason", "the session has no such value"}});
    if (filter == "url") out += percent_encode(*value);
    else if (filter == "json" || (filter.empty() && json)) out += json_escape(*value);
    else if (filter == "base64") out += to_base64(*value);
    else if (filter.empty()) out += *value;
    else return fail(3055, {{"seen", "|" + std::string(filter)}, {"reason", "known filters: url, json, base64"}});
  }
}

Result<Values> compute(const std::vector<Computed>& rules, Names names) {
  Values out;
  names.own = &out;
  for (const Computed& rule : rules) {
    GW_ASSIGN(std::string value, computed(rule, names));
    out[rule.name] = std::move(value);
  }
  return out;
}

}  // namespace godwit::http
