#include "connectors/fxiaoke/sandbox/sandbox.hpp"

#include <nlohmann/json.hpp>

#include "connectors/fxiaoke/sandbox/reads.hpp"
#include "plugins/kits/sandbox/codec.hpp"
#include "sandbox_metadata.hpp"

namespace godwit::sandbox::fxiaoke {
namespace {

constexpr std::int64_t kWindowMs = 20'000;
constexpr std::int64_t kCallsPerWindow = 100;  // per interface; an older page says 60

const std::vector<std::string> kYesNo{"yes", "no"};

bool is_sign_in(const std::string& path) { return path.starts_with("/cgi/corpAccessToken") || path.starts_with("/oauth2.0"); }

std::string trace_id(const Request& request) {
  return "E-E.sandbox." + md5_hex(std::to_string(request.number) + "." + std::to_string(request.now_ms)).substr(0, 16);
}

// The web site stands at www; the gateway does not. Who calls the wrong one is led to a page.
Answer web_site() {
  return {.status = 302, .body = "<html><head><title>302 Found</title></head><body><h1>302 Found</h1></body></html>\n", .content_type = "text/html",
          .headers = {{"Location", "https://www.fxiaoke.com/proj/page/login"}}};
}

}  // namespace

std::string Fxiaoke::metadata() const { return kMetadataJson; }

std::vector<Switch> Fxiaoke::switches() const {
  return {
      {"app_id", "FSAID_sandbox", {}, "appId that is taken"},
      {"app_secret", "sandbox-secret", {}, "appSecret that is taken"},
      {"permanent_code", "sandbox-permanent-code", {}, "permanentCode that is taken"},
      {"corp_id", "FSCID_sandbox", {}, "corpId of the tenant"},
      {"ea", "sandbox", {}, "enterprise account (x-fs-ea) of the tenant"},
      {"token_calls", "10", {}, "calls of the token interface in a minute"},
      {"zone_minutes", "480", {}, "offset of the tenant's zone from UTC: dates are midnights there"},
      {"quota", "bought", {"bought", "none"}, "none: no pack of calls was ever bought, every call answers 30003"},
      {"wrong_host", "no", kYesNo, "yes: every call is answered like one to www.fxiaoke.com, 302 and a page"},
      {"convert_user_id", "generation", {"generation", "yes", "no"}, "people travel as FSUID_...; generation: with the older sign-in only"},
      {"unknown_fields", "refuse", {"refuse", "ignore"}, "fields that do not exist or are read-only, in create and update"},
      {"owner_in_update", "refuse", {"refuse", "ignore"}, "owner in update: refused with words, or silently left as it was"},
      {"empty_text", "null", {"null", "keep"}, "what an empty text becomes"},
      {"duplicate_search", "yes", kYesNo, "duplicate rules work where a call does not say (isDuplicateSearch, checkDuplicateSearch)"},
      {"query_returns_invalid", "no", kYesNo, "queries find invalidated records unasked"},
      {"custom_create_returns_id", "yes", kYesNo, "the answer of a custom object's create has dataId; the published sample lacks it"},
      {"list_place", "data", {"data", "result"}, "where queries of custom objects have their dataList"},
      {"total_name", "total", {"total", "totalSize"}, "what queries call the total"},
      {"describe_api_name", "either", {"either", "data", "top"}, "where describe looks for apiName"},
      {"computed_bumps_time", "no", kYesNo, "a counted field that changes counts as a modification"},
      {"life_status", "words", {"words", "numbers"}, "values of life_status"},
      {"business_codes", "distinct", {"distinct", "same"}, "errorCodes of a tenant's own rules; the contract gives no numbers"},
      {"error_app", "20005", {"20005", "20014", "15003"}, "errorCode for a wrong app"},
      {"error_user", "20020", {"20020", "20021", "20022", "20023"}, "errorCode for a wrong user or enterprise"},
      {"error_rate", "14001", {"14001", "30004"}, "errorCode for too many calls"},
      {"error_server", "-2", {"-1", "-2", "50009"}, "errorCode for a fault before the work is done"},
      {"leads_pool_name", "LeadsPoolObj", {}, "api name of 线索池"},
      {"unconfirmed_objects", "yes", kYesNo, "there are objects whose names are unconfirmed (SalesOrderObj, PaymentObj)"},
      {"version_field", "yes", kYesNo, "records have the field version"},
  };
}

LimitRules Fxiaoke::limits() const {
  // The daily quota (--daily) comes back at midnight; how large it is depends on the packs that a tenant bought.
  return {.window = {kCallsPerWindow, kWindowMs, true}, .daily = {0, false, 480}};
}

Charge Fxiaoke::charge(const Request& request) const {
  // Signing in has a limit of its own, and an upload is not an interface of the gateway.
  if (is_sign_in(request.path) || request.path.starts_with("/upload/")) return {.window = "", .daily = 0};
  return {.window = request.path, .daily = 1};
}

void Fxiaoke::start(World& world) {
  world_ = &world;
  settings_.zone_minutes = std::stoi(world.setting("zone_minutes"));
  settings_.refuse_unknown_fields = world.setting("unknown_fields") == "refuse";
  settings_.refuse_owner_in_update = world.setting("owner_in_update") == "refuse";
  settings_.keep_empty_text = world.setting("empty_text") == "keep";
  settings_.duplicate_search = world.on("duplicate_search");
  settings_.query_returns_invalid = world.on("query_returns_invalid");
  settings_.custom_create_returns_id = world.on("custom_create_returns_id");
  settings_.computed_bumps_time = world.on("computed_bumps_time");
  settings_.life_status_words = world.setting("life_status") == "words";
  settings_.list_in_result = world.setting("list_place") == "result";
  settings_.total_name = world.setting("total_name");
  settings_.describe_api_name = world.setting("describe_api_name");
  same_business_codes_ = world.setting("business_codes") == "same";
  credentials_ = {world.setting("app_id"), world.setting("app_secret"), world.setting("permanent_code"), world.setting("corp_id"), world.setting("ea"),
                  std::stoi(world.setting("error_app")), std::stoi(world.setting("error_user")), std::stoi(world.setting("error_rate"))};
  make_own_tables(world.database);
  records_ = std::make_unique<Records>(world.store, world.model, settings_);
  tokens_ = std::make_unique<Tokens>(world, credentials_);
  records_->seed(world.clock.now_ms());

  on("/cgi/corpAccessToken/get/V2", [this](const Request& request, const Json& body) { return tokens_->legacy(body, request.now_ms); });
  on("/oauth2.0/token", [this](const Request& request, const Json& body) { return tokens_->oauth(request, body); });
  world.router.on("GET", "/oauth2.0/authorize", [this](Request& request) { return guarded(request, [&] { return tokens_->authorize(request); }); });
  for (const char* root : {"/cgi/crm/v2/data/", "/cgi/crm/custom/v2/data/"}) {
    const auto at = [&](const char* word) { return std::string(root) + word; };
    business(at("create").c_str(), [this](const Call& call) { return records_->create(call); });
    business(at("get").c_str(), [this](const Call& call) { return read_one(*records_, call); });
    business(at("query").c_str(), [this](const Call& call) { return read_query(*records_, call); });
    business(at("update").c_str(), [this](const Call& call) { return records_->update(call); });
    business(at("invalid").c_str(), [this](const Call& call) { return records_->invalid(call); });
    business(at("delete").c_str(), [this](const Call& call) { return records_->remove(call); });
    business(at("recover").c_str(), [this](const Call& call) { return records_->recover(call); });
    business(at("changeOwner").c_str(), [this](const Call& call) { return records_->change_owner(call); });
  }
  business("/cgi/crm/v2/data/choose", [this](const Call& call) { return records_->choose(call); });
  business("/cgi/crm/v2/data/return", [this](const Call& call) { return records_->give_back(call); });
  business("/cgi/crm/v2/data/remove", [this](const Call& call) { return records_->take_out(call); });
  business("/cgi/crm/custom/v2/data/findSimple", [this](const Call& call) { return read_simple(*records_, call); });
  business("/cgi/crm/custom/v2/data/findOne", [this](const Call& call) { return read_first(*records_, call); });
  business("/cgi/crm/custom/data/invalid", [this](const Call& call) { return records_->invalid_many(call); });
  add_platform_routes();
  add_file_routes();
}

void Fxiaoke::on(const char* path, std::function<Json(const Request&, const Json& body)> serve) {
  world_->router.on("POST", path, [this, serve = std::move(serve)](Request& request) {
    return guarded(request, [&] {
      const std::optional<Json> body = request.json();
      if (!body || !body->is_object()) throw Rejected{kParameterError, "参数错误: 请求体不是JSON对象"};
      Json answer = {{"errorCode", 0}, {"errorMessage", "OK"}, {"errorDescription", "success"}, {"traceId", trace_id(request)}};
      answer.update(serve(request, *body));
      return json_answer(200, answer);
    });
  });
}

void Fxiaoke::business(const char* path, std::function<Json(const Call&)> serve) {
  on(path, [this, serve = std::move(serve)](const Request& request, const Json& body) {
    if (world_->setting("quota") == "none") throw Rejected{kNoQuota, "未购买接口调用次数"};
    const Caller caller = tokens_->caller(request, body);
    const std::string& people = world_->setting("convert_user_id");
    const Call call{.body = body,
                    .user = caller.user,
                    .convert_people = people == "generation" ? caller.legacy : people == "yes",
                    .custom_path = request.path.starts_with("/cgi/crm/custom/"),
                    .now_ms = request.now_ms,
                    .visible_at_ms = request.visible_at_ms,
                    .held_by_others = request.locked};
    return serve(call);
  });
}

Answer Fxiaoke::guarded(const Request& request, const std::function<Answer()>& serve) const {
  if (world_->on("wrong_host") || request.header("host").starts_with("www.")) return web_site();
  try {
    return serve();
  } catch (const Rejected& why) {
    return rejected(why, request);
  } catch (const Json::exception&) {
    // A member of another type than the contract has.
    return rejected({kParameterError, "参数错误: 请求体的结构不正确"}, request);
  }
}

Answer Fxiaoke::rejected(const Rejected& why, const Request& request) const {
  const bool of_tenant = why.code >= kAnyBusinessRefusal && why.code < kAnyBusinessRefusal + 1000;
  Answer answer = json_answer(200, {{"traceId", trace_id(request)},
                                    {"errorCode", of_tenant && same_business_codes_ ? kAnyBusinessRefusal : why.code},
                                    {"errorMessage", why.message},
                                    {"errorDescription", why.message}});
  // A token that a fault ended stays ended; nothing else was done by then.
  answer.rollback = !request.token_expired;
  return answer;
}

Answer Fxiaoke::refuse(Refusal why, const Request& request, std::int64_t) {
  if (world_->on("wrong_host") || request.header("host").starts_with("www.")) return web_site();
  switch (why) {
    case Refusal::unknown_path:
    case Refusal::wrong_method: return rejected({kBadSecretOrPath, "request uri " + request.path + " is not exists"}, request);
    case Refusal::rate: return rejected({credentials_.error_rate, "接口调用过于频繁, 每20秒不超过" + std::to_string(world_->windows.window().calls) + "次"}, request);
    case Refusal::daily: return rejected({kQuotaUsedUp, "当日接口调用次数已用完"}, request);
    case Refusal::concurrent: return rejected({-1, "系统繁忙, 请稍后重试"}, request);
    case Refusal::locked: return rejected({kLocked, "数据正在被其他人操作, 请稍后重试"}, request);
    case Refusal::bad_encoding: return rejected({kParameterError, "参数错误: 请求体无法解析"}, request);
    case Refusal::server_error: break;
  }
  const int code = std::stoi(world_->setting("error_server"));
  return rejected({code, code == -1 ? "系统繁忙, 请稍后重试" : code == -2 ? "系统错误" : "请求超时"}, request);
}

void Fxiaoke::add_stats(Json& stats) {
  Json events = Json::object();
  for (const Row& row : world_->database.rows("select kind, count(*) from sandbox_event group by kind order by kind")) events[to_text(row[0])] = to_int(row[1]);
  stats["events"] = std::move(events);
}

}  // namespace godwit::sandbox::fxiaoke
