#pragma once
// The driver, wrapped: statements with parameters, rows with columns, transactions, errors with numbers.

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/model/column.hpp"
#include "core/model/exchange.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace acme {

struct Options {
  std::filesystem::path path;
  int busy_timeout_ms = 10000;
};

class Statement {
 public:
  Statement() = default;
  Statement(sqlite3* db, sqlite3_stmt* handle) : db_(db), handle_(handle) {}
  Statement(Statement&& o) noexcept : db_(o.db_), handle_(std::exchange(o.handle_, nullptr)) {}
  Statement& operator=(Statement&& o) noexcept {
    std::swap(db_, o.db_), std::swap(handle_, o.handle_);
    return *this;
  }
  ~Statement();

  // Parameters and columns count from 0. Bound texts must live until the next reset().
  void bind(int parameter, std::string_view text);
  void bind(int parameter, std::int64_t number);
  void bind(int parameter, const godwit::Column& column, std::int64_t row);
  // True: a row stands ready. GW-3901, 3902, or 4xxx when a rule of the table says no.
  godwit::Result<bool> step();
  void reset();

  bool is_null(int column) const;
  std::int64_t int64(int column) const;
  std::string_view text(int column) const;
  // Appends the value; false when it is none of the column's type.
  bool append(int column, godwit::ColumnBuilder* out) const;
  std::int64_t changed_rows() const;

 private:
  sqlite3* db_ = nullptr;
  sqlite3_stmt* handle_ = nullptr;
};

// One session with the database. One thread.
class Database {
 public:
  static godwit::Result<std::unique_ptr<Database>> open(const Options& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  godwit::Result<Statement> prepare(const std::string& sql) const;
  godwit::Result<> execute(const std::string& sql) const;
  std::int64_t last_id() const;

  godwit::Result<std::vector<std::string>> tables() const;
  // GW-3030 when there is no such table.
  godwit::Result<godwit::ObjectDescription> describe(std::string_view table) const;

 private:
  Database(sqlite3* handle, std::string place) : handle_(handle), place_(std::move(place)) {}
  sqlite3* handle_;
  std::string place_;
};

}  // namespace acme
