#pragma once
// The mapping language: compile once, evaluate on columns.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/expr/references.hpp"
#include "core/model/batch.hpp"
#include "core/model/result.hpp"

namespace godwit {

// The names an expression may use, in order of search.
struct Scope {
  const Schema* columns = nullptr;  // unqualified names (source columns, or target fields in validate:)
  const Schema* lets = nullptr;     // names of `let:` already compiled
  const Schema* source = nullptr;   // names behind `source.` (validate only)
};

struct CompileOptions {
  Scope scope;
  std::string file;           // for messages; line and column of the first character of the text
  int line = 1, column = 1;
  std::string zone;           // of source timestamps without zone, or ""
  std::filesystem::path folder;  // value_map files are relative to it
  References* references = nullptr;  // null: parent() and lookup() are errors
  std::int64_t now_us = 0;    // now(): the run's journalled start
};

// What one row's evaluation failed with.
struct RowError {
  std::int64_t row = 0;
  Error error;  // kind row_rejected; argument "field" is added by the caller
};

// A row whose value waits for a second pass (ReferenceState::pending).
struct Evaluation {
  Column column;                     // of the expression's type; null where a row failed or is pending
  Buffer set;                        // bit per row, 0 = unset; empty: all set
  std::vector<RowError> errors;      // by row, each row at most once
  std::vector<std::int64_t> pending; // rows, ascending
};

// The columns behind a Scope, all of `rows` rows.
struct EvalInput {
  std::int64_t rows = 0;
  std::span<const Column> columns, lets, source;
};

// Immutable and shareable between threads after compile().
class Expression {
 public:
  virtual ~Expression() = default;
  virtual Type type() const = 0;
  // Evaluates all rows, or those of `selection` (ascending; other rows come out null without an error).
  virtual Result<Evaluation> evaluate(const EvalInput& input, const std::vector<std::int32_t>* selection = nullptr) const = 0;
  // Indices of the columns of each part of the scope that are read.
  virtual const std::vector<int>& columns_used() const = 0;
  virtual const std::vector<int>& lets_used() const = 0;
  virtual const std::vector<int>& source_used() const = 0;
  // Flows named by parent(), connection.Object of lookup(), files of value_map().
  virtual const std::vector<std::string>& parents_used() const = 0;
  virtual const std::vector<std::string>& lookups_used() const = 0;
  virtual const std::vector<std::string>& files_used() const = 0;
  // True when a parent() in it was bound as deferred: pass one leaves the field to the second pass.
  virtual bool deferred() const = 0;
  // Index of the single column when the expression is a bare column name, else -1: such columns are passed
  // on without evaluation.
  virtual int bare_column() const = 0;
};

// Parses and type-checks. Errors carry "place" (file:line:column), "seen", "expected" and "excerpt" (the line with a
// caret under the place).
Result<std::shared_ptr<const Expression>> compile(std::string_view text, const CompileOptions& options);

// A constant of a mapping ({const: value}): text of that value.
std::shared_ptr<const Expression> constant(std::string_view value);

// Flows, objects and files named in `text` without resolving anything; used to order flows and to hash map files.
struct Mentions {
  std::vector<std::string> parents, lookups, files, columns;
};
Result<Mentions> mentions(std::string_view text, const CompileOptions& options);

// Converts a mapped column to the target field's type where that loses nothing: integer -> decimal, decimal -> integer when whole,
// any number or date -> text in ISO form, text -> anything is refused (no implicit conversion). nullopt: the types do not fit at all.
struct Fitted {
  Column column;
  std::vector<RowError> errors;  // values that do not fit (too many digits, fraction lost ...)
};
bool fits(Type from, Type to);
Fitted fit(const Column& column, Type to);

// Every function once: what `godwit eval --functions` and docs/reference/functions.md print.
std::string functions_reference_markdown();

}  // namespace godwit
