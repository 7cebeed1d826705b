#pragma once
// Practice extracts: a trading company's old system, with the dirt that real extracts have and the truth about it.
//
// The same options give the same bytes on every machine. Rows are made one by one, so any size takes the same memory.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/model/result.hpp"

namespace godwit {

// How one file is written.
struct SampleFormat {
  std::string encoding;  // "" : the file's own; any name that ICU knows, if it has all the characters
  char delimiter = 0;    // 0: the file's own
  std::optional<bool> crlf, byte_order_mark;
};

struct SampleOptions {
  std::filesystem::path folder;  // made when it is not there; files of the same names are replaced
  std::string kind = "harbour-trading";
  std::int64_t rows = 20'000;  // of all files together, at least 200
  std::uint64_t seed = 1;
  double dirty_rate = 0.03;      // share of rows with one defect each, 0 to 0.5
  double duplicate_rate = 0.01;  // share of rows that repeat an earlier one, 0 to 0.5
  int revision = 0;              // 1, 2 ...: a later extract of the same system, with changed and new rows
  std::map<std::string, SampleFormat> formats;  // by file: customers, branches, contacts, activities, users
};

// What a file should come to when the pipeline of harbour-trading has loaded it.
struct SampleBooks {
  std::int64_t read = 0, created = 0, merged = 0, filtered = 0, filtered_unknown = 0, set_aside = 0;
  std::int64_t warned = 0, obligations_set = 0, obligations_failed = 0;
};

struct SampleFile {
  std::string name;       // "customers.csv"
  std::int64_t rows = 0;  // without the header
  std::int64_t bytes = 0;
};

struct SampleSummary {
  std::vector<SampleFile> files;
  std::map<std::string, std::int64_t> defects;  // by name, as truth_defects.csv has them
  std::int64_t duplicates = 0;
  std::map<std::string, SampleBooks> books;  // by flow: users, accounts, contacts, activities
};

// Writes customers.csv, branches.csv, contacts.csv, activities.csv, users.csv and expected_totals.csv (the old system's
// own figures), and in truth/ truth_defects.csv, truth_duplicates.csv, truth_changes.csv and expected_books.csv.
// Errors: GW-2090 (options), GW-2091 (a file cannot be written), GW-2092 (an encoding lacks a character).
// May be called from several threads for different folders.
Result<SampleSummary> write_sample(const SampleOptions& options);

}  // namespace godwit
