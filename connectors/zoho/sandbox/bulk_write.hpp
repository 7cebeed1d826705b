#pragma once
// A bulk write job: what it was asked for, checked, and how one row of its file becomes a record.

#include "connectors/zoho/sandbox/calls.hpp"

namespace godwit::sandbox::zoho {

struct Mapping {
  const Field* field = nullptr;  // null: id
  int index = -1;                // column of the file; -1: none, the default alone
  std::string format, find_by, default_value;
};

// One file of a job.
struct BulkFile {
  const Object* module = nullptr;
  std::string name;
  std::string find_by;
  bool ignore_empty = false;
  std::vector<Mapping> mappings;
  std::vector<std::vector<std::string>> rows;  // without the header
};

struct BulkWrite {
  std::string operation;
  std::vector<BulkFile> files;
};

// Checks a job's body against its files. Throws Refused.
BulkWrite read_bulk_write(Org& org, const Json& body);

// What became of a row.
struct BulkRow {
  std::string status;  // ADDED, UPDATED or SKIPPED
  std::string id, errors;
};
BulkRow write_bulk_row(Org& org, Writer& writer, const BulkWrite& job, const BulkFile& file, std::size_t row, const std::string& user, std::int64_t now_ms);

// The columns of a result: the first three mapped ones, STATUS, RECORD_ID, ERRORS.
std::vector<std::string> result_header(const BulkFile& file);
std::vector<std::string> result_line(const BulkFile& file, std::size_t row, const BulkRow& outcome);

}  // namespace godwit::sandbox::zoho
