#pragma once
// The sandbox's one SQLite file. Every use is under lock(): handlers and background workers take turns.
//
// What SQLite refuses (a full disk, a damaged file) is thrown as DatabaseError; the program answers such a call with the
// vendor's own server error. Rules of the vendor never come this way.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "plugins/kits/sandbox/turns.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace godwit::sandbox {

// A value of a row, as SQLite has it.
using Value = std::variant<std::monostate, std::int64_t, double, std::string>;
using Row = std::vector<Value>;

inline bool is_null(const Value& value) { return value.index() == 0; }
// Texts as they are, numbers in digits, null as "".
std::string to_text(const Value& value);
// Whole numbers; 0 where there is none.
std::int64_t to_int(const Value& value);
double to_double(const Value& value);

class DatabaseError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Database {
 public:
  // Makes the file when it is missing. ":memory:" keeps nothing.
  explicit Database(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // May be taken again by the thread that has it.
  [[nodiscard]] std::unique_lock<Turns> lock() { return std::unique_lock(turns_); }

  // Statements are prepared once and kept by their text, so values belong into `values`, never into the text.
  std::vector<Row> rows(std::string_view sql, std::span<const Value> values = {});
  std::vector<Row> rows(std::string_view sql, std::initializer_list<Value> values) { return rows(sql, std::span(values.begin(), values.size())); }
  // The first row.
  std::optional<Row> row(std::string_view sql, std::span<const Value> values = {});
  std::optional<Row> row(std::string_view sql, std::initializer_list<Value> values) { return row(sql, std::span(values.begin(), values.size())); }
  // The first value of the first row; null when there is none.
  Value value(std::string_view sql, std::initializer_list<Value> values = {});
  // Calls `each` row by row until it answers false. It must not use the same statement again.
  void each(std::string_view sql, std::span<const Value> values, const std::function<bool(const Row&)>& each);
  // Gives the number of rows changed.
  std::int64_t run(std::string_view sql, std::span<const Value> values = {});
  std::int64_t run(std::string_view sql, std::initializer_list<Value> values) { return run(sql, std::span(values.begin(), values.size())); }
  // Several statements without values, such as a schema.
  void script(const std::string& sql);
  // Whether `sql` would be taken; the reason otherwise.
  std::optional<std::string> refused(std::string_view sql);

  // Small facts that outlive the program: counters, secrets, quotas.
  std::optional<std::string> fact(std::string_view name);
  void set_fact(std::string_view name, std::string_view value);
  // The next number of a counter, from `first`.
  std::int64_t next(std::string_view counter, std::int64_t first = 1);

  sqlite3* handle() { return handle_; }

 private:
  friend class Savepoint;
  sqlite3_stmt* prepared(std::string_view sql, std::span<const Value> values);
  [[noreturn]] void raise(std::string_view sql) const;

  sqlite3* handle_ = nullptr;
  Turns turns_;
  std::unordered_map<std::string, sqlite3_stmt*> statements_;
  int depth_ = 0;  // of savepoints
};

// A transaction, or a part of one that can be taken back alone. Rolled back at the end of its scope unless kept. The lock must be
// held for the whole of it.
class Savepoint {
 public:
  explicit Savepoint(Database& database);
  ~Savepoint();
  Savepoint(const Savepoint&) = delete;
  Savepoint& operator=(const Savepoint&) = delete;
  void keep();

 private:
  Database& database_;
  std::string name_;
  bool open_ = true;
};

// "name" with its quotes, for texts of SQL. (Not `quoted`: with std::string, std::quoted would be found as well.)
std::string quote_name(std::string_view identifier);

}  // namespace godwit::sandbox
