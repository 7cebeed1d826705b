#include "connectors/sqlite/ledger_table.hpp"

#include "core/model/column.hpp"
#include "plugins/kits/sql/ledger.hpp"

namespace godwit::sqlite {
namespace {

constexpr const char* kCreate =
    "create table if not exists godwit_ledger (run text not null, flow text not null, shard integer not null, unit "
    "integer not "
    "null, end_position text not null, rows integer not null, outcomes blob not null, ids blob, refusals text, note "
    "text not "
    "null, written_at text not null, primary key (run, flow, shard, unit))";

std::string unit_name(const Unit& unit) {
  return unit.run + "/" + unit.flow + "/" + std::to_string(unit.shard) + "/" + std::to_string(unit.number);
}

}  // namespace

Result<> Ledger::prepare() {
  GW_ASSIGN(const bool there, exists());
  if (!there) GW_TRY(db_->execute(kCreate));
  for (const char* column :
       {"run", "flow", "shard", "unit", "end_position", "rows", "outcomes", "ids", "refusals", "note", "written_at"}) {
    const int code = sqlite3_table_column_metadata(db_->get(), "main", "godwit_ledger", column, nullptr, nullptr,
                                                   nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
      return sdk::fail(3216, ErrorKind::bad_config, {{"place", db_->options().path.string()}, {"expected", column}});
  }
  return {};
}

Result<bool> Ledger::exists() {
  GW_ASSIGN(Statement s, db_->prepare("select 1 from sqlite_schema where type = 'table' and name = 'godwit_ledger'"));
  return db_->step(s);
}

Result<> Ledger::record(const Unit& unit, const Outcomes& outcomes) {
  if (!insert_) {
    GW_ASSIGN(
        insert_,
        db_->prepare("insert or abort into godwit_ledger (run, flow, shard, unit, end_position, rows, outcomes, ids, "
                     "refusals, note, written_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                     true));
  }
  const std::string kinds = sql::encode_outcomes(outcomes);
  const std::string ids = outcomes.ids.length != 0 ? sql::encode_ids(outcomes.ids) : std::string();
  const std::string refusals = outcomes.refusals.empty() ? std::string() : sql::encode_refusals(outcomes.refusals);
  const std::string now = timestamp_text(db_->host().now_us(), true);
  insert_.bind(1, std::string_view(unit.run)), insert_.bind(2, std::string_view(unit.flow));
  insert_.bind(3, std::int64_t{unit.shard}), insert_.bind(4, unit.number);
  insert_.bind(5, std::string_view(unit.end_position)), insert_.bind(6, outcomes.rows);
  insert_.bind_blob(7, kinds);
  ids.empty() ? insert_.bind_null(8) : insert_.bind_blob(8, ids);
  refusals.empty() ? insert_.bind_null(9) : insert_.bind(9, std::string_view(refusals));
  insert_.bind(10, std::string_view(unit.note)), insert_.bind(11, std::string_view(now));
  const int code = insert_.step();
  const Error error = code == SQLITE_DONE ? Error() : db_->error(code);
  insert_.reset();
  sqlite3_clear_bindings(insert_.get());
  if (code == SQLITE_DONE) return {};
  if ((code & 0xFF) == SQLITE_CONSTRAINT)
    return sdk::fail(3215, ErrorKind::broken, {{"place", db_->options().path.string()}, {"seen", unit_name(unit)}});
  return Failure(error);
}

Result<Resolved> Ledger::resolve(const Unit& unit) {
  Resolved out;
  GW_ASSIGN(const bool there, exists());
  if (!there) return out;
  GW_ASSIGN(Statement s,
            db_->prepare(
                "select rows, outcomes, ids, refusals, end_position, note from godwit_ledger where run = ? and flow = "
                "? and shard = ? and unit = ?"));
  s.bind(1, std::string_view(unit.run)), s.bind(2, std::string_view(unit.flow));
  s.bind(3, std::int64_t{unit.shard}), s.bind(4, unit.number);
  GW_ASSIGN(const bool found, db_->step(s));
  if (!found) return out;
  const std::int64_t rows = s.integer(0);
  // A count beyond any unit was not written by us.
  bool good = rows >= 0 && rows < (std::int64_t{1} << 28) && sql::decode_outcomes(s.blob(1), rows, &out.outcomes);
  if (good && !s.is_null(2)) good = sql::decode_ids(s.blob(2), rows, &out.outcomes.ids);
  if (good && !s.is_null(3)) good = sql::decode_refusals(s.text(3), &out.outcomes.refusals);
  if (!good)
    return sdk::fail(3217, ErrorKind::broken, {{"place", db_->options().path.string()}, {"seen", unit_name(unit)}});
  out.resolution = Resolution::done;
  out.end_position = s.text(4), out.note = s.text(5);
  return out;
}

Result<std::int64_t> Ledger::last_unit(std::string_view run, std::string_view flow, int shard) {
  GW_ASSIGN(const bool there, exists());
  if (!there) return std::int64_t{0};
  GW_ASSIGN(Statement s,
            db_->prepare("select coalesce(max(unit), 0) from godwit_ledger where run = ? and flow = ? and shard = ?"));
  s.bind(1, run), s.bind(2, flow), s.bind(3, std::int64_t{shard});
  GW_ASSIGN(const bool any, db_->step(s));
  return any ? s.integer(0) : std::int64_t{0};
}

}  // namespace godwit::sqlite
