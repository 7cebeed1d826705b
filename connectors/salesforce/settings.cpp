#include "connectors/salesforce/settings.hpp"

#include <nlohmann/json.hpp>

#include "plugins/kits/rest/address.hpp"
#include "plugins/kits/rest/times.hpp"

namespace godwit::salesforce {
namespace {

using Rules = nlohmann::ordered_json;

Failure missing(std::string_view setting, std::string_view flow) {
  return sdk::fail(3501, ErrorKind::bad_config, {{"setting", std::string(setting)}, {"seen", std::string(flow)}});
}

Failure wrong(std::string_view setting, std::string_view seen, std::string_view expected) {
  return sdk::fail(3502, ErrorKind::bad_config, {{"setting", std::string(setting)}, {"seen", std::string(seen)}, {"expected", std::string(expected)}});
}

bool is_login_host(std::string_view url) { return url == "https://login.salesforce.com" || url == "https://test.salesforce.com"; }

// The form of the token call, or what it lacks.
Result<Rules> sign_in_rules(const sdk::Settings& s, const std::string& url) {
  const std::string flow(s.text("sign_in"));
  Rules form = Rules::object(), out{{"method", "POST"}, {"url", url + "/services/oauth2/token"}};
  const auto need = [&](const char* setting) -> Result<> {
    if (s.text(setting).empty()) return missing(setting, flow);
    return {};
  };
  const auto give = [&](const char* setting, const char* name) {
    if (!s.text(setting).empty()) form[name] = std::string(s.text(setting));
  };
  if (flow == "client_credentials") {
    GW_TRY(need("client_id"));
    GW_TRY(need("client_secret"));
    form["grant_type"] = "client_credentials";
    give("client_id", "client_id"), give("client_secret", "client_secret");
  } else if (flow == "refresh_token") {
    GW_TRY(need("client_id"));
    GW_TRY(need("refresh_token"));
    form["grant_type"] = "refresh_token";
    give("refresh_token", "refresh_token"), give("client_id", "client_id"), give("client_secret", "client_secret");
  } else if (flow == "code") {
    GW_TRY(need("client_id"));
    GW_TRY(need("code"));
    GW_TRY(need("redirect_uri"));
    form["grant_type"] = "authorization_code";
    give("code", "code"), give("client_id", "client_id"), give("client_secret", "client_secret");
    give("redirect_uri", "redirect_uri"), give("code_verifier", "code_verifier");
  } else {
    GW_TRY(need("client_id"));
    GW_TRY(need("username"));
    GW_TRY(need("key"));
    form["grant_type"] = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    std::string audience(s.text("audience"));
    if (audience.empty()) audience = is_login_host(url) ? url : "https://login.salesforce.com";
    out["jwt"] = {{"alg", "RS256"}, {"key", s.path("key").string()}, {"valid_s", 180}, {"as", "assertion"},
                  {"claims", {{"iss", std::string(s.text("client_id"))}, {"sub", std::string(s.text("username"))}, {"aud", audience}}}};
  }
  out["form"] = std::move(form);
  // "identity": .../id/<org>/<user>, which tells the org without a call of its own.
  out["take"] = {{"access_token", "/access_token"}, {"base", "/instance_url"}, {"identity", "/id"}};
  out["success"] = {{"status", {200}}, {"present", "/access_token"}};
  out["code"] = {"/error"}, out["message"] = {"/error_description"};
  return out;
}

// What Salesforce's answers mean.
Rules verdicts() {
  return Rules::array({
      {{"status", {401}}, {"is", "expired"}},
      // Too many long calls at once is the same code as the daily limit, and passes by itself.
      {{"status", {403, 503}}, {"json", "/0/errorCode"}, {"in", {"REQUEST_LIMIT_EXCEEDED"}}, {"text", "ConcurrentPerOrgLongTxn"}, {"is", "rate"}},
      {{"status", {403}}, {"json", "/0/errorCode"}, {"in", {"REQUEST_LIMIT_EXCEEDED"}}, {"is", "quota"}},
      {{"status", {429}}, {"is", "rate"}, {"wait_header", "retry-after"}},
      {{"json", "/0/errorCode"}, {"in", {"UNABLE_TO_LOCK_ROW", "QUERY_TIMEOUT"}}, {"is", "not_done"}},
      {{"status", {500, 502, 503, 504}}, {"is", "busy"}},
      // A page where JSON was expected comes from a gateway or a maintenance notice: the call may have passed it.
      {{"html", true}, {"is", "busy"}},
      {{"status", {300, 304}}, {"is", "ok"}},
  });
}

Result<std::string> client_rules(const sdk::Settings& s, const std::string& url) {
  Rules headers{{"Authorization", "Bearer {{access_token}}"}, {"Accept", "application/json"}};
  if (s.text("duplicate_rules") == "save") headers["Sforce-Duplicate-Rule-Header"] = "allowSave=true; includeRecordDetails=false; runAsCurrentUser=true";
  if (!s.boolean("assignment_rules")) headers["Sforce-Auto-Assign"] = "FALSE";
  Rules out{{"base", url}, {"name", "salesforce"}, {"headers", headers}, {"timeout_s", s.integer("timeout")}};
  if (s.text("sign_in") == "token") {
    if (s.text("access_token").empty()) return missing("access_token", "token");
    out["session"] = {{"access_token", std::string(s.text("access_token"))}};
  } else {
    GW_ASSIGN(out["sign_in"], sign_in_rules(s, url));
  }
  rest::add_network(s, &out);
  out["code"] = {"/0/errorCode", "/errorCode", "/error"}, out["message"] = {"/0/message", "/message", "/error_description"};
  out["verdicts"] = verdicts();
  // The first answer tells the org's own figure. Until then nothing holds calls back: what this machine has sent since yesterday may be more than a small org
  // allows and little to this one. An org that tells nothing says when its calls are used up.
  const std::int64_t daily = s.integer("daily_calls");
  out["budgets"] = Rules::array({
      {{"name", "daily calls"}, {"calls", daily > 0 ? daily : 1'000'000'000}, {"per_s", 86400}, {"reserve", std::to_string(s.integer("reserve")) + "%"},
       {"used", {{"header", "sforce-limit-info"}, {"pattern", daily > 0 ? "api-usage=(\\d+)/" : "api-usage=(\\d+)/(\\d+)"}}}},
      {{"name", "calls at once"}, {"concurrent", s.integer("concurrent")}},
  });
  return out.dump(-1, ' ', false, Rules::error_handler_t::replace);
}

}  // namespace

std::string Options::place() const { return rest::host_of(url); }

Result<Options> read_options(const sdk::Settings& s) {
  Options out;
  out.url = s.text("url");
  while (out.url.ends_with('/')) out.url.pop_back();
  if (!out.url.starts_with("https://") && !out.url.starts_with("http://")) return wrong("url", out.url, "https://...");
  out.version = s.text("version");
  const std::size_t point = out.version.find('.');
  const std::string_view digits = "0123456789";
  if (point == std::string::npos || point == 0 || point > 3 || out.version.find_first_not_of(std::string(digits) + ".") != std::string::npos ||
      out.version.substr(point) != ".0" || std::stoi(out.version) < 46)
    return wrong("version", out.version, "46.0, 47.0 ...");
  out.filter = s.text("filter"), out.null_marker = s.text("null_marker");
  if (!s.text("changed_since").empty()) {
    const auto moment = rest::parse_moment(s.text("changed_since"));
    const auto text = moment && moment->has_zone ? rest::moment_form_text(moment->us / 1000000 * 1000000, 0, "Z") : std::nullopt;
    if (!text) return wrong("changed_since", s.text("changed_since"), "2026-01-31T00:00:00Z");
    out.changed_since = *text;
  }
  out.deleted = s.text("deleted") == "include" ? Options::Deleted::include : s.text("deleted") == "only" ? Options::Deleted::only : Options::Deleted::exclude;
  const auto size = [&](const char* name) { return static_cast<std::size_t>(s.integer(name)); };
  out.page_rows = size("page_rows"), out.batch_rows = size("batch_rows"), out.bulk_from = size("bulk_from"), out.bulk_bytes = size("bulk_bytes");
  out.uri_bytes = size("uri_bytes"), out.bulk_query_from = s.integer("bulk_query_from");
  out.concurrent = s.integer("concurrent"), out.window = size("concurrent") * 2;  // as many again are ready when one ends
  out.daily_calls = s.integer("daily_calls"), out.reserve = static_cast<int>(s.integer("reserve"));
  out.plan_call_ms = static_cast<int>(s.integer("plan_call_ms")), out.plan_bulk_rows = s.integer("plan_bulk_rows");
  out.poll_ms = static_cast<int>(s.integer("bulk_poll_ms")), out.poll_most_ms = static_cast<int>(s.integer("bulk_poll_most_ms"));
  out.patience_min = static_cast<int>(s.integer("bulk_patience")), out.lock_retries = static_cast<int>(s.integer("lock_retries"));
  out.follows_cascades = s.text("cascades") == "follow";
  out.signs_in = s.text("sign_in") != "token";
  out.form.numbers = rest::ValueForm::Numbers::as_double;
  out.form.moments = rest::MomentForm::iso_z, out.form.time_suffix = "Z";
  out.form.fraction_digits = static_cast<int>(s.integer("second_digits"));
  out.form.blanks = s.text("blanks") == "trim" ? rest::ValueForm::Blanks::trim : rest::ValueForm::Blanks::refuse;
  GW_ASSIGN(out.rules, client_rules(s, out.url));
  return out;
}

}  // namespace godwit::salesforce
