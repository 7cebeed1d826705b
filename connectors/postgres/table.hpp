#pragma once
// A table, view or query, as the server describes it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/postgres/session.hpp"
#include "connectors/postgres/types.hpp"
#include "core/model/exchange.hpp"

namespace godwit::postgres {

struct ColumnInfo {
  std::string name;
  ColumnType type;
  int number = 0;  // pg_attribute.attnum
  bool not_null = false;
  bool computed = false;     // GENERATED ALWAYS AS (...) STORED
  char identity = 0;         // 'a' always, 'd' by default
  std::string default_text;  // expression, "" when there is none
  std::string sequence;      // quoted name of the sequence that an identity or a plain nextval() default draws from
  std::optional<std::int64_t> length;  // characters, of the type and of CHECK constraints
  std::vector<std::string> choices;    // of an enum, or of a CHECK constraint that names all values
  bool made_by_server() const { return computed || identity != 0 || !sequence.empty(); }
};

struct ForeignKey {
  std::string name;         // of the constraint
  std::string parent;       // quoted, with its schema
  std::string parent_name;  // as connections name it
  std::vector<std::string> columns, parent_columns;
  bool to_itself = false;
};

// A foreign key of another table to this one.
struct Child {
  std::string table, table_name;         // quoted; as connections name it
  std::vector<std::string> columns, to;  // of the child, of this table
  bool refuses_delete = false;           // ON DELETE no action or restrict
};

struct UniqueIndex {
  std::string name;
  std::vector<std::string> columns;
  bool primary = false, not_null = false, nulls_equal = false, deferrable = false;
};

struct CheckConstraint {
  std::string name, expression;
  std::vector<std::string> columns;  // of this table, that it mentions
  bool foreseen = false;             // choices and lengths of the columns say all of it
};

struct TableInfo {
  enum class Kind { table, partitioned, view, materialized_view, foreign_table, query };
  std::int64_t oid = 0;
  std::string name;    // as connections name it: bare where the search path finds it, else schema.table
  std::string source;  // what stands after FROM: "schema"."table" or (query)
  Kind kind = Kind::table;
  bool has_row_triggers = false, has_rules = false, has_deferrable = false;
  std::optional<std::int64_t> rows;  // as the server estimates
  std::vector<ColumnInfo> columns;
  std::vector<std::string> key;      // primary key in its order
  std::vector<UniqueIndex> uniques;  // primary key included; neither partial ones nor those over expressions
  std::vector<CheckConstraint> checks;
  std::vector<ForeignKey> references;
  std::vector<Child> children;
  std::string state;         // changes when rows or structure change
  bool independent = false;  // nothing ties its rows to others: no index, reference, trigger, rule or sequence

  bool is_writable() const {
    return kind == Kind::table || kind == Kind::partitioned || kind == Kind::foreign_table || kind == Kind::view;
  }
  // Index by name, as it is spelt or else ASCII case ignored; -1.
  int find(std::string_view column) const;
  const ColumnInfo& column(int i) const { return columns[static_cast<std::size_t>(i)]; }
};

// An object that begins so is a statement to be read from, not a name.
inline constexpr std::string_view kQuery = "query:";

// GW-3030 with the nearest name when there is no such table or view; 3328 for a query that the server does not accept.
Result<TableInfo> load_table(Session& session, std::string_view object);

// What makes the columns, constraints and triggers of the table what they are, as one text: a writer compares it before
// it blames rows for a failure.
Result<std::string> table_structure(Session& session, const TableInfo& table);

// Tables, then views, each in order of their names; neither the server's own nor the ledger.
Result<std::vector<std::string>> list_objects(Session& session);

// What the core is told.
ObjectDescription describe(const TableInfo& table);

// "a", "b" quoted and joined, each with `prefix` before it.
std::string column_list(const std::vector<std::string>& names, std::string_view prefix = "");

}  // namespace godwit::postgres
