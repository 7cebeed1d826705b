#pragma once
// The calls that rows of a unit take: one record a call, calls of different rows side by side, those of one row one after another.

#include <map>
#include <string>
#include <vector>

#include "connectors/fxiaoke/write_plan.hpp"
#include "plugins/kits/rest/call_memory.hpp"
#include "plugins/kits/sql/unit_results.hpp"
#include "plugins/sdk/http.hpp"

namespace godwit::fxiaoke {

// A unit while it is written.
struct UnitState {
  UnitState(const WritePlan& plan, const Unit& unit) : rows(rest::rows_of(unit)), results(unit.rows()) {
    if (plan.wants_ids) results.expect_ids(false);
  }
  bool is_open(std::int64_t row) const { return results.is_open(row) && !in_doubt[static_cast<std::size_t>(row)]; }
  void settle(std::int64_t row, OutcomeKind kind, const std::string& id) {
    results.settle(row, kind);
    if (results.has_id.empty() || id.empty()) return;
    results.has_id[static_cast<std::size_t>(row)] = 1, results.text_ids[static_cast<std::size_t>(row)] = id;
  }

  std::vector<rest::RowAt> rows;
  sql::UnitResults results;
  std::vector<bool> in_doubt = std::vector<bool>(rows.size(), false);  // outcome unknown for good
  std::map<std::int64_t, std::string> ids;                             // of records that updates and deletions name
  bool again = false;                                                  // an earlier attempt may have written rows of it
};

class RowCalls {
 public:
  RowCalls(Tenant& tenant, const WritePlan& plan, UnitState& state, rest::CallMemory& memory) : tenant_(tenant), plan_(plan), state_(state), memory_(memory) {}

  // Writes the rows that are open; updates and deletions have their ids in the state. What was learned stays there also when it answers an
  // error: rows that are open then were not written, or nobody knows.
  Result<> run();

 private:
  enum class Step { create, recover, update, change_owner, choose, invalid, erase };
  Result<bool> begin(std::int64_t row);
  Result<sdk::HttpRequest> make(const rest::CallBatch& batch);
  Result<> take(rest::CallBatch& batch, sdk::HttpAnswer& answer);
  Result<> succeeded(std::int64_t row, const sdk::HttpAnswer& answer);
  Result<bool> is_there(std::int64_t row);
  Result<> refused(std::int64_t row, const sdk::HttpAnswer& answer);
  Result<> look_for(std::int64_t row, int attempt, const sdk::HttpAnswer& answer);
  void go_on(std::int64_t row, Step step);
  void finish(std::int64_t row);
  bool is_blind() const { return plan_.key_columns.empty(); }
  bool is_pool_refusal(const sdk::HttpAnswer& answer) const;

  Tenant& tenant_;
  const WritePlan& plan_;
  UnitState& state_;
  rest::CallMemory& memory_;
  rest::BatchQueue queue_;
  std::map<std::int64_t, Step> steps_;
  std::map<std::int64_t, bool> chosen_;             // records that were taken out of their pool
  std::map<std::string, std::size_t> alike_;        // refusals of the same code and words: beyond a point the call is wrong, not the row
};

}  // namespace godwit::fxiaoke
