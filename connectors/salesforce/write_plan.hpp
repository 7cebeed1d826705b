#pragma once
// What a write request means for one object: columns, key, which parents rows lock, and rows as JSON.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/salesforce/org.hpp"
#include "plugins/kits/rest/batches.hpp"
#include "plugins/kits/sql/unit_results.hpp"

namespace godwit::salesforce {

using sql::UnitResults;

// How rows reach Salesforce. `update` and `remove` name records by their ids.
enum class Action { upsert, create, update, remove };

struct WritePlan {
  // GW-3031 (no such column), 3508 (a column that nobody may write), 3509 (another type), 3510 (a key that names no record), 3511 (the object
  // cannot be written).
  static Result<WritePlan> make(Org& org, const WriteRequest& request);

  // What is done with a row: inserts with an external key are upserts, unless they give fields that only a new record takes.
  Action action_of(const rest::RowAt& row) const;
  // The key of a row as people write it, folded where Salesforce does not look at the case; nullopt: it is null.
  std::optional<std::string> key_of(const Column& keys, std::int64_t row) const;
  std::optional<std::string> key_of(const rest::RowAt& row) const { return key_of(row.column(static_cast<std::size_t>(key)), row.row); }
  // Hash of the parent that the row locks; 0: none.
  std::uint64_t lock_of(const rest::RowAt& row) const;
  // Appends the row as a record of a collections call. `id`: of the record, for updates. A refusal: a value that Salesforce cannot hold, and
  // `out` is then as it was.
  std::optional<Refusal> append_record(const rest::RowAt& row, std::int64_t number, Action action, std::string_view id, std::string* out) const;
  // The id behind the developer name of a record type; nullopt: the object has none of that name.
  std::optional<std::string> record_type_id(std::string_view developer_name) const;
  std::string record_type_names() const;
  // Whether Salesforce takes the column in this action at all.
  bool is_sent(std::size_t column, Action action) const;

  std::shared_ptr<const SObject> object;
  WriteRequest request;
  std::vector<SColumn> columns;  // by column of the request
  int key = -1;                  // column of the request; -1: rows are only inserted
  bool key_is_id = false;        // the key is Id
  bool wants_ids = false;
  rest::ValueForm form;
  std::vector<std::size_t> locking;  // references whose records are locked when a row of theirs is written
};

}  // namespace godwit::salesforce
