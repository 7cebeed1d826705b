// Units: intent, settlement, low water.

#include <sqlite3.h>

#include <algorithm>
#include <chrono>

#include "core/journal/block.hpp"
#include "core/journal/journal_parts.hpp"

namespace godwit {

using journal_detail::arguments_json;
using journal_detail::key_blob;

namespace {

// The write-ahead log is copied into the database when it has grown to 32 MB, and at the end of each flow.
constexpr int kCheckpointPages = 8192;

// Adds the time until its end to the journal's account.
class Stopwatch {
 public:
  Stopwatch(double* total, double* unbooked) : total_(total), unbooked_(unbooked) {}
  ~Stopwatch() { *total_ += elapsed(), *unbooked_ += elapsed(); }
  double elapsed() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  double* total_;
  double* unbooked_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// synchronous = full for as long as it lives.
class FullSync {
 public:
  FullSync(Database& db, Journal::Durability durability) : db_(durability == Journal::Durability::full ? &db : nullptr) {
    if (db_ != nullptr) (void)db_->execute("pragma synchronous = full");
  }
  FullSync(const FullSync&) = delete;
  FullSync& operator=(const FullSync&) = delete;
  ~FullSync() {
    if (db_ != nullptr) (void)db_->execute("pragma synchronous = normal");
  }

 private:
  Database* db_;
};

void bind_unit(Statement& s, const UnitId& id) { s.bind(1, id.run).bind(2, id.flow).bind(3, id.shard).bind(4, id.number); }

std::string positions_text(std::string_view start, std::string_view end, std::int64_t rows) {
  return "\"" + std::string(start) + "\" to \"" + std::string(end) + "\", " + std::to_string(rows) + " rows";
}

}  // namespace

bool ShardRecord::is_settled(std::int64_t unit) const {
  return unit <= number || std::binary_search(above.begin(), above.end(), unit);
}

Result<bool> Journal::Parts::check_recorded(const UnitIntent& unit) {
  GW_ASSIGN(Statement * fence, statement("select fence from run where number = ?"));
  fence->bind(1, unit.id.run);
  GW_ASSIGN(const bool known, fence->step());
  if (!known) return fail(5007, {{"seen", std::to_string(unit.id.run)}});
  const std::int64_t expected = fence->int64(0);
  fence->reset();
  if (expected != unit.fence)
    return fail(5005, {{"run", std::to_string(unit.id.run)}, {"seen", std::to_string(unit.fence)}, {"expected", std::to_string(expected)},
                       {"unit", std::to_string(unit.id.number)}, {"flow", unit.id.flow}});
  GW_ASSIGN(Statement * s, statement("select state, start_position, end_position, rows_read from unit where run = ? and flow = ? and shard = ? and number = ?"));
  bind_unit(*s, unit.id);
  GW_ASSIGN(const bool row, s->step());
  if (!row) return false;
  const bool settled = s->text(0) == "settled";
  if (s->text(1) != unit.start_position || s->text(2) != unit.end_position || s->int64(3) != unit.rows_read) {
    const std::string recorded = positions_text(s->text(1), s->text(2), s->int64(3));
    s->reset();
    return fail(5006, {{"run", std::to_string(unit.id.run)}, {"unit", std::to_string(unit.id.number)}, {"flow", unit.id.flow},
                       {"seen", positions_text(unit.start_position, unit.end_position, unit.rows_read)}, {"expected", recorded}});
  }
  s->reset();
  return settled;
}

Result<> Journal::intend(const UnitIntent& unit, Durability durability) {
  const std::lock_guard lock(parts_->mutex);
  const Stopwatch watch(&parts_->seconds, &parts_->unbooked_seconds);
  const FullSync full(parts_->db, durability);
  GW_ASSIGN(Transaction transaction, Transaction::begin(parts_->db));
  GW_ASSIGN(const bool settled, parts_->check_recorded(unit));
  if (settled) return {};
  GW_ASSIGN(Statement * s, parts_->statement("insert or ignore into unit (run, flow, shard, number, state, pass, start_position, end_position, rows_read, "
                                             "rows_written, counts) values (?, ?, ?, ?, 'intent', ?, ?, ?, ?, ?, '{}')"));
  bind_unit(*s, unit.id);
  s->bind(5, unit.pass).bind(6, unit.start_position).bind(7, unit.end_position).bind(8, unit.rows_read).bind(9, unit.rows_written);
  GW_TRY(s->run());
  if (!unit.decisions.empty()) GW_TRY(parts_->remember(unit.id, kDecisions, unit.decisions));
  return transaction.commit();
}

Result<> Journal::remember(const UnitId& unit, std::string_view name, std::string_view text) {
  const std::lock_guard lock(parts_->mutex);
  const Stopwatch watch(&parts_->seconds, &parts_->unbooked_seconds);
  const FullSync full(parts_->db, Durability::full);
  return parts_->remember(unit, name, text);
}

Result<> Journal::Parts::remember(const UnitId& unit, std::string_view name, std::string_view text) {
  GW_ASSIGN(Statement * s, statement("insert into unit_memory (run, flow, shard, unit, name, text) values (?, ?, ?, ?, ?, ?) "
                                     "on conflict do update set text = excluded.text"));
  bind_unit(*s, unit);
  s->bind(5, name).bind(6, text);
  return s->run();
}

Result<std::vector<std::pair<std::string, std::string>>> Journal::memory(const UnitId& unit) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement * s, parts_->statement("select name, text from unit_memory where run = ? and flow = ? and shard = ? and unit = ? order by id"));
  bind_unit(*s, unit);
  std::vector<std::pair<std::string, std::string>> out;
  for (;;) {
    GW_ASSIGN(const bool row, s->step());
    if (!row) break;
    out.emplace_back(s->string(0), s->string(1));
  }
  s->reset();
  return out;
}

