#include "connectors/sqlite/database.hpp"

#include <algorithm>
#include <thread>

namespace godwit::sqlite {
namespace {

// "file:/a%20b.db?immutable=1": the only way to say immutable, so that the path has to be escaped.
std::string uri(const std::filesystem::path& path) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out = "file:";
  for (char c : path.string()) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '?' || c == '#' || c == '%' || byte < 0x21)
      out += '%', out += kHex[byte >> 4], out += kHex[byte & 15];
    else
      out += c;
  }
  return out + "?immutable=1";
}

int primary(int code) { return code & 0xFF; }

}  // namespace

Result<Database> Database::open(const Options& options, Access access, const sdk::HostServices& host) {
  const std::string place = options.path.string();
  if (access == Access::write && options.read_only) return sdk::fail(3206, ErrorKind::denied, {{"place", place}});
  std::error_code ignored;
  const bool there = std::filesystem::exists(options.path, ignored);
  const bool create = access == Access::write && options.create;
  if (!there && !create) return sdk::fail(3203, ErrorKind::bad_config, {{"place", place}});
  if (there && std::filesystem::is_directory(options.path, ignored))
    return sdk::fail(3201, ErrorKind::bad_config, {{"place", place}, {"seen", "it is a folder"}});

  Result<Database> out = open_handle(options, access, host);
  // A program was killed while it wrote: its transaction has to be undone first, which a handle for reading cannot do.
  const auto left_by_a_kill = [&] {
    return !out && access == Access::read && out.error().number == 3209 && !options.read_only;
  };
  if (left_by_a_kill()) {
    GW_TRY(open_handle(options, Access::write, host));
    out = open_handle(options, access, host);
  }
  return out;
}

Result<Database> Database::open_handle(const Options& options, Access access, const sdk::HostServices& host) {
  const std::string place = options.path.string();
  const bool create = access == Access::write && options.create;
  Database out;
  out.context_ = std::make_unique<Context>(Context{options, host, {}});
  // Without mutexes: a handle is used by one thread at a time.
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= access == Access::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
  const std::string name = options.immutable ? uri(options.path) : place;
  if (options.immutable) flags |= SQLITE_OPEN_URI;
  sqlite3* db = nullptr;
  const int opened = sqlite3_open_v2(name.c_str(), &db, flags, nullptr);
  out.handle_.reset(db);
  if (db == nullptr) return sdk::fail(3220, ErrorKind::broken, {{"place", place}});
  if (opened != SQLITE_OK) return Failure(out.error(opened));

  sqlite3_busy_handler(db, wait_for_lock, out.context_.get());
  // Long queries stop when the operator asks to; a unit that is being written is short and rather ends.
  if (access == Access::read) sqlite3_progress_handler(db, 200000, stop_when_cancelled, out.context_.get());
  // Nothing that is run here, a trigger or a view of a stranger's file included, may rewrite the schema itself.
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  const std::string pragmas =
      "pragma cache_size=-" + std::to_string(options.page_cache_mb * 1024) +
      "; pragma temp_store=memory; pragma synchronous=" + (options.full_sync ? "full" : "normal") +
      "; pragma foreign_keys=" + (options.foreign_keys ? "on" : "off") +
      "; pragma schema_version";  // the last one reads the header: is this a database?
  GW_TRY(out.execute(pragmas.c_str()));
  if (access == Access::write && sqlite3_db_readonly(db, "main") == 1)
    return sdk::fail(3206, ErrorKind::denied, {{"place", place}});
  return out;
}

Result<Statement> Database::prepare(std::string_view sql, bool keep) const {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(get(), sql.data(), static_cast<int>(sql.size()),
                                      keep ? SQLITE_PREPARE_PERSISTENT : 0, &statement, nullptr);
  if (code != SQLITE_OK) return Failure(error(code));
  return Statement(statement);
}

Result<> Database::execute(const char* sql) const {
  const int code = sqlite3_exec(get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return Failure(error(code));
  return {};
}

Result<bool> Database::step(Statement& statement) const {
  const int code = statement.step();
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return Failure(error(code));
}

Error Database::error(int code) const {
  int number = 3213;
  ErrorKind kind = ErrorKind::bad_config;
  if (code == SQLITE_READONLY_ROLLBACK || code == SQLITE_READONLY_RECOVERY)
    return Error{3209, ErrorKind::denied, {{"place", options().path.string()}, {"seen", words()}}, {}};
  switch (primary(code)) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      number = 3204, kind = ErrorKind::retry;
      break;
    case SQLITE_FULL:
      number = 3205, kind = ErrorKind::broken;
      break;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      number = 3206, kind = ErrorKind::denied;
      break;
    case SQLITE_IOERR:
      number = 3207, kind = ErrorKind::broken;
      break;
    case SQLITE_CORRUPT:
      number = 3208, kind = ErrorKind::broken;
      break;
    case SQLITE_NOTADB:
      number = 3202, kind = ErrorKind::bad_config;
      break;
    case SQLITE_CANTOPEN:
      number = 3201, kind = ErrorKind::bad_config;
      break;
    case SQLITE_NOMEM:
      number = 3220, kind = ErrorKind::broken;
      break;
    case SQLITE_INTERRUPT:
      number = 3018, kind = ErrorKind::cancelled;
      break;
    default:
      break;
  }
  std::string seen = words();
  if (const int system = sqlite3_system_errno(get());
      system != 0 && (number == 3201 || number == 3205 || number == 3207))
    seen += " (" + std::error_code(system, std::generic_category()).message() + ")";
  return Error{number, kind, {{"place", options().path.string()}, {"seen", std::move(seen)}}, {}};
}

void Database::roll_back() const {
  if (in_transaction()) sqlite3_exec(get(), "rollback", nullptr, nullptr, nullptr);
}

int Database::wait_for_lock(void* context, int attempt) {
  auto& c = *static_cast<Context*>(context);
  const auto now = std::chrono::steady_clock::now();
  if (attempt == 0) c.waiting_since = now;
  if (now - c.waiting_since >= c.options.busy_timeout || c.host.cancelled()) return 0;
  std::this_thread::sleep_for(std::chrono::milliseconds(std::min(attempt + 1, 25)));
  return 1;
}

int Database::stop_when_cancelled(void* context) { return static_cast<Context*>(context)->host.cancelled() ? 1 : 0; }

}  // namespace godwit::sqlite
