// Signing in (contract, section 2).
#include <Poco/Crypto/CryptoException.h>
#include <Poco/Crypto/RSADigestEngine.h>
#include <Poco/Crypto/RSAKey.h>
#include <Poco/Crypto/X509Certificate.h>
#include <Poco/SHA2Engine.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "connectors/salesforce/sandbox/org.hpp"
#include "plugins/kits/sandbox/codec.hpp"

namespace godwit::sandbox::salesforce {
namespace {

Answer oauth_error(const std::string& error, const std::string& description, int status = 400) { return json_answer(status, {{"error", error}, {"error_description", description}}); }

std::string sha256(const std::string& bytes) {
  Poco::SHA2Engine engine(Poco::SHA2Engine::SHA_256);
  engine.update(bytes.data(), bytes.size());
  const auto& digest = engine.digest();
  return {digest.begin(), digest.end()};
}

std::string field(const Pairs& form, std::string_view name) {
  const std::string* found = find_pair(form, name);
  return found == nullptr ? "" : *found;
}

class SignIn {
 public:
  SignIn(Org& org, Request& request) : org_(org), request_(request), form_(request.form()) {
    for (const auto& pair : request.query) form_.push_back(pair);
  }

  Answer token() {
    const std::string grant = field(form_, "grant_type");
    if (grant == "urn:ietf:params:oauth:grant-type:jwt-bearer") return jwt();
    if (grant != "client_credentials" && grant != "refresh_token" && grant != "authorization_code") return oauth_error("unsupported_grant_type", "grant type not supported");
    if (std::optional<Answer> refused = client()) return std::move(*refused);
    if (grant == "client_credentials") return granted(org_.admin_id, false, {{"token_format", "opaque"}});
    if (grant == "refresh_token") return refresh();
    return code();
  }

 private:
  // nullopt: it is the app.
  std::optional<Answer> client() const {
    std::string id = field(form_, "client_id"), secret = field(form_, "client_secret");
    const std::string_view header = request_.header("Authorization");
    if (id.empty() && header.starts_with("Basic ") && org_.on("basic_client_auth")) {
      const std::string pair = unbase64(header.substr(6)).value_or("");
      id = percent_decode(pair.substr(0, pair.find(':')), false);
      secret = pair.find(':') == std::string::npos ? "" : percent_decode(pair.substr(pair.find(':') + 1), false);
    }
    if (id != org_.setting("client_id")) return oauth_error("invalid_client_id", "client identifier invalid");
    const bool secret_needed = field(form_, "code_verifier").empty();
    if ((secret_needed || !secret.empty()) && secret != org_.setting("client_secret")) return oauth_error("invalid_client", "invalid client credentials");
    return std::nullopt;
  }

  // Who was deactivated since gets no token.
  Answer granted(const std::string& user_id, bool with_refresh, const Json& more = Json::object()) {
    if (to_int(org_.database().value("select IsActive from User where Id = ?", {user_id})) == 0) return oauth_error("inactive_user", "user is inactive");
    const std::string token = org_.organization_id.substr(0, 15) + "!AQ" + org_.world().secret(80);
    org_.database().run("insert into sandbox_session(token, user_id, used_ms) values(?, ?, ?)", {token, user_id, request_.now_ms});
    const std::string id = request_.base_url + "/id/" + org_.organization_id + "/" + user_id, issued = std::to_string(request_.now_ms);
    Json out{{"access_token", token}, {"signature", base64(sha256(id + issued + org_.setting("client_secret")))}, {"scope", with_refresh ? "api refresh_token" : "api"}, {"instance_url", request_.base_url}, {"id", id},
             {"token_type", "Bearer"}, {"issued_at", issued}};
    if (with_refresh) {
      const std::string refresh_token = "5Aep861" + org_.world().secret(60);
      org_.database().run("insert into sandbox_refresh(token, user_id) values(?, ?)", {refresh_token, user_id});
      out["refresh_token"] = refresh_token;
    }
    out.update(more);
    Answer answer = json_answer(200, out);
    answer.headers.emplace_back("Cache-Control", "no-cache, no-store");
    return answer;
  }

