// Bulk API 2.0 queries: a job, and its results page by page.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/salesforce/bulk_job.hpp"
#include "connectors/salesforce/reader.hpp"
#include "plugins/kits/rest/calls.hpp"
#include "plugins/kits/rest/csv.hpp"
#include "plugins/kits/rest/exact_json.hpp"

namespace godwit::salesforce {
namespace {

using nlohmann::json;

constexpr int kPageRows = 10000;

bool is_job(std::string_view text) {
  return (text.size() == 15 || text.size() == 18) &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

class BulkPages final : public rest::PageSource {
 public:
  BulkPages(Org& org, Selection selection, std::string soql, bool all) : org_(org), selection_(std::move(selection)), soql_(std::move(soql)), all_(all) {}

  Result<rest::Page> page(const std::string& cursor) override {
    const std::size_t colon = cursor.find(':');
    std::string job = cursor.substr(0, colon);
    const std::string locator = colon == std::string::npos ? "" : cursor.substr(colon + 1);
    rest::Page out;
    if (job.empty()) {
      GW_ASSIGN(job, create());
      out.self = job;
    }
    if (job != ready_) {
      GW_ASSIGN(const json state, wait_for_job(org_, "query", job, selection_.object().name));
      const std::string name = state.value("state", "");
      if (name != "JobComplete")
        return sdk::fail(3506, ErrorKind::broken, {{"place", org_.options().place() + " " + selection_.object().name}, {"job", job}, {"seen", name + " " + state.value("errorMessage", "")}});
      ready_ = job;
    }
    GW_TRY(results(job, locator, &out));
    GW_TRY(selection_.complete(out.rows));
    return out;
  }

  bool is_cursor(std::string_view text) const override {
    const std::size_t colon = std::min(text.find(':'), text.size());
    return is_job(text.substr(0, colon)) && (colon == text.size() || colon + 1 < text.size());
  }

 private:
  Result<std::string> create() {
    const json body{{"operation", all_ ? "queryAll" : "query"}, {"query", soql_}, {"contentType", "CSV"}, {"columnDelimiter", "COMMA"}, {"lineEnding", "LF"}};
    GW_ASSIGN(const json job, org_.call("POST", org_.path("/jobs/query"), body.dump(-1, ' ', false, json::error_handler_t::replace), "bulk", selection_.object().name));
    if (!job.is_object() || !job.contains("id") || !job["id"].is_string()) return rest::not_understood(org_.options().place(), rest::exact_text(job));
    return job["id"].get<std::string>();
  }

  Result<> results(const std::string& job, const std::string& locator, rest::Page* out) {
    const std::string place = org_.options().place() + " " + selection_.object().name;
    GW_ASSIGN(sdk::HttpClient* const http, org_.client());
    sdk::HttpRequest request;
    request.url = org_.path("/jobs/query/" + job + "/results?maxRecords=" + std::to_string(kPageRows) + (locator.empty() ? "" : "&locator=" + url_part(locator)));
    request.endpoint = "bulk", request.repeatable = true;
    request.headers.emplace_back("Accept", "text/csv");
    GW_ASSIGN(const sdk::HttpAnswer answer, http->call(request));
    if (answer.verdict != sdk::Verdict::ok) return Failure(org_.refusal(answer, selection_.object().name));
    rest::CsvParser parser;
    parser.feed(answer.body, true);
    std::vector<std::string> header, fields;
    if (parser.next(&header)) {
      while (parser.next(&fields)) {
        if (fields.size() != header.size()) return rest::not_understood(place, "a row of " + std::to_string(fields.size()) + " fields below " + std::to_string(header.size()) + " names");
        json row = json::object();
        for (std::size_t i = 0; i < header.size(); ++i) row[header[i]] = std::move(fields[i]);
        out->rows.push_back(std::move(row));
      }
    }
    // A page that was cut says how many rows it should have.
    const std::string_view promised = answer.header("sforce-numberofrecords");
    if (parser.broken() || (!promised.empty() && promised != std::to_string(out->rows.size())))
      return rest::not_understood(place, std::to_string(out->rows.size()) + " rows of " + std::string(promised));
    const std::string_view next = answer.header("sforce-locator");
    if (!next.empty() && next != "null") out->next = job + ":" + std::string(next);
    return {};
  }

  Org& org_;
  Selection selection_;
  const std::string soql_;
  const bool all_;
  std::string ready_;  // the job whose results are known to be there
};

}  // namespace

std::unique_ptr<rest::PageSource> bulk_pages(Org& org, Selection selection, std::string soql, bool all) {
  return std::make_unique<BulkPages>(org, std::move(selection), std::move(soql), all);
}

std::string bulk_job_of(std::string_view position) {
  // "page:<rows before>:<rows of the page>:<job>[:<locator>]"
  if (!position.starts_with("page:")) return {};
  for (int i = 0; i < 3; ++i) {
    const std::size_t colon = position.find(':');
    if (colon == std::string_view::npos) return {};
    position.remove_prefix(colon + 1);
  }
  position = position.substr(0, position.find(':'));
  return is_job(position) ? std::string(position) : std::string();
}

}  // namespace godwit::salesforce
