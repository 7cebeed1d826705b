#include "connectors/salesforce/sandbox/org.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "connectors/salesforce/sandbox/bulk.hpp"
#include "connectors/salesforce/sandbox/ids.hpp"
#include "connectors/salesforce/sandbox/locks.hpp"
#include "sandbox_metadata.hpp"

namespace godwit::sandbox::salesforce {
namespace {

constexpr std::string_view kDataRoot = "/services/data/";

bool is_data_call(const Request& request) { return request.path.starts_with(kDataRoot) && request.path.size() > kDataRoot.size(); }

// "60.0" of "v60.0"; "" for what is no version that the sandbox has.
std::string version_of(std::string_view text) {
  if (!text.starts_with('v') || !text.ends_with(".0")) return {};
  int number = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size() - 2, number);
  if (error != std::errc() || end != text.data() + text.size() - 2 || number < 46 || number > 67) return {};
  return std::string(text.substr(1));
}

}  // namespace

Org::Org() = default;
Org::~Org() = default;

std::string Org::metadata() const { return kMetadataJson; }

// Where an org has several currencies, each record with money in it says which one.
std::vector<std::string> Org::metadata_of(const std::map<std::string, std::string>& switches) const {
  if (switches.at("multi_currency") != "yes") return {};
  const Json codes{"USD", "EUR", "GBP", "CNY", "JPY", "CHF"};
  const Json code{{"name", "CurrencyIsoCode"}, {"label", "Currency ISO Code"}, {"type", "picklist"}, {"length", 255}, {"values", codes}, {"restricted", true}, {"default_on_create", true}, {"default", "USD"}};
  Json objects = Json::array();
  for (const char* name : {"Account", "Contact", "Lead", "Opportunity", "Case", "Product2", "PricebookEntry", "Task", "Event", "User"}) objects.push_back({{"name", name}, {"fields", {code}}});
  Json iso = code;
  iso["name"] = "IsoCode", iso["unique"] = true;
  const auto field = [](const char* name, const char* type) { return Json{{"name", name}, {"type", type}, {"precision", 18}, {"scale", 6}}; };
  objects.push_back({{"name", "CurrencyType"}, {"label", "Currency Type"}, {"prefix", "01L"}, {"deletable", false},
                     {"fields", {{{"name", "Id"}, {"type", "id"}, {"createable", false}, {"updateable", false}}, iso, field("ConversionRate", "double"), {{"name", "DecimalPlaces"}, {"type", "int"}},
                                 {{"name", "IsActive"}, {"type", "boolean"}}, {{"name", "IsCorporate"}, {"type", "boolean"}, {"createable", false}}, {{"name", "SystemModstamp"}, {"type", "datetime"}, {"createable", false}, {"updateable", false}}}}});
  return {Json{{"objects", objects}}.dump()};
}

std::map<std::string, Kind> Org::kinds() const {
  return {{"id", Kind::id},           {"string", Kind::text},      {"textarea", Kind::long_text}, {"email", Kind::email},       {"phone", Kind::phone},
          {"url", Kind::url},         {"picklist", Kind::choice},  {"multipicklist", Kind::choices}, {"combobox", Kind::text},  {"reference", Kind::reference},
          {"boolean", Kind::boolean}, {"int", Kind::integer},      {"double", Kind::decimal},     {"currency", Kind::decimal},  {"percent", Kind::decimal},
          {"date", Kind::date},       {"datetime", Kind::datetime}, {"time", Kind::time},         {"address", Kind::computed},  {"base64", Kind::bytes},
          {"encryptedstring", Kind::text}, {"long", Kind::integer}};
}

