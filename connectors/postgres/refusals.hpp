#pragma once
// What the server said about a row, as one of the numbers that all databases share.

#include <cstdint>
#include <string>

#include "connectors/postgres/session.hpp"
#include "connectors/postgres/write_plan.hpp"

namespace godwit::postgres {

// A row of a unit, where its values are.
struct RowAtFault {
  std::int64_t row = 0;  // of the unit
  const Chunk* chunk = nullptr;
  std::int64_t at = 0;  // of the chunk
};

// The value of a target column in the row, for messages: in quotes, "null", or that its default was taken.
std::string value_of(const WritePlan& plan, const RowAtFault& row, std::string_view column);

// `error`: state, message, detail, column and constraint as the server told them of this row.
Refusal classify(const WritePlan& plan, const ServerError& error, const RowAtFault& row);

// Refusals that the stage found out before the server did. `words`: the server's own, where it named the same
// constraint for the unit as a whole; else "".
Refusal refuse_unique(const WritePlan& plan, const UniqueIndex& index, const RowAtFault& row, std::string words);
Refusal refuse_reference(const WritePlan& plan, const ForeignKey& key, const RowAtFault& row, std::string words);
Refusal refuse_check(const WritePlan& plan, const CheckConstraint& check, const RowAtFault& row, std::string words);

}  // namespace godwit::postgres
