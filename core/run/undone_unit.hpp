#pragma once
// A unit of an earlier run as its undo sees it: what the run did to each row, what the target held before, and what is to be done now.

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/journal/crosswalk.hpp"
#include "core/journal/journal.hpp"
#include "core/run/workspace.hpp"

namespace godwit {

// What is done with a row of the unit that is undone; letters are written into the ledger's note.
enum class UndoStep : char { nothing = '=', remove = 'd', restore = 'r', insert = 'i', leave = 'e' };

struct UndoneUnit {
  CrosswalkSegment rows;
  RowsSegment before;
  std::vector<std::uint8_t> kinds;        // OutcomeKind per row
  std::vector<std::int32_t> touched;      // rows that the run changed in the target, ascending
  std::vector<Column> keys;               // of the touched rows: the target's id, or the key fields
  std::unordered_map<std::uint64_t, std::int32_t> before_row;

  // The row of `before` that belongs to row `i`, or -1.
  std::int32_t prior(std::int32_t i) const {
    const Hash128& key = rows.key_hashes[static_cast<std::size_t>(i)];
    const auto found = before_row.find(key.low ^ key.high);
    return found == before_row.end() ? -1 : found->second;
  }
  OutcomeKind kind(std::size_t r) const { return static_cast<OutcomeKind>(kinds[static_cast<std::size_t>(touched[r])]); }
  const Hash128& key(std::size_t r) const { return rows.key_hashes[static_cast<std::size_t>(touched[r])]; }
};

// GW-5902 when the journal's pieces do not fit together. `by_id`: records are named by the target's ids.
Result<UndoneUnit> read_undone(Journal& journal, const UnitRecord& unit, const CompiledFlow& flow, bool by_id);

// Opens a writer that takes the records of the flow back. The id, where records are named by it, is the first column. `schema` gets its columns.
Result<std::unique_ptr<Writer>> open_undo_writer(Workspace& workspace, const CompiledFlow& flow, const std::string& run, bool by_id, Schema* schema);

// What can become of a flow's rows at all: 0, or the number of the error why nothing can (GW-4082, 4083).
int undo_obstacle(const CompiledFlow& flow);

struct UndoChoice {
  std::vector<UndoStep> steps;  // per touched row
  std::vector<int> why;         // of rows that are left: the number of the reason, else 0
};
// A record is ours to take back when every field is as we wrote it, or as it was before us. `held`: the records as they are now.
UndoChoice choose_steps(const CompiledFlow& flow, const UndoneUnit& unit, const Writer::Rows& held, bool by_id);

}  // namespace godwit
