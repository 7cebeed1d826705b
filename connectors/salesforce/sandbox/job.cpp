#include "connectors/salesforce/sandbox/job.hpp"

#include <nlohmann/json.hpp>

#include "connectors/salesforce/sandbox/csv.hpp"
#include "connectors/salesforce/sandbox/ids.hpp"

namespace godwit::sandbox::salesforce {
namespace {

constexpr const char* kColumns =
    "id, kind, object, operation, key, query, delimiter, line_ending, state, error, created_by, version, created_ms, stamp_ms, started_ms, finished_ms, total, processed, failed, result_set";

Job job_of_row(const Row& row) {
  Job out;
  std::size_t at = 0;
  for (std::string* text : {&out.id, &out.kind, &out.object, &out.operation, &out.key, &out.query, &out.delimiter, &out.line_ending, &out.state, &out.error, &out.created_by, &out.version})
    *text = to_text(row[at++]);
  for (std::int64_t* number : {&out.created_ms, &out.stamp_ms, &out.started_ms, &out.finished_ms, &out.total, &out.processed, &out.failed}) *number = to_int(row[at++]);
  out.result_set = to_text(row[at]);
  return out;
}

}  // namespace

char Job::delimiter_character() const { return csv_delimiter(delimiter).value_or(','); }

void make_job_tables(Database& database) {
  database.script(
      "create table if not exists sandbox_job(id text primary key, kind text, object text, operation text, key text, query text, delimiter text, line_ending text, state text, error text,"
      "  created_by text, version text, created_ms integer, stamp_ms integer, started_ms integer, finished_ms integer, total integer, processed integer, failed integer, result_set text);"
      "create table if not exists sandbox_job_content(job text primary key, content text);"
      "create table if not exists sandbox_job_batch(job text, n integer, begin integer, first integer, rows integer, done integer, taken integer, header text, content text, primary key(job, n));"
      "create table if not exists sandbox_job_row(job text, n integer, begin integer, length integer, id text, created integer, error text, primary key(job, n)) without rowid");
}

void insert_job(Org& org, const Job& job) {
  org.database().run("insert into sandbox_job(" + std::string(kColumns) + ") values(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                     {job.id, job.kind, job.object, job.operation, job.key, job.query, job.delimiter, job.line_ending, job.state, job.error, job.created_by, job.version, job.created_ms, job.stamp_ms,
                      job.started_ms, job.finished_ms, job.total, job.processed, job.failed, job.result_set});
}

std::optional<Job> find_job(Org& org, const std::string& id) {
  const std::optional<Row> row = org.database().row("select " + std::string(kColumns) + " from sandbox_job where id = ?", {full_id(id).value_or(id)});
  if (!row) return std::nullopt;
  return job_of_row(*row);
}

std::optional<Job> next_job(Org& org, const std::string& kind, const std::string& state) {
  const std::optional<Row> row = org.database().row("select " + std::string(kColumns) + " from sandbox_job where kind = ? and state = ? order by created_ms, id limit 1", {kind, state});
  if (!row) return std::nullopt;
  return job_of_row(*row);
}

Job job_of(Org& org, const Call& call, const char* kind) {
  std::optional<Job> job = find_job(org, call.request.param("job"));
  if (!job || job->kind != kind) refuse_call(404, "NOT_FOUND", "The requested resource does not exist");
  return std::move(*job);
}

void set_state(Org& org, const std::string& id, const std::string& state, const std::string& error) {
  const std::int64_t now = org.world().clock.now_ms();
  const char* time = state == "InProgress" ? "started_ms" : "finished_ms";
  org.database().run("update sandbox_job set state = ?1, error = ?2, stamp_ms = ?3, " + std::string(time) + " = ?3 where id = ?4", {state, error, now, id});
}

