#pragma once
// Corrections of the source's rows that live in the project, in corrections/<connection.object>.csv, so that the work of
// one rehearsal serves the next. Columns: source_key, original_hash, field, was, becomes, who, when, why.

#include <filesystem>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/host/connection.hpp"
#include "core/run/compiled_flow.hpp"

namespace godwit {

struct Correction {
  std::string source_key;     // readable: values joined by " / "
  std::string original_hash;  // 16 hex digits: source_row_hash() of the row as it was when it was corrected
  std::string field;          // source column
  std::string was, becomes;
  std::string who, when, why;
  int line = 0;               // in the file
};

class Corrections {
 public:
  // Reads every file of <project>/corrections; a missing folder is no correction. Wrong columns, a field given twice for a
  // row, or a file that is no CSV in UTF-8: numbered errors with file and line.
  static Result<Corrections> load(const std::filesystem::path& project);

  // Lays the corrections over the batch. A row that is no longer what it was when it was corrected keeps its own values, and the
  // correction is named in `voided`.
  Result<> overlay(const CompiledFlow& flow, int source, ReadBatch& read, std::int64_t* corrected, std::vector<std::string>* voided) const;

  bool empty() const { return files_.empty(); }
  std::int64_t count() const;
  const std::vector<Correction>* of(const std::string& object) const;

 private:
  struct File {
    std::vector<Correction> rows;
    std::unordered_map<std::string, std::vector<std::size_t>> by_key;
  };
  std::map<std::string, File> files_;  // by "connection.object"
};

// Of each row, over all columns in order: what a correction is pinned to.
std::vector<std::uint64_t> source_row_hashes(const Batch& batch);
// The same of one row.
std::uint64_t source_row_hash(const Batch& batch, std::int64_t row);
std::string hash_text(std::uint64_t hash);

}  // namespace godwit
