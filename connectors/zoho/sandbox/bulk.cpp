#include "connectors/zoho/sandbox/bulk.hpp"

#include <nlohmann/json.hpp>

#include "connectors/zoho/sandbox/tables_of_text.hpp"
#include "plugins/kits/sandbox/codec.hpp"
#include "plugins/kits/sandbox/worker.hpp"

namespace godwit::sandbox::zoho {
namespace {

constexpr std::size_t kLargestUpload = 25 << 20;

}  // namespace

BulkJobs::BulkJobs(Service& service) : service_(service) {
  service_.org.database().script(
      "create table if not exists sandbox_job(id text primary key, kind text, state text, body text, user text, at_ms integer, finished_ms integer,"
      " file integer default 0, row integer default 0, added integer default 0, updated integer default 0, skipped integer default 0, total integer default 0, after_id text, more integer, result blob) without rowid;"
      "create table if not exists sandbox_job_lines(job text, number integer primary key, name text, lines text);"
      "create index if not exists sandbox_job_lines_of on sandbox_job_lines(job);");
  Router& router = service_.world.router;
  router.on("POST", "/crm/v8/upload", guarded([this](const Request& r) { return upload(r); }));
  router.on("POST", "/crm/bulk/v8/write", guarded([this](const Request& r) { return create_write(r); }));
  router.on("GET", "/crm/bulk/v8/write/{id}", guarded([this](const Request& r) { return write_state(r); }));
  router.on("GET", "/crm/bulk/v8/write/{id}/result", guarded([this](const Request& r) { return result(r, "write"); }));
  router.on("POST", "/crm/bulk/v8/read", guarded([this](const Request& r) { return create_read(r); }));
  router.on("GET", "/crm/bulk/v8/read/{id}", guarded([this](const Request& r) { return read_state(r); }));
  router.on("GET", "/crm/bulk/v8/read/{id}/result", guarded([this](const Request& r) { return result(r, "read"); }));
}

BulkJobs::~BulkJobs() = default;
void BulkJobs::begin() { worker_ = std::make_unique<Worker>([this] { return step(); }); }
void BulkJobs::end() { worker_.reset(); }

Answer BulkJobs::upload(const Request& request) {
  service_.accounts.user(request, "files.ALL");
  // What is missing here is said in a shape of its own.
  const auto wrong = [](const char* code, const char* text) { return json_answer(400, {{"x-error", code}, {"info", text}, {"x-info", text}, {"http_status", "400"}}); };
  if (!same_word(request.header("feature"), "bulk-write")) return wrong("FEATURE_MISSING", "the header feature: bulk-write is missing");
  if (request.header("x-crm-org") != kOrgId) return wrong("ORG_ID_MISSING", "the header X-CRM-ORG is missing or wrong");
  const auto parts = parse_multipart(request.header("content-type"), request.body);
  const Part* file = nullptr;
  if (parts)
    for (const Part& part : *parts)
      if (part.name == "file") file = &part;
  if (file == nullptr) return wrong("FILE_MISSING", "the part file is missing");
  if (file->body.size() > kLargestUpload) refuse_call(400, "FILE_TOO_LARGE", "the file is larger than allowed", {{"limit", kLargestUpload}});
  if (!file->body.starts_with("PK")) refuse_call(400, "INVALID_FILE_FORMAT", "the file is no ZIP");
  const std::string id = service_.org.new_id();
  service_.org.database().run("insert into sandbox_file values (?, 'bulk', ?, ?, ?)", {id, file->file_name, file->body, request.now_ms});
  return json_answer(200, {{"status", "success"}, {"code", "FILE_UPLOAD_SUCCESS"}, {"message", "file uploaded."}, {"details", {{"file_id", id}, {"created_time", service_.org.time_text(request.now_ms)}}}});
}

std::string BulkJobs::add_job(const char* kind, const Json& body, const Request& request, const std::string& user) {
  const std::string id = service_.org.new_id();
  service_.org.database().run("insert into sandbox_job(id, kind, state, body, user, at_ms, after_id) values (?, ?, 'ADDED', ?, ?, ?, '')",
                              {id, std::string(kind), body.dump(), user, request.now_ms});
  if (worker_) worker_->wake();
  return id;
}

Answer BulkJobs::create_write(const Request& request) {
  const std::string user = service_.accounts.user(request, "bulk.CREATE");
  const Json body = json_body(request);
  read_bulk_write(service_.org, body);
  const std::string id = add_job("write", body, request, user);
  return json_answer(201, {{"status", "success"}, {"code", "SUCCESS"}, {"message", "success"}, {"details", {{"id", id}, {"created_by", service_.org.user_json(user)}}}});
}

Answer BulkJobs::create_read(const Request& request) {
  const std::string user = service_.accounts.user(request, "bulk.READ");
  const Json body = json_body(request);
  read_bulk_read(service_.org, body);
  const std::string id = add_job("read", body, request, user);
  const Json details = {{"id", id}, {"operation", "read"}, {"state", "ADDED"}, {"created_by", service_.org.user_json(user)}, {"created_time", service_.org.time_text(request.now_ms)}};
  return json_answer(201, {{"data", Json::array({{{"status", "success"}, {"code", "ADDED_SUCCESSFULLY"}, {"message", "Added successfully."}, {"details", details}}})}, {"info", Json::object()}});
}

Answer BulkJobs::write_state(const Request& request) {
  service_.accounts.user(request, "bulk.READ");
  const auto row = service_.org.database().row("select state, body, user, at_ms, added, updated, skipped, total from sandbox_job where id = ? and kind = 'write'", {request.param("id")});
  if (!row) return error_answer(404, {"RESOURCE_NOT_FOUND", "there is no such job", {{"id", request.param("id")}}});
  const Json body = Json::parse(to_text((*row)[1]));
  std::string state = to_text((*row)[0]);
  if (state == "IN PROGRESS") state = service_.world.setting("bulk_progress");
  Json resources = Json::array();
  for (std::size_t i = 0; i < body["resource"].size(); ++i) {
    const Json& one = body["resource"][i];
    Json shown = {{"status", state}, {"type", "data"}, {"module", one["module"]}, {"field_mappings", one.value("field_mappings", Json::array())}};
    const Json names = one.value("file_names", Json::array());
    // The counts of a job are those of all of its files; they stand at the first.
    shown["file"] = {{"status", state}, {"name", names.empty() ? Json() : names.front()}, {"added_count", i == 0 ? to_int((*row)[4]) : 0}, {"skipped_count", i == 0 ? to_int((*row)[6]) : 0},
                     {"updated_count", i == 0 ? to_int((*row)[5]) : 0}, {"total_count", i == 0 ? to_int((*row)[7]) : 0}};
    resources.push_back(std::move(shown));
  }
  Json out = {{"status", state}, {"operation", body["operation"]}, {"id", request.param("id")}, {"character_encoding", body.value("character_encoding", Json("UTF-8"))}, {"resource", std::move(resources)},
              {"created_by", service_.org.user_json(to_text((*row)[2]))}, {"created_time", service_.org.time_text(to_int((*row)[3]))}};
  if (state == "COMPLETED" || state == "FAILED") out["result"] = {{"download_url", request.base_url + "/crm/bulk/v8/write/" + request.param("id") + "/result"}};
  if (body.contains("callback")) out["callback"] = body["callback"];
  return json_answer(200, out);
}

Answer BulkJobs::read_state(const Request& request) {
  service_.accounts.user(request, "bulk.READ");
  const auto row = service_.org.database().row("select state, body, user, at_ms, total, more, after_id from sandbox_job where id = ? and kind = 'read'", {request.param("id")});
  if (!row) return error_answer(404, {"RESOURCE_NOT_FOUND", "there is no such job", {{"id", request.param("id")}}});
  const Json body = Json::parse(to_text((*row)[1]));
  Json one = {{"id", request.param("id")}, {"operation", "read"}, {"state", to_text((*row)[0])}, {"query", body["query"]}, {"created_by", service_.org.user_json(to_text((*row)[2]))},
              {"created_time", service_.org.time_text(to_int((*row)[3]))}, {"file_type", "csv"}};
  if (to_text((*row)[0]) == "COMPLETED") {
    const bool more = to_int((*row)[5]) != 0;
    one["result"] = {{"page", body["query"].value("page", 1)}, {"count", to_int((*row)[4])}, {"download_url", "/crm/bulk/v8/read/" + request.param("id") + "/result"},
                     {"per_page", std::stoll(service_.world.setting("bulk_read_page"))}, {"more_records", more}, {"next_page_token", more ? Json(base64_url(to_text((*row)[6]))) : Json()}};
  }
  return json_answer(200, {{"data", Json::array({std::move(one)})}});
}

Answer BulkJobs::result(const Request& request, const char* kind) {
  service_.accounts.user(request, "bulk.READ");
  const auto row = service_.org.database().row("select result, finished_ms from sandbox_job where id = ? and kind = ? and result is not null", {request.param("id"), std::string(kind)});
  const std::int64_t life = std::stoll(service_.world.setting("bulk_result_days")) * 86'400'000;
  if (!row || (std::string_view(kind) == "read" && to_int((*row)[1]) + life <= request.now_ms)) return error_answer(404, {"RESOURCE_NOT_FOUND", "there is no result", {{"id", request.param("id")}}});
  return {.body = to_text((*row)[0]), .content_type = "application/zip", .headers = {{"Content-Disposition", "attachment; filename=" + request.param("id") + ".zip"}}};
}

}  // namespace godwit::sandbox::zoho
