#include "connectors/zoho/bulk_write.hpp"

#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/zoho/archive.hpp"
#include "connectors/zoho/bulk_csv.hpp"
#include "connectors/zoho/bulk_job.hpp"
#include "plugins/kits/rest/calls.hpp"
#include "plugins/kits/rest/csv.hpp"
#include "plugins/kits/rest/exact_json.hpp"

namespace godwit::zoho {
namespace {

using nlohmann::json;

constexpr std::string_view kJob = "job ";
constexpr double kWriteCredits = 500;
constexpr std::size_t kMostBytes = 24 << 20;     // of the CSV; an archive of 25 MB is taken
constexpr std::size_t kMostResult = 256 << 20;   // three columns of 25,000 rows are far less

std::string told_text(const json& value, const char* place) {
  const json* found = rest::find_at(value, place);
  return found == nullptr ? std::string() : rest::scalar_text(*found).value_or("");
}

class BulkWrite {
 public:
  BulkWrite(Org& org, const WritePlan& plan, UnitState& state) : org_(org), plan_(plan), state_(state), place_(org.options().place() + " " + plan.module->name) {}

  // Uploads the CSV and makes the job, whose id is the answer.
  Result<std::string> begin(const std::string& csv, const std::string& mappings) {
    GW_ASSIGN(const std::string file, upload(csv));
    std::string body = R"({"operation":"upsert","character_encoding":"UTF-8","ignore_empty":true,"resource":[{"type":"data","module":{"api_name":)";
    rest::append_quoted(plan_.module->name, &body);
    body += R"(},"file_id":)";
    rest::append_quoted(file, &body);
    body += R"(,"file_names":["data.csv"],"ignore_empty":true,"find_by":)";
    rest::append_quoted(plan_.key.fields().front()->name, &body);
    body += R"(,"field_mappings":)" + mappings + "}]}";
    sdk::HttpRequest request;
    request.method = "POST", request.url = url(""), request.endpoint = "bulk", request.cost = kWriteCredits, request.body = std::move(body);
    request.repeatable = true;  // what it makes is found by a unique field: the same job again makes nothing twice
    request.headers.emplace_back("Content-Type", "application/json");
    GW_ASSIGN(const json made, answered(request));
    const std::string job = told_text(made, "/details/id");
    return is_record_id(job) ? Result<std::string>(job) : rest::not_understood(place_, rest::exact_text(made));
  }

  // Waits for the end of the job and takes what it says of the rows.
  Result<> finish(const std::string& job) {
    GW_ASSIGN(const json told, wait_for_job(org_, url("/" + job), "/status", job, plan_.module->name));
    const std::string from = told_text(told, "/result/download_url");
    return from.empty() ? Result<>() : results(job, from);
  }

 private:
  std::string url(const std::string& rest) const { return "/crm/bulk/" + org_.options().version + "/write" + rest; }

  // The JSON of an answer that is a success; `repeated` is noted in the state.
  Result<json> answered(const sdk::HttpRequest& request) {
    GW_ASSIGN(sdk::HttpClient* const http, org_.client());
    GW_ASSIGN(const sdk::HttpAnswer answer, http->call(request));
    state_.again = state_.again || answer.maybe_done;
    if (answer.verdict != sdk::Verdict::ok) return Failure(org_.refusal(answer, plan_.module->name));
    auto parsed = rest::parse_exact(answer.body);
    if (!parsed) return rest::not_understood(place_, answer.body);
    return std::move(*parsed);
  }

  Result<std::string> upload(const std::string& csv) {
    auto archive = make_archive("data.csv", csv);
    if (!archive) return rest::not_understood(place_, "no memory for an archive");
    GW_ASSIGN(const std::string organisation, org_.identity());
    std::string boundary;
    for (std::int64_t salt = rest::steady_us(); boundary.empty() || archive->find(boundary) != std::string::npos; ++salt) boundary = "godwit-" + std::to_string(getpid()) + "-" + std::to_string(salt);
    sdk::HttpRequest request;
    request.method = "POST", request.url = org_.options().upload_url, request.endpoint = "bulk", request.repeatable = true;
    request.headers = {{"Content-Type", "multipart/form-data; boundary=" + boundary}, {"feature", "bulk-write"}, {"X-CRM-ORG", organisation}};
    request.body = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"data.zip\"\r\nContent-Type: application/zip\r\n\r\n" + *archive + "\r\n--" + boundary + "--\r\n";
    archive.reset();
    GW_ASSIGN(const json taken, answered(request));
    const std::string file = told_text(taken, "/details/file_id");
    return is_record_id(file) ? Result<std::string>(file) : rest::not_understood(place_, rest::exact_text(taken));
  }

