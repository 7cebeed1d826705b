#pragma once
// What the files of UnitWriter share.

#include <chrono>
#include <future>
#include <optional>

#include "core/run/unit_memory.hpp"
#include "core/run/unit_writer.hpp"

namespace godwit {

// What became of each row of the unit, batch by batch, once the target has answered.
struct UnitWriter::RowResults {
  std::vector<std::vector<OutcomeKind>> kinds;  // of rows that are still kept; unchanged for those not sent
  std::vector<Column> ids;                      // per batch, per row; length 0 when there are none
  bool with_ids = false;
};

// A unit between its intent and its settlement.
struct UnitWriter::Flight {
  FormedUnit unit;
  Unit target;
  SettledUnit settled;
  std::chrono::steady_clock::time_point began;
  std::optional<JournalMemory> memory;     // where the target keeps no ledger
  std::optional<RecoveredRows> recovered;  // it was on its way before, when its process died
  std::future<Result<Outcomes>> answer;
};

}  // namespace godwit
