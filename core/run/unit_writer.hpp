#pragma once
// A formed unit into the target and into the journal: decide, intend, submit, settle. The same path for a unit that is
// new and for one that a killed process left behind: there the target's ledger answers instead of submit().

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/journal/crosswalk.hpp"
#include "core/run/comparer.hpp"
#include "core/run/parent_index.hpp"
#include "core/run/pending_before.hpp"
#include "core/run/run_context.hpp"
#include "core/run/sequencer.hpp"

namespace godwit {

class UnitWriter {
 public:
  struct Parts {
    RunContext* context = nullptr;
    const CompiledFlow* flow = nullptr;
    Writer* writer = nullptr;
    // Where units may be on their way side by side: one is written by one of the two while the other's is not settled yet.
    Writer* second_writer = nullptr;
    Writer* asker = nullptr;            // reads records back; may be `writer` where there is no second
    Delivery delivery = Delivery::transactional;
    Comparer* comparer = nullptr;
    Crosswalk* crosswalk = nullptr;     // what was loaded before this run; may be null
    ParentIndex* parents = nullptr;     // null: no flow refers to this one
    SeenKeys* seen = nullptr;           // sealed by whoever formed the unit
    SeenKeys* obligations = nullptr;    // rows that wait for the second pass; null: none can
    std::int64_t ledger_last = 0;       // last unit that the target's ledger knows
    bool compares = false;              // the target was not empty: decisions are worth recording
  };
  explicit UnitWriter(Parts parts);
  ~UnitWriter();

  // Takes the unit. With a second writer the one before is settled, and this one goes on by itself until the next call.
  Result<> write(FormedUnit& unit);
  // Settles what is still on its way.
  Result<> flush();
  const Counts& counts() const { return counts_; }

 private:
  struct RowResults;
  struct Flight;
  Result<std::unique_ptr<Flight>> depart(FormedUnit& unit);
  Result<bool> ask_ledger(Flight& flight, Outcomes& outcomes);
  Result<bool> ask_memory(Flight& flight);
  Result<> decide(Flight& flight, bool read_back);
  bool has_ledger() const { return p_.delivery == Delivery::transactional; }
  Result<> arrive(Flight& flight);
  RowResults results_of(Flight& flight, const Outcomes& outcomes, std::vector<std::uint8_t>& kinds);
  Result<> book(Flight& flight, const RowResults& results);
  Result<> adopt(FormedUnit& unit, RowResults& results);
  Result<> remember_parents(const FormedUnit& unit, const RowResults& results);
  void append_crosswalk(const SequencedBatch& batch, const std::vector<std::int32_t>& rows, const CrosswalkRows& then, const Column& ids, CrosswalkState state);
  Result<> put_merged(const SequencedBatch& batch);
  Result<> crosswalk_rows(const FormedUnit& unit, const RowResults& results, SettledUnit& settled);

  Parts p_;
  PendingBefore pending_;
  CrosswalkBuilder builder_;
  Counts counts_;
  std::unique_ptr<Flight> flight_;  // with a second writer: the unit that is on its way
  bool first_is_next_ = true;       // which writer the next unit goes to
};

// Submits with patience: an error of kind retry is tried again for a while before it is handed on.
Result<Outcomes> submit_patiently(Writer& writer, const Unit& unit, const StopCheck& stop);

// How the crosswalk of a flow is built: names of its fields, its source key, the type of its ids.
CrosswalkBuilder crosswalk_builder(const CompiledFlow& flow);
TypeId crosswalk_ids(const CompiledFlow& flow);
// Columns `keys` of the source, of the rows of a batch.
std::vector<Column> source_key_columns(const CompiledFlow& flow, const MappedBatch& batch);

// Decisions of a unit's rows as text for the ledger's note, and back. Run-length: "i120u3c1".
std::string encode_decisions(const FormedUnit& unit);
Result<> decode_decisions(std::string_view note, FormedUnit& unit);

// One per row of the unit; GW-5902 when the note does not fit it.
Result<std::vector<Decision>> parse_decisions(std::string_view note, const FormedUnit& unit);

// The row as the journal keeps it when it is set aside.
SetAsideRow set_aside_row(const CompiledFlow& flow, const MappedBatch& batch, const RowNote& note, std::string_view error_class = "data");
SetAsideRow unreadable_row(const CompiledFlow& flow, const MappedBatch& batch, const Unreadable& unreadable);

}  // namespace godwit
