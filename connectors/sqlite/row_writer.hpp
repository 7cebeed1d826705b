#pragma once
// Writes the rows of one block, one statement each or many in one, and says what became of each.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "connectors/sqlite/database.hpp"
#include "connectors/sqlite/encode.hpp"
#include "connectors/sqlite/rows_module.hpp"
#include "connectors/sqlite/table.hpp"
#include "core/model/exchange.hpp"
#include "plugins/kits/sql/unit_results.hpp"

namespace godwit::sqlite {

using sql::UnitResults;

// How a step of writing ended, when no error of the whole unit did.
enum class Written {
  done,         // the row has its outcome
  rolled_back,  // a trigger ended the whole transaction over this row: the unit has to be written again without it
  redo_singly   // a statement over many rows failed in a way that names no row: write the unit row by row
};

// One thread at a time. Transactions are the caller's.
class RowWriter {
 public:
  // What the object lets be written: 3210 a view, 3031 no such column, 3211 a computed column, 3212 a type that never
  // fits, 3214 an id that is no column.
  static Result<std::unique_ptr<RowWriter>> make(const Database* database, TableInfo table,
                                                 const WriteRequest& request);

  // Rows of a block at most: what one statement over many rows takes, and what converted values are kept for.
  static constexpr std::int64_t kBlock = 1024;

  // Looks at rows [from, from + length) of the chunk, which is row `unit_row` of the unit and the following. Rows with
  // a value that does not fit its column are refused at once.
  void load(const Chunk& chunk, std::int64_t from, std::int64_t length, std::int64_t unit_row, UnitResults* results);

  // Writes row i of the block with the statement of its operation. Does nothing for a row that was refused.
  Result<Written> write_row(std::int64_t i, UnitResults* results);
  // Writes all rows of the block; consecutive inserts and upserts go in one statement where table and request allow it.
  Result<Written> write_block(bool many_at_once, UnitResults* results);

  // Refuses row i of the block because a deferred foreign key of it stayed without its parent.
  Result<> refuse_reference(std::int64_t i, UnitResults* results);

  const TableInfo& table() const { return table_; }
  // Whether reported ids are integers.
  bool integer_ids() const { return integer_ids_; }
  bool wants_ids() const { return id_column_ >= 0; }

 private:
  struct RowStatement {
    Statement statement;
    std::vector<int> columns;  // of the request, by parameter
  };
  RowWriter(const Database* database, TableInfo table, const WriteRequest& request)
      : db_(database), table_(std::move(table)), request_(request) {}

  Result<> plan();
  // Which columns row i sends, as a text of '0' and '1'.
  std::string pattern(std::int64_t i) const;
  std::string no_column() const { return std::string(encoders_.size(), '0'); }
  bool same_way(std::int64_t a, std::int64_t b) const;
  bool is_open(std::int64_t i, const UnitResults& results) const {
    return results.kinds[static_cast<std::size_t>(unit_row_ + i)] == OutcomeKind::unknown;
  }
  bool key_is_whole(std::int64_t i, UnitResults* results);

  enum class Verb : char {
    insert = 'i',
    insert_many = 'm',
    update = 'u',
    remove = 'd',
    exists = 'e',
    which_exist = 'w'
  };
  Result<RowStatement*> statement(Verb verb, const std::string& pattern);
  std::string statement_text(Verb verb, const std::string& pattern, std::vector<int>* columns) const;
  std::string where_key(std::vector<int>* columns) const;

  // One single-row statement. `changed` is how many rows it changed; -1: it was refused (the refusal is recorded).
  Result<Written> run(Verb verb, std::int64_t i, UnitResults* results, std::int64_t* changed);
  Result<Written> guarded(Verb verb, std::int64_t i, UnitResults* results, std::int64_t* changed);
  Result<bool> exists(std::int64_t i);
  Result<Written> insert(std::int64_t i, UnitResults* results);
  Result<Written> update(std::int64_t i, UnitResults* results, bool* missing);
  Result<Written> upsert(std::int64_t i, UnitResults* results);
  Result<Written> remove(std::int64_t i, UnitResults* results);
  void take_id(sqlite3_stmt* row, std::int64_t i, UnitResults* results) const;

  bool can_write_many() const;
  Result<Written> insert_many(std::int64_t from, std::int64_t to, bool upserts, UnitResults* results);
  Result<Written> upsert_many(std::int64_t from, std::int64_t to, UnitResults* results);
  Result<Refusal> refusal_of(int code, const std::string& words, std::int64_t i) const;

  const Database* db_;
  TableInfo table_;
  WriteRequest request_;
  std::vector<Encoder> encoders_;
  std::vector<int> key_;      // columns of the request
  std::vector<bool> is_key_;  // by column of the request
  int id_column_ = -1;        // of the table
  bool integer_ids_ = false, id_is_rowid_ = false, key_is_unique_ = false;

  const Chunk* chunk_ = nullptr;
  std::int64_t from_ = 0, length_ = 0, unit_row_ = 0;
  RowSource source_;
  std::unordered_map<std::string, RowStatement> statements_;
  std::vector<sqlite3_int64> inserted_;  // rowids of a statement over many rows
};

}  // namespace godwit::sqlite
