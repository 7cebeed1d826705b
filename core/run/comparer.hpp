#pragma once
// What is to be done with each row, given what the target holds: insert, update which fields, or nothing. A delta
// compares three values per field: loaded then, source now, target now.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/host/connection.hpp"
#include "core/journal/crosswalk.hpp"
#include "core/journal/keyed_state.hpp"
#include "core/run/formed_unit.hpp"

namespace godwit {

// What the Comparer found beside the decisions; per unit.
struct Comparison {
  Batch before;                      // rows that will be updated or removed, as the target holds them: columns of the flow, unmapped ones of removed rows, "@id"
  std::vector<Hash128> before_keys;  // their source keys
  std::int64_t kept_edits = 0;       // fields that people changed in the target and that stay as they are
};

class Comparer {
 public:
  struct Options {
    std::filesystem::path folder;       // for the keys of the target
    std::size_t memory_bytes = 16 << 20;
    bool target_empty = false;          // nothing to compare with: all rows are inserts
    Writer* whole = nullptr;            // reads records back with the fields that the flow does not map; may be null; not owned
  };
  // `reader_of_target` opens a reader over the target object with the given columns (null with target_empty);
  // `writer` reads rows back, not owned; `crosswalk` is what was loaded then, may be null.
  using OpenTarget = std::function<Result<std::unique_ptr<Reader>>(const std::vector<std::string>&)>;
  static Result<std::unique_ptr<Comparer>> open(const CompiledFlow& flow, Options options, const OpenTarget& reader_of_target,
                                                Writer* writer, Crosswalk* crosswalk);

  // Fills `decisions` of every batch; rows in conflict are set aside; fields not to be written are unset. `read_back`: every row is read
  // back, whatever the scan of the target said when the flow began: the unit was on its way when its process died.
  Result<Comparison> decide(FormedUnit& unit, bool read_back = false);
  // Says again which field was in conflict, and with what, for the rows of a unit that was decided, written and then lost with its
  // process: those rows were not written, so that the target still holds what they were in conflict with. A row that a person has
  // brought into line since keeps the note without a field.
  Result<> name_conflicts(FormedUnit& unit);
  // Rows in the target when the flow began, as the scan counted them.
  std::int64_t target_rows() const { return target_rows_; }

 private:
  Comparer(const CompiledFlow& flow, Options options, Writer* writer, Crosswalk* crosswalk)
      : flow_(flow), options_(std::move(options)), writer_(writer), crosswalk_(crosswalk) {}
  Result<> scan(const OpenTarget& open);
  std::vector<ColumnBuilder> before_columns() const;
  Result<> decide_batch(SequencedBatch& batch, Comparison& out, ColumnBuilder* ids, std::vector<ColumnBuilder>& before);
  Result<> decide_by_reading(SequencedBatch& batch, Comparison& out, ColumnBuilder* ids, std::vector<ColumnBuilder>& before);
  Result<> decide_by_journal(SequencedBatch& batch, Comparison& out, ColumnBuilder* ids, std::vector<ColumnBuilder>& before);
  bool by_journal() const { return flow_.flow->compare == CompareMode::journal && crosswalk_ != nullptr; }
  // The unmapped fields of the rows that go, one column each, as long as `rows`; none where nothing is to be kept.
  Result<std::vector<Column>> unmapped_of(const SequencedBatch& batch, const std::vector<std::int32_t>& rows, const std::vector<bool>& found);
  Result<> compare_rows(SequencedBatch& batch, const std::vector<std::int32_t>& rows, Comparison& out, ColumnBuilder* ids,
                        std::vector<ColumnBuilder>& before);

  const CompiledFlow& flow_;
  Options options_;
  Writer* writer_;
  Crosswalk* crosswalk_;
  std::unique_ptr<KeyedState> held_;  // target key -> hash of the row's mapped fields
  std::int64_t target_rows_ = 0;
};

}  // namespace godwit
