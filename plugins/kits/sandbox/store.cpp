#include "plugins/kits/sandbox/store.hpp"

#include <set>

namespace godwit::sandbox {
namespace {

const char* column_type(const Field& field) {
  switch (field.kind) {
    case Kind::boolean:
    case Kind::integer: return "integer";
    case Kind::decimal: return "numeric";
    case Kind::datetime:
    case Kind::date: return "";  // text or ms, as the vendor has it: no conversion
    case Kind::bytes: return "blob";
    default: return "text";
  }
}

bool wants_index(const Field& field) { return field.unique || field.external_id || field.indexed; }

const char* collation(const Field& field) { return field.case_sensitive ? "" : " collate nocase"; }

}  // namespace

bool has_column(const Field& field) { return field.kind != Kind::computed; }

const Value& Record::operator[](std::string_view column) const {
  static const Value kNull;
  for (const auto& [name, value] : columns)
    if (name == column) return value;
  return kNull;
}

Store::Store(Database& database, const Model& model, std::string id_column) : database_(database), model_(model), id_column_(std::move(id_column)) {
  const auto lock = database_.lock();
  Savepoint all(database_);
  for (const Object& object : model_.objects()) make_table(object);
  all.keep();
}

void Store::make_table(const Object& object) {
  const std::string table = quote_name(object.name);
  database_.script("create table if not exists " + table + "(" + quote_name(id_column_) +
                   " text primary key, sandbox_visible_ms integer not null default 0, sandbox_deleted_ms integer) without rowid");
  std::set<std::string> there;
  for (const Row& row : database_.rows("select name from pragma_table_info(?)", {object.name})) there.insert(to_text(row[0]));
  for (const Field& field : object.fields) {
    if (!has_column(field)) continue;
    if (!there.contains(field.name)) database_.script("alter table " + table + " add column " + quote_name(field.name) + " " + column_type(field));
    if (wants_index(field) && field.name != id_column_)
      database_.script("create index if not exists " + quote_name("by_" + object.name + "_" + field.name) + " on " + table + "(" + quote_name(field.name) + collation(field) +
                       ") where " + quote_name(field.name) + " is not null");
  }
  database_.script("create index if not exists " + quote_name("deleted_" + object.name) + " on " + table + "(sandbox_deleted_ms) where sandbox_deleted_ms is not null");
}

const std::string& Store::select_list(const Object& object) {
  std::string& out = select_lists_[object.name];
  if (out.empty()) {
    out = "sandbox_visible_ms, sandbox_deleted_ms";
    for (const Field& field : object.fields)
      if (has_column(field)) out += ", " + quote_name(field.name);
  }
  return out;
}

void Store::insert(const Object& object, const Columns& columns, std::int64_t visible_ms) {
  std::string sql = "insert into " + quote_name(object.name) + "(sandbox_visible_ms", places = "?";
  std::vector<Value> values{visible_ms};
  for (const auto& [name, value] : columns) {
    sql += ", " + quote_name(name), places += ", ?";
    values.push_back(value);
  }
  database_.run(sql + ") values(" + places + ")", values);
}

bool Store::update(const Object& object, std::string_view id, const Columns& columns, std::int64_t visible_ms) {
  std::string sql = "update " + quote_name(object.name) + " set sandbox_visible_ms = ?";
  std::vector<Value> values{visible_ms};
  for (const auto& [name, value] : columns) {
    sql += ", " + quote_name(name) + " = ?";
    values.push_back(value);
  }
  values.emplace_back(std::string(id));
  return database_.run(sql + " where " + quote_name(id_column_) + " = ?", values) > 0;
}

std::optional<Record> Store::get(const Object& object, std::string_view id) {
  std::optional<Row> row =
      database_.row("select " + select_list(object) + " from " + quote_name(object.name) + " where " + quote_name(id_column_) + " = ?", {std::string(id)});
  if (!row) return std::nullopt;
  Record out;
  out.visible_ms = to_int((*row)[0]);
  if (!is_null((*row)[1])) out.deleted_ms = to_int((*row)[1]);
  std::size_t at = 2;
  for (const Field& field : object.fields)
    if (has_column(field)) out.columns.emplace_back(field.name, std::move((*row)[at++]));
  return out;
}

bool Store::exists(const Object& object, std::string_view id) {
  return database_.row("select 1 from " + quote_name(object.name) + " where " + quote_name(id_column_) + " = ? and sandbox_deleted_ms is null", {std::string(id)}).has_value();
}

std::vector<std::string> Store::find(const Object& object, const Field& field, const Value& value, int limit) {
  std::vector<std::string> out;
  for (const Row& row : database_.rows("select " + quote_name(id_column_) + " from " + quote_name(object.name) + " where " + quote_name(field.name) + " = ?1" + collation(field) +
                                           " and " + quote_name(field.name) + " is not null and sandbox_deleted_ms is null limit ?2",
                                       {value, static_cast<std::int64_t>(limit)}))
    out.push_back(to_text(row[0]));
  return out;
}

std::optional<Violation> Store::unique_conflict(const Object& object, const Columns& columns, std::string_view own_id) {
  for (const auto& [name, value] : columns) {
    const Field* field = object.field(name);
    if (field == nullptr || !field->unique || is_null(value)) continue;
    for (const std::string& id : find(object, *field, value))
      if (id != own_id) return Violation{Wrong::unique, field, to_text(value), id};
  }
  return std::nullopt;
}

bool Store::remove(const Object& object, std::string_view id, std::int64_t now_ms) {
  return database_.run("update " + quote_name(object.name) + " set sandbox_deleted_ms = ? where " + quote_name(id_column_) + " = ? and sandbox_deleted_ms is null",
                       {now_ms, std::string(id)}) > 0;
}

bool Store::restore(const Object& object, std::string_view id) {
  return database_.run("update " + quote_name(object.name) + " set sandbox_deleted_ms = null where " + quote_name(id_column_) + " = ? and sandbox_deleted_ms is not null",
                       {std::string(id)}) > 0;
}

bool Store::purge(const Object& object, std::string_view id) {
  return database_.run("delete from " + quote_name(object.name) + " where " + quote_name(id_column_) + " = ?", {std::string(id)}) > 0;
}

std::int64_t Store::count(const Object& object) {
  return to_int(database_.value("select count(*) from " + quote_name(object.name) + " where sandbox_deleted_ms is null"));
}

std::int64_t Store::doubles() {
  std::int64_t out = 0;
  for (const Object& object : model_.objects())
    for (const Field& field : object.fields)
      if (field.external_id && has_column(field))
        out += to_int(database_.value("select count(" + quote_name(field.name) + ") - count(distinct " + quote_name(field.name) + ") from " + quote_name(object.name) +
                                      " where sandbox_deleted_ms is null"));
  return out;
}

}  // namespace godwit::sandbox