namespace {

Result<> write_exceptions(Journal::Parts& parts, const SettledUnit& unit);

}  // namespace

Result<bool> Journal::settle(const SettledUnit& unit, Durability durability) {
  const std::lock_guard lock(parts_->mutex);
  const Stopwatch watch(&parts_->seconds, &parts_->unbooked_seconds);
  const FullSync full(parts_->db, durability);
  auto settled = settle_once(unit, durability);
  // Rolled back: the next unit's segments go where this one's went.
  if (!settled) parts_->segment_file.clear();
  if (settled && parts_->wal_pages > kCheckpointPages) GW_TRY(parts_->sync());
  return settled;
}

Result<bool> Journal::settle_once(const SettledUnit& unit, Durability durability) {
  GW_ASSIGN(Transaction transaction, Transaction::begin(parts_->db));
  GW_ASSIGN(const bool settled, parts_->check_recorded(unit));
  if (settled) return false;
  for (const EncodedSegment& segment : unit.segments) GW_TRY(parts_->write_segment(unit, segment));
  if (durability == Durability::full) GW_TRY(parts_->sync_segments());
  {
    GW_ASSIGN(Statement * s, parts_->statement("insert into unit (run, flow, shard, number, state, pass, start_position, end_position, rows_read, rows_written, "
                                               "counts, outcomes, settled_at) values (?, ?, ?, ?, 'settled', ?, ?, ?, ?, ?, ?, ?, ?) on conflict do update set "
                                               "state = 'settled', rows_written = excluded.rows_written, counts = excluded.counts, outcomes = excluded.outcomes, "
                                               "settled_at = excluded.settled_at"));
    bind_unit(*s, unit.id);
    s->bind(5, unit.pass).bind(6, unit.start_position).bind(7, unit.end_position).bind(8, unit.rows_read).bind(9, unit.rows_written);
    s->bind(10, journal_detail::counts_json(unit.counts)).bind_blob(11, unit.outcomes).bind(12, parts_->now());
    GW_TRY(s->run());
  }
  {
    GW_ASSIGN(Statement * s, parts_->statement("delete from unit_memory where run = ? and flow = ? and shard = ? and unit = ?"));
    bind_unit(*s, unit.id);
    GW_TRY(s->run());
  }
  GW_TRY(write_exceptions(*parts_, unit));
  GW_TRY(parts_->advance(unit));
  {
    const double journal_seconds = std::exchange(parts_->unbooked_seconds, 0.0);
    GW_TRY(add_to_flow_run(unit.id.run, unit.id.flow, unit.counts, unit.seconds));
    GW_ASSIGN(Statement * s, parts_->statement("update flow_run set bytes_read = bytes_read + ?, journal_seconds = journal_seconds + ? where run = ? and flow = ?"));
    s->bind(1, unit.bytes_read).bind(2, journal_seconds).bind(3, unit.id.run).bind(4, unit.id.flow);
    GW_TRY(s->run());
  }
  GW_TRY(transaction.commit());
  return true;
}

