#pragma once
// The records: one table per object with the vendor's own field names as columns, so that anybody may count them again with
// sqlite3, and two columns of the sandbox's:
//
//   sandbox_visible_ms   from when readers see the record's latest write (a `stale` fault puts it into the future)
//   sandbox_deleted_ms   when the record was deleted; null while it lives
//
// Deleted records stay until they are purged. All calls under Database::lock().

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/kits/sandbox/database.hpp"
#include "plugins/kits/sandbox/model.hpp"
#include "plugins/kits/sandbox/rules.hpp"

namespace godwit::sandbox {

// Columns and what they hold or shall hold.
using Columns = std::vector<std::pair<std::string, Value>>;

struct Record {
  Columns columns;  // every field of the object that has a column, in the model's order
  std::int64_t visible_ms = 0;
  std::optional<std::int64_t> deleted_ms;

  // Null for a column that there is not.
  const Value& operator[](std::string_view column) const;
};

class Store {
 public:
  // `id_column`: the field that is every table's primary key. Makes what tables, columns and indexes are missing.
  Store(Database& database, const Model& model, std::string id_column);

  // `columns` must name the id. Throws DatabaseError where the id is taken.
  void insert(const Object& object, const Columns& columns, std::int64_t visible_ms);
  // Gives false when there is no such record.
  bool update(const Object& object, std::string_view id, const Columns& columns, std::int64_t visible_ms);
  // Also deleted ones: look at deleted_ms.
  std::optional<Record> get(const Object& object, std::string_view id);
  // Live records only.
  bool exists(const Object& object, std::string_view id);
  // Ids of live records whose field has this value, at most `limit`. Texts without regard to case unless the field is case-sensitive.
  // Records that readers do not see yet are found: a unique index knows them at once.
  std::vector<std::string> find(const Object& object, const Field& field, const Value& value, int limit = 2);
  // The first unique field among `columns` that another live record has.
  std::optional<Violation> unique_conflict(const Object& object, const Columns& columns, std::string_view own_id);

  bool remove(const Object& object, std::string_view id, std::int64_t now_ms);
  bool restore(const Object& object, std::string_view id);
  bool purge(const Object& object, std::string_view id);

  std::int64_t count(const Object& object);  // live ones
  // Records that were made twice: live records beyond the first under one value of an external id, over all objects. 0 is what a
  // migration must leave.
  std::int64_t doubles();

  Database& database() { return database_; }
  const std::string& id_column() const { return id_column_; }

 private:
  void make_table(const Object& object);
  const std::string& select_list(const Object& object);

  Database& database_;
  const Model& model_;
  std::string id_column_;
  std::map<std::string, std::string, std::less<>> select_lists_;
};

// Whether the field has a column.
bool has_column(const Field& field);

}  // namespace godwit::sandbox
