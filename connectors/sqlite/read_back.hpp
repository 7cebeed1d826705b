#pragma once
// Rows of a table by key, many keys in one statement.

#include <memory>
#include <span>

#include "connectors/sqlite/database.hpp"
#include "connectors/sqlite/decode.hpp"
#include "connectors/sqlite/encode.hpp"
#include "connectors/sqlite/rows_module.hpp"
#include "connectors/sqlite/table.hpp"
#include "core/model/exchange.hpp"

namespace godwit::sqlite {

// One thread at a time.
class ReadBack {
 public:
  // The database must outlive it. GW-3031 for a column that is not there.
  static Result<std::unique_ptr<ReadBack>> make(const Database* database, const TableInfo& table,
                                                const WriteRequest& request);

  // The request's columns for each key, in the keys' order. A key that cannot be in the table (a text with NUL, a null)
  // is not found. 3240: a cell is no value of its column's type; 3241: a key has several records.
  Result<Writer::Rows> read(std::span<const Column> keys);

 private:
  ReadBack(const Database* database, TableInfo table, const WriteRequest& request)
      : db_(database), table_(std::move(table)), request_(request) {}
  Result<> prepare();
  Result<> read_block(std::int64_t from, std::int64_t to, std::vector<ColumnBuilder>* builders, ColumnBuilder* ids,
                      Writer::Rows* out);
  std::string key_text(std::int64_t i) const;

  const Database* db_;
  TableInfo table_;
  WriteRequest request_;
  std::vector<Encoder> encoders_;  // of the key
  std::vector<Decoder> decoders_;  // of the columns
  int id_column_ = -1;
  Type id_type_;
  RowSource source_;
  Statement statement_;
};

}  // namespace godwit::sqlite
