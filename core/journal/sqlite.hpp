#pragma once
// SQLite as values that clean up after themselves and answer Result instead of codes.
//
//   GW_ASSIGN(Statement s, db.prepare("select flow, read from flow_run where run = ?"));
//   s.bind(1, run);
//   for (;;) {
//     GW_ASSIGN(const bool row, s.step());
//     if (!row) break;
//     use(s.text(0), s.int64(1));
//   }
//
// Errors are GW-5010 (place = path of the database, seen = SQLite's words) and GW-5011 for a full disk. One
// Database and its statements are used by one thread at a time.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/model/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace godwit {

class Database;

// A prepared statement. Must not outlive its Database.
class Statement {
 public:
  Statement() = default;
  Statement(Statement&& o) noexcept;
  Statement& operator=(Statement&& o) noexcept;
  ~Statement();

  // Parameters count from 1. Texts and blobs are copied unless the name says otherwise. A binding cannot fail but
  // for memory; a wrong index is our mistake and asserts.
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, int value) { return bind(parameter, static_cast<std::int64_t>(value)); }
  Statement& bind(int parameter, double value);
  Statement& bind(int parameter, std::string_view value);
  Statement& bind(int parameter, const char* value) { return bind(parameter, std::string_view(value)); }
  Statement& bind(int parameter, const std::string& value) { return bind(parameter, std::string_view(value)); }
  Statement& bind(int parameter, std::optional<std::int64_t> value);
  Statement& bind_blob(int parameter, std::span<const std::uint8_t> value);
  // Not copied: `value` must stay until reset() or the end of this statement.
  Statement& bind_view(int parameter, std::string_view value);
  Statement& bind_null(int parameter);

  // True: a row is there. False: done; the statement is reset and may be bound and stepped again.
  Result<bool> step();
  // For statements that give no rows: steps to the end and resets.
  Result<> run();
  void reset();

  // Columns count from 0. Views live until the next step() or reset().
  int columns() const;
  std::string_view name(int column) const;
  bool is_null(int column) const;
  std::int64_t int64(int column) const;
  double float64(int column) const;
  std::string_view text(int column) const;
  std::string string(int column) const { return std::string(text(column)); }
  std::optional<std::int64_t> optional_int64(int column) const;
  std::span<const std::uint8_t> blob(int column) const;

 private:
  friend class Database;
  Statement(sqlite3_stmt* statement, const Database* database) : statement_(statement), database_(database) {}
  sqlite3_stmt* statement_ = nullptr;
  const Database* database_ = nullptr;
};

// An open database file.
class Database {
 public:
  enum class Mode {
    read_only,  // never writes; works beside a writer (WAL), also in a folder that is read-only
    read_write, // the file must exist
    create,     // made when missing
  };
  Database() = default;
  Database(Database&& o) noexcept;
  Database& operator=(Database&& o) noexcept;
  ~Database();

  static Result<Database> open(const std::filesystem::path& path, Mode mode);

  Result<Statement> prepare(std::string_view sql) const;
  // Runs statements separated by ';' that give no rows.
  Result<> execute(std::string_view sql);
  // First column of the first row; nullopt when there is no row or it is null.
  Result<std::optional<std::int64_t>> query_int64(std::string_view sql) const;
  Result<std::optional<std::string>> query_text(std::string_view sql) const;

  std::int64_t last_insert_rowid() const;
  // Rows changed by the last insert, update or delete.
  std::int64_t changes() const;
  const std::filesystem::path& path() const { return path_; }
  sqlite3* handle() const { return handle_; }
  explicit operator bool() const { return handle_ != nullptr; }

  // The numbered error for a SQLite result code of this database.
  Error error(int code) const;

 private:
  sqlite3* handle_ = nullptr;
  std::filesystem::path path_;
};

// BEGIN IMMEDIATE until commit(); without it everything is rolled back at the end of the scope.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& o) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<> commit();

 private:
  explicit Transaction(Database* database) : database_(database) {}
  Database* database_ = nullptr;
};

}  // namespace godwit
