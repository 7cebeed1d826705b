#pragma once
// Records into columns of Arrow's layout: one pass over the text, and no allocation per value.

#include <cstdint>
#include <vector>

#include "core/model/batch.hpp"
#include "plugins/kits/delimited/dialect.hpp"
#include "plugins/kits/delimited/records.hpp"
#include "plugins/kits/delimited/recycler.hpp"

namespace godwit::delimited {

// Builds the wanted fields of records, in the order asked for. Values beyond 2^31 - 1 bytes in one column must not
// be asked for: finish() earlier.
class ColumnSet {
 public:
  // `wanted`: field indexes. `dialect` outlives it.
  ColumnSet(const Dialect& dialect, std::vector<std::uint32_t> wanted);

  void append(const Run& run);
  void append(const ParsedRecord& record, std::int64_t offset, std::int64_t line);

  std::int64_t rows() const { return rows_; }
  // Bytes of values so far.
  std::size_t bytes() const;
  // Bytes of memory that the values so far stand in.
  std::size_t reserved_bytes() const;

  // The columns, places and lines so far as a batch without schema; it starts anew.
  Batch finish();

 private:
  struct Building {
    explicit Building(const std::shared_ptr<Recycler>& memory) : bytes(memory), offsets(memory) {}
    RecycledBytes bytes, offsets;
    std::size_t used = 0;              // bytes of `bytes` that are values
    std::size_t last_used = 0;         // of the batch before: what this one will need
    std::vector<std::uint32_t> nulls;  // rows
  };
  template <bool kQuote, bool kPlain>
  void append_rows(const Run& run, std::uint32_t from, std::uint32_t to, std::uint32_t field, Building& column);
  bool is_null(const char* data, std::uint32_t size) const;
  void room_for(Building& column, std::size_t bytes);
  void room_for_rows(std::size_t rows);

  const Dialect& dialect_;
  std::vector<std::uint32_t> wanted_;
  std::shared_ptr<Recycler> memory_ = std::make_shared<Recycler>();
  std::vector<Building> columns_;
  RecycledBytes places_;
  std::vector<std::int64_t> lines_;
  std::int64_t rows_ = 0;
  std::size_t last_rows_ = 0;  // of the batch before
  std::size_t longest_null_ = 0;
  bool strip_left_, strip_right_, nulls_;
};

}  // namespace godwit::delimited
