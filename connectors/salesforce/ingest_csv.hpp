#pragma once
// A job's rows as CSV, and its result lines back onto the rows.

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "connectors/salesforce/unit_state.hpp"
#include "plugins/kits/rest/csv.hpp"

namespace godwit::salesforce {

class IngestCsv {
 public:
  IngestCsv(const WritePlan& plan, Action action, std::string null_marker);

  std::string header() const;
  // The row's line; nullopt: CSV cannot say it (a text that is the marker of null, or a value at fault), and it is left to a collections call.
  std::optional<std::string> line(const UnitState& state, std::int64_t row) const;
  // Remembers which line is which row's.
  void sent(const UnitState& state, std::int64_t row, const std::string& line);
  // The row that a result line is about, which is not answered again where lines are alike; -1: none that was sent.
  std::int64_t row_of(const rest::CsvFile& results, const std::vector<std::string>& fields);
  // Whether a row was sent that no result line was about.
  bool has_unanswered() const;

 private:
  std::string mark(const std::vector<std::string>& values) const;
  const WritePlan& plan_;
  const Action action_;
  const std::string null_marker_;
  std::vector<std::size_t> columns_;  // of the request, in the order of the CSV
  std::vector<std::string> names_;    // of the CSV's columns; "Id" first where records are named by it
  bool by_id_;                        // updates and deletions
  std::string key_;                   // CSV column that tells rows apart; "": the whole line does
  std::unordered_map<std::string, std::vector<std::int64_t>> rows_;
};

}  // namespace godwit::salesforce
