#pragma once
// What a unit remembers of calls that create records without a key: a call whose answer nobody saw must not be sent again.

#include <map>
#include <string>
#include <vector>

#include "core/model/exchange.hpp"
#include "plugins/kits/rest/batches.hpp"

namespace godwit::rest {

// "sent 0-199,300" before a call, "done 0-199,300 001..,,001.." after it: ids of the rows that were created, in their order.
class CallMemory {
 public:
  // Takes what an earlier life of the unit left; null: nothing is remembered.
  explicit CallMemory(UnitMemory* memory);

  // Rows whose call was sent and never answered, and the ids of those that are known to be created.
  const std::vector<std::int64_t>& in_doubt() const { return in_doubt_; }
  const std::map<std::int64_t, std::string>& created() const { return created_; }

  // On disk when they return.
  Result<> sending(const CallBatch& batch);
  Result<> answered(const CallBatch& batch, const std::vector<std::string>& ids);

 private:
  std::string name_of(const CallBatch& batch) const;

  UnitMemory* memory_;
  std::size_t earlier_ = 0;
  std::map<std::vector<std::int64_t>, std::size_t> names_;
  std::vector<std::int64_t> in_doubt_;
  std::map<std::int64_t, std::string> created_;
};

// Settles in the writer's state of a unit (rows, is_open, settle, in_doubt) what an earlier life of the unit left.
template <class State>
void recall(const CallMemory& memory, State* state) {
  const auto is_open = [&](std::int64_t row) { return row >= 0 && row < static_cast<std::int64_t>(state->rows.size()) && state->is_open(row); };
  for (const auto& [row, id] : memory.created())
    if (is_open(row)) state->settle(row, OutcomeKind::created, id);
  for (const std::int64_t row : memory.in_doubt())
    if (is_open(row)) state->in_doubt[static_cast<std::size_t>(row)] = true;
}

// "0-199,300" of rows, and back; empty when the text is none.
std::string rows_text(const std::vector<std::int64_t>& rows);
std::vector<std::int64_t> parse_rows(std::string_view text);

}  // namespace godwit::rest
