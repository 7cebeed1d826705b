#pragma once
// One handle of SQLite and its statements, with errors as Result.

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "connectors/sqlite/settings.hpp"
#include "core/model/result.hpp"
#include "plugins/sdk/connector.hpp"

namespace godwit::sqlite {

// A prepared statement. Must not outlive its Database.
class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}

  sqlite3_stmt* get() const { return handle_.get(); }
  explicit operator bool() const { return handle_ != nullptr; }

  // SQLITE_ROW, SQLITE_DONE or an extended error code.
  int step() { return sqlite3_step(get()); }
  // Ready to run again; parameters keep their values.
  void reset() { sqlite3_reset(get()); }

  // Parameters count from 1. The text must live until the next bind or reset.
  void bind(int parameter, std::string_view text) {
    sqlite3_bind_text64(get(), parameter, text.data() == nullptr ? "" : text.data(), text.size(), SQLITE_STATIC,
                        SQLITE_UTF8);
  }
  void bind(int parameter, std::int64_t value) { sqlite3_bind_int64(get(), parameter, value); }
  void bind_blob(int parameter, std::string_view bytes) {
    sqlite3_bind_blob64(get(), parameter, bytes.data() == nullptr ? "" : bytes.data(), bytes.size(), SQLITE_STATIC);
  }
  void bind_null(int parameter) { sqlite3_bind_null(get(), parameter); }

  // Columns count from 0; valid after SQLITE_ROW until the next step. A null reads as "" and 0.
  std::string text(int column) const {
    const auto* bytes = sqlite3_column_text(get(), column);
    return bytes == nullptr ? std::string()
                            : std::string(reinterpret_cast<const char*>(bytes),
                                          static_cast<std::size_t>(sqlite3_column_bytes(get(), column)));
  }
  std::string_view blob(int column) const {
    const void* bytes = sqlite3_column_blob(get(), column);
    return {static_cast<const char*>(bytes),
            bytes == nullptr ? 0 : static_cast<std::size_t>(sqlite3_column_bytes(get(), column))};
  }
  std::int64_t integer(int column) const { return sqlite3_column_int64(get(), column); }
  bool is_null(int column) const { return sqlite3_column_type(get(), column) == SQLITE_NULL; }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

enum class Access { read, write };

// An open database file. One thread at a time.
class Database {
 public:
  // Opens the file and looks at its header. Access::read never writes and never makes a file. Errors: 3201 cannot be
  // opened, 3202 no database, 3203 not there, 3204 locked, 3206 read-only, 3208 corrupt, 3209 a killed program's
  // transaction has to be undone, and read_only forbids it (without read_only that is done first, by writing).
  static Result<Database> open(const Options& options, Access access, const sdk::HostServices& host);

  sqlite3* get() const { return handle_.get(); }
  const Options& options() const { return context_->options; }
  const sdk::HostServices& host() const { return context_->host; }

  // 3213 when SQLite does not accept the text.
  Result<Statement> prepare(std::string_view sql, bool keep = false) const;
  // Runs one statement or several to their end.
  Result<> execute(const char* sql) const;
  // Runs to SQLITE_ROW (true) or SQLITE_DONE (false).
  Result<bool> step(Statement& statement) const;

  // The last failure of this handle as a numbered error, the kind chosen by what the caller can do.
  Error error() const { return error(sqlite3_extended_errcode(get())); }
  Error error(int code) const;
  // SQLite's own words for the last failure.
  std::string words() const { return sqlite3_errmsg(get()); }
  // Whether a transaction is open.
  bool in_transaction() const { return sqlite3_get_autocommit(get()) == 0; }
  // Ends the open transaction without its changes; does nothing when there is none.
  void roll_back() const;

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  // At an address of its own: SQLite's callbacks point here.
  struct Context {
    Options options;
    sdk::HostServices host;
    std::chrono::steady_clock::time_point waiting_since;
  };
  static Result<Database> open_handle(const Options& options, Access access, const sdk::HostServices& host);
  static int wait_for_lock(void* context, int attempt);
  static int stop_when_cancelled(void* context);

  std::unique_ptr<Context> context_;
  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace godwit::sqlite
