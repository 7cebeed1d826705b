#include "connectors/salesforce/sandbox/bulk.hpp"

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "connectors/salesforce/sandbox/bulk_rows.hpp"
#include "connectors/salesforce/sandbox/result_set.hpp"

namespace godwit::sandbox::salesforce {
namespace {

constexpr std::int64_t kBatchRows = 10'000, kChunkRows = 200;
constexpr std::size_t kUploadLimit = 150'000'000;  // after base64, which the vendor reckons with

Answer create_job(Org& org, Call& call) {
  const std::optional<Json> body = call.request.json();
  if (!body || !body->is_object()) return problem_answer(400, "JSON_PARSER_ERROR", "The request body is no JSON object");
  Job job = read_job(org, call, *body, "ingest");
  const Object* object = org.world().model.object(job.object, true);
  if (object == nullptr) return problem_answer(400, "INVALIDENTITY", "Entity '" + job.object + "' is not supported by the Bulk API.");
  job.object = object->name;
  if (job.operation != "insert" && job.operation != "update" && job.operation != "upsert" && job.operation != "delete" && job.operation != "hardDelete")
    return problem_answer(400, "INVALIDOPERATION", "Invalid operation: " + job.operation);
  if (job.operation == "hardDelete" && !org.on("bulk_hard_delete")) return problem_answer(400, "FEATURENOTENABLED", "hardDelete operation requires special user profile permission, please contact your system administrator");
  if (job.operation == "upsert") {
    const Field* key = object->field(job.key, true);
    if (key == nullptr || !is_key(*key)) return problem_answer(400, "INVALIDJOB", "externalIdFieldName is required for upsert and has to be an external id: " + job.key);
    job.key = key->name;
  } else if (!job.key.empty()) {
    return problem_answer(400, "INVALIDJOB", "externalIdFieldName is for upsert only");
  }
  const bool allowed = job.operation == "update" ? flag(*object->raw, "updateable", true) : job.operation.ends_with("elete") ? flag(*object->raw, "deletable", true) : flag(*object->raw, "createable", true);
  if (!allowed) return problem_answer(400, "INVALIDENTITY", "Entity '" + job.object + "' does not support " + job.operation);
  job.state = "Open";
  insert_job(org, job);
  return json_answer(200, job_json(job));
}

Answer upload(Org& org, Call& call) {
  const Job job = job_of(org, call, "ingest");
  if (!call.request.header("Content-Type").starts_with("text/csv")) return problem_answer(415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type has to be text/csv");
  if (job.state != "Open") return problem_answer(400, "INVALIDJOBSTATE", "Job " + job.id + " is in the state " + job.state + " and takes no data");
  if (org.database().row("select 1 from sandbox_job_content where job = ?", {job.id}))
    return problem_answer(400, "INVALIDJOBSTATE", "Found multiple contents for job: <" + job.id + ">, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job and make sure you only do 'PUT' once on a given Job.");
  if (call.request.body.size() / 3 * 4 > kUploadLimit) return problem_answer(413, "EXCEEDEDUPLOADLIMIT", "The data is larger than 150 MB after base64 encoding");
  org.database().run("insert into sandbox_job_content(job, content) values(?, ?)", {job.id, call.request.body});
  return {.status = 201, .content_type = ""};
}

Answer change(Org& org, Call& call) {
  const Job job = job_of(org, call, "ingest");
  const std::optional<Json> body = call.request.json();
  const std::string state = body && body->is_object() ? word(*body, "state") : "";
  if (state != "UploadComplete" && state != "Aborted") return problem_answer(400, "INVALIDJOBSTATE", "The state has to be UploadComplete or Aborted");
  if (job.over() || (state == "UploadComplete" && job.state != "Open")) return problem_answer(400, "INVALIDJOBSTATE", "Job " + job.id + " is in the state " + job.state);
  set_state(org, job.id, state);
  return json_answer(200, job_json(*find_job(org, job.id)));
}

Answer remove_job(Org& org, Call& call) {
  const Job job = job_of(org, call, "ingest");
  if (!job.over()) return problem_answer(400, "INVALIDJOBSTATE", "Job " + job.id + " is in the state " + job.state + " and cannot be deleted");
  delete_job(org, job);
  return empty_answer(204);
}

// The rows of a kind: what the sandbox adds, then each row as it was uploaded.
Answer job_results(Org& org, Call& call, const char* added_header, const char* where, const std::function<std::string(const Row&)>& added) {
  const Job job = job_of(org, call, "ingest");
  if (!job.over()) return problem_answer(400, "INVALIDJOBSTATE", "Job " + job.id + " is in the state " + job.state + " and has no results yet");
  const std::string content = to_text(org.database().value("select content from sandbox_job_content where job = ?", {job.id})), end = job.line_end();
  CsvReader reader(content, job.delimiter_character());
  std::size_t from = 0, to = 0;
  Answer out{.status = 200, .content_type = "text/csv"};
  if (!reader.skip(from, to)) return out;
  if (content.starts_with("\xEF\xBB\xBF")) from += 3;
  out.body = added_header + content.substr(from, to - from) + end;
  // Nothing was begun: an aborted job that was never closed, or not looked at yet.
  if (is_null(org.database().value("select 1 from sandbox_job_row where job = ? limit 1", {job.id}))) {
    if (std::string_view(added_header).empty()) out.body = content.substr(content.starts_with("\xEF\xBB\xBF") ? 3 : 0);
    return out;
  }
  const bool changed = org.setting("bulk_order") == "changed";
  org.database().each("select n, begin, length, id, created, error from sandbox_job_row where job = ? and " + std::string(where) + (changed ? " order by (n * 7919) % 10007, n" : " order by n"),
                      std::vector<Value>{job.id}, [&](const Row& row) {
                        out.body += added(row);
                        out.body.append(content, static_cast<std::size_t>(to_int(row[1])), static_cast<std::size_t>(to_int(row[2])));
                        out.body += end;
                        return true;
                      });
  return out;
}

std::string with_delimiter(const std::string& text, char delimiter) {
  std::string out = text;
  for (char& c : out)
    if (c == ',') c = delimiter;
  return out;
}

Answer successful(Org& org, Call& call) {
  const char delimiter = job_of(org, call, "ingest").delimiter_character();
  const bool created = org.on("bulk_created_column");
  const std::string header = with_delimiter(created ? "\"sf__Id\",\"sf__Created\"," : "\"sf__Id\",", delimiter);
  return job_results(org, call, header.c_str(), "error is null and created is not null", [&](const Row& row) {
    const std::string id = csv_cell(to_text(row[3])) + delimiter;
    return created ? id + (to_int(row[4]) != 0 ? "\"true\"" : "\"false\"") + delimiter : id;
  });
}

Answer failed_rows(Org& org, Call& call) {
  const char delimiter = job_of(org, call, "ingest").delimiter_character();
  const std::string header = with_delimiter("\"sf__Id\",\"sf__Error\",", delimiter);
  return job_results(org, call, header.c_str(), "error is not null", [&](const Row& row) { return csv_cell(to_text(row[3])) + delimiter + csv_cell(to_text(row[5])) + delimiter; });
}

Answer unprocessed(Org& org, Call& call) {
  return job_results(org, call, "", "created is null and error is null", [](const Row&) { return std::string(); });
}

// Works on ingest jobs: cuts a job that was closed into batches, then writes the batches chunk by chunk. Several threads do this at once.
class Loader {
 public:
  explicit Loader(Org& org) : org_(org) {}

  bool step() {
    std::optional<Batch> batch;
    std::optional<Job> fresh;
    std::string content;
    {
      const auto lock = org_.database().lock();
      fresh = next_job(org_, "ingest", "UploadComplete");
      if (fresh) {
        set_state(org_, fresh->id, "InProgress");
        org_.database().run("update sandbox_job set total = -1 where id = ?", {fresh->id});
        content = to_text(org_.database().value("select content from sandbox_job_content where job = ?", {fresh->id}));
      } else if (!org_.on("bulk_job_stalls")) {
        batch = take_batch();
      }
    }
    if (fresh) return cut(*fresh, content), true;
    if (!batch) return false;
    while (!org_.world().stopping && write_chunk(*batch)) {
    }
    return true;
  }

 private:
  struct Batch {
    Job job;
    std::int64_t n = 0, next = 0, end = 0;  // rows of the job
    std::string content;                    // of this batch alone
    std::size_t begin = 0;                  // where that stands in the upload
    std::vector<Row> places;                // n, begin, length of the rows that are still to do
    std::optional<BulkColumns> columns;
  };

  // What was found in an upload.
  struct Cut {
    std::string header, error;
    std::vector<std::pair<std::size_t, std::size_t>> rows;  // begin, end
  };

  // Finds the records of the upload; a file that is no CSV of this object fails the job as a whole. A large file takes a while, so that the
  // lock is held for a few thousand rows at a time only; until the last of them is noted, `total` is -1 and no batch is taken.
  void cut(const Job& job, const std::string& content) {
    const Cut found = read_upload(job, content);
    const auto rows = static_cast<std::int64_t>(found.rows.size());
    for (std::int64_t from = 0; from < rows; from += kBatchRows / 2) {
      const auto lock = org_.database().lock();
      Savepoint unit(org_.database());
      for (std::int64_t n = from; n < std::min(rows, from + kBatchRows / 2); ++n) {
        const auto& [begin, end] = found.rows[static_cast<std::size_t>(n)];
        org_.database().run("insert into sandbox_job_row(job, n, begin, length) values(?, ?, ?, ?)", {job.id, n, static_cast<std::int64_t>(begin), static_cast<std::int64_t>(end - begin)});
      }
      unit.keep();
    }
    const auto lock = org_.database().lock();
    Savepoint unit(org_.database());
    // Each batch has its part of the upload at hand: reading the whole of it for each of them would take longer than writing the records.
    for (std::int64_t first = 0; first < rows && found.error.empty(); first += kBatchRows) {
      const std::int64_t count = std::min(kBatchRows, rows - first);
      const std::size_t begin = found.rows[static_cast<std::size_t>(first)].first, end = found.rows[static_cast<std::size_t>(first + count - 1)].second;
      org_.database().run("insert into sandbox_job_batch(job, n, begin, first, rows, done, taken, header, content) values(?, ?, ?, ?, ?, 0, 0, ?, ?)",
                          {job.id, first / kBatchRows, static_cast<std::int64_t>(begin), first, count, found.header, content.substr(begin, end - begin)});
    }
    org_.database().run("update sandbox_job set total = ? where id = ?", {rows, job.id});
    const std::optional<Job> now = find_job(org_, job.id);
    if (now && now->state == "InProgress") {  // otherwise it was aborted meanwhile
      if (!found.error.empty()) set_state(org_, job.id, "Failed", found.error);
      else if (rows == 0) set_state(org_, job.id, "JobComplete");
    }
    unit.keep();
  }

  Cut read_upload(const Job& job, const std::string& content) {
    Cut out;
    CsvReader reader(content, job.delimiter_character(), content.starts_with("\xEF\xBB\xBF") ? 3 : 0);
    CsvRecord record;
    if (!reader.next(record)) return out;
    out.header = content.substr(record.begin, record.end - record.begin);
    const bool windows = record.end < content.size() && content[record.end] == '\r';
    if (record.end < content.size() && windows != (job.line_ending == "CRLF")) out.error = "InvalidBatch : LineEnding is invalid on user data. Current LineEnding setting is " + job.line_ending;
    if (out.error.empty()) {
      const auto lock = org_.database().lock();
      BulkColumns::read(org_, job, record.cells, out.error);
    }
    const std::size_t width = record.cells.size();
    while (reader.next(record)) {
      if (out.error.empty() && record.cells.size() != width) out.error = "InvalidBatch : The number of fields in row " + std::to_string(out.rows.size() + 2) + " does not match the header";
      out.rows.emplace_back(record.begin, record.end);
    }
    if (reader.broken()) out.error = "InvalidBatch : A quoted field is not closed";
    return out;
  }

  std::optional<Batch> take_batch() {
    const std::optional<Row> row = org_.database().row(
        "select b.job, b.n, b.first + b.done, b.first + b.rows, b.begin from sandbox_job_batch b join sandbox_job j on j.id = b.job"
        " where j.state = 'InProgress' and b.taken = 0 and b.done < b.rows order by j.created_ms, b.job, b.n limit 1");
    if (!row) return std::nullopt;
    Batch out;
    out.job = *find_job(org_, to_text((*row)[0]));
    out.n = to_int((*row)[1]), out.next = to_int((*row)[2]), out.end = to_int((*row)[3]);
    org_.database().run("update sandbox_job_batch set taken = 1 where job = ? and n = ?", {out.job.id, out.n});
    out.begin = static_cast<std::size_t>(to_int((*row)[4]));
    // Apart from the search, which would otherwise sort the texts of all batches.
    const Row texts = *org_.database().row("select header, content from sandbox_job_batch where job = ? and n = ?", {out.job.id, out.n});
    const std::string names = to_text(texts[0]);
    out.content = to_text(texts[1]);
    CsvRecord header;
    CsvReader(names, out.job.delimiter_character()).next(header);
    std::string error;
    out.columns = BulkColumns::read(org_, out.job, header.cells, error);
    out.places = org_.database().rows("select n, begin, length from sandbox_job_row where job = ? and n >= ? and n < ? order by n", {out.job.id, out.next, out.end});
    return out;
  }

  // False: the batch is done, or its job is over.
  bool write_chunk(Batch& batch) {
    const Job& job = batch.job;
    const std::size_t first = batch.places.size() - static_cast<std::size_t>(batch.end - batch.next);
    const std::int64_t rows = std::min(kChunkRows, batch.end - batch.next);
    std::vector<WriteItem> items;
    CsvRecord record;
    for (std::int64_t i = 0; i < rows; ++i) {
      const Row& place = batch.places[first + static_cast<std::size_t>(i)];
      CsvReader reader(batch.content, job.delimiter_character(), static_cast<std::size_t>(to_int(place[1])) - batch.begin);
      reader.next(record);
      items.push_back(batch.columns->item(record.cells));
    }
    const std::int64_t now = org_.world().clock.now_ms();
    const WriteCall call{.author = {job.created_by, iso_time(now, Zone::plus_0000, true), now, now}, .options = {.csv = true, .duplicate_rules = org_.on("bulk_duplicate_rules")}};
    bool over = false;
    WriteHooks hooks;
    hooks.record = [&](const std::vector<Outcome>& outcomes) {
      std::int64_t refused = 0;
      for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const Outcome& one = outcomes[i];
        refused += one.ok() ? 0 : 1;
        org_.database().run("update sandbox_job_row set id = ?, created = ?, error = ? where job = ? and n = ?",
                            {one.id, std::int64_t{one.created}, one.ok() ? Value() : Value(bulk_error(org_, one.problems)), job.id, batch.next + static_cast<std::int64_t>(i)});
      }
      org_.database().run("update sandbox_job_batch set done = done + ? where job = ? and n = ?", {rows, job.id, batch.n});
      org_.database().run("update sandbox_job set processed = processed + ?1, failed = failed + ?2, stamp_ms = ?3 where id = ?4", {rows, refused, now, job.id});
      const Row state = org_.database().row("select state, processed, total from sandbox_job where id = ?", {job.id}).value_or(Row{std::string("Aborted"), std::int64_t{0}, std::int64_t{0}});
      over = to_text(state[0]) != "InProgress";
      if (!over && to_int(state[1]) >= to_int(state[2])) set_state(org_, job.id, "JobComplete");
    };
    hooks.during = [&] {
      if (const std::int64_t wait = org_.world().pace.wait_ms(rows); wait > 0) std::this_thread::sleep_for(std::chrono::milliseconds(wait));
    };
    {
      const auto lock = org_.database().lock();
      const std::optional<Job> now_job = find_job(org_, job.id);
      if (!now_job || now_job->state != "InProgress") return false;  // it was aborted
    }
    write_items(org_, call, items, hooks);
    batch.next += rows;
    return !over && batch.next < batch.end;
  }

  Org& org_;
};

// Works on query jobs: the rows as they are when it begins.
bool run_query_job(Org& org) {
  const auto lock = org.database().lock();
  const std::optional<Job> job = next_job(org, "query", "UploadComplete");
  if (!job) return false;
  Savepoint unit(org.database());
  set_state(org, job->id, "InProgress");
  try {
    const std::int64_t now = org.world().clock.now_ms();
    const Soql soql = compile_soql(org, job->query, {.all = job->operation == "queryAll", .bulk = true, .now_ms = now, .version = job->version});
    const ResultSet set = ResultSet::make(org, soql, job->query, job->operation == "queryAll", now);
    org.database().run("update sandbox_job set result_set = ?, processed = ?, total = ? where id = ?", {set.id(), set.size(org), std::int64_t{0}, job->id});
    set_state(org, job->id, "JobComplete");
  } catch (const SoqlError& e) {
    set_state(org, job->id, "Failed", e.code + " : " + e.message);
  }
  unit.keep();
  return true;
}

}  // namespace

Bulk::Bulk(Org& org) : org_(org) {
  make_job_tables(org.database());
  // What the program was working on when it ended is taken up again; what lies there for a week is gone.
  org.database().run("update sandbox_job_batch set taken = 0");
  org.database().run("delete from sandbox_job_row where job in (select id from sandbox_job where kind = 'ingest' and state = 'InProgress' and total = -1)");
  org.database().run("update sandbox_job set state = 'UploadComplete' where kind = 'ingest' and state = 'InProgress' and total = -1");
  for (const Row& row : org.database().rows("select id from sandbox_job where created_ms < ?", {org.world().clock.now_ms() - 7LL * 86'400'000}))
    delete_job(org, *find_job(org, to_text(row[0])));
  org.route("POST", "/jobs/ingest", [&org](Call& call) { return create_job(org, call); });
  org.route("GET", "/jobs/ingest", [&org](Call&) { return job_list(org, "ingest"); });
  org.route("GET", "/jobs/ingest/{job}", [&org](Call& call) { return json_answer(200, job_json(job_of(org, call, "ingest"))); });
  org.route("PUT", "/jobs/ingest/{job}/batches", [&org](Call& call) { return upload(org, call); });
  org.route("PATCH", "/jobs/ingest/{job}", [&org](Call& call) { return change(org, call); });
  org.route("DELETE", "/jobs/ingest/{job}", [&org](Call& call) { return remove_job(org, call); });
  org.route("GET", "/jobs/ingest/{job}/successfulResults", [&org](Call& call) { return successful(org, call); });
  org.route("GET", "/jobs/ingest/{job}/failedResults", [&org](Call& call) { return failed_rows(org, call); });
  org.route("GET", "/jobs/ingest/{job}/unprocessedrecords", [&org](Call& call) { return unprocessed(org, call); });
  add_bulk_query(org);
}

Bulk::~Bulk() = default;

void Bulk::begin() {
  for (std::int64_t i = 0; i < std::max<std::int64_t>(1, org_.number("bulk_parallel")); ++i) workers_.push_back(std::make_unique<Worker>([this] { return Loader(org_).step(); }));
  workers_.push_back(std::make_unique<Worker>([this] { return run_query_job(org_); }));
}

void Bulk::end() { workers_.clear(); }

}  // namespace godwit::sandbox::salesforce
