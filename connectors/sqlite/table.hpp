#pragma once
// A table or view of the file, as SQLite describes it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/sqlite/database.hpp"
#include "core/model/exchange.hpp"

namespace godwit::sqlite {

// What SQLite does to a value before it stores it (https://www.sqlite.org/datatype3.html, section 3).
enum class Affinity { blob, text, numeric, integer, real };

// Of a declared type's name, by SQLite's own rules.
Affinity affinity_of(std::string_view declared);

struct ColumnInfo {
  std::string name, declared;
  Affinity affinity = Affinity::blob;
  Type type;                                    // what the declared type means to Godwit; text when there is none
  std::optional<std::int64_t> length;           // characters, of declared type and CHECK constraints
  std::optional<std::int64_t> declared_length;  // VARCHAR(n), which SQLite does not look at: ours to enforce
  bool untyped = false;                         // no declared type, or ANY
  bool not_null = false;
  bool has_default = false;
  bool computed = false;             // GENERATED ALWAYS AS
  int key_part = 0;                  // position in the primary key, from 1; 0: not part of it
  bool rowid = false;                // INTEGER PRIMARY KEY: another name of the rowid
  bool binary_order = true;          // compared byte by byte (COLLATE BINARY)
  std::vector<std::string> choices;  // of a CHECK constraint that names all values
};

struct ForeignKey {
  std::string name_of_parent;  // as the parent itself is spelt
  std::vector<std::string> columns, parent_columns;
};

struct UniqueIndex {
  std::vector<std::string> columns;
  bool not_null = false;     // all columns are NOT NULL
  bool native_order = true;  // compares as the columns themselves do
};

struct CheckConstraint {
  std::string name, expression;
  std::vector<std::string> columns;  // of this table, that it mentions
  bool foreseen = false;             // choices and lengths of the columns say all of it
};

struct TableInfo {
  enum class Kind { table, view, virtual_table };
  std::string name, sql;
  Kind kind = Kind::table;
  bool has_rowid = true;
  std::string rowid_name;  // a name of the rowid that no column hides; "" when there is none
  bool strict = false, has_triggers = false;
  std::vector<ColumnInfo> columns;
  std::vector<std::string> key;      // primary key in its order
  std::vector<UniqueIndex> uniques;  // primary key included; neither partial ones nor those over expressions
  std::vector<CheckConstraint> checks;
  std::vector<ForeignKey> references;
  std::vector<std::string> children;  // tables with a foreign key to this one (itself included)

  // Index by name (ASCII case does not count, as in SQL), or -1.
  int find(std::string_view column) const;
};

// GW-3030 with the nearest name when there is no such table or view.
Result<TableInfo> load_table(const Database& database, std::string_view name);

// Tables, then views, each in order of their names; neither SQLite's own nor the ledger.
Result<std::vector<std::string>> list_objects(const Database& database);

// What the core is told. The row count is exact; views have none, since counting one may take as long as reading it.
Result<ObjectDescription> describe_table(const Database& database, std::string_view name);

}  // namespace godwit::sqlite
