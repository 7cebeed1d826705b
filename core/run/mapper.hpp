#pragma once
// Rows through the mapping: what each becomes in the target, or why it does not get there. Run, plan, verify and
// explain all map through here, so that they cannot disagree.

#include <cstdint>
#include <string>
#include <vector>

#include "core/host/connection.hpp"
#include "core/model/hash.hpp"
#include "core/run/compiled_flow.hpp"

namespace godwit {

// What becomes of a row before the target hears of it. The mapper decides the first four; merged is the sequencer's.
enum class Fate : std::uint8_t { kept, filtered, filtered_unknown, set_aside, merged };

// A reason that concerns one row of a batch.
struct RowNote {
  std::int64_t row = 0;
  Error error;        // kind row_rejected
  std::string field;  // target field, or ""
};

struct MappedBatch {
  ReadBatch read;                        // the source rows, corrections overlaid
  int source = 0;                        // index into Flow::from
  std::vector<Fate> fates;               // per row
  std::vector<RowNote> set_aside;        // exactly one per row with that fate, ascending
  std::vector<RowNote> warnings;         // of kept rows, ascending
  std::vector<Column> columns;           // as CompiledFlow::columns; null in rows that are not kept
  std::vector<Buffer> set;               // per column, empty: all set
  std::vector<std::int64_t> pending;     // kept rows with a deferred field that waits, ascending
  std::vector<RowNote> link_errors;      // second pass: deferred fields whose parent did not make it; they stay null, ascending
  std::vector<Hash128> source_keys;      // per row; empty for insert-only flows
  std::vector<Hash128> target_keys;      // per row; the same vector when the crosswalk is identity (then empty)
  std::vector<std::uint64_t> source_hashes;  // per row, over all source columns; empty for insert-only flows without a second pass, which compare nothing
  std::vector<std::vector<std::uint32_t>> field_hashes;  // per column, per row; 0: unset. Empty for insert-only flows
  std::vector<std::uint64_t> row_hashes;     // per row, over the values of all columns that are not deferred
  std::vector<bool> deletes;             // rows that `delete_when` marks; empty: none
  std::vector<Column> lacking;           // as CompiledFlow::lacking; without length where a field is a key or has no expression
  struct TotalCells { Column value, currency; std::vector<RowNote> errors; };
  std::vector<TotalCells> totals;        // as CompiledFlow::totals

  const std::vector<Hash128>& keys() const { return target_keys.empty() ? source_keys : target_keys; }
  std::int64_t rows() const { return read.batch.rows; }
  std::size_t size_bytes() const;
};

// Thread-safe; keeps a pointer to `flow`.
class Mapper {
 public:
  explicit Mapper(const CompiledFlow& flow) : flow_(flow) {}
  // Errors only for failures that no row can be blamed for (a reference store that cannot be read).
  Result<MappedBatch> map(ReadBatch read, int source) const;

 private:
  const CompiledFlow& flow_;
};

// Is the row's value sent? An empty bitmap says that all are.
inline bool field_is_set(const Buffer& set, std::int64_t row) { return !set || bit_is_set(set.data(), row); }

// "accounts.csv:4211" or "legacy.accounts#77": where row `row` of the batch stood.
std::string row_place(const CompiledFlow& flow, const MappedBatch& batch, std::int64_t row);
// Readable source key: values joined by " / "; the place's locator when the flow has no key.
std::string row_key(const CompiledFlow& flow, const MappedBatch& batch, std::int64_t row);
// The source row as a JSON object in column order, numbers as text; null as null.
std::string row_json(const MappedBatch& batch, std::int64_t row);

}  // namespace godwit
