#include "connectors/sqlite/table.hpp"

#include <algorithm>
#include <array>

#include "connectors/sqlite/create_table.hpp"
#include "core/model/nearest.hpp"
#include "plugins/kits/sql/check_rules.hpp"
#include "plugins/kits/sql/declared_type.hpp"
#include "plugins/kits/sql/identifier.hpp"
#include "plugins/kits/sql/ledger.hpp"

namespace godwit::sqlite {
namespace {

using sql::same_name;

bool contains_word(std::string_view folded, std::string_view word) {
  return folded.find(word) != std::string_view::npos;
}

// Runs `statement` with `name` as its only parameter and calls `row` for each row.
template <typename Row>
Result<> each(const Database& db, std::string_view sql, std::string_view name, Row row) {
  GW_ASSIGN(Statement s, db.prepare(sql));
  s.bind(1, name);
  while (true) {
    GW_ASSIGN(const bool more, db.step(s));
    if (!more) return {};
    row(s);
  }
}

void set_type(const Options& options, bool strict, ColumnInfo* c) {
  const std::string folded = sql::fold_case(c->declared);
  c->affinity = affinity_of(c->declared);
  if (strict && folded == "any") c->affinity = Affinity::blob;
  if (folded.empty() || (strict && folded == "any")) {
    c->untyped = true;
    return;
  }
  const sql::TypeMeaning meaning = sql::meaning_of(sql::parse_declared_type(c->declared));
  if (meaning.known) {
    c->type = meaning.type;
    if (options.enforce_lengths) c->length = c->declared_length = meaning.length;
  } else {
    // A name of its own: what SQLite makes of it decides.
    c->type = c->affinity == Affinity::integer ? TypeId::int64
              : c->affinity == Affinity::real  ? TypeId::float64
              : c->affinity == Affinity::blob  ? TypeId::binary
                                               : TypeId::utf8;
  }
  // Seconds since 1970 name a moment, not a wall clock's face.
  if (c->type.id == TypeId::timestamp && options.timestamps != TimestampForm::iso) c->type = TypeId::timestamp_tz;
}

Result<> load_columns(const Database& db, TableInfo* t) {
  GW_TRY(each(db, "select name, type, \"notnull\", dflt_value, pk, hidden from pragma_table_xinfo(?)", t->name,
              [&](Statement& s) {
                if (s.integer(5) == 1) return;  // hidden column of a virtual table
                ColumnInfo& c = t->columns.emplace_back();
                c.name = s.text(0), c.declared = s.text(1), c.not_null = s.integer(2) != 0,
                c.has_default = !s.is_null(3);
                c.key_part = static_cast<int>(s.integer(4)), c.computed = s.integer(5) >= 2;
                set_type(db.options(), t->strict, &c);
              }));
  if (t->kind != TableInfo::Kind::table) return {};
  for (ColumnInfo& c : t->columns) {
    const char* collation = nullptr;
    if (sqlite3_table_column_metadata(db.get(), "main", t->name.c_str(), c.name.c_str(), nullptr, &collation, nullptr,
                                      nullptr, nullptr) == SQLITE_OK)
      c.binary_order = collation == nullptr || same_name(collation, "BINARY");
  }
  std::vector<const ColumnInfo*> key;
  for (const ColumnInfo& c : t->columns)
    if (c.key_part > 0) key.push_back(&c);
  std::sort(key.begin(), key.end(), [](const ColumnInfo* a, const ColumnInfo* b) { return a->key_part < b->key_part; });
  for (const ColumnInfo* c : key) t->key.push_back(c->name);
  return {};
}

Result<> load_uniques(const Database& db, TableInfo* t) {
  bool key_has_index = false;
  std::vector<std::string> names;
  GW_TRY(each(db, "select name, origin from pragma_index_list(?) where \"unique\" and not partial order by seq desc",
              t->name, [&](Statement& s) {
                names.push_back(s.text(0));
                key_has_index = key_has_index || s.text(1) == "pk";
              }));
  for (const std::string& name : names) {
    UniqueIndex index;
    index.not_null = true;
    bool plain = true;
    GW_TRY(
        each(db, "select cid, name, coll from pragma_index_xinfo(?) where key order by seqno", name, [&](Statement& s) {
          const int at = s.integer(0) < 0 ? -1 : t->find(s.text(1));
          if (at < 0) {
            plain = false;  // an expression, or the rowid
            return;
          }
          const ColumnInfo& c = t->columns[static_cast<std::size_t>(at)];
          index.columns.push_back(c.name);
          index.not_null = index.not_null && (c.not_null || (c.key_part > 0 && !t->has_rowid));
          if (same_name(s.text(2), "BINARY") != c.binary_order) index.native_order = false;
        }));
    if (plain) t->uniques.push_back(std::move(index));
  }
  // A primary key without an index of its own is the rowid.
  if (t->has_rowid && t->key.size() == 1 && !key_has_index && t->kind == TableInfo::Kind::table) {
    t->columns[static_cast<std::size_t>(t->find(t->key[0]))].rowid = true;
    t->uniques.insert(t->uniques.begin(), UniqueIndex{{t->key[0]}, true, true});
  }
  return {};
}

void load_checks(TableInfo* t) {
  for (const CheckText& check : find_checks(t->sql)) {
    const sql::CheckRules rules = sql::parse_check(check.expression);
    CheckConstraint out{check.name, check.expression, {}, rules.complete};
    for (const std::string& name : rules.columns)
      if (const int at = t->find(name); at >= 0) out.columns.push_back(t->columns[static_cast<std::size_t>(at)].name);
    for (const sql::CheckRule& rule : rules.rules) {
      const int at = t->find(rule.column);
      if (at < 0) {
        out.foreseen = false;
        continue;
      }
      ColumnInfo& c = t->columns[static_cast<std::size_t>(at)];
      if (rule.max_length && (!c.length || *rule.max_length < *c.length)) c.length = rule.max_length;
      if (rule.not_null) c.not_null = true;
      if (rule.choices.empty()) continue;
      if (!c.binary_order) {  // 'a' may be stored as 'A': the list does not name all values
        out.foreseen = false;
      } else if (c.choices.empty()) {
        c.choices = rule.choices;
      } else {
        std::erase_if(c.choices, [&](const std::string& v) {
          return std::find(rule.choices.begin(), rule.choices.end(), v) == rule.choices.end();
        });
      }
    }
    t->checks.push_back(std::move(out));
  }
}

Result<> load_references(const Database& db, TableInfo* t) {
  std::int64_t last = -1;
  GW_TRY(each(db,
              "select f.id, coalesce((select name from sqlite_schema where type = 'table' and name = f.\"table\" "
              "collate nocase), "
              "f.\"table\"), f.\"from\", f.\"to\" from pragma_foreign_key_list(?) f order by f.id desc, f.seq",
              t->name, [&](Statement& s) {
                if (s.integer(0) != last) t->references.push_back({s.text(1), {}, {}});
                last = s.integer(0);
                t->references.back().columns.push_back(s.text(2));
                if (!s.is_null(3)) t->references.back().parent_columns.push_back(s.text(3));
              }));
  for (ForeignKey& key : t->references) {
    if (!key.parent_columns.empty()) continue;  // else the parent's primary key is meant
    GW_TRY(each(db, "select name from pragma_table_info(?) where pk > 0 order by pk", key.name_of_parent,
                [&](Statement& s) { key.parent_columns.push_back(s.text(0)); }));
  }
  return each(
      db,
      "select distinct m.name from sqlite_schema m, pragma_foreign_key_list(m.name) f where m.type = 'table' and "
      "f.\"table\" = ? collate nocase order by m.name",
      t->name, [&](Statement& s) { t->children.push_back(s.text(0)); });
}

}  // namespace

Affinity affinity_of(std::string_view declared) {
  const std::string name = sql::fold_case(declared);
  if (contains_word(name, "int")) return Affinity::integer;
  if (contains_word(name, "char") || contains_word(name, "clob") || contains_word(name, "text")) return Affinity::text;
  if (name.empty() || contains_word(name, "blob")) return Affinity::blob;
  if (contains_word(name, "real") || contains_word(name, "floa") || contains_word(name, "doub")) return Affinity::real;
  return Affinity::numeric;
}

int TableInfo::find(std::string_view column) const {
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (same_name(columns[i].name, column)) return static_cast<int>(i);
  return -1;
}

Result<TableInfo> load_table(const Database& db, std::string_view name) {
  TableInfo t;
  bool found = false, usual = true;
  GW_TRY(each(db,
              "select l.name, l.type, l.wr, l.strict, coalesce(m.sql, '') from pragma_table_list l left join "
              "sqlite_schema m on "
              "m.name = l.name and m.type in ('table', 'view') where l.schema = 'main' and l.name = ?1 collate nocase",
              name, [&](Statement& s) {
                found = true, t.name = s.text(0), t.sql = s.text(4);
                const std::string type = s.text(1);
                usual = type == "table";
                t.kind = usual            ? TableInfo::Kind::table
                         : type == "view" ? TableInfo::Kind::view
                                          : TableInfo::Kind::virtual_table;
                t.has_rowid = type != "view" && s.integer(2) == 0, t.strict = s.integer(3) != 0;
              }));
  if (!found) {
    GW_ASSIGN(const std::vector<std::string> objects, list_objects(db));
    const std::vector<std::string_view> names(objects.begin(), objects.end());
    return sdk::fail(3030, ErrorKind::bad_config,
                     {{"place", db.options().path.string()},
                      {"seen", std::string(name)},
                      {"nearest", std::string(nearest(name, names))}});
  }
  GW_TRY(load_columns(db, &t));
  if (t.has_rowid)
    for (const char* candidate : {"rowid", "_rowid_", "oid"})
      if (t.rowid_name.empty() && t.find(candidate) < 0) t.rowid_name = candidate;
  if (!usual) return t;
  GW_TRY(load_uniques(db, &t));
  load_checks(&t);
  GW_TRY(load_references(db, &t));
  GW_TRY(each(db, "select 1 from sqlite_schema where type = 'trigger' and tbl_name = ? collate nocase", t.name,
              [&](Statement&) { t.has_triggers = true; }));
  return t;
}

Result<std::vector<std::string>> list_objects(const Database& db) {
  std::vector<std::string> out;
  GW_TRY(each(
      db,
      "select name from pragma_table_list where schema = 'main' and type in ('table', 'view', 'virtual') and name not "
      "like 'sqlite\\_%' escape '\\' and name <> ? order by type = 'view', name",
      sql::kLedgerTable, [&](Statement& s) { out.push_back(s.text(0)); }));
  return out;
}

Result<ObjectDescription> describe_table(const Database& db, std::string_view name) {
  GW_ASSIGN(const TableInfo t, load_table(db, name));
  ObjectDescription out;
  out.object = t.name, out.key = t.key;
  for (const ColumnInfo& c : t.columns) {
    ObjectField& f = out.fields.emplace_back();
    f.name = c.name, f.type = c.type, f.length = c.length, f.has_default = c.has_default, f.choices = c.choices;
    f.nullable = !c.not_null && !c.rowid && !(c.key_part > 0 && !t.has_rowid);
    f.generated = c.computed || c.rowid;
    f.unique = std::any_of(t.uniques.begin(), t.uniques.end(),
                           [&](const UniqueIndex& u) { return u.columns.size() == 1 && u.columns[0] == c.name; });
  }
  for (const UniqueIndex& u : t.uniques) out.uniques.push_back(u.columns);
  for (const CheckConstraint& c : t.checks)
    if (!c.foreseen) out.checks.push_back(c.expression);
  for (const ForeignKey& k : t.references) out.references.push_back({k.columns, k.name_of_parent, k.parent_columns});
  if (t.kind != TableInfo::Kind::view) {
    GW_ASSIGN(Statement count, db.prepare("select count(*) from " + sql::quote_identifier(t.name)));
    GW_ASSIGN(const bool any, db.step(count));
    if (any) out.rows = count.integer(0);
  }
  return out;
}

}  // namespace godwit::sqlite
