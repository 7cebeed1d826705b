#pragma once
// What a write request means for one module: fields, key, and rows as JSON.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/zoho/lookup.hpp"
#include "plugins/kits/rest/batches.hpp"
#include "plugins/kits/sql/unit_results.hpp"

namespace godwit::zoho {

// How rows reach Zoho. `update` and `remove` name records by their ids.
enum class Action { upsert, create, update, remove };

struct WritePlan {
  // GW-3031 (no such field), 3704 (a field that nobody may write), 3705 (another type), 3709 (a module that nobody may write).
  static Result<WritePlan> make(Org& org, const WriteRequest& request);

  std::optional<std::string> key_of(const rest::RowAt& row) const;
  // The value of the key's first field, as COQL writes it.
  std::optional<std::string> first_of(const rest::RowAt& row) const { return key.first_literal(row.column(key_columns[0]), row.row); }
  // What is done with a row, as far as that follows from operation and key; `has_id`: its record was found.
  Action action_of(const rest::RowAt& row, bool has_id) const;
  // Whether the id of the row's record must be known beforehand.
  bool needs_id(const rest::RowAt& row) const;
  // Appends the row as a record of a call; with an id an update. A refusal: a value that Zoho cannot hold, and `out` is as it was.
  std::optional<Refusal> append_record(const rest::RowAt& row, std::int64_t number, std::string_view id, std::string* out) const;
  // The body of a call around the records.
  std::string body(std::string_view records, Action action) const;

  std::shared_ptr<const ModuleInfo> module;
  WriteRequest request;
  std::vector<const FieldInfo*> fields;  // by column of the request
  std::vector<std::size_t> key_columns;  // columns of the request; empty: rows are only inserted
  KeyShape key{{}};
  bool upserts = false;                  // Zoho itself finds records by the key
  bool wants_ids = false, clears_blanks = false;
  std::string trigger, related_module;
};

// A unit while it is written.
struct UnitState {
  UnitState(const WritePlan& plan, const Unit& unit) : rows(rest::rows_of(unit)), results(unit.rows()) {
    if (plan.wants_ids) results.expect_ids(false);
  }
  bool is_open(std::int64_t row) const { return results.is_open(row) && !in_doubt[static_cast<std::size_t>(row)]; }
  void settle(std::int64_t row, OutcomeKind kind, const std::string& id) {
    results.settle(row, kind);
    if (results.has_id.empty() || id.empty()) return;
    results.has_id[static_cast<std::size_t>(row)] = 1, results.text_ids[static_cast<std::size_t>(row)] = id;
  }
  // Rows that are open and are written by this action, in their order.
  std::vector<std::int64_t> open_rows(const WritePlan& plan, Action action) const;

  std::vector<rest::RowAt> rows;
  sql::UnitResults results;
  std::vector<bool> in_doubt = std::vector<bool>(rows.size(), false);  // outcome unknown for good
  std::map<std::int64_t, std::string> ids;                             // of records that updates and deletions name
  bool again = false;                                                  // an earlier attempt may have written rows of it
};

}  // namespace godwit::zoho
