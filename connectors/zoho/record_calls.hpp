#pragma once
// The calls that rows of a unit take: up to 100 records each, calls side by side, every record with an outcome of its own.

#include <map>
#include <string>
#include <vector>

#include "connectors/zoho/refusals.hpp"
#include "plugins/kits/rest/call_memory.hpp"
#include "plugins/sdk/http.hpp"

namespace godwit::zoho {

// Finds the ids of the records that open updates and deletions name; those that are not there are missing, those that are there several times
// are refused.
Result<> find_targets(Org& org, const WritePlan& plan, UnitState& state);

class RecordCalls {
 public:
  RecordCalls(Org& org, const WritePlan& plan, UnitState& state, rest::CallMemory& memory, Action action) : org_(org), plan_(plan), state_(state), memory_(memory), action_(action) {}

  // Writes the open rows of the action; updates and deletions have their ids in the state. What was learned stays there also when it answers an
  // error: rows that are open then were not written, or nobody knows.
  Result<> run();

 private:
  Result<sdk::HttpRequest> make(const rest::CallBatch& batch);
  Result<> take(rest::CallBatch& batch, sdk::HttpAnswer& answer);
  Result<> outcomes(const rest::CallBatch& batch, const nlohmann::json& items, bool maybe_done);
  void succeeded(std::int64_t row, const std::string& id, bool inserted, bool maybe_ours);
  void failed(std::int64_t row, const RecordError& error, bool maybe_ours);
  void again_later(const rest::CallBatch& batch, const std::vector<std::int64_t>& rows, const RecordError& error);
  Result<> refused(const rest::CallBatch& batch, const sdk::HttpAnswer& answer);
  Result<> lost(const rest::CallBatch& batch, const sdk::HttpAnswer& answer);
  bool is_repeatable() const { return action_ != Action::create; }
  // Records that nothing names: a call that is lost leaves them in doubt.
  bool is_blind() const { return action_ == Action::create && (plan_.key_columns.empty() || plan_.key.is_id()); }
  std::string id_of(std::int64_t row) const;

  Org& org_;
  const WritePlan& plan_;
  UnitState& state_;
  rest::CallMemory& memory_;
  const Action action_;
  rest::BatchQueue queue_;
  std::map<std::string, std::size_t> alone_;  // single records refused with the whole call, by the words
};

}  // namespace godwit::zoho
