#pragma once
// What is wrong in the extract, and what must come of it: written beside the extract, never read by the pipeline.

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/sample/csv_out.hpp"
#include "core/sample/world.hpp"

namespace godwit::sample {

class Truth {
 public:
  // Makes folder/truth and its files.
  static Result<std::unique_ptr<Truth>> open(const std::filesystem::path& folder);

  // One row of `file`, which begins in `line`, belongs to `flow` and is named by `key`. `defect` is "" when nothing is
  // wrong.
  struct Row {
    std::string_view file, flow, defect;
    std::int64_t line = 0;
    std::string key;
    Bucket bucket = Bucket::created;
    bool warned = false, obligation_set = false, obligation_failed = false;
  };
  Result<> row(const Row& row);
  Result<> duplicate(const Row& row, std::string_view kind, const std::string& of);
  Result<> change(std::string_view file, const std::string& key, std::string_view what);
  // Adds to the old system's own figure for `currency`, in hundredths.
  void revenue(const std::string& currency, std::int64_t cents) { revenue_[currency] += cents; }
  // Writes expected_books.csv and expected_totals.csv, and closes all. Fills defects, duplicates and books.
  Result<> close(const std::filesystem::path& folder, SampleSummary& summary);

 private:
  std::unique_ptr<CsvOut> defects_, duplicates_, changes_;
  SampleSummary counted_;
  std::map<std::string, std::int64_t> revenue_;
};

}  // namespace godwit::sample
