#include "connectors/postgres/ledger_table.hpp"

#include <nlohmann/json.hpp>

#include "core/model/column.hpp"
#include "plugins/kits/sql/identifier.hpp"
#include "plugins/kits/sql/ledger.hpp"

namespace godwit::postgres {
namespace {

constexpr const char* kShape =
    " (run text not null, flow text not null, shard integer not null, unit bigint not null, end_position text not null,"
    " rows bigint not null, outcomes bytea not null, ids bytea, refusals text, note text not null, written_at text not "
    "null,"
    " primary key (run, flow, shard, unit))";

std::string unit_name(const Unit& unit) {
  return unit.run + "/" + unit.flow + "/" + std::to_string(unit.shard) + "/" + std::to_string(unit.number);
}

std::string hex(std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\\x";
  for (char c : bytes) out += kHex[static_cast<unsigned char>(c) >> 4], out += kHex[c & 15];
  return out;
}

std::string unhex(std::string_view text) {
  std::string out;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 2; i + 1 < text.size(); i += 2)
    out += static_cast<char>(digit(text[i]) << 4 | digit(text[i + 1]));
  return out;
}

}  // namespace

Result<bool> ledger_is_possible(Session& session) {
  const std::string& schema = session.options().ledger_schema;
  GW_ASSIGN(
      const Answer a,
      session.run("select coalesce((select pg_catalog.has_table_privilege(c.oid, 'select') and"
                  " pg_catalog.has_table_privilege(c.oid, 'insert') from pg_catalog.pg_class c where c.relname = $2 and"
                  " c.relnamespace = n.oid), pg_catalog.has_schema_privilege(n.oid, 'create'))"
                  " from pg_catalog.pg_namespace n where n.nspname = coalesce(nullif($1, ''), current_schema())",
                  {schema, std::string(sql::kLedgerTable)}));
  return a.rows() == 1 && a.boolean(0, 0);
}

Result<std::string> Ledger::name(Session& session) {
  if (!name_.empty()) return name_;
  std::string schema = schema_;
  if (schema.empty()) {
    GW_ASSIGN(const Answer a, session.run("select current_schema()"));
    schema = a.string(0, 0);
  }
  name_ = sql::quote_identifier(schema) + "." + std::string(sql::kLedgerTable);
  return name_;
}

Result<> Ledger::prepare(Session& session) {
  GW_ASSIGN(const bool there, exists(session));
  GW_ASSIGN(const std::string table, name(session));
  if (!there) GW_TRY(session.run("create table if not exists " + table + kShape));
  GW_ASSIGN(
      const Answer a,
      session.run(
          "select w.name from unnest(array['run', 'flow', 'shard', 'unit', 'end_position', 'rows', 'outcomes', 'ids',"
          " 'refusals', 'note', 'written_at']) w(name) where not exists (select 1 from pg_catalog.pg_attribute a"
          " where a.attrelid = to_regclass($1) and a.attname = w.name and not a.attisdropped)",
          {table}));
  if (a.rows() != 0)
    return sdk::fail(3319, ErrorKind::bad_config, {{"place", session.place()}, {"expected", a.string(0, 0)}});
  return {};
}

Result<bool> Ledger::exists(Session& session) {
  GW_ASSIGN(const std::string table, name(session));
  GW_ASSIGN(const Answer a, session.run("select to_regclass($1) is not null", {table}));
  return a.boolean(0, 0);
}

Result<> Ledger::record(Session& session, const Unit& unit, const Outcomes& outcomes) {
  GW_ASSIGN(const std::string table, name(session));
  Parameter ids, refusals;
  if (outcomes.ids.length != 0) ids = hex(sql::encode_ids(outcomes.ids));
  // In ASCII: the values that it quotes may be the very ones that the server's encoding lacks.
  if (!outcomes.refusals.empty())
    refusals = nlohmann::ordered_json::parse(sql::encode_refusals(outcomes.refusals)).dump(-1, ' ', true);
  const Result<Answer> done =
      session.run("insert into " + table +
                      " (run, flow, shard, unit, end_position, rows, outcomes, ids, refusals, note, written_at)"
                      " values ($1, $2, $3, $4, $5, $6, $7::bytea, $8::bytea, $9, $10, $11)",
                  {unit.run, unit.flow, std::to_string(unit.shard), std::to_string(unit.number), unit.end_position,
                   std::to_string(outcomes.rows), hex(sql::encode_outcomes(outcomes)), ids, refusals, unit.note,
                   timestamp_text(session.host().now_us(), true)});
  if (done) return {};
  if (session.last().state == "23505")
    return sdk::fail(3318, ErrorKind::broken, {{"place", session.place()}, {"seen", unit_name(unit)}});
  return Failure(done.error());
}

Result<Resolved> Ledger::resolve(Session& session, const Unit& unit) {
  Resolved out;
  GW_ASSIGN(const bool there, exists(session));
  if (!there) return out;
  GW_ASSIGN(const std::string table, name(session));
  GW_ASSIGN(const Answer a,
            session.run("select rows, outcomes, ids, refusals, end_position, note from " + table +
                            " where run = $1 and flow = $2 and shard = $3 and unit = $4",
                        {unit.run, unit.flow, std::to_string(unit.shard), std::to_string(unit.number)}));
  if (a.rows() == 0) return out;
  const std::int64_t rows = a.integer(0, 0);
  // A count beyond any unit was not written by us.
  bool good =
      rows >= 0 && rows < (std::int64_t{1} << 28) && sql::decode_outcomes(unhex(a.text(0, 1)), rows, &out.outcomes);
  if (good && !a.is_null(0, 2)) good = sql::decode_ids(unhex(a.text(0, 2)), rows, &out.outcomes.ids);
  if (good && !a.is_null(0, 3)) good = sql::decode_refusals(a.text(0, 3), &out.outcomes.refusals);
  if (!good) return sdk::fail(3320, ErrorKind::broken, {{"place", session.place()}, {"seen", unit_name(unit)}});
  out.resolution = Resolution::done;
  out.end_position = a.string(0, 4), out.note = a.string(0, 5);
  return out;
}

Result<std::int64_t> Ledger::last_unit(Session& session, std::string_view run, std::string_view flow, int shard) {
  GW_ASSIGN(const bool there, exists(session));
  if (!there) return std::int64_t{0};
  GW_ASSIGN(const std::string table, name(session));
  GW_ASSIGN(const Answer a,
            session.run("select coalesce(max(unit), 0) from " + table + " where run = $1 and flow = $2 and shard = $3",
                        {std::string(run), std::string(flow), std::to_string(shard)}));
  return a.integer(0, 0);
}

}  // namespace godwit::postgres