Result<> Journal::add_to_flow_run(std::int64_t run, std::string_view flow, const Counts& c, double seconds) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement * s,
            parts_->statement("update flow_run set read = read + ?, derived = derived + ?, created = created + ?, updated = updated + ?, unchanged = unchanged + ?, "
                              "merged = merged + ?, filtered = filtered + ?, filtered_unknown = filtered_unknown + ?, set_aside = set_aside + ?, deleted = deleted + ?, "
                              "in_doubt = in_doubt + ?, warned = warned + ?, obligations_open = obligations_open + ?, obligations_set = obligations_set + ?, "
                              "obligations_failed = obligations_failed + ?, seconds = seconds + ? where run = ? and flow = ?"));
  s->bind(1, c.read).bind(2, c.derived).bind(3, c.created).bind(4, c.updated).bind(5, c.unchanged).bind(6, c.merged).bind(7, c.filtered);
  s->bind(8, c.filtered_unknown).bind(9, c.set_aside).bind(10, c.deleted).bind(11, c.in_doubt).bind(12, c.warned);
  s->bind(13, c.obligations_open).bind(14, c.obligations_set).bind(15, c.obligations_failed).bind(16, seconds).bind(17, run).bind(18, flow);
  GW_TRY(s->run());
  if (parts_->db.changes() != 1) return fail(5013, {{"run", std::to_string(run)}, {"seen", std::string(flow)}});
  return {};
}

// Moves the shard's low water over every unit that is settled without a gap.
Result<> Journal::Parts::advance(const UnitIntent& unit) {
  GW_ASSIGN(Statement * begin, statement("insert or ignore into shard (run, flow, shard) values (?, ?, ?)"));
  begin->bind(1, unit.id.run).bind(2, unit.id.flow).bind(3, unit.id.shard);
  GW_TRY(begin->run());
  GW_ASSIGN(Statement * get, statement("select number from shard where run = ? and flow = ? and shard = ?"));
  get->bind(1, unit.id.run).bind(2, unit.id.flow).bind(3, unit.id.shard);
  GW_TRY(get->step());
  const std::int64_t before = get->int64(0);
  get->reset();
  if (unit.id.number != before + 1) return {};
  GW_ASSIGN(Statement * next, statement("select number, pass, end_position from unit where run = ? and flow = ? and shard = ? and number > ? and "
                                        "state = 'settled' order by number"));
  next->bind(1, unit.id.run).bind(2, unit.id.flow).bind(3, unit.id.shard).bind(4, before);
  std::int64_t low = before;
  std::optional<std::string> position;
  for (;;) {
    GW_ASSIGN(const bool row, next->step());
    if (!row || next->int64(0) != low + 1) break;
    ++low;
    if (next->int64(1) == 1) position = next->string(2);
  }
  next->reset();
  GW_ASSIGN(Statement * set, statement("update shard set number = ?1, position = coalesce(?2, position) where run = ?3 and flow = ?4 and shard = ?5"));
  set->bind(1, low).bind(3, unit.id.run).bind(4, unit.id.flow).bind(5, unit.id.shard);
  if (position)
    set->bind(2, *position);
  else
    set->bind_null(2);
  GW_TRY(set->run());
  if (!position || unit.id.shard != 0) return {};
  GW_ASSIGN(Statement * flow, statement("update flow_run set position = ? where run = ? and flow = ?"));
  flow->bind(1, *position).bind(2, unit.id.run).bind(3, unit.id.flow);
  return flow->run();
}

