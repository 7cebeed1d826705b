#include "core/journal/journal.hpp"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>

#include "core/journal/journal_parts.hpp"

namespace godwit {
namespace {

constexpr std::int64_t kSchemaVersion = 2;
constexpr std::string_view kSchema =
#include "core/journal/schema_text.inc"
    ;

std::int64_t system_microseconds() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// Letters, digits, '-' and '_' stay; other bytes become %XX, so that every name is one folder.
std::string folder_name(std::string_view name) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : name) {
    const auto u = static_cast<unsigned char>(c);
    if ((u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || (u >= '0' && u <= '9') || u == '-' || u == '_')
      out += c;
    else
      out += '%', out += kDigits[u >> 4], out += kDigits[u & 15];
  }
  // Names longer than a file system takes are told apart by their whole hash.
  if (out.size() > 200) {
    std::uint64_t hash = 1469598103934665603u;
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
    out = out.substr(0, 180) + "%" + std::to_string(hash);
  }
  return out.empty() ? "%" : out;
}

Result<> check_version(Database& db) {
  GW_ASSIGN(const auto tables, db.query_int64("select count(*) from sqlite_schema where type = 'table' and name in ('meta', 'run', 'unit')"));
  if (tables.value_or(0) != 3)
    return fail(5008, {{"place", db.path().string()}, {"seen", "a SQLite database without the journal's tables"}});
  GW_ASSIGN(const auto version, db.query_int64("select cast(value as integer) from meta where key = 'schema_version'"));
  if (version.value_or(0) > kSchemaVersion)
    return fail(5001, {{"place", db.path().string()}, {"seen", std::to_string(*version)}, {"expected", std::to_string(kSchemaVersion)}});
  return {};
}

// A journal of an older version gets what it lacks: version 2 brought unit_memory and description.
Result<> bring_up_to_date(Database& db) {
  GW_ASSIGN(const auto version, db.query_int64("select cast(value as integer) from meta where key = 'schema_version'"));
  if (version.value_or(0) >= kSchemaVersion) return {};
  GW_ASSIGN(Transaction transaction, Transaction::begin(db));
  const std::string_view schema = kSchema;
  for (const std::string_view table : {"create table unit_memory", "create table description"}) {
    const std::size_t from = schema.find(table), to = schema.find(";\n", from);
    GW_TRY(db.execute(std::string(schema.substr(from, to - from))));
  }
  GW_TRY(db.execute("update meta set value = '" + std::to_string(kSchemaVersion) + "' where key = 'schema_version'"));
  return transaction.commit();
}

Result<> make_schema(Database& db, std::string_view project, const std::string& now) {
  GW_TRY(db.execute("pragma application_id = 1195661140"));  // "GDWT"
  GW_ASSIGN(Transaction transaction, Transaction::begin(db));
  GW_TRY(db.execute(kSchema));
  GW_ASSIGN(Statement meta, db.prepare("insert into meta (key, value) values ('schema_version', ?), ('project', ?), ('created_at', ?)"));
  meta.bind(1, std::to_string(kSchemaVersion)).bind(2, project).bind(3, now);
  GW_TRY(meta.run());
  return transaction.commit();
}

}  // namespace

