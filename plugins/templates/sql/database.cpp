#include "database.hpp"

#include <sqlite3.h>

#include <algorithm>

#include "core/model/nearest.hpp"
#include "plugins/kits/sql/identifier.hpp"
#include "plugins/kits/sql/ledger.hpp"
#include "plugins/kits/sql/refusal.hpp"
#include "plugins/sdk/error.hpp"

namespace acme {
namespace {

using namespace godwit;
using sdk::fail;
namespace sql = godwit::sql;

Failure failure(sqlite3* db, const std::string& place) {
  const int code = db == nullptr ? SQLITE_NOMEM : sqlite3_extended_errcode(db);
  const std::string words = db == nullptr ? "out of memory" : sqlite3_errmsg(db);
  // What a rule of the table refuses is the row's fault; the number tells which rule, the words are the system's own.
  const auto row = [&](int number) { return fail(number, ErrorKind::row_rejected, {{"words", words}}); };
  switch (code) {
    case SQLITE_CONSTRAINT_NOTNULL: return row(sql::kNotNull);
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID: return row(sql::kNotUnique);
    case SQLITE_CONSTRAINT_CHECK: return row(sql::kCheckFailed);
    case SQLITE_CONSTRAINT_FOREIGNKEY: return row(sql::kNoSuchParent);
    case SQLITE_TOOBIG: return row(sql::kTooBig);
    default: break;
  }
  if ((code & 0xff) == SQLITE_CONSTRAINT) return row(sql::kRefusedOtherwise);
  if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED) return fail(3902, ErrorKind::retry, {{"place", place}});
  return fail(3901, ErrorKind::broken, {{"place", place}, {"seen", words}});
}

// The declared type decides; a column without one that is known is text.
Type type_of(const std::string& declared) {
  const std::string type = sql::fold_case(declared);
  if (type.find("int") != std::string::npos) return TypeId::int64;
  if (type.find("real") != std::string::npos || type.find("float") != std::string::npos || type.find("double") != std::string::npos) return TypeId::float64;
  if (type.find("blob") != std::string::npos) return TypeId::binary;
  return TypeId::utf8;
}

}  // namespace

Statement::~Statement() { sqlite3_finalize(handle_); }
void Statement::bind(int parameter, std::string_view text) { sqlite3_bind_text64(handle_, parameter + 1, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8); }
void Statement::bind(int parameter, std::int64_t number) { sqlite3_bind_int64(handle_, parameter + 1, number); }
void Statement::bind(int parameter, const Column& column, std::int64_t row) {
  if (column.is_null(row)) return void(sqlite3_bind_null(handle_, parameter + 1));
  switch (column.type.id) {
    case TypeId::int64: return bind(parameter, column.int64(row));
    case TypeId::float64: return void(sqlite3_bind_double(handle_, parameter + 1, column.float64(row)));
    case TypeId::binary: return void(sqlite3_bind_blob64(handle_, parameter + 1, column.text(row).data(), column.text(row).size(), SQLITE_STATIC));
    default: return bind(parameter, column.text(row));
  }
}
Result<bool> Statement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failure(db_, sqlite3_db_filename(db_, nullptr));
}
void Statement::reset() { sqlite3_reset(handle_); }
bool Statement::is_null(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }
std::int64_t Statement::int64(int column) const { return sqlite3_column_int64(handle_, column); }
std::string_view Statement::text(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(handle_, column));
  return {data == nullptr ? "" : data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}
std::int64_t Statement::changed_rows() const { return sqlite3_changes64(db_); }

bool Statement::append(int column, ColumnBuilder* out) const {
  const int seen = sqlite3_column_type(handle_, column);
  if (seen == SQLITE_NULL) return out->null(), true;
  switch (out->type().id) {
    case TypeId::int64: return seen == SQLITE_INTEGER ? (out->append_int64(int64(column)), true) : (out->null(), false);
    case TypeId::float64: return seen == SQLITE_FLOAT ? (out->append_float64(sqlite3_column_double(handle_, column)), true) : (out->null(), false);
    case TypeId::binary: return seen == SQLITE_BLOB ? (out->append_text(text(column)), true) : (out->null(), false);
    default: return seen == SQLITE_TEXT ? (out->append_text(text(column)), true) : (out->null(), false);
  }
}