  Answer refresh() {
    const std::string token = field(form_, "refresh_token");
    if (token == org_.setting("refresh_token") && org_.database().fact("refresh_revoked") != token) return granted(org_.admin_id, false);
    const Value user = org_.database().value("select user_id from sandbox_refresh where token = ?", {token});
    if (is_null(user)) return oauth_error("invalid_grant", "expired access/refresh token");
    return granted(to_text(user), false);
  }

  Answer code() {
    const std::string code = field(form_, "code");
    const std::optional<Row> row = org_.database().row("select user_id, redirect_uri, challenge, made_ms from sandbox_code where code = ?", {code});
    org_.database().run("delete from sandbox_code where code = ?", {code});  // a code is good once
    if (!row || to_int((*row)[3]) + 15 * 60'000 < request_.now_ms) return oauth_error("invalid_grant", "expired authorization code");
    if (to_text((*row)[1]) != field(form_, "redirect_uri")) return oauth_error("redirect_uri_mismatch", "redirect_uri must match configuration");
    const std::string challenge = to_text((*row)[2]), verifier = field(form_, "code_verifier");
    if (!challenge.empty() && base64_url(sha256(verifier)) != challenge) return oauth_error("invalid_grant", "invalid code verifier");
    return granted(to_text((*row)[0]), true);
  }

  Answer jwt() {
    const std::string assertion = field(form_, "assertion");
    const std::size_t first = assertion.find('.'), second = assertion.rfind('.');
    if (first == std::string::npos || first == second) return oauth_error("invalid_grant", "invalid assertion");
    const std::string header = unbase64(std::string_view(assertion).substr(0, first)).value_or(""), claims = unbase64(std::string_view(assertion).substr(first + 1, second - first - 1)).value_or("");
    const Json head = Json::parse(header, nullptr, false), body = Json::parse(claims, nullptr, false);
    if (!head.is_object() || !body.is_object() || word(head, "alg") != "RS256") return oauth_error("invalid_grant", "invalid assertion");
    if (word(body, "iss") != org_.setting("client_id")) return oauth_error("invalid_client_id", "client identifier invalid");
    if (!signature_fits(assertion.substr(0, second), unbase64(std::string_view(assertion).substr(second + 1)).value_or(""))) return oauth_error("invalid_grant", "invalid assertion");
    const std::string audience = word(body, "aud");
    if (audience != "https://login.salesforce.com" && audience != "https://test.salesforce.com" && audience != request_.base_url) return oauth_error("invalid_grant", "audience is invalid");
    const auto expires = body.find("exp");
    const std::int64_t now = request_.now_ms / 1000;
    if (expires == body.end() || !expires->is_number() || expires->get<std::int64_t>() < now) return oauth_error("invalid_grant", "assertion has expired");
    if (expires->get<std::int64_t>() > now + org_.number("jwt_minutes") * 60 + 5) return oauth_error("invalid_grant", "assertion expires too far in the future");
    const Value user = org_.database().value("select Id from User where Username = ? collate nocase and Username is not null", {word(body, "sub")});
    if (is_null(user)) return oauth_error("invalid_grant", "user hasn't approved this consumer");
    return granted(to_text(user), false);
  }

  bool signature_fits(const std::string& signed_part, const std::string& signature) const {
    const std::string& file = org_.setting("jwt_certificate");
    if (file.empty()) return false;
    try {
      std::ifstream in(file);
      std::ostringstream text;
      text << in.rdbuf();
      std::istringstream pem(text.str());
      const bool certificate = text.str().find("BEGIN CERTIFICATE") != std::string::npos;
      const Poco::Crypto::RSAKey key = certificate ? Poco::Crypto::RSAKey(Poco::Crypto::X509Certificate(pem)) : Poco::Crypto::RSAKey(&pem);
      Poco::Crypto::RSADigestEngine engine(key, "SHA256");
      engine.update(signed_part.data(), signed_part.size());
      return engine.verify({signature.begin(), signature.end()});
    } catch (const Poco::Exception& e) {
      std::fprintf(stderr, "%s: %s\n", file.c_str(), e.displayText().c_str());
      return false;
    }
  }

  Org& org_;
  Request& request_;
  Pairs form_;
};

// A browser would ask the user; here he has always said yes.
Answer authorize(Org& org, Request& request) {
  const std::string redirect = request.query_value("redirect_uri").value_or("");
  if (request.query_value("client_id") != org.setting("client_id") || redirect.empty() || request.query_value("response_type") != "code")
    return oauth_error("invalid_client_id", "client identifier invalid");
  const std::string code = "aPrx" + org.world().secret(60);
  org.database().run("insert into sandbox_code(code, user_id, redirect_uri, challenge, made_ms) values(?, ?, ?, ?, ?)",
                     {code, org.admin_id, redirect, request.query_value("code_challenge").value_or(""), request.now_ms});
  Answer answer{.status = 302, .content_type = ""};
  std::string location = redirect + (redirect.find('?') == std::string::npos ? "?" : "&") + "code=" + code;
  if (const auto state = request.query_value("state")) location += "&state=" + *state;
  answer.headers.emplace_back("Location", location);
  return answer;
}

Answer revoke(Org& org, Request& request) {
  std::string token = field(request.form(), "token");
  if (token.empty()) token = request.query_value("token").value_or("");
  org.database().run("delete from sandbox_session where token = ?", {token});
  org.database().run("delete from sandbox_refresh where token = ?", {token});
  if (token == org.setting("refresh_token")) org.database().set_fact("refresh_revoked", token);
  return {.status = 200, .content_type = ""};
}

Answer identity(Org& org, Request& request) {
  const std::optional<std::string> user = session_user(org, request);
  if (!user) return {.status = 403, .body = "Bad_OAuth_Token", .content_type = "text/html; charset=UTF-8"};
  const std::optional<Row> row = org.database().row("select Username, Email, Name, IsActive from User where Id = ?", {*user});
  const std::string root = request.base_url + "/services/data/v{version}/";
  return json_answer(200, {{"id", request.base_url + "/id/" + org.organization_id + "/" + *user}, {"user_id", *user}, {"organization_id", org.organization_id}, {"username", to_text((*row)[0])}, {"email", to_text((*row)[1])},
                           {"display_name", to_text((*row)[2])}, {"active", to_int((*row)[3]) != 0}, {"user_type", "STANDARD"},
                           {"urls", {{"rest", root}, {"sobjects", root + "sobjects/"}, {"query", root + "query/"}}}});
}

}  // namespace

std::optional<std::string> session_user(Org& org, const Request& request) {
  std::string_view header = request.header("Authorization");
  for (const std::string_view scheme : {"Bearer ", "OAuth "})
    if (header.starts_with(scheme)) header.remove_prefix(scheme.size());
  const std::string token(header);
  if (request.token_expired) org.database().run("delete from sandbox_session where token = ?", {token});
  const std::optional<Row> row = org.database().row("select user_id, used_ms from sandbox_session where token = ?", {token});
  if (!row || to_int((*row)[1]) + org.number("session_minutes") * 60'000 < request.now_ms) return std::nullopt;
  // The clock of idleness starts anew; not at each call, which would cost a write.
  if (to_int((*row)[1]) + 10'000 < request.now_ms) org.database().run("update sandbox_session set used_ms = ? where token = ?", {request.now_ms, token});
  return to_text((*row)[0]);
}

void add_oauth(Org& org) {
  org.database().script("create table if not exists sandbox_session(token text primary key, user_id text, used_ms integer);"
                        "create table if not exists sandbox_refresh(token text primary key, user_id text);"
                        "create table if not exists sandbox_code(code text primary key, user_id text, redirect_uri text, challenge text, made_ms integer)");
  Router& router = org.world().router;
  router.on("POST", "/services/oauth2/token", [&org](Request& request) { return SignIn(org, request).token(); });
  router.on("GET", "/services/oauth2/authorize", [&org](Request& request) { return authorize(org, request); });
  router.on("POST", "/services/oauth2/revoke", [&org](Request& request) { return revoke(org, request); });
  router.on("GET", "/services/oauth2/userinfo", [&org](Request& request) { return identity(org, request); });
  router.on("GET", "/id/{organization}/{user}", [&org](Request& request) { return identity(org, request); });
}

}  // namespace godwit::sandbox::salesforce
