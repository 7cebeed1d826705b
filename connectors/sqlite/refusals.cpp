#include "connectors/sqlite/refusals.hpp"

#include "plugins/kits/sql/clean_text.hpp"
#include "plugins/kits/sql/identifier.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::sqlite {
namespace {

std::string value_of(const RowAtFault& row, std::string_view column) {
  const Encoder* e = row.find(column);
  if (e == nullptr) return "the column's default";
  return e->is_null(row.index) ? "null" : "\"" + sql::excerpt(e->value_text(row.index)) + "\"";
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& n : names) out += (out.empty() ? "" : ", ") + n;
  return out;
}

// "UNIQUE constraint failed: accounts.a, accounts.b" -> {a, b}. Names may hold dots and commas: the table's own name is
// what parts them. Indexes over expressions are named instead ("index 'x'"): no column then.
std::vector<std::string> columns_named(std::string_view words, const TableInfo& table) {
  std::vector<std::string> out;
  const std::size_t colon = words.find(": ");
  if (colon == std::string_view::npos) return out;
  words.remove_prefix(colon + 2);
  const std::string prefix = table.name + ".";
  while (sql::same_name(words.substr(0, prefix.size()), prefix)) {
    words.remove_prefix(prefix.size());
    const std::size_t next = words.find(", " + prefix);
    out.emplace_back(words.substr(0, next));
    words.remove_prefix(next == std::string_view::npos ? words.size() : next + 2);
  }
  return out;
}

const ColumnInfo* column_of(const TableInfo& table, std::string_view name) {
  const int at = table.find(name);
  return at < 0 ? nullptr : &table.columns[static_cast<std::size_t>(at)];
}

Refusal check_failed(const TableInfo& table, const std::string& words, const RowAtFault& row) {
  const std::size_t colon = words.find(": ");
  const std::string name = colon == std::string::npos ? "" : words.substr(colon + 2);
  const CheckConstraint* check = nullptr;
  for (const CheckConstraint& c : table.checks)
    if ((!c.name.empty() && sql::same_name(c.name, name)) || c.expression == name) check = &c;
  if (check == nullptr || check->columns.empty())
    return sql::refuse(row.row_of_unit, sql::kCheckFailed, check == nullptr ? "" : joined(check->columns), words,
                       {{"expected", check == nullptr ? name : check->expression}});
  // Of several columns the first whose own rule is broken, else the first.
  for (const std::string& field : check->columns) {
    const Encoder* e = row.find(field);
    const ColumnInfo* c = column_of(table, field);
    if (e == nullptr || c == nullptr || e->is_null(row.index)) continue;
    const std::string value = e->value_text(row.index);
    if (!c->choices.empty() && std::find(c->choices.begin(), c->choices.end(), value) == c->choices.end())
      return sql::refuse(row.row_of_unit, sql::kNotAChoice, field, words,
                         {{"seen", value_of(row, field)}, {"expected", sql::excerpt(joined(c->choices))}});
    if (const std::int64_t n = sql::count_characters(value); c->length && n > *c->length)
      return sql::refuse(row.row_of_unit, sql::kTooLong, field, words,
                         {{"seen", std::to_string(n)}, {"expected", std::to_string(*c->length)}});
  }
  const std::string& field = check->columns.front();
  return sql::refuse(row.row_of_unit, sql::kCheckFailed, field, words,
                     {{"expected", check->expression}, {"seen", value_of(row, field)}});
}

// Whether the parent of one foreign key is missing. A reference with a null in it refers to nothing.
Result<bool> parent_is_missing(const Database& db, const ForeignKey& key, const RowAtFault& row) {
  std::string sql = "select 1 from " + sql::quote_identifier(key.name_of_parent) + " where ";
  for (std::size_t i = 0; i < key.columns.size(); ++i) {
    const Encoder* e = row.find(key.columns[i]);
    if (e == nullptr || e->is_null(row.index) || i >= key.parent_columns.size()) return false;
    sql += (i == 0 ? "" : " and ") + sql::quote_identifier(key.parent_columns[i]) + " = ?";
  }
  GW_ASSIGN(Statement s, db.prepare(sql));
  for (std::size_t i = 0; i < key.columns.size(); ++i)
    row.find(key.columns[i])->put(row.index, BindSink{s.get(), static_cast<int>(i) + 1});
  GW_ASSIGN(const bool there, db.step(s));
  return !there;
}