void delete_job(Org& org, const Job& job) {
  if (!job.result_set.empty()) {
    org.database().script("drop table if exists " + quote_name("sandbox_result_" + job.result_set));
    org.database().run("delete from sandbox_cursor where id = ?", {job.result_set});
  }
  for (const char* table : {"sandbox_job_content", "sandbox_job_batch", "sandbox_job_row"}) org.database().run("delete from " + std::string(table) + " where job = ?", {job.id});
  org.database().run("delete from sandbox_job where id = ?", {job.id});
}

Json job_json(const Job& job) {
  const bool ingest = job.kind == "ingest";
  Json out{{"id", job.id}, {"operation", job.operation}, {"object", job.object}, {"createdById", job.created_by}, {"createdDate", iso_time(job.created_ms, Zone::plus_0000, true)},
           {"systemModstamp", iso_time(job.stamp_ms, Zone::plus_0000, true)}, {"state", job.state}};
  if (!job.key.empty()) out["externalIdFieldName"] = job.key;
  out["concurrencyMode"] = "Parallel";
  out["contentType"] = "CSV";
  out["apiVersion"] = std::stod(job.version);
  if (ingest) out["contentUrl"] = "services/data/v" + job.version + "/jobs/ingest/" + job.id + "/batches";
  out["lineEnding"] = job.line_ending;
  out["columnDelimiter"] = job.delimiter;
  out["jobType"] = ingest ? "V2Ingest" : "V2Query";
  if (job.state == "Open") return out;
  out["retries"] = 0;
  out["totalProcessingTime"] = job.started_ms == 0 ? 0 : (job.finished_ms > 0 ? job.finished_ms : job.stamp_ms) - job.started_ms;
  out["numberRecordsProcessed"] = job.processed;
  if (ingest) out["numberRecordsFailed"] = job.failed, out["apiActiveProcessingTime"] = out["totalProcessingTime"], out["apexProcessingTime"] = 0;
  if (!job.error.empty()) out["errorMessage"] = job.error;
  return out;
}

Answer job_list(Org& org, const char* kind) {
  Json out{{"done", true}, {"records", Json::array()}, {"nextRecordsUrl", nullptr}};
  for (const Row& row : org.database().rows("select " + std::string(kColumns) + " from sandbox_job where kind = ? order by created_ms desc, id desc limit 1000", {std::string(kind)})) {
    Job job = job_of_row(row);
    out["records"].push_back(job_json(job));
  }
  return json_answer(200, out);
}

Job read_job(Org& org, const Call& call, const Json& body, const char* kind) {
  Job out;
  for (const auto& [name, value] : body.items()) {
    if (!value.is_string()) refuse_call(400, "JSON_PARSER_ERROR", name + " is no text");
    const std::string text = value.get<std::string>();
    if (name == "operation") out.operation = text;
    else if (name == "columnDelimiter") out.delimiter = text;
    else if (name == "lineEnding") out.line_ending = text;
    else if (name == "contentType" && text != "CSV") refuse_call(400, "INVALIDJOB", "Invalid contentType: " + text);
    else if (name == "object" && std::string_view(kind) == "ingest") out.object = text;
    else if (name == "externalIdFieldName" && std::string_view(kind) == "ingest") out.key = text;
    else if (name == "query" && std::string_view(kind) == "query") out.query = text;
    else if (name != "contentType" && name != "assignmentRuleId") refuse_call(400, "JSON_PARSER_ERROR", "Unrecognized field \"" + name + "\"");
  }
  if (!csv_delimiter(out.delimiter)) refuse_call(400, "INVALIDJOB", "Invalid columnDelimiter: " + out.delimiter);
  if (out.line_ending != "LF" && out.line_ending != "CRLF") refuse_call(400, "INVALIDJOB", "Invalid lineEnding: " + out.line_ending);
  out.id = make_id("750", org.database().next("job"));
  out.kind = kind, out.created_by = call.user_id, out.version = call.version;
  out.created_ms = out.stamp_ms = call.request.now_ms;
  return out;
}

}  // namespace godwit::sandbox::salesforce