Result<std::unique_ptr<Database>> Database::open(const Options& options) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(options.path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  std::unique_ptr<Database> out(new Database(handle, options.path.string()));
  if (code != SQLITE_OK) return failure(handle, options.path.string());
  sqlite3_busy_timeout(handle, options.busy_timeout_ms);
  GW_TRY(out->execute("pragma foreign_keys=on"));
  return out;
}
Database::~Database() { sqlite3_close(handle_); }

Result<Statement> Database::prepare(const std::string& text) const {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle_, text.c_str(), -1, &statement, nullptr) != SQLITE_OK) return failure(handle_, place_);
  return Statement(handle_, statement);
}
Result<> Database::execute(const std::string& text) const {
  if (sqlite3_exec(handle_, text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return failure(handle_, place_);
  return {};
}
std::int64_t Database::last_id() const { return sqlite3_last_insert_rowid(handle_); }

Result<std::vector<std::string>> Database::tables() const {
  GW_ASSIGN(Statement all, prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name <> ? order by name"));
  all.bind(0, sql::kLedgerTable);
  std::vector<std::string> out;
  while (true) {
    GW_ASSIGN(const bool more, all.step());
    if (!more) return out;
    out.emplace_back(all.text(0));
  }
}

Result<ObjectDescription> Database::describe(std::string_view table) const {
  GW_ASSIGN(const std::vector<std::string> known, tables());
  if (std::find(known.begin(), known.end(), table) == known.end()) {
    const std::vector<std::string_view> names(known.begin(), known.end());
    return fail(3030, ErrorKind::bad_config, {{"place", place_}, {"seen", std::string(table)}, {"nearest", std::string(nearest(table, names))}});
  }
  ObjectDescription out;
  out.object = table;
  GW_ASSIGN(Statement columns, prepare("select name, type, \"notnull\", dflt_value is not null, pk from pragma_table_info(?)"));
  columns.bind(0, table);
  for (bool more = true;;) {
    GW_ASSIGN(more, columns.step());
    if (!more) break;
    ObjectField field;
    field.name = columns.text(0), field.type = type_of(std::string(columns.text(1)));
    field.nullable = columns.int64(2) == 0, field.has_default = columns.int64(3) != 0;
    if (columns.int64(4) == 1) out.key = {field.name};
    out.fields.push_back(std::move(field));
  }
  // A whole number that is the primary key is given by the system itself.
  for (ObjectField& f : out.fields) f.generated = out.key == std::vector<std::string>{f.name} && f.type == Type(TypeId::int64);
  GW_ASSIGN(Statement uniques, prepare("select (select group_concat(name, char(31)) from pragma_index_info(l.name)) from pragma_index_list(?) l where l.\"unique\" and not l.partial"));
  uniques.bind(0, table);
  for (bool more = true;;) {
    GW_ASSIGN(more, uniques.step());
    if (!more) break;
    std::vector<std::string>& names = out.uniques.emplace_back();
    for (std::string_view rest = uniques.text(0); !rest.empty(); rest.remove_prefix(std::min(rest.find('\x1f'), rest.size() - 1) + 1)) names.emplace_back(rest.substr(0, rest.find('\x1f')));
    if (names.size() == 1)
      for (ObjectField& f : out.fields) f.unique = f.unique || f.name == names[0];
  }
  GW_ASSIGN(Statement count, prepare("select count(*) from " + sql::quote_identifier(table)));
  GW_ASSIGN(const bool counted, count.step());
  if (counted) out.rows = count.int64(0);
  // Changes when the extract may have changed: a run that goes on later is told so.
  std::error_code failed;
  const auto size = std::filesystem::file_size(place_, failed);
  out.hash = std::to_string(size) + "-" + std::to_string(std::filesystem::last_write_time(place_, failed).time_since_epoch().count());
  return out;
}

}  // namespace acme
