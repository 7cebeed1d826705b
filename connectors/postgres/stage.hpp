#pragma once
// A unit's rows in a temporary table, from which they are merged into the target in sets.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "connectors/postgres/copy_sink.hpp"
#include "connectors/postgres/refusals.hpp"
#include "connectors/postgres/write_plan.hpp"

namespace godwit::postgres {

// Where the rows of a unit stand in its chunks.
class UnitRows {
 public:
  explicit UnitRows(const Unit& unit);
  RowAtFault at(std::int64_t row) const;
  std::int64_t rows() const { return starts_.back(); }
  const Unit& unit() const { return *unit_; }
  std::int64_t start(std::size_t chunk) const { return starts_[chunk]; }

 private:
  const Unit* unit_;
  std::vector<std::int64_t> starts_;  // per chunk its first row, and the end
};

// The stage holds, beside the request's columns: "@n" the row, "@op" its operation (gw_operation), "@p" its pattern of
// sent columns, "@r" its round: rows of one key take their turns in rounds. "@id" is the reserved id.
class Stage {
 public:
  // One row in the list of merges: rows of one operation with one pattern.
  struct Group {
    int operation = 0;
    std::size_t pattern = 0;
  };

  Stage(Session& session, WritePlan& plan) : session_(session), plan_(plan) {}

  // Makes the table once per session; outside of a unit's transaction.
  Result<> make();
  // Fills it with the rows of the unit that are still open; rows that the server cannot read are refused and the
  // filling begins anew. Within the unit's transaction.
  Result<> fill(const UnitRows& rows, UnitResults* results, const std::vector<std::string>& ids);
  // Takes rows out of the stage.
  Result<> drop(const std::vector<std::int64_t>& rows);
  // Numbers the rounds; 1 when no key comes twice.
  Result<int> count_rounds();

  const std::vector<Pattern>& patterns() const { return patterns_; }
  // Groups as they were filled, in the order in which they are merged: deletions, updates, the others.
  std::vector<Group> groups() const;
  const std::string& name() const { return name_; }

 private:
  std::size_t pattern_of(const Chunk& chunk, std::int64_t row);
  Result<bool> try_fill(const UnitRows& rows, UnitResults* results, const std::vector<std::string>& ids);

  Session& session_;
  WritePlan& plan_;
  std::string name_ = "pg_temp.godwit_stage";
  std::vector<Pattern> patterns_;
  std::map<std::pair<int, std::size_t>, std::int64_t> groups_;  // (operation, pattern) -> rows
};

// "{1,2,3}" for a parameter.
std::string array_of(const std::vector<std::int64_t>& numbers);

}  // namespace godwit::postgres