// Each fact that the contract leaves unconfirmed, and what an administrator of an org would set.
std::vector<Switch> Org::switches() const {
  const std::vector<std::string> yes_no{"yes", "no"};
  return {
      {"client_id", "sandbox-client", {}, "consumer key of the one app"},
      {"client_secret", "sandbox-secret", {}, "its secret"},
      {"refresh_token", "sandbox-refresh", {}, "a refresh token that is known from the start"},
      {"username", "admin@sandbox.example", {}, "user that the app runs as"},
      {"jwt_certificate", "", {}, "PEM file with the certificate or public key that JWT assertions are checked with; empty: none is uploaded"},
      {"jwt_minutes", "5", {}, "how far ahead a JWT's exp may lie"},
      {"basic_client_auth", "yes", yes_no, "client id and secret are also taken as HTTP Basic"},
      {"session_minutes", "120", {}, "a token ends after so long without a call"},
      {"limit_info", "yes", yes_no, "answers carry Sforce-Limit-Info"},
      {"rate_status", "503", {"503", "403", "429"}, "how a call beyond --rate is answered (the vendor has no such limit)"},
      {"retry_after", "no", yes_no, "such an answer carries Retry-After"},
      {"query_batch", "2000", {}, "records of a page of query"},
      {"query_options", "yes", yes_no, "the header Sforce-Query-Options is heeded"},
      {"offset_max", "2000", {}, "largest OFFSET"},
      {"upsert_update_status", "200", {"200", "204"}, "a single upsert that updates"},
      {"polymorphic_type", "optional", {"optional", "required"}, "attributes.type inside a polymorphic reference by external id"},
      {"unknown_key", "INVALID_FIELD", {"INVALID_FIELD", "INVALID_CROSS_REFERENCE_KEY"}, "code for a reference by an external id that nothing has"},
      {"double_key", "DUPLICATE_VALUE", {"DUPLICATE_VALUE", "DUPLICATE_EXTERNAL_ID"}, "code for an external id that stands twice in a call"},
      {"type_chunks", "10", {}, "changes of type that one call of create or update may have"},
      {"composite_queries", "5", {}, "query and collection parts of one composite call"},
      {"bulk_created_column", "yes", yes_no, "successfulResults has the column sf__Created"},
      {"bulk_null_word", "#N/A", {}, "what sets a field to null in CSV"},
      {"bulk_poly_type", "yes", yes_no, "CSV headers like Owner:User.Username are understood"},
      {"bulk_order", "changed", {"changed", "input"}, "order of the rows in results"},
      {"bulk_parallel", "4", {}, "batches of 10,000 that are worked on at the same time"},
      {"bulk_error_form", "CODE:message:fields --", {"CODE:message:fields --", "message"}, "text of sf__Error"},
      {"bulk_hard_delete", "yes", yes_no, "the user may hardDelete"},
      {"bulk_query_offset", "no", yes_no, "OFFSET, GROUP BY and aggregates are allowed in bulk queries"},
      {"bulk_job_stalls", "no", yes_no, "ingest jobs stay InProgress for ever"},
      {"cursor_hours", "48", {}, "how long nextRecordsUrl is good"},
      {"trim", "yes", yes_no, "texts lose blanks at both ends"},
      {"audit_fields", "no", yes_no, "CreatedDate, CreatedById, LastModifiedDate and LastModifiedById may be set on insert"},
      {"inactive_owner", "INACTIVE_OWNER_OR_USER", {"INACTIVE_OWNER_OR_USER", "OP_WITH_INVALID_USER_TYPE_EXCEPTION"}, "code for a record given to an inactive user"},
      {"update_inactive_owners", "yes", yes_no, "records of inactive owners may be updated"},
      {"duplicate_rules", "off", {"off", "alert", "block"}, "the standard duplicate rules of accounts, contacts and leads"},
      {"bulk_duplicate_rules", "yes", yes_no, "duplicate rules also hit bulk jobs"},
      {"lock_contention", "off", {"off", "on"}, "a parent is held while a call or a chunk of a job writes its children"},
      {"lock_hold_ms", "0", {}, "how much longer it is held, and the call takes"},
      {"lock_wait_ms", "0", {}, "how long a call waits for a parent before it gives up"},
      {"restricted_picklists", "marked", {"marked", "all"}, "picklists that refuse unknown values: those marked in the metadata, or all"},
      {"multi_currency", "no", yes_no, "the org has several currencies: CurrencyIsoCode on records, CurrencyType"},
      {"json_file_limit", "39321600", {}, "bytes of a file sent as JSON"},
      {"hide_archived", "no", yes_no, "closed activities older than 365 days are seen by queryAll only"},
      {"recycle_days", "15", {}, "how long deleted records are kept and listed"},
  };
}

