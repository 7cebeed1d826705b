#pragma once
// The old system's own figures, as people keep them in a project: expected_totals.csv.
//
//   name,currency,value,rows
//   revenue,CNY,128394220.55,5340
//   revenue,EUR,9120337.18,878
//
// `currency` and `rows` may be left out; the columns may also be headed 名称, 币种, 金额 and 行数, in any order.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/model/result.hpp"

namespace godwit {

struct ExpectedFigure {
  std::string name, currency;        // of a total in godwit.yaml; "" when it has no currency
  std::string value;                 // exact decimal text
  std::optional<std::int64_t> rows;  // how many records the old system counts
  int line = 0;
};

// GW-5910 ... 5912 when the file cannot be read as CSV; GW-4220 for a missing, unknown or doubled column, GW-4221 for a value or
// row count that is no exact number (places: file:line), GW-4222 for a figure given twice. All mistakes are in `more`.
Result<std::vector<ExpectedFigure>> read_expected_figures(const std::filesystem::path& file);

}  // namespace godwit
