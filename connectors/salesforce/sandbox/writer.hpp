#pragma once
// Creates, changes and deletes records by the rules of the org: the one way for single calls, collections and bulk jobs.
//
// Under Database::lock(). Each call is a unit of its own: when it fails, nothing of it stays.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/salesforce/sandbox/org.hpp"

namespace godwit::sandbox::salesforce {

struct Outcome {
  std::string id;       // "" when it failed and no record was meant
  bool created = false;
  std::vector<Problem> problems;
  std::vector<std::string> matches;  // ids, when an external id matches several records
  bool ok() const { return problems.empty(); }
};

struct WriteOptions {
  bool csv = false;                // all values come as texts
  bool allow_save = false;         // Sforce-Duplicate-Rule-Header
  bool include_details = false;
  bool duplicate_rules = true;     // heeded at all
};

// Who writes, and when.
struct Author {
  std::string user_id;
  std::string now;  // as records keep times
  std::int64_t now_ms = 0, visible_at_ms = 0;
};

class Writer {
 public:
  Writer(Org& org, Author author, WriteOptions options) : org_(org), author_(std::move(author)), options_(options) {}

  // `fields`: an object of the vendor's JSON; "attributes" in it is passed over.
  Outcome create(const Object& object, const Json& fields);
  Outcome update(const Object& object, std::string_view id, const Json& fields);
  // `key`: an external id, an idLookup field or Id. An Id that is null creates.
  Outcome upsert(const Object& object, const Field& key, const Json& value, const Json& fields);
  Outcome remove(const Object& object, std::string_view id, bool hard = false);

  // The rows that writing these fields holds: parents that children lock, and the record itself.
  std::vector<std::string> rows_held(const Object& object, const Json& fields, std::string_view own_id);

 private:
  struct Draft;  // a record on its way: what was set, what was there
  void read_fields(Draft& draft, const Json& fields);
  void read_one(Draft& draft, const Field& field, const Json& value);
  void read_relationship(Draft& draft, const std::string& name, const Json& value);
  void check_reference(Draft& draft, const Field& field, Value& value);
  void check_owner(Draft& draft);
  void check_required(Draft& draft);
  void check_choices(Draft& draft);
  void check_rules_of_own(Draft& draft, const std::string& id);
  void stamp(Draft& draft);
  Outcome finish(Draft& draft);
  bool may_set(const Draft& draft, const Field& field) const;

  Org& org_;
  Author author_;
  WriteOptions options_;
};

// Works out what follows from other fields: full names, closed stages, the account of an activity, sizes of files. `set` is what will be
// written, `before` what the record holds (null: it is new).
void derive_fields(Org& org, const Object& object, Columns& set, const Record* before, std::vector<Problem>& problems);
// What a new record of a file brings with it: its document and its first link.
void before_file_insert(Org& org, const Object& object, const std::string& id, Columns& set, const Author& author);
void after_file_insert(Org& org, const Object& object, const std::string& id, const Columns& set, const Author& author);

// Duplicate rules (contract, section 13). nullopt: the record may be saved.
std::optional<Problem> duplicate_problem(Org& org, const Object& object, const Columns& set, const Record* before, std::string_view own_id, const WriteOptions& options);

// The value that a record will have: what is set, else what it holds.
Value value_after(const Columns& set, const Record* before, std::string_view column);
void set_column(Columns& columns, std::string_view name, Value value);

// The ids of live records that have this value in an external id or idLookup field, at most two.
std::vector<std::string> find_by_key(Org& org, const Object& object, const Field& key, const std::string& value);
bool is_key(const Field& field);

}  // namespace godwit::sandbox::salesforce
