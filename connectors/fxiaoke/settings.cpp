#include "connectors/fxiaoke/settings.hpp"

#include <nlohmann/json.hpp>

#include "plugins/kits/rest/address.hpp"
#include "plugins/kits/rest/times.hpp"

namespace godwit::fxiaoke {
namespace {

using Rules = nlohmann::ordered_json;

Failure wrong(std::string_view setting, std::string_view seen, std::string_view expected) {
  return sdk::fail(3601, ErrorKind::bad_config, {{"setting", std::string(setting)}, {"seen", std::string(seen)}, {"expected", std::string(expected)}});
}

// "+08:00" in seconds.
std::optional<std::int64_t> parse_offset(std::string_view text) {
  const auto moment = text.size() == 6 ? rest::parse_moment("1970-01-01T00:00:00" + std::string(text)) : std::nullopt;
  if (!moment || !moment->has_zone) return std::nullopt;
  return -moment->us / 1000000;
}

// The older generation keeps its token in every body, and people as FSUID_...; who the calls run as is asked for once by mobile number.
Rules legacy_rules(const sdk::Settings& s, const std::string& url) {
  Rules sign_in{{"method", "POST"},
               {"url", url + "/cgi/corpAccessToken/get/V2"},
               {"json", {{"appId", std::string(s.text("app_id"))}, {"appSecret", std::string(s.text("app_secret"))}, {"permanentCode", std::string(s.text("permanent_code"))}}},
               {"take", {{"corpAccessToken", "/corpAccessToken"}, {"corpId", "/corpId"}, {"lifetime_s", "/expiresIn"}}},
               {"success", {{"json", "/errorCode"}, {"in", {"0"}}}}};
  Rules out{{"body", {{"corpAccessToken", "{{corpAccessToken}}"}, {"corpId", "{{corpId}}"}, {"currentOpenUserId", "{{user}}"}}}};
  if (!s.text("user").empty()) {
    out["session"] = {{"user", std::string(s.text("user"))}};
  } else {
    sign_in["then"] = Rules::array({{{"method", "POST"},
                                    {"url", url + "/cgi/user/getByMobile"},
                                    {"json", {{"corpAccessToken", "{{corpAccessToken}}"}, {"corpId", "{{corpId}}"}, {"mobile", std::string(s.text("mobile"))}}},
                                    {"take", {{"user", "/empList/0/openUserId"}}}}});
  }
  out["sign_in"] = std::move(sign_in);
  return out;
}

Rules oauth_rules(const sdk::Settings& s, const std::string& url) {
  return {{"headers", {{"authorization", "Bearer {{accessToken}}"}, {"x-fs-ea", "{{ea}}"}, {"x-fs-userid", std::string(s.text("user"))}}},
          {"query", {{"thirdTraceId", "{{@uuid}}"}}},
          {"sign_in",
           {{"method", "POST"},
            {"url", url + "/oauth2.0/token?thirdTraceId={{@uuid}}"},
            {"json", {{"appId", std::string(s.text("app_id"))}, {"appSecret", std::string(s.text("app_secret"))}, {"permanentCode", std::string(s.text("permanent_code"))}, {"grantType", "app_secret"}}},
            {"take", {{"accessToken", "/accessToken"}, {"ea", "/ea"}, {"lifetime_s", "/expiresIn"}}},
            {"success", {{"json", "/errorCode"}, {"in", {"0"}}}}}}};
}

// What the answers mean: always HTTP 200, so the code in the body decides. Where the platform cannot say whether it did the work (-1, -2,
// 50009), the records are asked.
Rules verdicts() {
  const auto code = [](Rules codes, const char* is) { return Rules{{"json", "/errorCode"}, {"in", std::move(codes)}, {"is", is}}; };
  Rules rate = code({"14001", "30004"}, "rate");
  rate["wait_s"] = 20;
  return Rules::array({code({"20016"}, "expired"), rate, code({"30002"}, "quota"), code({"-1", "-2", "50009"}, "busy"),
                      code({"10006", "15003", "20005", "20014", "20015", "20017", "20020", "20021", "20022", "20023", "30003"}, "denied"),
                      {{"status", {429}}, {"is", "rate"}, {"wait_header", "retry-after"}}, {{"status", {500, 502, 503, 504}}, {"is", "busy"}}});
}

std::string client_rules(const sdk::Settings& s, const Options& o) {
  const bool legacy = s.text("generation") == "legacy";
  Rules out = legacy ? legacy_rules(s, o.url) : oauth_rules(s, o.url);
  out["base"] = o.url, out["name"] = "fxiaoke", out["timeout_s"] = s.integer("timeout");
  out["sign_in"]["code"] = "/errorCode", out["sign_in"]["message"] = "/errorMessage";
  // A new token is given out in the last ten minutes of an old one's life; the token interface takes ten calls a minute.
  out["sign_in"]["lifetime_s"] = 7200, out["sign_in"]["early_s"] = 600, out["sign_in"]["calls"] = s.integer("token_calls"), out["sign_in"]["per_s"] = 60;
  out["success"] = {{"status", {200}}, {"json", "/errorCode"}, {"in", {"0"}}};
  out["code"] = Rules::array({"/errorCode"}), out["message"] = Rules::array({"/errorDescription", "/errorMessage"});
  out["verdicts"] = verdicts();
  rest::add_network(s, &out);
  out["budgets"] = Rules::array({{{"name", "calls of the day"}, {"calls", s.integer("daily_calls")}, {"packs", s.integer("packs")}, {"per_day", true}, {"reset", "00:00"},
                                 {"offset", std::string(s.text("offset"))}, {"reserve", std::to_string(s.integer("reserve")) + "%"}},
                                {{"name", "calls at once"}, {"concurrent", s.integer("concurrent")}}});
  out["budgets"].push_back({{"name", "calls of an interface"}, {"calls", s.integer("calls_per_20s")}, {"per_s", 20}, {"endpoint", "*"}});
  return out.dump(-1, ' ', false, Rules::error_handler_t::replace);
}

}  // namespace

std::string Options::place() const { return rest::host_of(url); }

Result<Options> read_options(const sdk::Settings& s) {
  Options out;
  out.url = s.text("url");
  while (out.url.ends_with('/')) out.url.pop_back();
  if (!out.url.starts_with("https://") && !out.url.starts_with("http://")) return wrong("url", out.url, "https://...");
  const bool legacy = s.text("generation") == "legacy";
  if (s.text("user").empty() && (!legacy || s.text("mobile").empty()))
    return sdk::fail(3602, ErrorKind::bad_config, {{"expected", legacy ? "user, mobile" : "user"}});
  const auto offset = parse_offset(s.text("offset"));
  if (!offset) return wrong("offset", s.text("offset"), "+08:00");
  out.offset_s = *offset;
  if (!s.text("changed_since").empty()) {
    const auto moment = rest::parse_moment(s.text("changed_since"));
    if (!moment || !moment->has_zone) return wrong("changed_since", s.text("changed_since"), "2026-01-31T00:00:00Z");
    constexpr std::int64_t kOverlapMs = 120'000;  // records of one bulk job share a millisecond, and appear a little late
    out.changed_since_ms = std::to_string(moment->us / 1000 - kOverlapMs);
  }
  out.approvals = s.boolean("approvals"), out.workflows = s.boolean("workflows"), out.validation_rules = s.boolean("validation_rules");
  out.duplicate_rules = s.boolean("duplicate_rules"), out.fill_owner = s.boolean("fill_owner"), out.keep_history = s.boolean("keep_history");
  out.erases = s.text("deletes") == "erase", out.chooses = s.text("pools") == "choose", out.clears_blanks = s.text("blanks") == "clear";
  out.page_rows = static_cast<std::size_t>(s.integer("page_rows"));
  out.window = static_cast<std::size_t>(s.integer("concurrent")) * 2;  // as many again are ready when one ends
  out.visible_after_ms = s.integer("visible_after_ms");
  out.calls_per_s = static_cast<double>(s.integer("calls_per_20s")) / 20;
  out.daily_calls = s.integer("daily_calls") * s.integer("packs") * (100 - s.integer("reserve")) / 100;
  out.rules = client_rules(s, out);
  return out;
}

}  // namespace godwit::fxiaoke
