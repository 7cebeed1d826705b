#include "connectors/sqlite/rows_module.hpp"

#include <new>

namespace godwit::sqlite {
namespace {

struct Table {
  sqlite3_vtab base;
  RowSource* source;
};
struct Cursor {
  sqlite3_vtab_cursor base;
  RowSource* source;
  std::int64_t row;
};
Cursor* cursor_of(sqlite3_vtab_cursor* c) { return reinterpret_cast<Cursor*>(c); }

int connect(sqlite3* db, void* context, int, const char* const*, sqlite3_vtab** out, char**) {
  auto* source = static_cast<RowSource*>(context);
  // No exception may pass through SQLite.
  try {
    std::string sql = "create table x(";
    for (std::size_t i = 0; i < source->columns.size(); ++i) sql += (i == 0 ? "c" : ", c") + std::to_string(i);
    sql += source->columns.empty() ? "nothing)" : ")";
    if (const int code = sqlite3_declare_vtab(db, sql.c_str()); code != SQLITE_OK) return code;
    auto* table = new Table{{}, source};
    *out = &table->base;
    return SQLITE_OK;
  } catch (const std::bad_alloc&) {
    return SQLITE_NOMEM;
  }
}

int disconnect(sqlite3_vtab* table) {
  delete reinterpret_cast<Table*>(table);
  return SQLITE_OK;
}

// Always a whole scan; what matters is that the planner knows how short it is.
int best_index(sqlite3_vtab* table, sqlite3_index_info* info) {
  const RowSource& source = *reinterpret_cast<Table*>(table)->source;
  info->estimatedRows = source.to > source.from ? source.to - source.from : 1024;
  info->estimatedCost = static_cast<double>(info->estimatedRows);
  return SQLITE_OK;
}

int open_cursor(sqlite3_vtab* table, sqlite3_vtab_cursor** out) {
  auto* cursor = new (std::nothrow) Cursor{{}, reinterpret_cast<Table*>(table)->source, 0};
  if (cursor == nullptr) return SQLITE_NOMEM;
  *out = &cursor->base;
  return SQLITE_OK;
}

int close_cursor(sqlite3_vtab_cursor* c) {
  delete cursor_of(c);
  return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* c, int, const char*, int, sqlite3_value**) {
  Cursor* cursor = cursor_of(c);
  cursor->row = cursor->source->at = cursor->source->from;
  return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* c) {
  Cursor* cursor = cursor_of(c);
  cursor->source->at = ++cursor->row;
  return SQLITE_OK;
}

int at_end(sqlite3_vtab_cursor* c) { return cursor_of(c)->row >= cursor_of(c)->source->to ? 1 : 0; }

int column(sqlite3_vtab_cursor* c, sqlite3_context* context, int index) {
  const Cursor* cursor = cursor_of(c);
  cursor->source->columns[static_cast<std::size_t>(index)]->put(cursor->row, ResultSink{context});
  return SQLITE_OK;
}

int rowid(sqlite3_vtab_cursor* c, sqlite3_int64* out) {
  *out = cursor_of(c)->row;
  return SQLITE_OK;
}

// Eponymous only (no xCreate): nothing of it is ever written into the file.
const sqlite3_module kModule = [] {
  sqlite3_module m{};
  m.xConnect = connect, m.xBestIndex = best_index, m.xDisconnect = disconnect, m.xDestroy = disconnect;
  m.xOpen = open_cursor, m.xClose = close_cursor, m.xFilter = filter, m.xNext = next, m.xEof = at_end;
  m.xColumn = column, m.xRowid = rowid;
  return m;
}();

}  // namespace

bool register_rows(sqlite3* db, const char* name, RowSource* source) {
  return sqlite3_create_module(db, name, &kModule, source) == SQLITE_OK;
}

}  // namespace godwit::sqlite
