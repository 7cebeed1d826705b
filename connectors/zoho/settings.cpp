#include "connectors/zoho/settings.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "plugins/kits/rest/times.hpp"

namespace godwit::zoho {
namespace {

using Rules = nlohmann::ordered_json;

struct DataCentre {
  std::string_view name, accounts, api;
};
constexpr DataCentre kDataCentres[] = {
    {"us", "https://accounts.zoho.com", "https://www.zohoapis.com"},         {"eu", "https://accounts.zoho.eu", "https://www.zohoapis.eu"},
    {"in", "https://accounts.zoho.in", "https://www.zohoapis.in"},           {"au", "https://accounts.zoho.com.au", "https://www.zohoapis.com.au"},
    {"jp", "https://accounts.zoho.jp", "https://www.zohoapis.jp"},           {"cn", "https://accounts.zoho.com.cn", "https://www.zohoapis.com.cn"},
    {"ca", "https://accounts.zohocloud.ca", "https://www.zohoapis.ca"},      {"sa", "https://accounts.zoho.sa", "https://www.zohoapis.sa"},
};

Failure wrong_setting(std::string_view setting, std::string_view seen, std::string_view expected) {
  return sdk::fail(3701, ErrorKind::bad_config, {{"setting", std::string(setting)}, {"seen", std::string(seen)}, {"expected", std::string(expected)}});
}

Result<std::string> read_url(const sdk::Settings& s, std::string_view name, std::string_view otherwise) {
  std::string url(s.text(name).empty() ? otherwise : s.text(name));
  while (url.ends_with('/')) url.pop_back();
  if (!url.starts_with("https://") && !url.starts_with("http://")) return wrong_setting(name, url, "https://...");
  return url;
}

// The member "trigger" as JSON: [] lets nothing run, which is what a migration wants; without the member everything runs.
Result<std::string> read_triggers(std::string_view text) {
  static constexpr std::string_view kKnown[] = {"workflow", "approval", "blueprint", "pathfinder", "orchestration"};
  if (text == "none") return std::string("[]");
  if (text == "all") return std::string();
  Rules out = Rules::array();
  for (std::string_view left = text; !left.empty();) {
    const std::size_t end = std::min(left.find(','), left.size());
    std::string_view one = left.substr(0, end);
    left.remove_prefix(std::min(end + 1, left.size()));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (std::ranges::find(kKnown, one) == std::end(kKnown)) return wrong_setting("triggers", one, "none, all, workflow, approval, blueprint, pathfinder, orchestration");
    out.push_back(one);
  }
  return out.dump();
}

// What the answers mean. One record's refusal among many is no refusal of the call: the items say it.
Rules verdicts() {
  const auto code = [](Rules codes, const char* is) { return Rules{{"json", "/code"}, {"in", std::move(codes)}, {"is", is}}; };
  return Rules::array({code({"TOO_MANY_REQUESTS"}, "rate"),
                       code({"LIMIT_EXCEEDED"}, "quota"),
                       {{"status", {429}}, {"is", "rate"}, {"wait_header", "retry-after"}},
                       code({"INVALID_TOKEN", "AUTHENTICATION_FAILURE"}, "expired"),
                       code({"OAUTH_SCOPE_MISMATCH", "NO_PERMISSION", "AUTHORIZATION_FAILED"}, "denied"),
                       code({"INTERNAL_ERROR"}, "busy"),
                       {{"status", {500, 502, 503, 504}}, {"is", "busy"}},
                       {{"status", {400, 202}}, {"present", "/data/0/code"}, {"is", "ok"}},
                       // Errors may come with a status of success.
                       {{"json", "/status"}, {"in", {"error"}}, {"is", "refused"}}});
}

Rules sign_in_rules(const sdk::Settings& s, const Options& o) {
  // Errors of the sign-in come with status 200: only a token is a success. A refresh token gives ten of them in ten minutes.
  return {{"method", "POST"},
                    {"url", o.accounts_url + "/oauth/v2/token"},
                    {"form",
                     {{"grant_type", "refresh_token"}, {"refresh_token", std::string(s.text("refresh_token"))}, {"client_id", std::string(s.text("client_id"))}, {"client_secret", std::string(s.text("client_secret"))}}},
                    {"take", {{"access_token", "/access_token"}, {"base", "/api_domain"}, {"lifetime_s", "/expires_in"}}},
                    {"success", {{"present", "/access_token"}}},
                    {"code", "/error"},
                    {"message", "/error"},
                    {"lifetime_s", 3600},
                    {"calls", 10},
                    {"per_s", 600}};
}

std::string client_rules(const sdk::Settings& s, const Options& o) {
  Rules out{{"base", o.api_url}, {"name", "zoho"}, {"timeout_s", s.integer("timeout")}};
  out["headers"] = {{"Authorization", "Zoho-oauthtoken {{access_token}}"}, {"Accept", "application/json"}};
  if (!s.text("access_token").empty()) out["session"] = {{"access_token", std::string(s.text("access_token"))}};
  else out["sign_in"] = sign_in_rules(s, o);
  if (!s.text("ca").empty()) out["tls"] = {{"ca", s.path("ca").string()}};
  if (!s.text("proxy").empty()) out["proxy"] = std::string(s.text("proxy"));
  // Archives go to one host of the vendor's and results come from another: both get the token, nobody else does.
  const auto host_of = [](std::string_view url) { const std::size_t at = url.find("://"); return at == std::string_view::npos ? url : url.substr(at + 3, url.find_first_of(":/", at + 3) - at - 3); };
  auto hosts = Rules::array({std::string(host_of(o.upload_url))});
  for (const std::string& url : {o.api_url, o.accounts_url})
    if (const std::string_view host = host_of(url); host.starts_with("www.zoho") || host.starts_with("accounts.zoho")) hosts.push_back("*" + std::string(host.substr(host.find('.'))));
  out["hosts"] = std::move(hosts);
  out["success"] = {{"status", {200, 201, 202, 204, 207, 304}}};
  out["code"] = Rules::array({"/code"}), out["message"] = Rules::array({"/message"});
  out["verdicts"] = verdicts();
  out["budgets"] = Rules::array({{{"name", "credits"}, {"credits", s.integer("credits")}, {"per_s", 86400}, {"reserve", std::to_string(s.integer("reserve")) + "%"},
                                  {"left", {{"header", "x-api-credits-remaining"}, {"pattern", "(\\d+)"}}}},
                                 {{"name", "calls at once"}, {"concurrent", s.integer("concurrent")}},
                                 {{"name", "heavy calls at once"}, {"concurrent", s.integer("concurrent_heavy")}, {"endpoint", Rules::array({"coql", "write"})}}});
  return out.dump(-1, ' ', false, Rules::error_handler_t::replace);
}

}  // namespace

std::string Options::place() const {
  std::string_view host = api_url;
  if (const std::size_t at = host.find("://"); at != std::string_view::npos) host.remove_prefix(at + 3);
  return std::string(host.substr(0, host.find('/')));
}

double query_credits(std::size_t rows) { return rows <= 200 ? 1 : rows <= 1000 ? 2 : 3; }

Result<Options> read_options(const sdk::Settings& s) {
  Options out;
  const auto* dc = std::ranges::find(kDataCentres, s.text("dc"), &DataCentre::name);
  if (dc == std::end(kDataCentres)) return wrong_setting("dc", s.text("dc"), "us, eu, in, au, jp, cn, ca, sa");
  if (s.text("access_token").empty())
    for (const char* needed : {"client_id", "client_secret", "refresh_token"})
      if (s.text(needed).empty()) return sdk::fail(3702, ErrorKind::bad_config, {{"setting", needed}});
  GW_ASSIGN(out.accounts_url, read_url(s, "accounts_url", dc->accounts));
  GW_ASSIGN(out.api_url, read_url(s, "api_url", dc->api));
  out.version = s.text("version");
  if (out.version.size() < 2 || out.version.size() > 5 || out.version[0] != 'v' || out.version.find_first_not_of("0123456789.", 1) != std::string::npos)
    return wrong_setting("version", out.version, "v8, v7, v6 ...");
  // https://content.zohoapis.eu beside https://www.zohoapis.eu.
  std::string content(s.text("api_url").empty() ? dc->api : s.text("api_url"));
  if (const std::size_t www = content.find("://www."); s.text("api_url").empty() && www != std::string::npos) content.replace(www + 3, 3, "content");
  GW_ASSIGN(const std::string content_url, read_url(s, "content_url", content));
  out.upload_url = content_url + "/crm/" + out.version + "/upload";
  GW_ASSIGN(out.trigger, read_triggers(s.text("triggers")));
  out.runs_workflows = out.trigger.empty() || out.trigger.find("workflow") != std::string::npos;
  out.related_module = s.text("related_module");
  if (!s.text("changed_since").empty()) {
    const auto moment = rest::parse_moment(s.text("changed_since"));
    constexpr std::int64_t kOverlap_us = 120'000'000;  // the clocks differ, and times have no fraction
    const auto text = moment && moment->has_zone ? rest::moment_form_text((moment->us - kOverlap_us) / 1'000'000 * 1'000'000, 0, "+00:00") : std::nullopt;
    if (!text) return wrong_setting("changed_since", s.text("changed_since"), "2026-01-31T00:00:00Z");
    out.changed_since = *text;
  }
  out.clears_blanks = s.text("blanks") == "clear";
  out.page_rows = static_cast<std::size_t>(s.integer("page_rows")), out.batch_rows = static_cast<std::size_t>(s.integer("batch_rows"));
  out.window = static_cast<std::size_t>(s.integer("concurrent")) * 2;  // as many again are ready when one ends
  out.bulk_from = static_cast<std::size_t>(s.integer("bulk_from")), out.bulk_rows = static_cast<std::size_t>(s.integer("bulk_rows"));
  out.bulk_read_from = s.integer("bulk_read_from");
  out.bulk_poll_ms = static_cast<int>(s.integer("bulk_poll_ms")), out.bulk_poll_most_ms = static_cast<int>(s.integer("bulk_poll_most_ms"));
  out.bulk_patience_min = static_cast<int>(s.integer("bulk_patience"));
  out.rows_per_credit = s.integer("rows_per_credit"), out.credits = s.integer("credits") * (100 - s.integer("reserve")) / 100;
  out.lock_retries = static_cast<int>(s.integer("lock_retries")), out.visible_after_ms = s.integer("visible_after_ms");
  out.rules = client_rules(s, out);
  return out;
}

}  // namespace godwit::zoho