Journal::Journal(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Journal::~Journal() {
  if (parts_ == nullptr) return;
  // Closing copies the write-ahead log into the database; the segments that its rows name go before it.
  if (parts_->mode == Mode::write) (void)parts_->sync_segments();
}

Result<std::unique_ptr<Journal>> Journal::open(const std::filesystem::path& folder, Mode mode, Options options) {
  auto parts = std::make_unique<Parts>();
  parts->folder = folder, parts->mode = mode;
  parts->clock = options.clock ? std::move(options.clock) : system_microseconds;
  const std::filesystem::path path = folder / "journal.db";
  if (mode == Mode::read_only) {
    std::error_code hidden;  // a journal that this user may not see is no missing one
    const bool there = std::filesystem::exists(path, hidden);
    if (hidden) return Failure(journal_detail::file_error(path, hidden.value()));
    if (!there) return fail(5004, {{"place", folder.string()}});
    GW_ASSIGN(parts->db, Database::open(path, Database::Mode::read_only));
    GW_TRY(check_version(parts->db));
    return std::unique_ptr<Journal>(new Journal(std::move(parts)));
  }
  GW_TRY(journal_detail::make_folder(folder));
  if (const std::string network = journal_detail::network_file_system(folder); !network.empty())
    return fail(5003, {{"place", folder.string()}, {"seen", network}});
  (void)::chmod(folder.c_str(), 0700);  // the folder may be older than this rule
  GW_ASSIGN(parts->lock, journal_detail::FolderLock::take(folder));
  GW_ASSIGN(parts->db, Database::open(path, Database::Mode::create));
  (void)::chmod(path.c_str(), 0600);  // it quotes customers' rows
  Database& db = parts->db;
  // Before anything is written: a journal of a newer version must stay as it is.
  GW_ASSIGN(const auto objects, db.query_int64("select count(*) from sqlite_schema"));
  if (objects.value_or(0) != 0) GW_TRY(check_version(db));
  GW_TRY(db.execute("pragma journal_mode = wal; pragma synchronous = normal; pragma wal_autocheckpoint = 0;"
                    "pragma foreign_keys = on; pragma journal_size_limit = 16777216"));
  GW_TRY(objects.value_or(0) == 0 ? make_schema(db, options.project, parts->now()) : bring_up_to_date(db));
  sqlite3_wal_hook(
      db.handle(),
      [](void* pages, sqlite3*, const char*, int n) {
        *static_cast<int*>(pages) = n;
        return SQLITE_OK;
      },
      &parts->wal_pages);
  // The lock is ours, so whoever was running is not any more.
  GW_TRY(db.execute("update run set state = 'interrupted', pid = null where state = 'running'"));
  return std::unique_ptr<Journal>(new Journal(std::move(parts)));
}

std::int64_t Journal::writer_of(const std::filesystem::path& folder) { return journal_detail::FolderLock::holder(folder); }

const std::filesystem::path& Journal::folder() const { return parts_->folder; }
Journal::Mode Journal::mode() const { return parts_->mode; }
std::filesystem::path Journal::state_folder(std::int64_t scope, std::string_view name) const {
  return parts_->folder / "state" / std::to_string(scope) / folder_name(name);
}
std::string Journal::now() const { return parts_->now(); }
Database& Journal::database() { return parts_->db; }
double Journal::seconds() const {
  const std::lock_guard lock(parts_->mutex);
  return parts_->seconds;
}

std::string Journal::Parts::now() const { return journal_detail::iso_time(clock()); }

Result<Statement*> Journal::Parts::statement(std::string_view sql) {
  auto kept = statements.find(sql);
  if (kept == statements.end()) {
    GW_ASSIGN(Statement made, db.prepare(sql));
    kept = statements.emplace(sql, std::move(made)).first;
  }
  kept->second.reset();
  return &kept->second;
}

// ---- scopes and plans ----

namespace {
ScopeRecord scope_of(const Statement& s) { return {s.int64(0), s.string(1), s.string(2), s.string(3)}; }

PlanRecord plan_of(const Statement& s) {
  PlanRecord plan;
  plan.number = s.int64(0), plan.scope = s.int64(1), plan.created_at = s.string(2), plan.mapping_hash = s.string(3);
  plan.extract_hash = s.string(4), plan.sampled = s.optional_int64(5), plan.json = s.string(6);
  return plan;
}
constexpr std::string_view kPlanColumns = "select number, scope, created_at, mapping_hash, extract_hash, sampled, json from plan ";
}  // namespace

Result<std::optional<ScopeRecord>> Journal::find_scope(std::string_view environment, std::string_view identity) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("select id, environment, identity, display from scope where environment = ? and identity = ?"));
  s.bind(1, environment).bind(2, identity);
  GW_ASSIGN(const bool row, s.step());
  if (!row) return std::nullopt;
  return scope_of(s);
}

