#include "core/http/outgoing.hpp"

#include <algorithm>
#include <cctype>

#include "core/http/crypto.hpp"
#include "core/http/gzip.hpp"
#include "core/http/session.hpp"

namespace godwit::http {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y)); });
}
const std::string* find_header(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (same_name(key, name)) return &value;
  return nullptr;
}

// "https://host:443"
std::string_view origin_of(std::string_view url) {
  const std::size_t host = url.find("://");
  return url.substr(0, url.find_first_of("/?#", host == std::string_view::npos ? 0 : host + 3));
}
std::string_view host_of(std::string_view url) {
  std::string_view origin = origin_of(url);
  origin.remove_prefix(std::min(origin.size(), origin.find("://") == std::string_view::npos ? 0 : origin.find("://") + 3));
  return origin.substr(0, origin.find(':'));
}

// A system, or somebody who wrote a link into its data, may send us anywhere; the session goes only where the rules say.
bool trusted(const Rules& rules, std::string_view base, std::string_view url) {
  if (origin_of(url) == origin_of(base)) return true;
  const std::string_view host = host_of(url);
  return std::any_of(rules.hosts.begin(), rules.hosts.end(), [&](const std::string& allowed) {
    return allowed.starts_with("*.") ? host.size() > allowed.size() - 1 && host.ends_with(std::string_view(allowed).substr(1)) : same_name(host, allowed);
  });
}

// One member after another in front of those that the object has.
Result<std::string> with_members(const std::vector<std::pair<std::string, std::string>>& members, const std::string& body, const Names& names) {
  const std::size_t open = body.find_first_not_of(" \t\r\n");
  if (members.empty() || open == std::string::npos || body[open] != '{') return body;
  const std::size_t next = body.find_first_not_of(" \t\r\n", open + 1);
  std::string front = body.substr(0, open + 1);
  for (const auto& [name, value] : members) {
    GW_ASSIGN(const std::string filled, fill_names(value, names, true));
    if (front.back() != '{') front += ',';
    front += '"' + json_escape(name) + "\":\"" + filled + '"';
  }
  return front + (next != std::string::npos && body[next] == '}' ? "" : ",") + body.substr(open + 1);
}

bool plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

Result<Headers> headers_of(const Rules& rules, const Request& request, const Names& names, bool ours) {
  Headers out;
  const auto add = [&](const std::string& name, const std::string& value) -> Result<> {
    GW_ASSIGN(std::string filled, fill_names(value, names));
    // A line break would begin a header of somebody else's making.
    if (name.empty() || !plain(name) || !plain(filled) || name.find(':') != std::string::npos) return fail(3055, {{"seen", "header " + name}, {"reason", "it holds a line break, a null or a colon"}});
    out.emplace_back(name, std::move(filled));
    return {};
  };
  for (const auto& [name, value] : rules.headers) {
    if (find_header(request.headers, name) != nullptr || (!ours && value.find("{{") != std::string::npos)) continue;
    GW_TRY(add(name, value));
  }
  for (const auto& [name, value] : request.headers) GW_TRY(add(name, value));
  return out;
}

}  // namespace

Result<> check_request(const Request& request) {
  const auto wrong = [](std::string seen, std::string reason) { return fail(3055, {{"seen", std::move(seen)}, {"reason", std::move(reason)}}); };
  if (request.method.empty() || !std::all_of(request.method.begin(), request.method.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) return wrong("method \"" + request.method + "\"", "a method is written in capital letters");
  if (!request.body.empty() && !request.body_file.empty()) return wrong("body and body_file", "only one of them can be sent");
  if (std::any_of(request.url.begin(), request.url.end(), [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 127; })) return wrong("the URL", "it holds a blank or a control character, which is to be percent-encoded");
  if (!(request.cost >= 0 && request.cost < 1e12)) return wrong("cost", "it is to be 0 or more");
  return {};
}

bool wants_json(const Outgoing& outgoing) {
  const std::string* accept = find_header(outgoing.headers, "accept");
  return accept != nullptr && accept->find("json") != std::string::npos && accept->find("html") == std::string::npos;
}

Result<Outgoing> build_outgoing(const Rules& rules, const Request& request, const Values& session, Clock& clock) {
  const Names outer{&session, nullptr, nullptr, &clock};
  Outgoing out;
  out.method = request.method, out.body_file = request.body_file, out.save_to = request.save_to;
  GW_ASSIGN(const std::string base, base_of(rules, session, clock));
  // Computed values may stand in the URL and be worked out from it: what is known first is filled in first.
  GW_ASSIGN(out.url, fill_names(request.url, outer, false, true));
  out.url = absolute(base, out.url);
  const bool ours = trusted(rules, base, out.url);
  if (request.fill_body) {
    GW_ASSIGN(out.body, fill_names(request.body, outer, request.body.starts_with('{') || request.body.starts_with('['), true));
  } else {
    out.body = request.body;
  }
  if (ours) {
    GW_ASSIGN(out.body, with_members(rules.body, out.body, outer));
  }
  const std::string* type = find_header(request.headers, "content-type");
  if (type == nullptr) type = find_header(rules.headers, "content-type");
  const CallParts parts{out.method, out.url, out.body, type != nullptr && type->find("form-urlencoded") != std::string::npos};
  Names names{&session, nullptr, &parts, &clock};
  GW_ASSIGN(const Values own, compute(rules.values, names));
  names.own = &own;
  GW_ASSIGN(out.headers, headers_of(rules, request, names, ours));
  if (type == nullptr && !out.body.empty() && (out.body[0] == '{' || out.body[0] == '[')) out.headers.emplace_back("Content-Type", "application/json");
  if (find_header(out.headers, "accept") == nullptr) out.headers.emplace_back("Accept", "application/json");
  GW_ASSIGN(std::string url, fill_names(out.url, names));
  for (const auto& [name, value] : rules.query) {
    if (!ours) break;
    GW_ASSIGN(const std::string filled, fill_names(value, names));
    url += (url.find('?') == std::string::npos ? "?" : "&") + percent_encode(name) + "=" + percent_encode(filled);
  }
  if (request.fill_body) {
    GW_ASSIGN(out.body, fill_names(std::string(out.body), names, out.body.starts_with('{') || out.body.starts_with('[')));
  }
  out.url = std::move(url);
  if (!plain(out.url)) return fail(3055, {{"seen", "the URL"}, {"reason", "a value of the session holds a line break"}});
  // Last, since values may be worked out from the body as it is written.
  if (ours && rules.compress_from > 0 && out.body.size() >= rules.compress_from && find_header(out.headers, "content-encoding") == nullptr) {
    if (auto packed = gzip(out.body); packed && packed->size() < out.body.size()) {
      out.body = std::move(*packed);
      out.headers.emplace_back("Content-Encoding", "gzip");
    }
  }
  return out;
}

}  // namespace godwit::http
