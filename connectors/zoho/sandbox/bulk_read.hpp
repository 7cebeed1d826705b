#pragma once
// A bulk read job: what it asks for, and its rows as CSV.

#include "connectors/zoho/sandbox/calls.hpp"
#include "connectors/zoho/sandbox/filters.hpp"

namespace godwit::sandbox::zoho {

struct BulkRead {
  const Object* module = nullptr;
  std::vector<std::string> fields;
  Condition where;           // sql "" where there is no condition
  std::int64_t page = 1;
  std::string after_id;      // of a page token; "" from the start
};

// Checks a job's body. Throws Refused.
BulkRead read_bulk_read(Org& org, const Json& body);
std::vector<std::string> read_header(const BulkRead& job);

// Up to `most` rows beyond `after_id` as CSV; `after_id` becomes the last one's. Gives how many there were.
std::size_t read_rows(Org& org, const BulkRead& job, std::int64_t now_ms, std::size_t most, std::string& after_id, std::string& csv);
// The id behind which the job's page begins; nullopt: the page is beyond the last record.
std::optional<std::string> start_of_page(Org& org, const BulkRead& job, std::int64_t now_ms, std::int64_t per_page);
bool has_more(Org& org, const BulkRead& job, std::int64_t now_ms, const std::string& after_id);

}  // namespace godwit::sandbox::zoho