Result<ScopeRecord> Journal::find_or_add_scope(std::string_view environment, std::string_view identity, std::string_view display) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(auto found, find_scope(environment, identity));
  if (found) return *found;
  GW_ASSIGN(Statement s, parts_->db.prepare("insert into scope (environment, identity, display) values (?, ?, ?)"));
  s.bind(1, environment).bind(2, identity).bind(3, display);
  GW_TRY(s.run());
  return ScopeRecord{parts_->db.last_insert_rowid(), std::string(environment), std::string(identity), std::string(display)};
}

Result<std::vector<ScopeRecord>> Journal::scopes() {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("select id, environment, identity, display from scope order by id"));
  std::vector<ScopeRecord> all;
  for (;;) {
    GW_ASSIGN(const bool row, s.step());
    if (!row) return all;
    all.push_back(scope_of(s));
  }
}

Result<std::int64_t> Journal::add_plan(const PlanRecord& plan) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("insert into plan (scope, created_at, mapping_hash, extract_hash, sampled, json) values (?, ?, ?, ?, ?, ?)"));
  s.bind(1, plan.scope).bind(2, parts_->now()).bind(3, plan.mapping_hash).bind(4, plan.extract_hash).bind(5, plan.sampled).bind(6, plan.json);
  GW_TRY(s.run());
  return parts_->db.last_insert_rowid();
}

Result<std::optional<PlanRecord>> Journal::plan(std::int64_t number) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare(std::string(kPlanColumns) + "where number = ?"));
  s.bind(1, number);
  GW_ASSIGN(const bool row, s.step());
  if (!row) return std::nullopt;
  return plan_of(s);
}

Result<std::vector<PlanRecord>> Journal::plans(std::optional<std::int64_t> scope) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare(std::string(kPlanColumns) + "where ?1 is null or scope = ?1 order by number desc"));
  s.bind(1, scope);
  std::vector<PlanRecord> all;
  for (;;) {
    GW_ASSIGN(const bool row, s.step());
    if (!row) return all;
    all.push_back(plan_of(s));
  }
}

// ---- descriptions of the target ----

Result<std::string> Journal::description(std::int64_t scope, std::string_view connection, std::string_view object) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("select text from description where scope = ? and connection = ? and object = ?"));
  s.bind(1, scope).bind(2, connection).bind(3, object);
  GW_ASSIGN(const bool row, s.step());
  return row ? s.string(0) : std::string();
}

Result<> Journal::put_description(std::int64_t scope, std::string_view connection, std::string_view object, std::string_view text) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("insert or replace into description (scope, connection, object, text, seen_at) values (?, ?, ?, ?, ?)"));
  s.bind(1, scope).bind(2, connection).bind(3, object).bind(4, text).bind(5, parts_->now());
  return s.run();
}

// ---- position of the next delta, events ----

Result<std::string> Journal::since(std::int64_t scope, std::string_view flow) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("select value from since where scope = ? and flow = ?"));
  s.bind(1, scope).bind(2, flow);
  GW_ASSIGN(const bool row, s.step());
  return row ? s.string(0) : std::string();
}

Result<> Journal::set_since(std::int64_t scope, std::string_view flow, std::string_view value, std::int64_t run) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("insert or replace into since (scope, flow, value, run) values (?, ?, ?, ?)"));
  s.bind(1, scope).bind(2, flow).bind(3, value).bind(4, run);
  return s.run();
}

Result<> Journal::add_event(std::optional<std::int64_t> run, std::string_view kind, std::string_view text) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("insert into event (at, run, kind, text) values (?, ?, ?, ?)"));
  s.bind(1, parts_->now()).bind(2, run).bind(3, kind).bind(4, text);
  return s.run();
}

}  // namespace godwit
