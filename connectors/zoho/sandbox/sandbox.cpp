#include "connectors/zoho/sandbox/sandbox.hpp"

#include <nlohmann/json.hpp>

#include "connectors/zoho/sandbox/bulk.hpp"
#include "sandbox_metadata.hpp"

namespace godwit::sandbox::zoho {
namespace {

struct Edition {
  std::string_view name;
  std::int64_t base, per_user, most;  // credits in 24 hours; most 0: no bound
  int concurrent;
};
constexpr Edition kEditions[] = {{"free", 5'000, 0, 0, 5},
                                 {"standard", 50'000, 250, 100'000, 10},
                                 {"professional", 50'000, 500, 3'000'000, 15},
                                 {"enterprise", 50'000, 1'000, 5'000'000, 20},
                                 {"ultimate", 50'000, 2'000, 0, 25}};
constexpr std::int64_t kUsers = 5;

const Edition& edition_of(std::string_view name) {
  for (const Edition& one : kEditions)
    if (one.name == name) return one;
  return kEditions[3];
}

std::int64_t credits_of(const Edition& edition) {
  const std::int64_t credits = edition.base + edition.per_user * kUsers;
  return edition.most > 0 ? std::min(credits, edition.most) : credits;
}

const std::vector<std::string> kYesNo{"yes", "no"};

bool is_write(const Request& request) { return request.method == "POST" || request.method == "PUT" || request.method == "PATCH"; }
bool on_records(const Request& request) { return request.path.starts_with("/crm/v8/"); }

// How many records a write carries; 0 where the body is none.
std::int64_t rows_of(const Request& request) {
  const std::optional<Json> body = request.json();
  if (!body || !body->is_object() || !body->contains("data") || !(*body)["data"].is_array()) return 0;
  return static_cast<std::int64_t>((*body)["data"].size());
}

// How many rows a query asks for: what stands behind its last "limit", and behind the comma there.
std::int64_t coql_rows(const Request& request) {
  constexpr std::int64_t kUnasked = 200;
  const std::optional<Json> body = request.json();
  if (!body || !body->is_object()) return kUnasked;
  const auto query = body->find("select_query");
  if (query == body->end() || !query->is_string()) return kUnasked;
  const std::string& text = query->get_ref<const std::string&>();
  const std::size_t limit = text.rfind("limit");
  if (limit == std::string::npos) return kUnasked;
  const std::size_t comma = text.find(',', limit);
  return to_int(Value(trimmed(std::string_view(text).substr(comma == std::string::npos ? limit + 5 : comma + 1))));
}

}  // namespace

Zoho::Zoho(std::string edition) : edition_(std::move(edition)) {}
Zoho::~Zoho() = default;

std::string Zoho::metadata() const { return kMetadataJson; }

std::vector<Switch> Zoho::switches() const {
  return {
      {"client_id", "1000.SANDBOX", {}, "client_id that is taken"},
      {"client_secret", "sandbox-secret", {}, "client_secret that is taken"},
      {"refresh_token", "1000.sandbox-refresh", {}, "a refresh token that is there from the start"},
      {"scope", "ZohoCRM.modules.ALL ZohoCRM.settings.ALL ZohoCRM.users.ALL ZohoCRM.org.ALL ZohoCRM.bulk.ALL ZohoCRM.coql.READ ZohoFiles.files.ALL ZohoCRM.composite_requests.CUSTOM",
       {}, "scopes of every token"},
      {"api_domain", "", {}, "api_domain of token answers; empty: this program's own address"},
      {"location", "us", {}, "data centre that the browser's redirect names"},
      {"edition", "enterprise", {"free", "standard", "professional", "enterprise", "ultimate"}, "decides credits and concurrency"},
      {"zone_minutes", "480", {}, "offset of the organisation's zone, in which times are answered"},
      {"token_error_status", "200", {"200", "400"}, "HTTP status of errors of the accounts server"},
      {"all_failed_status", "400", {"400", "202"}, "HTTP status when no record of a write succeeded"},
      {"unknown_fields", "refuse", {"refuse", "ignore"}, "names that are no field, in records and in `fields`"},
      {"pick_lists", "restricted", {"restricted", "open"}, "values that a pick list does not have"},
      {"most_fields", "50", {}, "names in `fields` of a list"},
      {"missing_record", "204", {"204", "400"}, "a record asked for by an id that there is not"},
      {"not_modified", "304", {"304", "204"}, "If-Modified-Since with nothing newer"},
      {"page_token_hours", "24", {}, "life of a page token"},
      {"search_escape", "backslash", {"backslash", "none"}, "how brackets and commas stand in search criteria"},
      {"search_delay_seconds", "0", {}, "how long searches do not see what was written"},
      {"coql_pairs", "strict", {"strict", "loose"}, "three conditions at one level of brackets are refused"},
      {"bin_days", "60", {}, "how long the recycle bin keeps a record"},
      {"deleted_listed_days", "120", {}, "how long a deletion is listed"},
      {"clash", "412", {"412", "item"}, "If-Unmodified-Since that clashes: the whole call, or the one record"},
      {"se_module", "required", {"required", "derived"}, "$se_module beside What_Id"},
      {"pipelines", "yes", kYesNo, "Stage must be one of the Pipeline"},
      {"contact_of_account", "no", kYesNo, "a deal's contact must belong to the deal's account"},
      {"lookup_module", "required", {"required", "derived"}, "module.api_name beside the id of a lookup into any module (Parent_Id of notes)"},
      {"inactive_owner", "refuse", {"refuse", "take"}, "an Owner who has left"},
      {"check_email", "yes", kYesNo, "emails must look like such"},
      {"layout_required", "yes", kYesNo, "fields that the layout alone makes mandatory are so for calls"},
      {"approval_locks", "yes", kYesNo, "records that wait for their approval cannot be changed"},
      {"external_header", "qualified", {"qualified", "plain"}, "X-EXTERNAL names Contacts.Ext_Id, or Ext_Id alone"},
      {"subform_update", "replace", {"replace", "merge"}, "rows of a subform that an update does not name"},
      {"most_parts", "5", {}, "calls in one composite request"},
      {"row_credits", "yes", kYesNo, "writes cost a credit for each 10 records, COQL 1 to 3 by its limit"},
      {"bulk_read_credits", "50", {}, "credits of a bulk read job; a bulk write job costs 500"},
      {"heavy_calls", "10", {}, "writes of more than 10 records and COQL at the same time; 0: no limit of their own"},
      {"limit_headers", "yes", kYesNo, "answers have X-API-CREDITS-REMAINING and X-RATELIMIT-..."},
      {"credits_status", "429", {"429", "400"}, "HTTP status of LIMIT_EXCEEDED when the credits are gone"},
      {"bulk_progress", "IN PROGRESS", {"IN PROGRESS", "INPROGRESS"}, "state of a bulk write job at work"},
      {"bulk_workflows", "no", kYesNo, "bulk write runs workflows"},
      {"bulk_system_times", "no", kYesNo, "bulk write takes Created_Time, Modified_Time and Created_By"},
      {"bulk_read_page", "200000", {}, "rows of one page of a bulk read"},
      {"bulk_result_days", "1", {}, "how long the result of a bulk read can be fetched"},
      {"largest_attachment_mb", "100", {}, "megabytes of an attachment; 20 in older versions"},
  };
}

LimitRules Zoho::limits() const {
  const Edition& edition = edition_of(edition_);
  return {.daily = {credits_of(edition), true, 0}, .concurrent = edition.concurrent};
}

std::int64_t Zoho::credits(const Request& request) const {
  if (request.path.starts_with("/crm/bulk/v8/write") && request.method == "POST") return 500;
  if (request.path.starts_with("/crm/bulk/v8/read") && request.method == "POST") return std::stoll(world_->setting("bulk_read_credits"));
  if (request.path.ends_with("/actions/convert")) return 5;
  if (!world_->on("row_credits") || !is_write(request) || !on_records(request)) return 1;
  if (request.path.ends_with("/coql")) {
    const std::int64_t rows = coql_rows(request);
    return rows <= 200 ? 1 : rows <= 1'000 ? 2 : 3;
  }
  return std::max<std::int64_t>(1, (rows_of(request) + 9) / 10);
}

Charge Zoho::charge(const Request& request) const {
  // The accounts server has limits of its own, and so has the upload host.
  if (request.path.starts_with("/oauth/")) return {.window = "", .daily = 0, .concurrent = false};
  if (request.path.starts_with("/crm/v8/upload")) return {.window = "", .daily = 0};
  if (is_write(request) && (request.path.ends_with("/coql") || (on_records(request) && rows_of(request) > 10))) {
    const std::lock_guard guard(heavy_mutex_);
    const auto most = static_cast<std::size_t>(std::stoi(world_->setting("heavy_calls")));
    (most > 0 && heavy_.size() >= most ? crowded_ : heavy_).insert(request.number);
  }
  return {.window = "all", .daily = credits(request)};
}

void Zoho::refuse_crowd(const Request& request) const {
  const std::lock_guard guard(heavy_mutex_);
  if (crowded_.contains(request.number)) refuse_call(429, "TOO_MANY_REQUESTS", "You have made too many heavy requests at the same time");
}

bool Zoho::handles_lock(const Request& request) const { return is_write(request) || request.method == "DELETE"; }

void Zoho::make_tables() {
  world_->database.script(
      "create table if not exists sandbox_event(kind text, module text, id text, at_ms integer);"
      "create table if not exists sandbox_bin(module text, id text, display_name text, deleted_by text, created_by text, at_ms integer, type text, primary key(module, id)) without rowid;"
      "create table if not exists sandbox_attachment(id text primary key, module text, parent text, name text, size integer, bytes blob, link text, user text, at_ms integer) without rowid;"
      "create index if not exists sandbox_attachment_parent on sandbox_attachment(module, parent);"
      "create table if not exists sandbox_file(id text primary key, purpose text, name text, bytes blob, at_ms integer) without rowid;");
}

void Zoho::seed() {
  if (world_->database.fact("seeded")) return;
  for (const Object& object : world_->model.objects())
    for (const Json& in : object.raw->value("seed", Json::array())) {
      Columns columns;
      for (const auto& [name, value] : in.items()) {
        if (object.field(name) == nullptr || !value.is_string()) throw ModelError("metadata: a seed of " + object.name + " has " + name + ", which is no text field of it");
        put(columns, name, value.get<std::string>());
      }
      world_->store.insert(object, columns, world_->clock.now_ms());
    }
  world_->database.set_fact("seeded", "1");
}

void Zoho::start(World& world) {
  world_ = &world;
  make_tables();
  seed();
  org_ = std::make_unique<Org>(world);
  accounts_ = std::make_unique<Accounts>(world);
  writer_ = std::make_unique<Writer>(*org_);
  service_ = std::make_unique<Service>(Service{world, *org_, *accounts_, *writer_});
  world.router.on("POST", "/oauth/v2/token", [this](Request& request) { return accounts_->token(request); });
  world.router.on("GET", "/oauth/v2/auth", [this](Request& request) { return accounts_->authorize(request); });
  add_settings_routes(*service_);
  add_related_routes(*service_);
  add_record_routes();
  bulk_ = std::make_unique<BulkJobs>(*service_);
}

void Zoho::begin_work(World&) { bulk_->begin(); }
void Zoho::end_work() { bulk_->end(); }

void Zoho::add_record_routes() {
  using Serve = std::function<Answer(const Request&, const Object&, const std::string&)>;
  const auto on = [&](const char* method, const char* path, const char* right, Serve serve) {
    world_->router.on(method, std::string("/crm/v8/{module}") + path, guarded([this, right, serve = std::move(serve)](const Request& request) {
      refuse_crowd(request);
      const Object& module = org_->module(request.param("module"));
      const std::string user = accounts_->user(request, "modules." + module.name + "." + right);
      return serve(request, module, user);
    }));
  };
  on("GET", "", "READ", [this](const Request& r, const Object& m, const std::string& u) { return list_records(*service_, r, m, u); });
  on("POST", "", "CREATE", [this](const Request& r, const Object& m, const std::string& u) { return insert_records(*service_, r, m, u); });
  on("PUT", "", "UPDATE", [this](const Request& r, const Object& m, const std::string& u) { return update_records(*service_, r, m, u); });
  on("DELETE", "", "DELETE", [this](const Request& r, const Object& m, const std::string& u) { return delete_records(*service_, r, m, u); });
  on("POST", "/upsert", "CREATE", [this](const Request& r, const Object& m, const std::string& u) { return upsert_records(*service_, r, m, u); });
  on("GET", "/search", "READ", [this](const Request& r, const Object& m, const std::string&) { return search_records(*service_, r, m); });
  on("GET", "/deleted", "READ", [this](const Request& r, const Object& m, const std::string&) { return deleted_records(*service_, r, m); });
  on("GET", "/actions/count", "READ", [this](const Request& r, const Object& m, const std::string&) { return count_records(*service_, r, m); });
  on("GET", "/{id}", "READ", [this](const Request& r, const Object& m, const std::string&) { return get_record(*service_, r, m); });
  on("PUT", "/{id}", "UPDATE", [this](const Request& r, const Object& m, const std::string& u) { return update_records(*service_, r, m, u); });
  on("DELETE", "/{id}", "DELETE", [this](const Request& r, const Object& m, const std::string& u) { return delete_records(*service_, r, m, u); });
  world_->router.on("POST", "/crm/v8/Leads/{id}/actions/convert",
                    guarded([this](const Request& request) { return convert_lead(*service_, request, accounts_->user(request, "modules.Leads.CREATE")); }));
  world_->router.on("POST", "/crm/v8/coql", guarded([this](const Request& request) {
    refuse_crowd(request);
    accounts_->user(request, "coql.READ");
    return run_coql(*service_, request);
  }));
  world_->router.on("POST", "/crm/v8/__composite_requests", guarded([this](const Request& request) {
    accounts_->user(request, "composite_requests.CUSTOM");
    return run_composite(*service_, request);
  }));
}

Answer Zoho::refuse(Refusal why, const Request&, std::int64_t) {
  switch (why) {
    case Refusal::unknown_path: return error_answer(404, {"INVALID_URL_PATTERN", "Please check if the URL trying to access is a correct one", Json::object()});
    case Refusal::wrong_method: return error_answer(400, {"INVALID_REQUEST_METHOD", "The http request method type is not a valid one", Json::object()});
    case Refusal::rate: return error_answer(429, {"TOO_MANY_REQUESTS", "You have made too many requests. Please try again after some time", Json::object()});
    case Refusal::concurrent: return error_answer(429, {"TOO_MANY_REQUESTS", "You have made too many requests at the same time", Json::object()});
    case Refusal::daily: return error_answer(std::stoi(world_->setting("credits_status")), {"LIMIT_EXCEEDED", "the API credits of the organisation are used up", Json::object()});
    case Refusal::locked: return error_answer(400, {"RECORD_LOCKED", "record locked", Json::object()});
    case Refusal::bad_encoding: return error_answer(400, {"INVALID_DATA", "the body cannot be read", Json::object()});
    case Refusal::server_error: break;
  }
  return error_answer(500, {"INTERNAL_ERROR", "Internal Server Error", Json::object()});
}

void Zoho::finish(const Request& request, Answer& answer) {
  bool heavy = false;
  {
    const std::lock_guard guard(heavy_mutex_);
    heavy = heavy_.erase(request.number) + crowded_.erase(request.number) > 0;
  }
  if (!world_->on("limit_headers") || request.path.starts_with("/oauth/")) return;
  answer.headers.emplace_back("X-API-CREDITS-REMAINING", std::to_string(std::max<std::int64_t>(0, world_->daily.remaining(request.now_ms))));
  const int limit = heavy ? std::stoi(world_->setting("heavy_calls")) : static_cast<int>(world_->options.concurrent.value_or(edition_of(edition_).concurrent));
  answer.headers.emplace_back("X-RATELIMIT-LIMIT", std::to_string(limit));
  answer.headers.emplace_back("X-RATELIMIT-RESET", "1");
}

void Zoho::add_stats(Json& stats) {
  Json events = Json::object();
  for (const Row& row : world_->database.rows("select kind, count(*) from sandbox_event group by kind order by kind")) events[to_text(row[0])] = to_int(row[1]);
  stats["events"] = std::move(events);
  stats["credits_remaining"] = world_->daily.remaining(world_->clock.now_ms());
}

}  // namespace godwit::sandbox::zoho
