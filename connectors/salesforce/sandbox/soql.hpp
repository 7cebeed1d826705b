#pragma once
// SOQL, compiled to one SQLite query.
//
// Understood: SELECT of fields, of fields of parents (any depth; polymorphic ones by the fields that all know), COUNT(), COUNT(f), SUM,
// AVG, MIN, MAX with GROUP BY; WHERE with and, or, not, = != < <= > >= IN, NOT IN, LIKE, INCLUDES, EXCLUDES, null, semi-joins; ORDER BY;
// LIMIT; OFFSET. As with the vendor, != and NOT IN also give the rows without a value, and texts are compared without regard to case.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/salesforce/sandbox/org.hpp"
#include "connectors/salesforce/sandbox/soql_tokens.hpp"

namespace godwit::sandbox::salesforce {

// One value of a result row.
struct ResultColumn {
  std::string name;                // as the field is called: "Account.Name"; of an aggregate: its alias or expr0
  std::vector<std::string> parents;  // relationships on the way, as they are called: {"Account"}
  const Field* field = nullptr;    // nullptr: an aggregate that is a number
  std::size_t parent_at = 0;       // where the id of the nearest parent stands in a row; of a field of the object itself: 0
};

struct Soql {
  const Object* object = nullptr;
  bool count_only = false;         // SELECT COUNT()
  bool grouped = false;            // aggregates
  std::vector<ResultColumn> columns;  // column i stands at hidden + i of a row
  std::size_t hidden = 1;          // ids in front: that of the record, then those of its parents
  std::vector<std::pair<std::vector<std::string>, std::size_t>> parents;  // relationship path -> place of its id in a row
  std::string select;              // "select … from … where … order by … limit …"
  std::string count;               // "select count(*) from (…)", without regard to the page
  std::vector<Value> values;
};

struct SoqlOptions {
  bool all = false;                // queryAll: deleted and archived rows too
  bool bulk = false;               // no OFFSET, GROUP BY or aggregates unless the switch allows it
  std::int64_t now_ms = 0;
  std::string version;             // for the addresses of files
};

// Throws SoqlError.
Soql compile_soql(Org& org, std::string_view text, const SoqlOptions& options);

// One row as the vendor's JSON: attributes, fields, parents.
Json record_json(const Org& org, const Soql& soql, const Row& row, const std::string& version);
// One value, as JSON or as CSV has it.
Json value_json(const Field* field, const Value& value);
std::string value_csv(const Field* field, const Value& value);

}  // namespace godwit::sandbox::salesforce