  Result<> results(const std::string& job, const std::string& from) {
    GW_ASSIGN(sdk::HttpClient* const http, org_.client());
    sdk::HttpRequest request;
    request.url = from, request.endpoint = "bulk", request.repeatable = true;
    request.headers.emplace_back("Accept", "*/*");
    GW_ASSIGN(const sdk::HttpAnswer answer, http->call(request));
    if (answer.verdict != sdk::Verdict::ok) return Failure(org_.refusal(answer, plan_.module->name));
    const auto text = first_file(answer.body, kMostResult);
    if (!text) return rest::not_understood(place_, "the result of job " + job + " is no archive");
    rest::CsvParser parser;
    parser.feed(*text, true);
    std::vector<std::string> header, fields;
    const auto column = [&](std::string_view name) { return static_cast<std::size_t>(std::ranges::find(header, name) - header.begin()); };
    if (!parser.next(&header) || column("STATUS") >= header.size() || column("RECORD_ID") >= header.size()) return rest::not_understood(place_, text->substr(0, 200));
    const std::size_t status = column("STATUS"), id = column("RECORD_ID");
    const auto rows = rows_by_key();
    while (parser.next(&fields)) {
      if (fields.size() != header.size()) return rest::not_understood(place_, "the result of job " + job + " has lines of other lengths");
      const bool added = fields[status] == "ADDED";
      if (!added && fields[status] != "UPDATED") continue;  // skipped or not processed: a call will say why
      const auto row = rows.find(plan_.key.folded(fields[0]));
      if (row == rows.end() || !state_.is_open(row->second) || !is_record_id(fields[id])) continue;
      state_.settle(row->second, added || state_.again ? OutcomeKind::created : OutcomeKind::updated, fields[id]);
    }
    if (parser.broken()) return rest::not_understood(place_, "the result of job " + job + " is cut");
    return {};
  }

  // Open new rows of the unit, by their keys as results echo them.
  std::map<std::string, std::int64_t, std::less<>> rows_by_key() const {
    std::map<std::string, std::int64_t, std::less<>> out;
    for (const std::int64_t row : state_.open_rows(plan_, Action::upsert))
      if (const rest::RowAt& at = state_.rows[static_cast<std::size_t>(row)]; at.operation() == Operation::insert)
        if (const auto key = plan_.key_of(at)) out.emplace(*key, row);
    return out;
  }

  Org& org_;
  const WritePlan& plan_;
  UnitState& state_;
  const std::string place_;
};

}  // namespace

Result<> write_bulk(Org& org, const WritePlan& plan, UnitState& state, UnitMemory* memory) {
  const Options& o = org.options();
  if (o.bulk_from == 0 || !fits_bulk(plan)) return {};
  const std::vector<std::int64_t> rows = state.open_rows(plan, Action::upsert);
  if (rows.size() < o.bulk_from) return {};
  std::size_t number = 0;
  if (memory != nullptr)
    for (const auto& [name, text] : memory->entries()) number += name.starts_with(kJob);
  const BulkCsv format(plan);
  for (std::size_t at = 0; at < rows.size();) {
    std::string csv = format.header();
    std::size_t taken = 0;
    for (; at < rows.size() && taken < o.bulk_rows; ++at) {
      const auto line = format.line(state.rows[static_cast<std::size_t>(rows[at])]);
      if (!line) continue;
      if (csv.size() + line->size() > kMostBytes && taken > 0) break;
      csv += *line, ++taken;
    }
    if (taken < o.bulk_from) break;  // what is left is cheaper by calls
    BulkWrite job(org, plan, state);
    GW_ASSIGN(const std::string id, job.begin(csv, format.mappings()));
    if (memory != nullptr) GW_TRY(memory->put(std::string(kJob) + std::to_string(++number), id));
    GW_TRY(job.finish(id));
  }
  return {};
}

Result<> adopt_jobs(Org& org, const WritePlan& plan, UnitState& state, UnitMemory* memory) {
  if (memory == nullptr) return {};
  for (const auto& [name, id] : memory->entries()) {
    if (!name.starts_with(kJob)) continue;
    state.again = true;
    // A job that nobody knows any more is over; what it made is found by its key.
    if (const Result<> ended = BulkWrite(org, plan, state).finish(id); !ended && ended.error().number != 3703) return Failure(ended.error());
  }
  return {};
}

}  // namespace godwit::zoho