namespace {

Result<> write_set_aside(Journal::Parts& parts, const SettledUnit& unit) {
  GW_ASSIGN(Statement * s, parts.statement("insert into set_aside (run, flow, shard, unit, source, source_key, key_hash, locator, line, number, error_class, field, "
                                           "arguments, cause, original, original_hash) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  for (const SetAsideRow& row : unit.set_aside) {
    bind_unit(*s, unit.id);
    s->bind(5, row.source).bind(6, row.source_key).bind_blob(7, key_blob(row.key)).bind(8, row.locator).bind(9, row.line).bind(10, row.number);
    s->bind(11, row.error_class).bind(12, row.field).bind(13, arguments_json(row.arguments)).bind(14, row.cause).bind_view(15, row.original);
    s->bind(16, row.original_hash);
    GW_TRY(s->run());
  }
  return {};
}

Result<> write_exceptions(Journal::Parts& parts, const SettledUnit& unit) {
  if (!unit.set_aside.empty()) GW_TRY(write_set_aside(parts, unit));
  if (!unit.warnings.empty()) {
    GW_ASSIGN(Statement * s, parts.statement("insert into warning (run, flow, shard, unit, source_key, locator, line, number, field, arguments, cause) "
                                             "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    for (const WarningRow& row : unit.warnings) {
      bind_unit(*s, unit.id);
      s->bind(5, row.source_key).bind(6, row.locator).bind(7, row.line).bind(8, row.number).bind(9, row.field);
      s->bind(10, arguments_json(row.arguments)).bind(11, row.cause);
      GW_TRY(s->run());
    }
  }
  if (!unit.merged.empty()) {
    GW_ASSIGN(Statement * s, parts.statement("insert or replace into merged (run, flow, shard, unit, source_key, key_hash, survivor_key, survivor_hash, locator, "
                                             "line) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    for (const MergedRow& row : unit.merged) {
      bind_unit(*s, unit.id);
      s->bind(5, row.source_key).bind_blob(6, key_blob(row.key)).bind(7, row.survivor_key).bind_blob(8, key_blob(row.survivor));
      s->bind(9, row.locator).bind(10, row.line);
      GW_TRY(s->run());
    }
  }
  if (!unit.totals.empty()) {
    GW_ASSIGN(Statement * t, parts.statement("insert or replace into unit_total (run, flow, shard, unit, name, currency, bucket, value, rows) values (?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    for (const UnitTotal& row : unit.totals) {
      t->bind(1, unit.id.run).bind(2, unit.id.flow).bind(3, unit.id.shard).bind(4, unit.id.number);
      t->bind(5, row.name).bind(6, row.currency).bind(7, row.bucket).bind(8, row.value).bind(9, row.rows);
      GW_TRY(t->run());
    }
  }
  if (unit.failed_obligations.empty()) return {};
  GW_ASSIGN(Statement * s, parts.statement("insert or replace into failed_obligation (run, flow, source_key, key_hash, field, number, arguments) values (?, ?, ?, ?, ?, ?, ?)"));
  for (const FailedObligation& row : unit.failed_obligations) {
    s->bind(1, unit.id.run).bind(2, unit.id.flow).bind(3, row.source_key).bind_blob(4, key_blob(row.key)).bind(5, row.field);
    s->bind(6, row.number).bind(7, arguments_json(row.arguments));
    GW_TRY(s->run());
  }
  return {};
}

}  // namespace

// ---- reading ----

namespace {

UnitRecord unit_of(const Statement& s) {
  UnitRecord u;
  u.id = {s.int64(0), s.string(1), static_cast<int>(s.int64(2)), s.int64(3)};
  u.settled = s.text(4) == "settled", u.pass = static_cast<int>(s.int64(5));
  u.start_position = s.string(6), u.end_position = s.string(7), u.rows_read = s.int64(8), u.rows_written = s.int64(9);
  u.counts = journal_detail::counts_from_json(s.text(10));
  const auto outcomes = s.blob(11);
  u.outcomes.assign(outcomes.begin(), outcomes.end());
  u.settled_at = s.string(12), u.fence = s.int64(13);
  return u;
}

Result<std::vector<UnitRecord>> read_units(Database& db, std::int64_t run, std::string_view flow, std::string_view condition) {
  GW_ASSIGN(Statement s, db.prepare("select u.run, u.flow, u.shard, u.number, u.state, u.pass, u.start_position, u.end_position, u.rows_read, u.rows_written, u.counts, "
                                    "u.outcomes, u.settled_at, r.fence from unit as u join run as r on r.number = u.run where u.run = ? and u.flow = ? " +
                                    std::string(condition) + " order by u.shard, u.number"));
  s.bind(1, run).bind(2, flow);
  std::vector<UnitRecord> all;
  for (;;) {
    GW_ASSIGN(const bool row, s.step());
    if (!row) return all;
    all.push_back(unit_of(s));
  }
}

}  // namespace

Result<std::vector<UnitRecord>> Journal::units(std::int64_t run, std::string_view flow) {
  const std::lock_guard lock(parts_->mutex);
  return read_units(parts_->db, run, flow, "");
}
Result<std::vector<UnitRecord>> Journal::unsettled(std::int64_t run, std::string_view flow) {
  const std::lock_guard lock(parts_->mutex);
  return read_units(parts_->db, run, flow, "and u.state = 'intent'");
}

Result<std::vector<ShardRecord>> Journal::shards(std::int64_t run, std::string_view flow) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("select shard, number, position from shard where run = ? and flow = ? order by shard"));
  s.bind(1, run).bind(2, flow);
  std::vector<ShardRecord> all;
  for (;;) {
    GW_ASSIGN(const bool row, s.step());
    if (!row) break;
    all.push_back({static_cast<int>(s.int64(0)), s.int64(1), s.string(2), {}});
  }
  for (ShardRecord& shard : all) {
    GW_ASSIGN(Statement above, parts_->db.prepare("select number from unit where run = ? and flow = ? and shard = ? and number > ? and state = 'settled' order by number"));
    above.bind(1, run).bind(2, flow).bind(3, shard.shard).bind(4, shard.number);
    for (;;) {
      GW_ASSIGN(const bool row, above.step());
      if (!row) break;
      shard.above.push_back(above.int64(0));
    }
  }
  return all;
}

bool Journal::is_settled(const UnitId& unit) {
  const std::lock_guard lock(parts_->mutex);
  auto s = parts_->statement("select 1 from unit where run = ? and flow = ? and shard = ? and number = ? and state = 'settled'");
  if (!s) return false;
  bind_unit(**s, unit);
  const auto row = (*s)->step();
  (*s)->reset();
  return row && *row;
}

}  // namespace godwit
