#pragma once
// A job of Bulk API 2.0 as the data file keeps it.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "connectors/salesforce/sandbox/org.hpp"

namespace godwit::sandbox::salesforce {

struct Job {
  std::string id, kind;            // kind: ingest or query
  std::string object, operation, key, query;
  std::string delimiter = "COMMA", line_ending = "LF";
  std::string state, error, created_by, version;
  std::int64_t created_ms = 0, stamp_ms = 0, started_ms = 0, finished_ms = 0;
  std::int64_t total = 0, processed = 0, failed = 0;
  std::string result_set;          // of a query

  char delimiter_character() const;
  std::string line_end() const { return line_ending == "CRLF" ? "\r\n" : "\n"; }
  bool over() const { return state == "JobComplete" || state == "Failed" || state == "Aborted"; }
};

void make_job_tables(Database& database);
void insert_job(Org& org, const Job& job);
std::optional<Job> find_job(Org& org, const std::string& id);
// The first job of that kind in one of two states.
std::optional<Job> next_job(Org& org, const std::string& kind, const std::string& state);
// The job that a path names. Throws Refused with 404.
Job job_of(Org& org, const Call& call, const char* kind);
void set_state(Org& org, const std::string& id, const std::string& state, const std::string& error = "");
void delete_job(Org& org, const Job& job);
Json job_json(const Job& job);
// {"done", "records", "nextRecordsUrl"} of all jobs of that kind, newest first.
Answer job_list(Org& org, const char* kind);
// Members of a body that creates a job which jobs of both kinds have; throws Refused with 400 for one that is not known.
Job read_job(Org& org, const Call& call, const Json& body, const char* kind);

}  // namespace godwit::sandbox::salesforce
