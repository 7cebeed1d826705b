#pragma once
// A commit unit between the mapping and the target.

#include <cstdint>
#include <string>
#include <vector>

#include "core/journal/unit_id.hpp"
#include "core/run/mapper.hpp"

namespace godwit {

// What is to be done with a row in the target. The numbers are written into the ledger's note: never change them.
enum class Decision : std::uint8_t { none = 0, insert = 1, update = 2, unchanged = 3, remove = 4, conflict = 5 };

// Another row of this run holds the same key.
struct MergedNote {
  std::int64_t row = 0;
  Hash128 survivor;            // source key of the row that stays
  std::string survivor_key;    // readable
};

struct SequencedBatch : MappedBatch {
  std::vector<MergedNote> merged;       // rows whose fate is Fate::merged, ascending
  std::vector<Decision> decisions;      // per row; filled by the Comparer
};

// Rows that settle together. Whole batches of one source, in source order.
struct FormedUnit {
  UnitId id;
  int pass = 1;
  std::string start_position, end_position;  // "<index of source>|<position>", "" at the very start
  std::vector<SequencedBatch> batches;
  std::int64_t rows_read = 0;       // unreadable rows included
  std::int64_t bytes_read = 0;
  bool last = false;                // no unit of this flow and pass follows

  std::size_t size_bytes() const {
    std::size_t n = 0;
    for (const SequencedBatch& b : batches) n += b.size_bytes();
    return n;
  }
};

}  // namespace godwit
