#include "core/journal/sqlite.hpp"

#include <sqlite3.h>

#include <cassert>

namespace godwit {

Statement::Statement(Statement&& o) noexcept
    : statement_(std::exchange(o.statement_, nullptr)), database_(std::exchange(o.database_, nullptr)) {}
Statement& Statement::operator=(Statement&& o) noexcept {
  std::swap(statement_, o.statement_), std::swap(database_, o.database_);
  return *this;
}
Statement::~Statement() { sqlite3_finalize(statement_); }

namespace {
void bound(int code) { assert(code == SQLITE_OK || code == SQLITE_NOMEM), (void)code; }
}  // namespace

Statement& Statement::bind(int parameter, std::int64_t value) {
  bound(sqlite3_bind_int64(statement_, parameter, value));
  return *this;
}
Statement& Statement::bind(int parameter, double value) {
  bound(sqlite3_bind_double(statement_, parameter, value));
  return *this;
}
Statement& Statement::bind(int parameter, std::string_view value) {
  bound(sqlite3_bind_text64(statement_, parameter, value.data() == nullptr ? "" : value.data(), value.size(), SQLITE_TRANSIENT,
                            SQLITE_UTF8));
  return *this;
}
Statement& Statement::bind(int parameter, std::optional<std::int64_t> value) {
  return value ? bind(parameter, *value) : bind_null(parameter);
}
Statement& Statement::bind_blob(int parameter, std::span<const std::uint8_t> value) {
  bound(value.empty() ? sqlite3_bind_zeroblob(statement_, parameter, 0)
                      : sqlite3_bind_blob64(statement_, parameter, value.data(), value.size(), SQLITE_TRANSIENT));
  return *this;
}
Statement& Statement::bind_view(int parameter, std::string_view value) {
  bound(sqlite3_bind_text64(statement_, parameter, value.data() == nullptr ? "" : value.data(), value.size(), SQLITE_STATIC,
                            SQLITE_UTF8));
  return *this;
}
Statement& Statement::bind_null(int parameter) {
  bound(sqlite3_bind_null(statement_, parameter));
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement_);
    return false;
  }
  Error error = database_->error(code);
  sqlite3_reset(statement_);
  return Failure(std::move(error));
}

Result<> Statement::run() {
  for (;;) {
    GW_ASSIGN(const bool row, step());
    if (!row) return {};
  }
}

void Statement::reset() { sqlite3_reset(statement_); }

int Statement::columns() const { return sqlite3_column_count(statement_); }
std::string_view Statement::name(int column) const { return sqlite3_column_name(statement_, column); }
bool Statement::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
std::int64_t Statement::int64(int column) const { return sqlite3_column_int64(statement_, column); }
double Statement::float64(int column) const { return sqlite3_column_double(statement_, column); }
std::string_view Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}
std::optional<std::int64_t> Statement::optional_int64(int column) const {
  if (is_null(column)) return std::nullopt;
  return int64(column);
}
std::span<const std::uint8_t> Statement::blob(int column) const {
  const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Database::Database(Database&& o) noexcept : handle_(std::exchange(o.handle_, nullptr)), path_(std::move(o.path_)) {}
Database& Database::operator=(Database&& o) noexcept {
  std::swap(handle_, o.handle_), std::swap(path_, o.path_);
  return *this;
}
Database::~Database() { sqlite3_close_v2(handle_); }

namespace {

// "file:" address of a path for sqlite3_open_v2: everything but plain characters is escaped.
std::string file_uri(const std::filesystem::path& path, std::string_view query) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string uri = "file:";
  for (const char c : path.native()) {
    const auto u = static_cast<unsigned char>(c);
    if ((u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || (u >= '0' && u <= '9') || u == '/' || u == '.' || u == '-' || u == '_')
      uri += c;
    else
      uri += '%', uri += kDigits[u >> 4], uri += kDigits[u & 15];
  }
  return uri.append(query);
}

}  // namespace

Result<Database> Database::open(const std::filesystem::path& path, Mode mode) {
  Database database;
  database.path_ = path;
  const int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (mode == Mode::read_only ? SQLITE_OPEN_READONLY
                                             : SQLITE_OPEN_READWRITE | (mode == Mode::create ? SQLITE_OPEN_CREATE : 0));
  int code = sqlite3_open_v2(file_uri(path, "").c_str(), &database.handle_, flags, nullptr);
  if (code == SQLITE_OK && mode == Mode::read_only) {
    // A WAL database needs its -shm file, which cannot be made in a read-only folder. Without a -wal file nobody is
    // writing, and the file may be read as it stands.
    sqlite3_busy_timeout(database.handle_, 10'000);
    code = sqlite3_exec(database.handle_, "select count(*) from sqlite_schema", nullptr, nullptr, nullptr);
    std::error_code ignored;
    if ((code & 0xFF) == SQLITE_CANTOPEN && !std::filesystem::exists(path.native() + "-wal", ignored) &&
        std::filesystem::exists(path, ignored)) {
      sqlite3_close_v2(std::exchange(database.handle_, nullptr));
      code = sqlite3_open_v2(file_uri(path, "?immutable=1").c_str(), &database.handle_, flags, nullptr);
    }
  }
  if (code != SQLITE_OK) return Failure(database.error(code));
  sqlite3_busy_timeout(database.handle_, 10'000);
  return database;
}

Result<Statement> Database::prepare(std::string_view sql) const {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), 0, &statement, nullptr);
  if (code != SQLITE_OK) return Failure(error(code));
  return Statement(statement, this);
}

Result<> Database::execute(std::string_view sql) {
  const int code = sqlite3_exec(handle_, std::string(sql).c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return Failure(error(code));
  return {};
}

Result<std::optional<std::int64_t>> Database::query_int64(std::string_view sql) const {
  GW_ASSIGN(Statement s, prepare(sql));
  GW_ASSIGN(const bool row, s.step());
  return row ? s.optional_int64(0) : std::nullopt;
}
Result<std::optional<std::string>> Database::query_text(std::string_view sql) const {
  GW_ASSIGN(Statement s, prepare(sql));
  GW_ASSIGN(const bool row, s.step());
  if (!row || s.is_null(0)) return std::nullopt;
  return s.string(0);
}

std::int64_t Database::last_insert_rowid() const { return sqlite3_last_insert_rowid(handle_); }
std::int64_t Database::changes() const { return sqlite3_changes64(handle_); }

Error Database::error(int code) const {
  const std::string place = path_.string();
  const char* words = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  switch (code & 0xFF) {
    case SQLITE_FULL: return make_error(5011, {{"place", place}, {"seen", words}});
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return make_error(5012, {{"place", place}, {"seen", words}});
    case SQLITE_NOTADB: return make_error(5008, {{"place", place}, {"seen", words}});
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN: return make_error(5009, {{"place", place}, {"seen", words}});
    default: return make_error(5010, {{"place", place}, {"seen", words}});
  }
}

Result<Transaction> Transaction::begin(Database& database) {
  GW_TRY(database.execute("begin immediate"));
  return Transaction(&database);
}
Transaction::Transaction(Transaction&& o) noexcept : database_(std::exchange(o.database_, nullptr)) {}
Transaction::~Transaction() {
  // After an error such as a full disk SQLite may have rolled back by itself; a second rollback only says so.
  if (database_ != nullptr && sqlite3_get_autocommit(database_->handle()) == 0) (void)database_->execute("rollback");
}
Result<> Transaction::commit() {
  GW_TRY(database_->execute("commit"));
  database_ = nullptr;
  return {};
}

}  // namespace godwit
