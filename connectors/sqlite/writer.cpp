#include "connectors/sqlite/writer.hpp"

#include <algorithm>

#include "connectors/sqlite/ledger_table.hpp"
#include "connectors/sqlite/read_back.hpp"
#include "connectors/sqlite/row_writer.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::sqlite {
namespace {

// How a unit is written. The next one is tried when the one before could not say what became of every row.
enum class Way {
  many,    // consecutive rows in one statement
  singly,  // a statement per row
  careful  // a savepoint per row: each row must leave no deferred foreign key open
};

class TableWriter final : public Writer {
 public:
  TableWriter(Database database, const WriteRequest& request)
      : db_(std::move(database)), request_(request), ledger_(&db_) {}

  Result<> open() {
    GW_ASSIGN(TableInfo table, load_table(db_, request_.object));
    GW_ASSIGN(read_back_, ReadBack::make(&db_, table, request_));
    GW_ASSIGN(rows_, RowWriter::make(&db_, std::move(table), request_));
    return {};
  }

  Result<> prepare() override {
    if (!request_.ledger) return {};
    return ledger_.prepare();
  }

  Result<Outcomes> submit(const Unit& unit) override {
    Way way = Way::many;
    std::vector<Refusal> fatal;  // rows over which a trigger ended the whole transaction
    while (true) {
      UnitResults results(unit.rows());
      if (rows_->wants_ids()) results.expect_ids(rows_->integer_ids());
      for (const Refusal& r : fatal) results.refuse(r);
      // Immediate: the lock is taken before the first row, so that no half of a unit waits for it.
      GW_TRY(db_.execute("begin immediate"));
      const Result<Written> written = write_all(unit, way, &results);
      if (!written) {
        db_.roll_back();
        return Failure(written.error());
      }
      if (*written == Written::rolled_back) {
        fatal.push_back(results.refusals.back());  // the row that was written last
        continue;
      }
      if (*written == Written::redo_singly || (way != Way::careful && deferred_keys_are_open())) {
        db_.roll_back();
        way = *written == Written::redo_singly && way == Way::many ? Way::singly : Way::careful;
        continue;
      }
      return commit(unit, std::move(results));
    }
  }

  Result<Resolved> resolve(const Unit& unit) override {
    if (request_.ledger) return ledger_.resolve(unit);
    Resolved unknown;
    unknown.resolution = Resolution::unknown;
    return unknown;
  }

  Result<Rows> read_back(std::span<const Column> keys) override { return read_back_->read(keys); }

  Result<std::int64_t> last_unit(std::string_view run, std::string_view flow, int shard) override {
    return ledger_.last_unit(run, flow, shard);
  }

 private:
  // Rows that a unit's foreign keys, deferred to its end, leave without a parent.
  bool deferred_keys_are_open() const {
    int open = 0, unused = 0;
    sqlite3_db_status(db_.get(), SQLITE_DBSTATUS_DEFERRED_FKS, &open, &unused, 0);
    return open != 0;
  }

  Result<Written> write_all(const Unit& unit, Way way, UnitResults* results) {
    std::vector<std::pair<const Chunk*, std::int64_t>> later;  // careful: rows that wait for others
    std::vector<std::int64_t> later_row;
    std::int64_t unit_row = 0;
    for (const Chunk& chunk : unit.chunks) {
      const std::int64_t step = way == Way::careful ? 1 : RowWriter::kBlock;
      for (std::int64_t from = 0; from < chunk.batch.rows; from += step) {
        const std::int64_t length = std::min(step, chunk.batch.rows - from);
        rows_->load(chunk, from, length, unit_row + from, results);
        if (way != Way::careful) {
          GW_ASSIGN(const Written written, rows_->write_block(way == Way::many, results));
          if (written != Written::done) return written;
          continue;
        }
        bool waits = false;
        GW_ASSIGN(const Written written, write_carefully(unit_row + from, results, &waits));
        if (written != Written::done) return written;
        if (waits) later.emplace_back(&chunk, from), later_row.push_back(unit_row + from);
      }
      unit_row += chunk.batch.rows;
    }
    return write_later(std::move(later), std::move(later_row), results);
  }

  // The loaded row, if it leaves no foreign key open; else it is undone and waits.
  Result<Written> write_carefully(std::int64_t row, UnitResults* results, bool* waits) {
    GW_TRY(db_.execute("savepoint godwit_careful"));
    GW_ASSIGN(const Written written, rows_->write_row(0, results));
    if (written == Written::rolled_back) return written;
    if (deferred_keys_are_open()) {
      GW_TRY(db_.execute("rollback to godwit_careful"));
      results->settle(row, OutcomeKind::unknown);
      if (!results->has_id.empty()) results->has_id[static_cast<std::size_t>(row)] = 0;
      *waits = true;
    }
    GW_TRY(db_.execute("release godwit_careful"));
    return Written::done;
  }

  // Rows whose parents came after them, until no more of them find one.
  Result<Written> write_later(std::vector<std::pair<const Chunk*, std::int64_t>> later, std::vector<std::int64_t> rows,
                              UnitResults* results) {
    bool progress = true;
    while (!later.empty() && progress) {
      progress = false;
      std::vector<std::pair<const Chunk*, std::int64_t>> still;
      std::vector<std::int64_t> still_rows;
      for (std::size_t i = 0; i < later.size(); ++i) {
        rows_->load(*later[i].first, later[i].second, 1, rows[i], results);
        bool waits = false;
        GW_ASSIGN(const Written written, write_carefully(rows[i], results, &waits));
        if (written != Written::done) return written;
        if (waits)
          still.push_back(later[i]), still_rows.push_back(rows[i]);
        else
          progress = true;
      }
      later = std::move(still), rows = std::move(still_rows);
    }
    for (std::size_t i = 0; i < later.size(); ++i) {
      rows_->load(*later[i].first, later[i].second, 1, rows[i], results);
      GW_TRY(rows_->refuse_reference(0, results));
    }
    return Written::done;
  }

  Result<Outcomes> commit(const Unit& unit, UnitResults results) {
    Outcomes outcomes = sql::make_outcomes(std::move(results), rows_->integer_ids());
    if (request_.ledger) {
      if (auto recorded = ledger_.record(unit, outcomes); !recorded) {
        db_.roll_back();
        return Failure(recorded.error());
      }
    }
    if (auto committed = db_.execute("commit"); !committed) {
      db_.roll_back();
      // A disk that fails after the commit took effect must not make the core write the unit again.
      if (request_.ledger && committed.error().kind != ErrorKind::retry) {
        const Result<Resolved> resolved = ledger_.resolve(unit);
        if (resolved && resolved->resolution == Resolution::done) return outcomes;
      }
      return Failure(committed.error());
    }
    return outcomes;
  }

  Database db_;  // first: everything below holds statements of it
  WriteRequest request_;
  Ledger ledger_;
  std::unique_ptr<ReadBack> read_back_;
  std::unique_ptr<RowWriter> rows_;
};

}  // namespace

Result<std::unique_ptr<Writer>> open_writer(const Options& options, const sdk::HostServices& host,
                                            const WriteRequest& request) {
  GW_ASSIGN(Database db, Database::open(options, Access::write, host));
  auto writer = std::make_unique<TableWriter>(std::move(db), request);
  GW_TRY(writer->open());
  return std::unique_ptr<Writer>(std::move(writer));
}

}  // namespace godwit::sqlite
