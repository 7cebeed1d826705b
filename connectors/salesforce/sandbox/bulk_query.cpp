// Jobs that query (contract, section 11).
#include <charconv>
#include <nlohmann/json.hpp>

#include "connectors/salesforce/sandbox/bulk.hpp"
#include "connectors/salesforce/sandbox/csv.hpp"
#include "connectors/salesforce/sandbox/job.hpp"
#include "connectors/salesforce/sandbox/result_set.hpp"
#include "plugins/kits/sandbox/codec.hpp"

namespace godwit::sandbox::salesforce {
namespace {

constexpr std::int64_t kPageRows = 250'000;  // where the client does not say

Answer create_query(Org& org, Call& call) {
  const std::optional<Json> body = call.request.json();
  if (!body || !body->is_object()) return problem_answer(400, "JSON_PARSER_ERROR", "The request body is no JSON object");
  Job job = read_job(org, call, *body, "query");
  if (job.operation != "query" && job.operation != "queryAll") return problem_answer(400, "INVALIDOPERATION", "Invalid operation: " + job.operation);
  try {
    job.object = compile_soql(org, job.query, {.all = job.operation == "queryAll", .bulk = true, .now_ms = call.request.now_ms, .version = call.version}).object->name;
  } catch (const SoqlError& e) {
    return problem_answer(400, "API_ERROR", e.code + " : " + e.message);
  }
  job.state = "UploadComplete";
  insert_job(org, job);
  return json_answer(200, job_json(job));
}

Answer change_query(Org& org, Call& call) {
  const Job job = job_of(org, call, "query");
  const std::optional<Json> body = call.request.json();
  if (!body || !body->is_object() || word(*body, "state") != "Aborted") return problem_answer(400, "INVALIDJOBSTATE", "The state has to be Aborted");
  if (job.over()) return problem_answer(400, "INVALIDJOBSTATE", "Job " + job.id + " is in the state " + job.state);
  set_state(org, job.id, "Aborted");
  return json_answer(200, job_json(*find_job(org, job.id)));
}

Answer query_results(Org& org, Call& call) {
  const Job job = job_of(org, call, "query");
  if (job.state != "JobComplete") return problem_answer(400, "INVALIDJOBSTATE", "Job " + job.id + " is in the state " + job.state + " and has no results");
  const std::optional<ResultSet> set = ResultSet::find(org, job.result_set, job.created_ms);
  if (!set) return problem_answer(404, "NOT_FOUND", "The requested resource does not exist");
  std::int64_t from = 0, count = kPageRows;
  const auto number = [](const std::string& text, std::int64_t& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size();
  };
  if (const auto asked = call.request.query_value("maxRecords"); asked && (!number(*asked, count) || count < 1)) return problem_answer(400, "INVALID_QUERY_LOCATOR", "Invalid maxRecords: " + *asked);
  if (const auto locator = call.request.query_value("locator"))
    if (!number(unbase64(*locator).value_or(""), from) || from < 0) return problem_answer(400, "INVALID_QUERY_LOCATOR", "Invalid locator: " + *locator);
  const Soql soql = compile_soql(org, job.query, {.all = set->all(), .bulk = true, .now_ms = call.request.now_ms, .version = call.version});
  const std::vector<Row> rows = set->rows(org, from, count);
  const char delimiter = job.delimiter_character();
  Answer out{.status = 200, .content_type = "text/csv"};
  for (std::size_t i = 0; i < soql.columns.size(); ++i) out.body += (i > 0 ? std::string(1, delimiter) : "") + csv_cell(soql.columns[i].name);
  out.body += job.line_end();
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < soql.columns.size(); ++i) {
      if (i > 0) out.body += delimiter;
      out.body += csv_cell(value_csv(soql.columns[i].field, row[soql.hidden + i]));
    }
    out.body += job.line_end();
  }
  const std::int64_t to = from + static_cast<std::int64_t>(rows.size());
  out.headers.emplace_back("Sforce-NumberOfRecords", std::to_string(rows.size()));
  out.headers.emplace_back("Sforce-Locator", to < job.processed ? base64(std::to_string(to)) : "null");
  return out;
}

}  // namespace

void add_bulk_query(Org& org) {
  org.route("POST", "/jobs/query", [&org](Call& call) { return create_query(org, call); });
  org.route("GET", "/jobs/query", [&org](Call&) { return job_list(org, "query"); });
  org.route("GET", "/jobs/query/{job}", [&org](Call& call) { return json_answer(200, job_json(job_of(org, call, "query"))); });
  org.route("PATCH", "/jobs/query/{job}", [&org](Call& call) { return change_query(org, call); });
  org.route("DELETE", "/jobs/query/{job}", [&org](Call& call) {
    const Job job = job_of(org, call, "query");
    if (!job.over()) return problem_answer(400, "INVALIDJOBSTATE", "Job " + job.id + " is in the state " + job.state + " and cannot be deleted");
    delete_job(org, job);
    return empty_answer(204);
  });
  org.route("GET", "/jobs/query/{job}/results", [&org](Call& call) { return query_results(org, call); });
}

}  // namespace godwit::sandbox::salesforce
