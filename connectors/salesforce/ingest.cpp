#include "connectors/salesforce/ingest.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>

#include "connectors/salesforce/bulk_job.hpp"
#include "connectors/salesforce/ingest_csv.hpp"
#include "plugins/kits/rest/calls.hpp"
#include "plugins/kits/rest/exact_json.hpp"

namespace godwit::salesforce {
namespace {

using nlohmann::json;

constexpr std::string_view kJob = "job ";
constexpr double kNearlyThrough = 0.85;  // share of its rows that a job has done when the next may begin

const char* name_of(Action action) {
  switch (action) {
    case Action::upsert: return "upsert";
    case Action::create: return "insert";
    case Action::update: return "update";
    case Action::remove: return "delete";
  }
  return "";
}

// A file that only this user may read, gone with its object.
class SpoolFile {
 public:
  Result<> make() {
    std::error_code error;
    std::string name = (std::filesystem::temp_directory_path(error) / "godwit-salesforce-XXXXXX").string();
    const int fd = error ? -1 : mkstemp(name.data());
    if (fd < 0) return sdk::fail(3514, ErrorKind::broken, {{"seen", name}});
    ::close(fd);
    path_ = name;
    return {};
  }
  ~SpoolFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  SpoolFile() = default;
  SpoolFile(const SpoolFile&) = delete;
  SpoolFile& operator=(const SpoolFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class Ingest {
 public:
  Ingest(Org& org, const WritePlan& plan, UnitState& state, Action action)
      : org_(org), plan_(plan), state_(state), action_(action), csv_(plan, action, org.options().null_marker), place_(org.options().place() + " " + plan.object->name) {}

  // One job of the rows, from `from` on; answers the row behind its last.
  Result<std::size_t> write(const std::vector<std::int64_t>& rows, std::size_t from, UnitMemory* memory, std::size_t number) {
    SpoolFile spool;
    GW_TRY(spool.make());
    std::ofstream out(spool.path(), std::ios::binary);
    const std::string header = csv_.header();
    out << header;
    std::size_t bytes = header.size(), sent = 0, at = from;
    for (; at < rows.size(); ++at) {
      const auto line = csv_.line(state_, rows[at]);
      if (!line) continue;
      if (bytes + line->size() > org_.options().bulk_bytes && sent > 0) break;
      out << *line;
      csv_.sent(state_, rows[at], *line);
      bytes += line->size(), ++sent;
    }
    out.close();
    if (!out) return sdk::fail(3514, ErrorKind::broken, {{"seen", spool.path()}});
    if (sent == 0) return at;
    GW_ASSIGN(const std::string job, create());
    if (memory != nullptr) GW_TRY(memory->put(std::string(kJob) + std::to_string(number), job + " " + name_of(action_)));
    GW_TRY(upload(job, spool.path()));
    // Jobs of records that hang on others run one after another: two of them at once would lock the same parents. The next one begins when this one is
    // nearly through, so that Salesforce is never idle.
    std::unique_lock<std::shared_timed_mutex> turn(org_.job_turn(), std::defer_lock);
    if (!plan_.locking.empty()) GW_TRY(wait_for(turn));
    GW_TRY(put_state(job, "UploadComplete"));
    GW_TRY(finish(job, static_cast<std::int64_t>(sent), [&turn](double done) {
      if (done >= kNearlyThrough && turn.owns_lock()) turn.unlock();
      return turn.owns_lock() ? kNearlyThrough : 1;
    }));
    return at;
  }

  // A job that this unit's earlier life made.
  Result<> adopt(const std::string& job) {
    auto found = org_.get(url(job), "bulk", plan_.object->name);
    if (!found) {
      if (found.error().kind != ErrorKind::bad_config) return Failure(found.error());
      // Salesforce forgets jobs after seven days. What had a key is found by it.
      return gone();
    }
    const json* state = rest::find_at(*found, "/state");
    const std::string name = state != nullptr && state->is_string() ? state->get<std::string>() : "";
    if (name == "Open") return put_state(job, "Aborted");
    state_.again = true;
    // Updates and deletions do no harm when they are sent again; what counts is that the job is over.
    if (action_ == Action::update || action_ == Action::remove) {
      GW_ASSIGN(const json ended, wait_for_job(org_, "ingest", job, plan_.object->name));
      return {};
    }
    for (const std::int64_t row : state_.open_rows(plan_, action_)) {
      const auto line = csv_.line(state_, row);
      if (line) csv_.sent(state_, row, *line);
    }
    return finish(job);
  }

 private:
  std::string url(const std::string& job) const { return org_.path("/jobs/ingest/" + job); }

  Result<> gone() {
    if (plan_.key < 0 || plan_.key_is_id)
      if (action_ == Action::create)
        for (const std::int64_t row : state_.open_rows(plan_, action_)) state_.in_doubt[static_cast<std::size_t>(row)] = true;
    return {};
  }

  Result<std::string> create() {
    json body{{"object", plan_.object->name}, {"operation", name_of(action_)}, {"contentType", "CSV"}, {"columnDelimiter", "COMMA"}, {"lineEnding", "LF"}};
    if (action_ == Action::upsert) body["externalIdFieldName"] = plan_.columns[static_cast<std::size_t>(plan_.key)].field->name;
    GW_ASSIGN(const json job, org_.call("POST", org_.path("/jobs/ingest"), body.dump(), "bulk", plan_.object->name));
    const json* id = rest::find_at(job, "/id");
    if (id == nullptr || !id->is_string()) return rest::not_understood(place_, rest::exact_text(job));
    return id->get<std::string>();
  }

  Result<> upload(const std::string& job, const std::string& file) {
    sdk::HttpRequest request;
    request.method = "PUT", request.url = url(job) + "/batches", request.body_file = file;
    request.headers.emplace_back("Content-Type", "text/csv; charset=UTF-8");
    GW_ASSIGN(const sdk::HttpAnswer answer, step(request));
    // A job takes one upload: a repetition of what arrived already is refused. What did not arrive has no result, and stays open for the calls that follow.
    if (answer.verdict == sdk::Verdict::ok || (answer.verdict == sdk::Verdict::refused && answer.maybe_done)) return {};
    return Failure(org_.refusal(answer, plan_.object->name));
  }

  Result<> put_state(const std::string& job, const std::string& state) {
    sdk::HttpRequest request;
    request.method = "PATCH", request.url = url(job), request.body = R"({"state":")" + state + "\"}";
    request.headers.emplace_back("Content-Type", "application/json");
    GW_ASSIGN(const sdk::HttpAnswer answer, step(request));
    if (answer.verdict == sdk::Verdict::ok) return {};
    if (answer.verdict != sdk::Verdict::refused || !answer.maybe_done) return Failure(org_.refusal(answer, plan_.object->name));
    // Refused the second time: the job itself says whether the first one left it open.
    GW_ASSIGN(const json held, org_.get(url(job), "bulk", plan_.object->name));
    return held.value("state", "Open") == "Open" ? Result<>(Failure(org_.refusal(answer, plan_.object->name))) : Result<>();
  }

  Result<sdk::HttpAnswer> step(sdk::HttpRequest& request) {
    request.endpoint = "bulk", request.repeatable = true;
    GW_ASSIGN(sdk::HttpClient* const http, org_.client());
    return http->call(request);
  }

  Result<> wait_for(std::unique_lock<std::shared_timed_mutex>& turn) const {
    while (!turn.try_lock_for(std::chrono::milliseconds(50)))
      if (org_.host().cancelled()) return sdk::fail(3018, ErrorKind::cancelled);
    return {};
  }

  // Waits for the end and takes the results.
  Result<> finish(const std::string& job, std::int64_t rows = 0, const OnProgress& progress = {}) {
    GW_ASSIGN(const json ended, wait_for_job(org_, "ingest", job, plan_.object->name, rows, progress));
    GW_TRY(results(job, "/successfulResults/", true));
    GW_TRY(results(job, "/failedResults/", false));
    // Rows that neither list has may have been carried out all the same: what the calls that follow find of them is ours.
    if (csv_.has_unanswered()) state_.again = true;
    const std::string state = ended.value("state", "");
    if (state == "JobComplete") return {};
    // What the job did not get to is still open; of a job that did nothing, Salesforce says why.
    const json* processed = rest::find_at(ended, "/numberRecordsProcessed");
    if (processed != nullptr && processed->is_number_integer() && processed->get<std::int64_t>() > 0) return {};
    if (state == "Aborted" && state_.again) return {};
    return sdk::fail(3506, ErrorKind::broken, {{"place", place_}, {"job", job}, {"seen", state + " " + ended.value("errorMessage", "")}});
  }

  Result<> results(const std::string& job, const char* which, bool succeeded) {
    SpoolFile file;
    GW_TRY(file.make());
    GW_ASSIGN(sdk::HttpClient* const http, org_.client());
    sdk::HttpRequest request;
    request.url = url(job) + which, request.endpoint = "bulk", request.save_to = file.path(), request.repeatable = true;
    request.headers.emplace_back("Accept", "text/csv");
    GW_ASSIGN(const sdk::HttpAnswer answer, http->call(request));
    if (answer.verdict != sdk::Verdict::ok) return Failure(org_.refusal(answer, plan_.object->name));
    rest::CsvFile csv;
    if (!csv.open(file.path())) {
      // Nothing to tell is nothing at all, not even a header; what cannot be read is no answer.
      std::error_code error;
      const bool empty = !csv.broken() && std::filesystem::file_size(file.path(), error) == 0 && !error;
      return empty ? Result<>() : sdk::fail(3514, ErrorKind::broken, {{"seen", file.path()}});
    }
    const int id = csv.column("sf__Id"), created = csv.column("sf__Created"), error = csv.column("sf__Error");
    if (succeeded ? id < 0 : error < 0) return rest::not_understood(place_, succeeded ? "results without sf__Id" : "results without sf__Error");
    std::vector<std::string> fields;
    while (csv.next(&fields)) {
      const std::int64_t row = csv_.row_of(csv, fields);
      if (row < 0 || !state_.is_open(row)) continue;
      if (succeeded) success(row, fields[static_cast<std::size_t>(id)], created < 0 || fields[static_cast<std::size_t>(created)] == "true");
      else failure(row, fields[static_cast<std::size_t>(error)]);
    }
    if (csv.broken()) return rest::not_understood(place_, "results that end in the midst of a record");
    return {};
  }

  void success(std::int64_t row, const std::string& id, bool created) {
    switch (action_) {
      case Action::create: return state_.settle(row, OutcomeKind::created, id);
      case Action::update: return state_.settle(row, OutcomeKind::updated, id);
      case Action::remove: return state_.settle(row, OutcomeKind::deleted, "");
      case Action::upsert: return state_.settle(row, state_.kind_of_upsert(row, created, state_.again), id);
    }
  }

  void failure(std::int64_t row, const std::string& text) {
    const RecordError error = record_error(std::string_view(text));
    if (error.may_pass()) return;  // stays open: the calls that follow take it
    if (action_ == Action::remove && error.is_missing()) return state_.results.settle(row, state_.again ? OutcomeKind::deleted : OutcomeKind::missing);
    if (action_ == Action::update && error.is_missing()) return state_.results.settle(row, OutcomeKind::missing);
    state_.results.refuse(refuse_record(plan_, error, state_.rows[static_cast<std::size_t>(row)], row));
  }

  Org& org_;
  const WritePlan& plan_;
  UnitState& state_;
  const Action action_;
  IngestCsv csv_;
  const std::string place_;
};

}  // namespace

Result<> write_bulk(Org& org, const WritePlan& plan, UnitState& state, UnitMemory* memory) {
  const std::size_t from = org.options().bulk_from;
  if (from == 0) return {};
  std::size_t number = 0;
  if (memory != nullptr)
    for (const auto& [name, text] : memory->entries()) number += name.starts_with(kJob);
  for (const Action action : {Action::remove, Action::update, Action::upsert, Action::create}) {
    std::vector<std::int64_t> rows = state.open_rows(plan, action);
    if (rows.size() < from) continue;
    // Rows of one parent stand together, so that the batches that Salesforce cuts and runs side by side lock few parents twice.
    std::stable_sort(rows.begin(), rows.end(), [&](std::int64_t a, std::int64_t b) {
      return plan.lock_of(state.rows[static_cast<std::size_t>(a)]) < plan.lock_of(state.rows[static_cast<std::size_t>(b)]);
    });
    for (std::size_t at = 0; at < rows.size();) {
      Ingest job(org, plan, state, action);
      GW_ASSIGN(const std::size_t next, job.write(rows, at, memory, ++number));
      at = next;
    }
  }
  return {};
}

Result<> adopt_jobs(Org& org, const WritePlan& plan, UnitState& state, UnitMemory* memory) {
  if (memory == nullptr) return {};
  for (const auto& [name, text] : memory->entries()) {
    if (!name.starts_with(kJob)) continue;
    const std::size_t space = std::min(text.find(' '), text.size());
    for (const Action action : {Action::remove, Action::update, Action::upsert, Action::create})
      if (text.substr(std::min(space + 1, text.size())) == name_of(action)) GW_TRY(Ingest(org, plan, state, action).adopt(text.substr(0, space)));
  }
  return {};
}

}  // namespace godwit::salesforce
