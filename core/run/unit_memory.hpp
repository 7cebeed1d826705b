#pragma once
// What is on disk about a unit that is on its way, and what it says about the unit's rows when the process that sent it is gone.

#include <string_view>
#include <vector>

#include "core/journal/journal.hpp"
#include "core/model/exchange.hpp"
#include "core/run/formed_unit.hpp"

namespace godwit {

// The memory that a writer is given; in the journal until the unit is settled. The core's own entry is not shown.
class JournalMemory final : public UnitMemory {
 public:
  JournalMemory(Journal& journal, UnitId unit) : journal_(journal), unit_(std::move(unit)) {}
  // Reads what an earlier life left.
  Result<> load();
  Result<> put(std::string_view name, std::string_view text) override;
  std::vector<std::pair<std::string, std::string>> entries() override { return entries_; }
  // The decisions of an earlier life, or "".
  const std::string& decisions() const { return decisions_; }

 private:
  Journal& journal_;
  UnitId unit_;
  std::string decisions_;
  std::vector<std::pair<std::string, std::string>> entries_;
};

// Decisions of an earlier life laid over those that the target as it is now calls for. Where no ledger tells what became of a unit, the
// rows themselves do: one that was to be inserted and is there now was created, one that was to change and is equal was updated. Only
// what is still missing is sent again.
class RecoveredRows {
 public:
  // `unit` as the Comparer decided it anew. Rows that were to go and are gone get their fate back. GW-5902 when `recorded` does not
  // fit the unit.
  static Result<RecoveredRows> of(FormedUnit& unit, std::string_view recorded);
  // What became of the row, given what the target answered now (unchanged for a row that was not sent).
  OutcomeKind outcome(std::size_t batch, std::size_t row, OutcomeKind answered, bool sent) const;

 private:
  std::vector<std::vector<Decision>> intended_;
};

}  // namespace godwit