LimitRules Org::limits() const { return {.daily = {.quota = 100'000, .rolling = true}}; }

std::int64_t Org::number(const std::string& name) const {
  const std::string& text = setting(name);
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) throw std::runtime_error("--set " + name + ": \"" + text + "\" is no whole number");
  return out;
}

void Org::start(World& world) {
  world_ = &world;
  for (const char* name : {"jwt_minutes", "session_minutes", "query_batch", "offset_max", "type_chunks", "composite_queries", "bulk_parallel", "cursor_hours", "lock_hold_ms", "lock_wait_ms",
                           "json_file_limit", "recycle_days"})
    number(name);
  locks_ = std::make_unique<Locks>(number("lock_wait_ms"));
  seed(*this);
  add_oauth(*this);
  add_describe(*this);
  add_query(*this);
  add_single(*this);
  add_collections(*this);
  add_composite(*this);
  add_changes(*this);
  add_limits(*this);
  bulk_ = std::make_unique<Bulk>(*this);
}

void Org::begin_work(World&) { bulk_->begin(); }
void Org::end_work() { bulk_->end(); }

Charge Org::charge(const Request& request) const {
  // Sign-in and the list of versions cost nothing.
  if (!is_data_call(request)) return {.window = "", .daily = 0, .concurrent = false};
  return {};
}

bool Org::handles_lock(const Request& request) const {
  return request.pattern.find("/sobjects") != std::string::npos || request.pattern.find("/composite") != std::string::npos || request.pattern.find("/jobs/") != std::string::npos;
}

Answer Org::refuse(Refusal why, const Request& request, std::int64_t wait_ms) {
  switch (why) {
    case Refusal::unknown_path: return problem_answer(404, "NOT_FOUND", "The requested resource does not exist");
    case Refusal::wrong_method: return problem_answer(405, "METHOD_NOT_ALLOWED", "HTTP Method '" + request.method + "' not allowed. Allowed are other methods");
    case Refusal::daily: return problem_answer(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
    case Refusal::concurrent: return problem_answer(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.");
    case Refusal::bad_encoding: return problem_answer(400, "JSON_PARSER_ERROR", "The request body cannot be read");
    case Refusal::locked: return problem_answer(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record");
    case Refusal::server_error: return problem_answer(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId if you contact support: " + std::to_string(request.number));
    case Refusal::rate: break;
  }
  const int status = static_cast<int>(number("rate_status"));
  Answer out = status == 403 ? problem_answer(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.") : problem_answer(status, "SERVER_UNAVAILABLE", "The server is busy, try again later");
  if (on("retry_after")) out.headers.emplace_back("Retry-After", std::to_string((wait_ms + 999) / 1000));
  return out;
}

void Org::finish(const Request& request, Answer& answer) {
  if (!is_data_call(request) || !on("limit_info")) return;
  const std::int64_t now = world_->clock.now_ms();
  answer.headers.emplace_back("Sforce-Limit-Info", "api-usage=" + std::to_string(world_->daily.used(now)) + "/" + std::to_string(world_->daily.rules().quota));
}

void Org::add_stats(Json& stats) { stats["lock_failures"] = locks_->failures(); }

void Org::route(const std::string& method, const std::string& path, DataHandler handler, Run run) {
  world_->router.on(
      method, "/services/data/{version}" + path,
      [this, handler = std::move(handler)](Request& request) -> Answer {
        const std::string version = version_of(request.param("version"));
        if (version.empty()) return problem_answer(404, "NOT_FOUND", "The requested resource does not exist");
        std::optional<std::string> user;
        {
          const auto lock = database().lock();
          user = session_user(*this, request);
        }
        if (!user) return problem_answer(401, "INVALID_SESSION_ID", "Session expired or invalid");
        Call call{request, *user, version, iso_time(request.now_ms, Zone::plus_0000, true)};
        return handler(call);
      },
      run);
}

const Object& Org::object(std::string_view name) const {
  const Object* found = world_->model.object(name, true);
  if (found == nullptr) refuse_call(404, "NOT_FOUND", "The requested resource does not exist");
  return *found;
}

const Object* Org::object_of(std::string_view id) const { return id.size() < 3 ? nullptr : world_->model.by_prefix(id.substr(0, 3)); }

std::string Org::new_id(const Object& object) { return make_id(object.prefix, database().next("id." + object.name)); }

Json problem_json(const Problem& problem, const char* code_member) {
  Json out{{code_member, problem.code}, {"message", problem.message}, {"fields", problem.fields}};
  if (!problem.duplicate.empty()) out["duplicateResult"] = Json::parse(problem.duplicate);
  return out;
}

Answer problems_answer(int status, const std::vector<Problem>& problems) {
  Json out = Json::array();
  for (const Problem& problem : problems) {
    Json one{{"message", problem.message}, {"errorCode", problem.code}};
    if (!problem.fields.empty() || status == 400) one["fields"] = problem.fields;
    if (!problem.duplicate.empty()) one["duplicateResult"] = Json::parse(problem.duplicate);
    out.push_back(std::move(one));
  }
  return json_answer(status, out);
}

Answer problem_answer(int status, std::string code, std::string message, std::vector<std::string> fields) {
  Json one{{"message", std::move(message)}, {"errorCode", std::move(code)}};
  if (!fields.empty()) one["fields"] = fields;
  return json_answer(status, Json::array({one}));
}

void refuse_call(int status, std::string code, std::string message) { throw Refused{problem_answer(status, std::move(code), std::move(message))}; }

bool audit_field_open(const Org& org, const Object& object, const Field& field) {
  constexpr std::string_view kAuditFields[] = {"CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById"};
  return org.on("audit_fields") && flag(*object.raw, "audit_fields") && std::find(std::begin(kAuditFields), std::end(kAuditFields), field.name) != std::end(kAuditFields);
}

bool flag(const Json& raw, const char* member, bool otherwise) { return raw.value(member, otherwise); }
std::string word(const Json& raw, const char* member, const std::string& otherwise) {
  const auto found = raw.find(member);
  return found != raw.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

}  // namespace godwit::sandbox::salesforce
