#pragma once
// How one record came about: its source row, and every field before and after each step of its mapping.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/cli/context.hpp"
#include "core/cli/row_history.hpp"
#include "core/model/result.hpp"
#include "core/run/mapper.hpp"

namespace godwit::cli {

// A piece of an expression and what it gave for the row.
struct ExplainedStep {
  std::string expression, type;
  std::optional<std::string> value;  // nullopt: null
  std::string note;                  // "unset", the reason of a failure, or that a second pass fills it; or ""
};

// A name of `let:`, a key field or a field of `map:`.
struct ExplainedField {
  std::string name, expression, place;  // place: file:line:column of the expression
  std::vector<ExplainedStep> steps;     // what it reads, then the expression up to each of its pipes; the last is the whole
  std::optional<std::string> written;   // as fitted to the target's field; nullopt: null
  std::optional<std::string> now;       // what the target holds; nullopt: null
};

struct ExplainedRow {
  std::string flow, object, key, place;
  std::vector<std::pair<std::string, std::optional<std::string>>> source;  // columns with corrections overlaid
  bool corrected = false;
  Fate fate = Fate::kept;
  std::vector<Error> reasons;   // why it was set aside, and warnings
  std::vector<ExplainedField> lets, fields;
  bool found = false;           // in the target; the fields' `now` are meant then
  std::vector<RowEvent> history;
};

// Rows behind `key` (source key, target id or target key) in the flow or target object `what`; "" : in every flow. GW-2347 when there is
// none. The sources are read, the target is read by key, nothing is written.
Result<std::vector<ExplainedRow>> explain(Context& context, const std::string& what, const std::string& key);

// Ends of the pieces of `expression` that stand before each pipe, and of the whole: "a | f(b) | g" gives 1, 8 and 12.
std::vector<std::size_t> pipe_ends(std::string_view expression);

}  // namespace godwit::cli