Result<Refusal> foreign_key_failed(const Database& db, const TableInfo& table, const std::string& words,
                                   const RowAtFault& row) {
  const bool writes = row.operation != Operation::remove;
  for (const ForeignKey& key : table.references) {
    if (!writes) break;
    GW_ASSIGN(const bool missing, parent_is_missing(db, key, row));
    if (!missing) continue;
    std::string seen;
    for (const std::string& c : key.columns) seen += (seen.empty() ? "" : ", ") + value_of(row, c);
    return sql::refuse(row.row_of_unit, sql::kNoSuchParent, joined(key.columns), words,
                       {{"object", key.name_of_parent}, {"seen", seen}});
  }
  if (!table.children.empty() && row.operation != Operation::insert)
    return sql::refuse(row.row_of_unit, sql::kStillReferenced, "", words, {{"object", joined(table.children)}});
  return sql::refuse(
      row.row_of_unit, sql::kNoSuchParent, table.references.size() == 1 ? joined(table.references[0].columns) : "",
      words,
      {{"object", table.references.size() == 1 ? table.references[0].name_of_parent : "another table"}, {"seen", "?"}});
}

}  // namespace

bool is_about_the_row(int code) {
  const int primary = code & 0xFF;
  return primary == SQLITE_CONSTRAINT || primary == SQLITE_MISMATCH || primary == SQLITE_TOOBIG ||
         primary == SQLITE_ERROR;
}

Result<Refusal> classify(const Database& db, const TableInfo& table, int code, const std::string& words,
                         const RowAtFault& row) {
  const std::int64_t at = row.row_of_unit;
  const std::vector<std::string> columns = columns_named(words, table);
  switch (code) {
    case SQLITE_CONSTRAINT_NOTNULL:
      return sql::refuse(at, sql::kNotNull, joined(columns), words);
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID: {
      std::string seen;
      for (const std::string& c : columns) seen += (seen.empty() ? "" : ", ") + value_of(row, c);
      return sql::refuse(at, sql::kNotUnique, joined(columns), words, {{"seen", seen}});
    }
    case SQLITE_CONSTRAINT_CHECK:
      return check_failed(table, words, row);
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return foreign_key_failed(db, table, words, row);
    case SQLITE_CONSTRAINT_TRIGGER:
      return sql::refuse(at, sql::kTriggerRefused, "", words);
    case SQLITE_CONSTRAINT_DATATYPE: {
      // "cannot store TEXT value in INTEGER column accounts.revenue"
      const std::string prefix = " column " + table.name + ".";
      const std::size_t found = words.find(prefix);
      const std::string field = found == std::string::npos ? "" : words.substr(found + prefix.size());
      const ColumnInfo* c = column_of(table, field);
      return sql::refuse(at, sql::kWrongType, field, words,
                         {{"seen", value_of(row, field)}, {"expected", c == nullptr ? "" : to_string(c->type)}});
    }
    default:
      break;
  }
  if ((code & 0xFF) == SQLITE_MISMATCH) {
    std::string field;
    for (const ColumnInfo& c : table.columns)
      if (c.rowid) field = c.name;
    return sql::refuse(at, sql::kWrongType, field, words,
                       {{"seen", value_of(row, field)}, {"expected", to_string(Type(TypeId::int64))}});
  }
  if ((code & 0xFF) == SQLITE_TOOBIG) return sql::refuse(at, sql::kTooBig, "", words);
  return sql::refuse(at, sql::kRefusedOtherwise, "", words);
}

}  // namespace godwit::sqlite
