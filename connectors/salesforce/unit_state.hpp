#pragma once
// A unit while it is written: its rows, what is known of each, and what happens to those that are still open.

#include <map>
#include <string>
#include <vector>

#include "connectors/salesforce/refusals.hpp"
#include "connectors/salesforce/write_plan.hpp"

namespace godwit::salesforce {

struct UnitState {
  UnitState(const WritePlan& plan, const Unit& unit) : rows(rest::rows_of(unit)), results(unit.rows()) {
    if (plan.wants_ids) results.expect_ids(false);
  }
  bool is_open(std::int64_t row) const { return results.is_open(row) && !in_doubt[static_cast<std::size_t>(row)]; }
  void settle(std::int64_t row, OutcomeKind kind, std::string_view id) {
    results.settle(row, kind);
    if (results.has_id.empty() || id.empty()) return;
    results.has_id[static_cast<std::size_t>(row)] = 1;
    results.text_ids[static_cast<std::size_t>(row)] = long_id(id);
  }
  // Rows that are still open and are written by this action, in their order.
  std::vector<std::int64_t> open_rows(const WritePlan& plan, Action action) const {
    std::vector<std::int64_t> out;
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (is_open(static_cast<std::int64_t>(i)) && plan.action_of(rows[i]) == action) out.push_back(static_cast<std::int64_t>(i));
    return out;
  }
  // A record that was there when an insert came to it, or an upsert whose key nobody had before: ours, where an earlier life of the unit or of
  // the call may have made it.
  OutcomeKind kind_of_upsert(std::int64_t row, bool created, bool maybe_ours) const {
    const auto at = static_cast<std::size_t>(row);
    return created || (maybe_ours && (rows[at].operation() == Operation::insert || was_absent[at])) ? OutcomeKind::created : OutcomeKind::updated;
  }

  std::vector<rest::RowAt> rows;
  UnitResults results;
  std::vector<bool> in_doubt = std::vector<bool>(rows.size(), false);  // outcome unknown for good
  std::vector<bool> was_absent = std::vector<bool>(rows.size(), false);  // upserts whose key no record had before the first call
  std::map<std::int64_t, std::string> ids;                             // of records that updates and deletions name
  bool again = false;                                                  // an earlier life of the unit may have written rows of it
};

}  // namespace godwit::salesforce
