#include "plugins/kits/sandbox/exchange.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace godwit::sandbox {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// What is nested more deeply than any vendor's body would cost stack wherever it is written out again.
bool nests_too_deeply(std::string_view text) {
  constexpr int kDeepest = 200;
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') ++i;
    else if (c == '"') quoted = !quoted;
    else if (!quoted && (c == '[' || c == '{') && ++depth > kDeepest) return true;
    else if (!quoted && (c == ']' || c == '}')) --depth;
  }
  return false;
}

}  // namespace

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

const std::string* find_pair(const Pairs& pairs, std::string_view name, bool ignore_case) {
  for (const auto& [key, value] : pairs)
    if (ignore_case ? same_word(key, name) : key == name) return &value;
  return nullptr;
}

std::string_view Request::header(std::string_view name) const {
  const std::string* found = find_pair(headers, name, true);
  return found == nullptr ? std::string_view() : std::string_view(*found);
}

std::optional<std::string> Request::query_value(std::string_view name) const {
  const std::string* found = find_pair(query, name);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

const std::string& Request::param(std::string_view name) const {
  static const std::string kNone;
  const auto found = params.find(name);
  return found == params.end() ? kNone : found->second;
}

std::optional<Json> Request::json() const {
  if (nests_too_deeply(body)) return std::nullopt;
  Json out = Json::parse(body, nullptr, false);
  if (out.is_discarded()) return std::nullopt;
  return out;
}

Pairs Request::form() const { return parse_query(body); }

Answer json_answer(int status, const Json& body) {
  // Text that is no UTF-8 may have come in by a fault of the client; it is answered with U+FFFD rather than not at all.
  return {.status = status, .body = body.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

Answer empty_answer(int status) { return {.status = status, .content_type = ""}; }

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

Pairs parse_query(std::string_view text) {
  Pairs out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part.empty()) continue;
    const std::size_t equals = std::min(part.find('='), part.size());
    out.emplace_back(percent_decode(part.substr(0, equals), true), percent_decode(part.substr(std::min(equals + 1, part.size())), true));
  }
  return out;
}

}  // namespace godwit::sandbox
