#pragma once
// Rows of a unit as the CSV of a bulk write job, and the lines of its result as rows again.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connectors/zoho/write_plan.hpp"

namespace godwit::zoho {

// Whether jobs can carry rows of this plan at all: found by one unique field, no references that name several modules, nothing that is to run for them.
bool fits_bulk(const WritePlan& plan);

class BulkCsv {
 public:
  explicit BulkCsv(const WritePlan& plan);

  // The row as a line; nullopt: calls must take it (an update, a value that lists several, blanks at an end and line breaks, which nobody promises to keep).
  std::optional<std::string> line(const rest::RowAt& row) const;
  std::string header() const;
  // "field_mappings" of the job, as JSON.
  std::string mappings() const;

 private:
  const WritePlan& plan_;
  std::vector<std::size_t> columns_;  // of the request, the key first: results echo the first three
};

}  // namespace godwit::zoho
