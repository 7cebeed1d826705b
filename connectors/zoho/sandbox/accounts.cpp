#include "connectors/zoho/sandbox/accounts.hpp"

#include <nlohmann/json.hpp>
#include <sstream>

namespace godwit::sandbox::zoho {
namespace {

constexpr std::int64_t kAccessLifeMs = 3'600'000;
constexpr std::int64_t kCodeLifeMs = 120'000;
constexpr std::int64_t kForEver = 4'000'000'000'000;
constexpr int kLiveAccessTokens = 30;   // of one refresh token; one more ends the oldest
constexpr int kLiveRefreshTokens = 20;  // of one user

// "ZohoCRM.modules.ALL" covers modules.Leads.READ; "ZohoCRM.modules.leads.READ" too.
bool covers(const std::string& scopes, const std::string& wanted) {
  std::vector<std::string> want;
  std::istringstream parts(wanted);
  for (std::string part; std::getline(parts, part, '.');) want.push_back(part);
  std::istringstream list(scopes);
  for (std::string scope; list >> scope;) {
    if (!scope.empty() && scope.back() == ',') scope.pop_back();
    std::vector<std::string> have;
    std::istringstream pieces(scope);
    for (std::string piece; std::getline(pieces, piece, '.');) have.push_back(piece);
    if (have.size() < 3 || (!same_word(have[0], "ZohoCRM") && !same_word(have[0], "ZohoFiles")) || !same_word(have[1], want[0])) continue;
    // ZohoCRM.modules.ALL, ZohoCRM.modules.Leads.ALL, ZohoCRM.modules.Leads.READ, ZohoCRM.settings.recycle_bin.ALL
    bool fits = true;
    for (std::size_t i = 2; i < have.size() && fits; ++i)
      fits = same_word(have[i], "ALL") || (i - 1 < want.size() && same_word(have[i], want[i - 1]));
    if (fits) return true;
  }
  return false;
}

std::string value_of(const Request& request, const char* name) {
  if (const auto value = request.query_value(name)) return *value;
  const Pairs form = request.form();
  const std::string* value = find_pair(form, name);
  return value == nullptr ? std::string() : *value;
}

}  // namespace

Accounts::Accounts(World& world) : world_(world), access_calls_({10, 600'000, true}), refresh_calls_({5, 60'000, true}) {
  world_.database.script("create table if not exists sandbox_token(token text primary key, kind text, parent text, user text, from_ms integer, until_ms integer) without rowid;"
                         "create index if not exists sandbox_token_parent on sandbox_token(kind, parent);");
  world_.database.run("insert or ignore into sandbox_token values (?, 'refresh', ?, ?, ?, ?)",
                      {world_.setting("refresh_token"), std::string(kFirstUser), std::string(kFirstUser), world_.clock.now_ms(), kForEver});
}

Answer Accounts::error(const char* word, const char* text) const {
  Json body = {{"error", word}};
  if (*text != '\0') body["error_description"] = text;
  const int status = world_.setting("token_error_status") == "200" ? 200 : 400;
  return json_answer(status, body);
}

std::string Accounts::add(const char* kind, const std::string& parent, const std::string& user, std::int64_t now_ms, std::int64_t life_ms) {
  const std::string token = "1000." + world_.secret(32) + "." + world_.secret(32);
  world_.database.run("insert into sandbox_token values (?, ?, ?, ?, ?, ?)", {token, std::string(kind), parent, user, now_ms, now_ms + life_ms});
  return token;
}

void Accounts::keep_newest(const char* kind, const char* column, const std::string& of, int most, std::int64_t now_ms) {
  world_.database.run(std::string("delete from sandbox_token where token in (select token from sandbox_token where kind = ? and ") + column +
                          " = ? and until_ms > ? order by from_ms desc, token limit -1 offset ?)",
                      {std::string(kind), of, now_ms, static_cast<std::int64_t>(most)});
}

Answer Accounts::token(const Request& request) {
  const std::string grant = value_of(request, "grant_type");
  if (value_of(request, "client_id") != world_.setting("client_id")) return error("invalid_client", "");
  if (value_of(request, "client_secret") != world_.setting("client_secret")) return error("invalid_client_secret", "");
  if (grant == "refresh_token") {
    const std::string refresh = value_of(request, "refresh_token");
    if (!world_.database.row("select 1 from sandbox_token where token = ? and kind = 'refresh' and until_ms > ?", {refresh, request.now_ms})) return error("invalid_code", "");
    return access_answer(request, refresh, false);
  }
  if (grant != "authorization_code") return error("unsupported_grant_type", "");
  const std::string code = value_of(request, "code");
  const auto row = world_.database.row("select user from sandbox_token where token = ? and kind = 'code' and until_ms > ?", {code, request.now_ms});
  if (!row) return error("invalid_code", "");
  if (refresh_calls_.take("refresh", request.now_ms) > 0) return error("access_denied", "You have made too many requests continuously. Please try again after some time.");
  world_.database.run("delete from sandbox_token where token = ?", {code});
  const std::string user = to_text((*row)[0]);
  const std::string refresh = add("refresh", user, user, request.now_ms, kForEver);
  keep_newest("refresh", "user", user, kLiveRefreshTokens, request.now_ms);
  return access_answer(request, refresh, true);
}

Answer Accounts::access_answer(const Request& request, const std::string& refresh, bool with_refresh) {
  if (access_calls_.take(refresh, request.now_ms) > 0) return error("access_denied", "You have made too many requests continuously. Please try again after some time.");
  const std::string user = to_text(world_.database.value("select user from sandbox_token where token = ?", {refresh}));
  Json body = {{"access_token", add("access", refresh, user, request.now_ms, kAccessLifeMs)}};
  keep_newest("access", "parent", refresh, kLiveAccessTokens, request.now_ms);
  if (with_refresh) body["refresh_token"] = refresh;
  const std::string& domain = world_.setting("api_domain");
  body["scope"] = world_.setting("scope");
  body["api_domain"] = domain.empty() ? request.base_url : domain;
  body["token_type"] = "Bearer";
  body["expires_in"] = kAccessLifeMs / 1000;
  return json_answer(200, body);
}

Answer Accounts::authorize(const Request& request) {
  const std::string back = request.query_value("redirect_uri").value_or("");
  if (request.query_value("client_id").value_or("") != world_.setting("client_id")) return error("invalid_client", "");
  if (request.query_value("response_type").value_or("") != "code" || back.empty()) return error("invalid_response_type", "");
  Answer answer = empty_answer(302);
  answer.headers.emplace_back("Location", back + (back.find('?') == std::string::npos ? "?" : "&") + "code=" + add("code", "", kFirstUser, request.now_ms, kCodeLifeMs) +
                                              "&location=" + world_.setting("location") + "&accounts-server=" + request.base_url);
  return answer;
}

std::string Accounts::user(const Request& request, const std::string& scope) {
  const std::string_view header = request.header("authorization");
  if (header.empty()) refuse_call(401, "AUTHENTICATION_FAILURE", "Authentication failed");
  constexpr std::string_view kWord = "Zoho-oauthtoken ";
  const std::string token(header.starts_with(kWord) ? header.substr(kWord.size()) : "");
  // A refused call is rolled back, so a token that a fault ends is noted beside the data file.
  if (request.token_expired) ended_.insert(token);
  const auto row = world_.database.row("select user from sandbox_token where token = ? and kind = 'access' and until_ms > ?", {token, request.now_ms});
  if (!row || ended_.contains(token)) refuse_call(401, "INVALID_TOKEN", "invalid oauth token");
  if (!covers(world_.setting("scope"), scope)) refuse_call(401, "OAUTH_SCOPE_MISMATCH", "invalid oauth scope to access this URL");
  return to_text((*row)[0]);
}

}  // namespace godwit::sandbox::zoho
