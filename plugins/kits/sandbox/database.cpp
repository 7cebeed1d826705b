#include "plugins/kits/sandbox/database.hpp"

#include <sqlite3.h>

#include <charconv>

namespace godwit::sandbox {
namespace {

// How many statements are kept; a client that sends ever new queries must not fill the memory.
constexpr std::size_t kKeptStatements = 2000;

void bind(sqlite3_stmt* statement, int at, const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) sqlite3_bind_int64(statement, at, *whole);
  else if (const auto* real = std::get_if<double>(&value)) sqlite3_bind_double(statement, at, *real);
  else if (const auto* text = std::get_if<std::string>(&value)) sqlite3_bind_text64(statement, at, text->data(), text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  else sqlite3_bind_null(statement, at);
}

Value column(sqlite3_stmt* statement, int at) {
  switch (sqlite3_column_type(statement, at)) {
    case SQLITE_INTEGER: return static_cast<std::int64_t>(sqlite3_column_int64(statement, at));
    case SQLITE_FLOAT: return sqlite3_column_double(statement, at);
    case SQLITE_NULL: return {};
    default: {
      const char* data = static_cast<const char*>(sqlite3_column_blob(statement, at));
      return data == nullptr ? std::string() : std::string(data, static_cast<std::size_t>(sqlite3_column_bytes(statement, at)));
    }
  }
}

Row row_of(sqlite3_stmt* statement) {
  Row out(static_cast<std::size_t>(sqlite3_column_count(statement)));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = column(statement, static_cast<int>(i));
  return out;
}

// A statement is put back where it was even when a handler throws.
struct Reset {
  sqlite3_stmt* statement;
  ~Reset() { sqlite3_reset(statement), sqlite3_clear_bindings(statement); }
};

}  // namespace

std::string to_text(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
  if (const auto* real = std::get_if<double>(&value)) {
    char out[64];
    return {out, std::to_chars(out, out + sizeof out, *real).ptr};
  }
  return {};
}

std::int64_t to_int(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole;
  if (const auto* real = std::get_if<double>(&value)) return static_cast<std::int64_t>(*real);
  const std::string text = to_text(value);
  std::int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

double to_double(const Value& value) {
  if (const auto* real = std::get_if<double>(&value)) return *real;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  const std::string text = to_text(value);
  double out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

std::string quote_name(std::string_view identifier) {
  std::string out = "\"";
  for (const char c : identifier) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

Database::Database(const std::string& path) {
  const int code = sqlite3_open_v2(path.c_str(), &handle_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  try {
    if (code != SQLITE_OK) raise(path);
    // Others may look into the file with sqlite3 meanwhile.
    sqlite3_busy_timeout(handle_, 30'000);
    // A power failure may cost a sandbox its last calls; a killed program costs it nothing.
    script("pragma journal_mode=wal; pragma synchronous=off; pragma temp_store=memory; pragma cache_size=-65536;"
           "create table if not exists sandbox_fact(name text primary key, value text) without rowid;");
  } catch (...) {
    sqlite3_close(handle_);
    throw;
  }
}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

void Database::raise(std::string_view sql) const {
  throw DatabaseError(std::string(handle_ == nullptr ? "out of memory" : sqlite3_errmsg(handle_)) + " in: " + std::string(sql));
}

sqlite3_stmt* Database::prepared(std::string_view sql, std::span<const Value> values) {
  auto found = statements_.find(std::string(sql));
  if (found == statements_.end()) {
    if (statements_.size() >= kKeptStatements) {
      for (auto it = statements_.begin(); it != statements_.end();)
        if (sqlite3_stmt_busy(it->second) != 0) ++it;
        else sqlite3_finalize(it->second), it = statements_.erase(it);
    }
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) raise(sql);
    found = statements_.emplace(std::string(sql), statement).first;
  }
  for (std::size_t i = 0; i < values.size(); ++i) bind(found->second, static_cast<int>(i) + 1, values[i]);
  return found->second;
}

void Database::each(std::string_view sql, std::span<const Value> values, const std::function<bool(const Row&)>& each) {
  sqlite3_stmt* statement = prepared(sql, values);
  const Reset reset{statement};
  for (;;) {
    const int code = sqlite3_step(statement);
    if (code == SQLITE_DONE) return;
    if (code != SQLITE_ROW) raise(sql);
    if (!each(row_of(statement))) return;
  }
}

std::vector<Row> Database::rows(std::string_view sql, std::span<const Value> values) {
  std::vector<Row> out;
  each(sql, values, [&](const Row& row) { return out.push_back(row), true; });
  return out;
}

std::optional<Row> Database::row(std::string_view sql, std::span<const Value> values) {
  std::optional<Row> out;
  each(sql, values, [&](const Row& row) { return out = row, false; });
  return out;
}

Value Database::value(std::string_view sql, std::initializer_list<Value> values) {
  const std::optional<Row> found = row(sql, values);
  return found && !found->empty() ? found->front() : Value();
}

std::int64_t Database::run(std::string_view sql, std::span<const Value> values) {
  each(sql, values, [](const Row&) { return true; });
  return sqlite3_changes64(handle_);
}

void Database::script(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) raise(sql);
}

std::optional<std::string> Database::refused(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  sqlite3_finalize(statement);
  if (code == SQLITE_OK) return std::nullopt;
  return sqlite3_errmsg(handle_);
}

std::optional<std::string> Database::fact(std::string_view name) {
  const std::optional<Row> found = row("select value from sandbox_fact where name = ?", {std::string(name)});
  if (!found) return std::nullopt;
  return to_text(found->front());
}

void Database::set_fact(std::string_view name, std::string_view value) {
  run("insert into sandbox_fact values(?, ?) on conflict(name) do update set value = excluded.value", {std::string(name), std::string(value)});
}

std::int64_t Database::next(std::string_view counter, std::int64_t first) {
  return to_int(value("insert into sandbox_fact values(?, ?) on conflict(name) do update set value = cast(value as integer) + 1 returning value",
                      {"counter." + std::string(counter), first}));
}

Savepoint::Savepoint(Database& database) : database_(database), name_("s" + std::to_string(database.depth_)) {
  // The outermost one takes the file at once: two programs on one file wait for each other instead of failing late.
  database_.run(database_.depth_ == 0 ? "begin immediate" : "savepoint " + name_);
  ++database_.depth_;
}

void Savepoint::keep() {
  // When this fails, the destructor rolls back.
  database_.run(database_.depth_ == 1 ? "commit" : "release " + name_);
  open_ = false;
  --database_.depth_;
}

Savepoint::~Savepoint() {
  if (!open_) return;
  --database_.depth_;
  try {
    if (database_.depth_ == 0) database_.run("rollback");
    else database_.run("rollback to " + name_), database_.run("release " + name_);
  } catch (const DatabaseError&) {
    // SQLite has rolled back by itself after what made us come here.
  }
}

}  // namespace godwit::sandbox
