#include "connectors/fxiaoke/sandbox/tokens.hpp"

#include <nlohmann/json.hpp>

#include "connectors/fxiaoke/sandbox/rejected.hpp"

namespace godwit::sandbox::fxiaoke {
namespace {

constexpr std::int64_t kLifeMs = 7'200'000;
constexpr std::int64_t kSameTokenMs = 6'600'000;  // asked again until then, the platform gives the same token
constexpr std::int64_t kCodeLifeMs = 300'000;
constexpr std::int64_t kRefreshLifeMs = 60LL * 86'400'000;
constexpr std::string_view kFirstUser = "1000";

std::string text_of(const Json& body, const char* name) {
  const auto found = body.find(name);
  return found != body.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

void check_trace_id(const Request& request) {
  const std::string id = request.query_value("thirdTraceId").value_or("");
  bool good = id.size() == 36;
  for (std::size_t i = 0; good && i < id.size(); ++i)
    good = i == 8 || i == 13 || i == 18 || i == 23 ? id[i] == '-' : std::isxdigit(static_cast<unsigned char>(id[i])) != 0;
  if (!good) throw Rejected{kParameterError, "参数错误: thirdTraceId 应为uuid4"};
}

void Tokens::take_call(std::int64_t now_ms) {
  if (calls_.take(credentials_.app_id, now_ms) > 0) throw Rejected{credentials_.error_rate, "获取token过于频繁, 每分钟不超过10次"};
}

void Tokens::check_app(const Json& body, bool with_permanent_code) {
  if (text_of(body, "appId") != credentials_.app_id) throw Rejected{credentials_.error_app, "appId无效或应用未授权"};
  if (text_of(body, "appSecret") != credentials_.app_secret) throw Rejected{kBadSecretOrPath, "appSecret缺失或错误"};
  if (with_permanent_code && text_of(body, "permanentCode") != credentials_.permanent_code) throw Rejected{kPermanentCodeInvalid, "permanentCode无效"};
}

Tokens::Issued Tokens::issue(const std::string& kind, const std::string& user, std::int64_t now_ms) {
  if (const auto row = world_.database.row("select token, until_ms from sandbox_token where kind = ? and user = ? and from_ms + ? > ? and until_ms > ? order by until_ms desc",
                                           {kind, user, kSameTokenMs, now_ms, now_ms}))
    return {to_text((*row)[0]), (to_int((*row)[1]) - now_ms) / 1000};
  return {issue_once(kind, user, now_ms, kLifeMs), kLifeMs / 1000};
}

std::string Tokens::issue_once(const std::string& kind, const std::string& user, std::int64_t now_ms, std::int64_t life_ms) {
  const std::string token = world_.secret(32);
  world_.database.run("insert into sandbox_token values (?, ?, ?, ?, ?)", {token, kind, user, now_ms, now_ms + life_ms});
  return token;
}

std::optional<std::string> Tokens::user_of(const std::string& kind, const std::string& token, std::int64_t now_ms) {
  const auto row = world_.database.row("select user from sandbox_token where token = ? and kind = ? and until_ms > ?", {token, kind, now_ms});
  if (!row) return std::nullopt;
  return to_text((*row)[0]);
}

Json Tokens::legacy(const Json& body, std::int64_t now_ms) {
  take_call(now_ms);
  check_app(body, true);
  const Issued issued = issue("legacy", "", now_ms);
  return {{"corpAccessToken", issued.token}, {"corpId", credentials_.corp_id}, {"expiresIn", issued.seconds_left}};
}

Json Tokens::oauth(const Request& request, const Json& body) {
  check_trace_id(request);
  take_call(request.now_ms);
  const std::string grant = text_of(body, "grantType");
  check_app(body, grant == "app_secret");
  std::string user(kFirstUser);
  if (grant == "authorization_code" || grant == "refresh_token") {
    const bool code = grant == "authorization_code";
    const std::string word = text_of(body, code ? "code" : "refreshToken");
    const auto known = user_of(code ? "code" : "refresh", word, request.now_ms);
    if (!known) throw Rejected{kTokenWrong, code ? "code无效或已过期" : "refreshToken无效或已过期"};
    if (code) world_.database.run("delete from sandbox_token where token = ?", {word});
    user = *known;
  } else if (grant != "app_secret") {
    throw Rejected{kParameterError, "参数错误: grantType " + grant + " 不支持"};
  }
  const Issued issued = issue("oauth", grant == "app_secret" ? "" : user, request.now_ms);
  Json out = {{"accessToken", issued.token}, {"expiresIn", issued.seconds_left}, {"ea", credentials_.ea}, {"openUserId", to_open_user(user)}, {"appId", credentials_.app_id}};
  if (grant == "authorization_code") out["refreshToken"] = issue_once("refresh", user, request.now_ms, kRefreshLifeMs);
  return out;
}

Answer Tokens::authorize(const Request& request) {
  check_trace_id(request);
  const std::string back = request.query_value("redirectUrl").value_or("");
  if (request.query_value("appId").value_or("") != credentials_.app_id) throw Rejected{credentials_.error_app, "appId无效或应用未授权"};
  if (request.query_value("responseType").value_or("") != "code" || back.empty()) throw Rejected{kParameterError, "参数错误: responseType 应为code, redirectUrl 不能为空"};
  const std::string code = issue_once("code", std::string(kFirstUser), request.now_ms, kCodeLifeMs);
  Answer answer = empty_answer(302);
  answer.headers.emplace_back("Location", back + (back.find('?') == std::string::npos ? "?" : "&") + "code=" + code + "&state=" + request.query_value("state").value_or(""));
  return answer;
}

void Tokens::check_person(const std::string& id) {
  const Object* people = world_.model.object("PersonnelObj");
  const auto person = people == nullptr ? std::nullopt : world_.store.get(*people, id);
  if (!person || person->deleted_ms || to_text((*person)["status"]) == "1") throw Rejected{credentials_.error_user, "用户不存在或无权限: " + id};
}

void Tokens::check_legacy(const Request& request, const Json& body) {
  const std::string token = text_of(body, "corpAccessToken");
  if (token.empty()) throw Rejected{kTokenMissing, "corpAccessToken缺失"};
  if (request.token_expired) world_.database.run("update sandbox_token set until_ms = 0 where token = ?", {token});
  if (!user_of("legacy", token, request.now_ms) || text_of(body, "corpId") != credentials_.corp_id) throw Rejected{kTokenWrong, "corpAccessToken不存在或已过期"};
}

Caller Tokens::caller(const Request& request, const Json& body) {
  const std::string_view header = request.header("authorization");
  if (header.empty()) {
    check_legacy(request, body);
    const std::string user = from_open_user(text_of(body, "currentOpenUserId"));
    check_person(user);
    return {user, true};
  }
  check_trace_id(request);
  const std::string token(header.starts_with("Bearer ") ? header.substr(7) : "");
  if (request.token_expired) world_.database.run("update sandbox_token set until_ms = 0 where token = ?", {token});
  if (!user_of("oauth", token, request.now_ms)) throw Rejected{kTokenWrong, "accessToken不存在或已过期"};
  if (request.header("x-fs-ea") != credentials_.ea) throw Rejected{credentials_.error_user, "企业账号不匹配: " + std::string(request.header("x-fs-ea"))};
  const std::string user(request.header("x-fs-userid"));
  check_person(user);
  return {user, false};
}

}  // namespace godwit::sandbox::fxiaoke
