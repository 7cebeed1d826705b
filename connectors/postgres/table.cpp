#include "connectors/postgres/table.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/postgres/check_text.hpp"
#include "core/model/nearest.hpp"
#include "plugins/kits/sql/check_rules.hpp"
#include "plugins/kits/sql/identifier.hpp"
#include "plugins/kits/sql/ledger.hpp"

namespace godwit::postgres {
namespace {

using sql::quote_identifier;

std::vector<std::string> names_of(std::string_view json) {
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  std::vector<std::string> out;
  if (parsed.is_array())
    for (const auto& name : parsed) out.push_back(name.is_string() ? name.get<std::string>() : std::string());
  return out;
}

// The relation that `object` means: as spelt before lower-cased, on the search path before with its schema.
constexpr const char* kFind =
    "select c.oid::int8, quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.relkind, c.reltuples::float8::int8,"
    " case when pg_catalog.pg_table_is_visible(c.oid) then c.relname::text else n.nspname || '.' || c.relname end,"
    " exists (select 1 from pg_catalog.pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled <> "
    "'D'"
    "  and t.tgtype & 1 = 1),"
    " exists (select 1 from pg_catalog.pg_rewrite r where r.ev_class = c.oid and r.ev_type <> '1'),"
    " coalesce((select sum(coalesce(pg_catalog.pg_stat_get_tuples_inserted(p.relid), 0) +"
    "  coalesce(pg_catalog.pg_stat_get_tuples_updated(p.relid), 0) + "
    "coalesce(pg_catalog.pg_stat_get_tuples_deleted(p.relid), 0))"
    "  || '-' || string_agg(coalesce(pg_catalog.pg_relation_filenode(p.relid), 0)::text, ',' order by p.relid)"
    "  from (select c.oid as relid union select relid from pg_catalog.pg_partition_tree(c.oid)) p), ''),"
    " case when c.relkind in ('v', 'm') then md5(pg_catalog.pg_get_viewdef(c.oid)) else '' end,"
    " exists (select 1 from pg_catalog.pg_constraint k where k.condeferrable and c.oid in (k.conrelid, k.confrelid)),"
    " c.relkind = 'r' and not c.relispartition and not exists (select 1 from pg_catalog.pg_constraint k where "
    "k.conrelid = c.oid and k.contype <> 'c')"
    "  and not exists (select 1 from pg_catalog.pg_index i where i.indrelid = c.oid and (i.indisunique or "
    "i.indisexclusion))"
    "  and not exists (select 1 from pg_catalog.pg_trigger t where t.tgrelid = c.oid)"
    "  and not exists (select 1 from pg_catalog.pg_rewrite r where r.ev_class = c.oid)"
    " from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace,"
    " lateral (select case when pg_catalog.pg_table_is_visible(c.oid) and n.nspname <> 'pg_catalog' and c.relname = $1 "
    "then 1"
    "  when n.nspname || '.' || c.relname = $1 then 2"
    "  when pg_catalog.pg_table_is_visible(c.oid) and n.nspname <> 'pg_catalog' and c.relname = lower($1) then 3"
    "  when n.nspname || '.' || c.relname = lower($1) then 4 end as fit) f"
    " where c.relkind in ('r', 'p', 'v', 'm', 'f') and f.fit is not null order by f.fit limit 1";

constexpr const char* kColumns =
    "select a.attname, a.attnum, a.atttypid::int8, a.atttypmod, a.attnotnull, a.attidentity, a.attgenerated,"
    " pg_catalog.pg_get_expr(d.adbin, d.adrelid),"
    " (select quote_ident(n.nspname) || '.' || quote_ident(s.relname) from pg_catalog.pg_depend p"
    "  join pg_catalog.pg_class s on s.oid = p.objid and s.relkind = 'S' join pg_catalog.pg_namespace n on n.oid = "
    "s.relnamespace"
    "  where p.refclassid = 'pg_catalog.pg_class'::regclass and p.refobjid = a.attrelid and p.refobjsubid = a.attnum"
    "  and p.classid = 'pg_catalog.pg_class'::regclass and p.deptype in ('a', 'i') limit 1)"
    " from pg_catalog.pg_attribute a left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum"
    " where a.attrelid = $1::oid and a.attnum > 0 and not a.attisdropped order by a.attnum";

constexpr const char* kIndexes =
    "select c.relname, i.indisprimary, i.indimmediate,"
    " (select json_agg(a.attname order by k.place) from unnest(i.indkey::int2[]) with ordinality k(number, place)"
    "  join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number where k.place <= "
    "i.indnkeyatts),"
    " (select bool_and(a.attnotnull) from unnest(i.indkey::int2[]) with ordinality k(number, place)"
    "  join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number where k.place <= "
    "i.indnkeyatts),"
    " coalesce((to_jsonb(i)->>'indnullsnotdistinct')::bool, false)"
    " from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid"
    " where i.indrelid = $1::oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null"
    " order by i.indisprimary desc, c.relname";

constexpr const char* kConstraints =
    "select k.conname, k.contype, pg_catalog.pg_get_expr(k.conbin, k.conrelid),"
    " (select json_agg(a.attname order by u.place) from unnest(k.conkey) with ordinality u(number, place)"
    "  join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number),"
    " (select json_agg(a.attname order by u.place) from unnest(k.confkey) with ordinality u(number, place)"
    "  join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number),"
    " quote_ident(n.nspname) || '.' || quote_ident(o.relname),"
    " case when pg_catalog.pg_table_is_visible(o.oid) then o.relname::text else n.nspname || '.' || o.relname end,"
    " k.conrelid = $1::oid, k.confdeltype in ('a', 'r'), k.conrelid = k.confrelid"
    " from pg_catalog.pg_constraint k"
    " left join pg_catalog.pg_class o on o.oid = case when k.conrelid = $1::oid then k.confrelid else k.conrelid end"
    " left join pg_catalog.pg_namespace n on n.oid = o.relnamespace"
    " where (k.conrelid = $1::oid and k.contype = 'c') or"
    "  (k.contype = 'f' and k.conparentid = 0 and (k.conrelid = $1::oid or k.confrelid = $1::oid)) order by k.conname";

// FNV-1a: states are compared, never trusted.
std::string short_hash(std::string_view text) {
  std::uint64_t h = 0xCBF29CE484222325u;
  for (char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out += kHex[(h >> shift) & 15];
  return out;
}

TableInfo::Kind kind_of(char relkind) {
  switch (relkind) {
    case 'p':
      return TableInfo::Kind::partitioned;
    case 'v':
      return TableInfo::Kind::view;
    case 'm':
      return TableInfo::Kind::materialized_view;
    case 'f':
      return TableInfo::Kind::foreign_table;
    default:
      return TableInfo::Kind::table;
  }
}

Result<> set_types(Session& session, const std::vector<std::pair<std::uint32_t, int>>& wanted, TableInfo* t) {
  if (wanted.empty()) return {};
  GW_ASSIGN(std::vector<ColumnType> types, load_types(session, wanted));
  for (std::size_t i = 0; i < types.size(); ++i) {
    ColumnInfo& c = t->columns[i];
    c.type = std::move(types[i]);
    c.length = c.type.length, c.choices = c.type.choices;
    c.not_null = c.not_null || c.type.domain_not_null;
  }
  return {};
}

Result<> load_columns(Session& session, TableInfo* t) {
  GW_ASSIGN(const Answer a, session.run(kColumns, {std::to_string(t->oid)}));
  std::vector<std::pair<std::uint32_t, int>> types;
  for (int row = 0; row < a.rows(); ++row) {
    ColumnInfo& c = t->columns.emplace_back();
    c.name = a.string(row, 0), c.number = static_cast<int>(a.integer(row, 1));
    types.emplace_back(static_cast<std::uint32_t>(a.integer(row, 2)), static_cast<int>(a.integer(row, 3)));
    c.not_null = a.boolean(row, 4);
    if (!a.text(row, 5).empty()) c.identity = a.text(row, 5).front();
    c.computed = !a.text(row, 6).empty();
    if (!c.computed) c.default_text = a.string(row, 7);
    // A default that does more than draw the next number is the server's secret.
    const bool draws =
        c.identity != 0 || (c.default_text.starts_with("nextval(") && c.default_text.ends_with("::regclass)"));
    if (draws) c.sequence = a.string(row, 8);
  }
  return set_types(session, types, t);
}

Result<> load_uniques(Session& session, TableInfo* t) {
  GW_ASSIGN(const Answer a, session.run(kIndexes, {std::to_string(t->oid)}));
  for (int row = 0; row < a.rows(); ++row) {
    UniqueIndex index;
    index.name = a.string(row, 0), index.primary = a.boolean(row, 1), index.deferrable = !a.boolean(row, 2);
    index.columns = names_of(a.text(row, 3)), index.not_null = a.boolean(row, 4), index.nulls_equal = a.boolean(row, 5);
    if (index.primary) t->key = index.columns;
    t->uniques.push_back(std::move(index));
  }
  return {};
}

void add_check(CheckConstraint check, TableInfo* t) {
  const sql::CheckRules rules = sql::parse_check(plain_check(check.expression));
  check.foreseen = rules.complete;
  for (const sql::CheckRule& rule : rules.rules) {
    const int at = t->find(rule.column);
    if (at < 0) {
      check.foreseen = false;
      continue;
    }
    ColumnInfo& c = t->columns[static_cast<std::size_t>(at)];
    if (rule.max_length && (!c.length || *rule.max_length < *c.length)) c.length = rule.max_length;
    if (rule.not_null) c.not_null = true;
    if (rule.choices.empty()) continue;
    if (c.type.type.id != TypeId::utf8) {
      check.foreseen = false;  // numbers: 1 and 1.0 are the same
    } else if (c.choices.empty()) {
      c.choices = rule.choices;
    } else {
      std::erase_if(c.choices, [&](const std::string& v) {
        return std::find(rule.choices.begin(), rule.choices.end(), v) == rule.choices.end();
      });
    }
  }
  t->checks.push_back(std::move(check));
}

Result<> load_constraints(Session& session, TableInfo* t) {
  GW_ASSIGN(const Answer a, session.run(kConstraints, {std::to_string(t->oid)}));
  for (int row = 0; row < a.rows(); ++row) {
    const std::string name = a.string(row, 0);
    const std::vector<std::string> columns = names_of(a.text(row, 3)), to = names_of(a.text(row, 4));
    const bool ours = a.boolean(row, 7), to_itself = a.boolean(row, 9);
    if (a.text(row, 1) == "c") {
      add_check({name, a.string(row, 2), columns, false}, t);
      continue;
    }
    if (ours) t->references.push_back({name, a.string(row, 5), a.string(row, 6), columns, to, to_itself});
    if (!ours || to_itself) t->children.push_back({a.string(row, 5), a.string(row, 6), columns, to, a.boolean(row, 8)});
  }
  return {};
}

Result<TableInfo> load_query(Session& session, std::string_view text) {
  TableInfo t;
  t.kind = TableInfo::Kind::query;
  while (!text.empty() && (text.back() == ';' || text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  t.name = std::string(kQuery) + std::string(text);
  t.source = "(" + std::string(text) + "\n)";
  Result<Answer> a = session.run("select * from " + t.source + " as godwit_query limit 0", {});
  if (!a) {
    if (a.error().kind != ErrorKind::bad_config) return Failure(a.error());
    return sdk::fail(3328, ErrorKind::bad_config, {{"place", session.place()}, {"seen", session.last().words()}});
  }
  std::vector<std::pair<std::uint32_t, int>> types;
  for (int c = 0; c < PQnfields(a->get()); ++c) {
    const std::string name = PQfname(a->get(), c);
    if (t.find(name) >= 0)
      return sdk::fail(3328, ErrorKind::bad_config,
                       {{"place", session.place()}, {"seen", "column \"" + name + "\" comes twice"}});
    t.columns.emplace_back().name = name;
    types.emplace_back(PQftype(a->get(), c), PQfmod(a->get(), c));
  }
  GW_TRY(set_types(session, types, &t));
  for (ColumnInfo& c : t.columns) t.state += c.name + " " + c.type.declared + "\n";
  t.state += text;
  return t;
}

}  // namespace

int TableInfo::find(std::string_view column) const {
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (columns[i].name == column) return static_cast<int>(i);
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (sql::same_name(columns[i].name, column)) return static_cast<int>(i);
  return -1;
}

Result<TableInfo> load_table(Session& session, std::string_view object) {
  if (object.starts_with(kQuery)) return load_query(session, object.substr(kQuery.size()));
  GW_ASSIGN(const Answer a, session.run(kFind, {std::string(object)}));
  if (a.rows() == 0) {
    GW_ASSIGN(const std::vector<std::string> objects, list_objects(session));
    const std::vector<std::string_view> names(objects.begin(), objects.end());
    return sdk::fail(
        3030, ErrorKind::bad_config,
        {{"place", session.place()}, {"seen", std::string(object)}, {"nearest", std::string(nearest(object, names))}});
  }
  TableInfo t;
  t.oid = a.integer(0, 0), t.source = a.string(0, 1), t.kind = kind_of(a.text(0, 2).front()), t.name = a.string(0, 4);
  const bool is_view = t.kind == TableInfo::Kind::view;
  if (a.integer(0, 3) >= 0 && !is_view) t.rows = a.integer(0, 3);
  t.has_row_triggers = a.boolean(0, 5), t.has_rules = a.boolean(0, 6) && !is_view;
  t.state = a.string(0, 7) + a.string(0, 8), t.has_deferrable = a.boolean(0, 9);
  t.independent = a.boolean(0, 10);
  GW_TRY(load_columns(session, &t));
  GW_TRY(load_uniques(session, &t));
  GW_TRY(load_constraints(session, &t));
  for (const ColumnInfo& c : t.columns) {
    t.state += "\n" + c.name + " " + c.type.declared;
    // A default that calls a function may draw numbers or write.
    if (c.made_by_server() || c.default_text.find('(') != std::string::npos) t.independent = false;
  }
  return t;
}

Result<std::string> table_structure(Session& session, const TableInfo& table) {
  GW_ASSIGN(
      const Answer a,
      session.run("select string_agg(a.attname || ' ' || a.attnum || ' ' || a.atttypid || ' ' || a.atttypmod || ' ' ||"
                  " a.attidentity::text || a.attgenerated::text, ', ' order by a.attnum) from pg_catalog.pg_attribute a"
                  " where a.attrelid = $1::oid and a.attnum > 0 and not a.attisdropped",
                  {std::to_string(table.oid)}));
  return a.string(0, 0);
}

Result<std::vector<std::string>> list_objects(Session& session) {
  GW_ASSIGN(
      const Answer a,
      session.run("select case when pg_catalog.pg_table_is_visible(c.oid) then c.relname::text else n.nspname || '.' ||"
                  " c.relname end from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
                  " where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition and c.relname <> $1"
                  " and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'"
                  " order by not pg_catalog.pg_table_is_visible(c.oid), c.relkind in ('v', 'm'), 1",
                  {std::string(sql::kLedgerTable)}));
  std::vector<std::string> out;
  for (int row = 0; row < a.rows(); ++row) out.push_back(a.string(row, 0));
  return out;
}

ObjectDescription describe(const TableInfo& t) {
  ObjectDescription out;
  out.object = t.name, out.key = t.key, out.rows = t.rows, out.hash = short_hash(t.state),
  out.independent = t.independent;
  for (const ColumnInfo& c : t.columns) {
    ObjectField& f = out.fields.emplace_back();
    f.name = c.name, f.type = c.type.type, f.length = c.length, f.choices = c.choices;
    f.nullable = !c.not_null, f.has_default = !c.default_text.empty() || c.made_by_server();
    // Of the columns that draw from a sequence only the key is an id; others are ordinary ones with a default.
    const bool is_key = t.key.size() == 1 && t.key.front() == c.name;
    f.generated = c.computed || c.identity == 'a' || (c.made_by_server() && is_key);
    f.unique = std::any_of(t.uniques.begin(), t.uniques.end(),
                           [&](const UniqueIndex& u) { return u.columns.size() == 1 && u.columns[0] == c.name; });
  }
  for (const UniqueIndex& u : t.uniques) out.uniques.push_back(u.columns);
  for (const CheckConstraint& c : t.checks)
    if (!c.foreseen) out.checks.push_back(c.expression);
  for (const ForeignKey& k : t.references) out.references.push_back({k.columns, k.parent_name, k.parent_columns});
  return out;
}

std::string column_list(const std::vector<std::string>& names, std::string_view prefix) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + std::string(prefix) + quote_identifier(name);
  return out;
}

}  // namespace godwit::postgres
