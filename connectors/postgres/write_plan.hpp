#pragma once
// What a write request means for one table: encoders, key, id, and the texts of statements.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "connectors/postgres/encode.hpp"
#include "connectors/postgres/table.hpp"
#include "core/model/exchange.hpp"
#include "plugins/kits/sql/unit_results.hpp"

namespace godwit::postgres {

using sql::UnitResults;

// How the ids that the core wants to know become known.
enum class IdPlan {
  none,     // it wants none
  given,    // the id is a column of the request
  reserve,  // drawn from the sequence or the default before the rows are written
  look_up   // asked for by key once the rows are written
};

// Columns of a request that a row sends: true per column.
using Pattern = std::vector<bool>;

struct WritePlan {
  // What the object lets be written: 3314 not writable, 3031 no such column, 3315 a computed column, 3316 a type that
  // never fits, 3317 an id that is no column.
  static Result<WritePlan> make(Session& session, TableInfo table, const WriteRequest& request, Charset* charset);

  // Looks at all rows of a chunk, whose first is row `first` of the unit, and refuses those that the table's
  // description does not allow. The encoders then hold the chunk's columns.
  void look_at(const Chunk& chunk, std::int64_t first, UnitResults* results);

  const ColumnInfo& target(std::size_t column) const { return table.column(columns[column]); }
  // The staged value of a column as the target takes it: s."name", with a cast where the stage holds text.
  std::string staged(std::size_t column) const;
  // t."k1" = s."k1" and ...
  std::string keys_match() const;
  // "a", "b" of the columns of the pattern; the id's column too where it is reserved.
  std::string insert_columns(const Pattern& sent) const;
  std::string insert_values(const Pattern& sent) const;
  // "a" = s."a", ...: what an update sets; "" when the pattern holds nothing but the key.
  std::string assignments(const Pattern& sent) const;
  bool overrides_identity(const Pattern& sent) const;

  TableInfo table;
  WriteRequest request;
  std::vector<int> columns;  // of the table, by column of the request
  std::vector<Encoder> encoders;
  std::vector<std::size_t> key;  // columns of the request
  std::vector<bool> is_key;      // by column of the request
  bool key_is_unique = false;
  IdPlan ids = IdPlan::none;
  int id_column = -1;  // of the table
  bool integer_ids = false;
};

}  // namespace godwit::postgres
