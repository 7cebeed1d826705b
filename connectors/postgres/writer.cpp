#include "connectors/postgres/writer.hpp"

#include <algorithm>

#include "connectors/postgres/ledger_table.hpp"
#include "connectors/postgres/merge.hpp"
#include "connectors/postgres/read_back.hpp"
#include "connectors/postgres/reserve.hpp"
#include "plugins/kits/sql/identifier.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::postgres {
namespace {

class TableWriter final : public Writer {
 public:
  TableWriter(const Options& options, const sdk::HostServices& host, const WriteRequest& request)
      : options_(options), host_(host), request_(request), ledger_(options.ledger_schema) {}

  // Signs in and looks at the table; again after the session was lost.
  Result<> open() {
    if (options_.read_only)
      return sdk::fail(3311, ErrorKind::denied, {{"place", options_.place}, {"seen", "read_only"}});
    stage_.reset(), plan_.reset();
    GW_ASSIGN(session_, Session::open(options_, host_));
    GW_ASSIGN(const Answer a, session_->run("set jit = off; select current_setting('server_encoding')"));
    if (!charset_) charset_ = std::make_unique<Charset>(a.string(0, 0));
    return describe();
  }

  Result<> prepare() override {
    if (!request_.ledger) return {};
    GW_TRY(reconnect());
    return ledger_.prepare(*session_);
  }

  Result<Outcomes> submit(const Unit& unit) override {
    if (host_.cancelled()) return sdk::fail(3018, ErrorKind::cancelled, {{"place", options_.place}});
    GW_TRY(reconnect());
    if (in_doubt_ && request_.ledger) {
      // The answer to the last commit was lost with the session; the ledger knows whether it took effect.
      GW_ASSIGN(Resolved resolved, ledger_.resolve(*session_, unit));
      if (resolved.resolution == Resolution::done) {
        in_doubt_ = false;
        return std::move(resolved.outcomes);
      }
    }
    in_doubt_ = false;
    Result<Outcomes> out = write(unit);
    if (!out) session_->roll_back();
    return out;
  }

  Result<Resolved> resolve(const Unit& unit) override {
    GW_TRY(reconnect());
    if (request_.ledger) return ledger_.resolve(*session_, unit);
    Resolved unknown;
    unknown.resolution = Resolution::unknown;
    return unknown;
  }

  Result<Rows> read_back(std::span<const Column> keys) override {
    GW_TRY(reconnect());
    return read_back_rows(*session_, *plan_, keys);
  }

  Result<std::int64_t> last_unit(std::string_view run, std::string_view flow, int shard) override {
    GW_TRY(reconnect());
    if (!request_.ledger) return std::int64_t{0};
    return ledger_.last_unit(*session_, run, flow, shard);
  }

 private:
  Result<> reconnect() {
    if (session_ != nullptr && !session_->is_lost()) return {};
    return open();
  }

  Result<> describe() {
    GW_ASSIGN(TableInfo table, load_table(*session_, request_.object));
    GW_ASSIGN(structure_, table_structure(*session_, table));
    GW_ASSIGN(WritePlan plan, WritePlan::make(*session_, std::move(table), request_, charset_.get()));
    plan_ = std::make_unique<WritePlan>(std::move(plan));
    return {};
  }

  // The constraints as they are now, after a row was refused: one may have come since the table was described. Columns
  // of another type make what was planned void.
  Result<> describe_again() {
    GW_ASSIGN(const std::string now, table_structure(*session_, plan_->table));
    if (now != structure_)
      return sdk::fail(3324, ErrorKind::bad_config, {{"place", options_.place}, {"object", request_.object}});
    return describe();
  }

  Result<Outcomes> write(const Unit& unit) {
    if (can_copy(unit) && !refused_lately_) {
      bool refused = false;
      Result<Outcomes> out = copy(unit, &refused);
      if (!refused) return out;
      session_->roll_back();
      GW_TRY(describe_again());
    }
    return merge(unit);
  }

  // Straight COPY: nothing but insertions, all of which send the same columns.
  bool can_copy(const Unit& unit) const {
    if (plan_->table.kind == TableInfo::Kind::view || plan_->table.has_rules) return false;
    if (plan_->ids == IdPlan::look_up && plan_->key.empty()) return false;
    for (const Chunk& chunk : unit.chunks) {
      if (!chunk.set.empty()) return false;
      if (chunk.operations.empty() ? chunk.operation != Operation::insert
                                   : std::any_of(chunk.operations.begin(), chunk.operations.end(),
                                                 [](Operation o) { return o != Operation::insert; }))
        return false;
    }
    // Ids that only the rows themselves tell are looked up from the stage.
    return plan_->ids != IdPlan::look_up && !plan_->columns.empty();
  }

  Result<UnitResults> start(const Unit& unit, std::vector<std::string>* ids) {
    UnitResults results(unit.rows());
    if (plan_->ids != IdPlan::none) results.expect_ids(plan_->integer_ids);
    GW_TRY(session_->run("begin"));
    const bool inserts = std::any_of(unit.chunks.begin(), unit.chunks.end(), [](const Chunk& c) {
      return !c.operations.empty() || (c.operation != Operation::update && c.operation != Operation::remove);
    });
    if (plan_->ids == IdPlan::reserve) {
      ids->assign(static_cast<std::size_t>(unit.rows()), "\\N");
      if (inserts) {
        GW_ASSIGN(*ids, reserve_ids(*session_, plan_->table.column(plan_->id_column), unit.rows()));
      }
    }
    return results;
  }

  Result<Outcomes> copy(const Unit& unit, bool* refused) {
    std::vector<std::string> ids;
    GW_ASSIGN(UnitResults results, start(unit, &ids));
    const Pattern all(plan_->columns.size(), true);
    GW_ASSIGN(CopySink sink, CopySink::start(*session_, "copy " + plan_->table.source + " (" +
                                                            plan_->insert_columns(all) + ") from stdin"));
    const bool with_ids = plan_->ids == IdPlan::reserve;
    std::int64_t row = 0, sent = 0;
    Result<std::int64_t> done = std::int64_t{0};
    for (const Chunk& chunk : unit.chunks) {
      plan_->look_at(chunk, row, &results);
      const std::size_t columns = plan_->encoders.size();
      for (std::int64_t i = 0; done && i < chunk.batch.rows; ++i, ++row) {
        if (!results.is_open(row)) continue;
        for (std::size_t c = 0; c < columns; ++c) plan_->encoders[c].put(i, &sink.buffer());
        if (with_ids) {
          const std::string& id = ids[static_cast<std::size_t>(row)];
          sink.buffer().append(id.data(), id.size()), sink.cell_ends();
        }
        ++sent;
        if (auto ended = sink.row_ends(); !ended) done = Failure(ended.error());
      }
    }
    if (done) done = sink.end();
    if (done && plan_->table.has_deferrable) {
      const Result<Answer> checked = session_->run("set constraints all immediate");
      if (!checked) done = Failure(checked.error());
    }
    // A trigger that drops rows refuses them, too.
    *refused = done ? *done != sent : is_about_a_row(session_->last().state);
    if (!done || *refused) return done ? Result<Outcomes>(Outcomes()) : Failure(done.error());
    for (OutcomeKind& kind : results.kinds)
      if (kind == OutcomeKind::unknown) kind = OutcomeKind::created;
    return commit(unit, std::move(results), ids);
  }

  Result<Outcomes> merge(const Unit& unit) {
    if (std::any_of(unit.chunks.begin(), unit.chunks.end(),
                    [](const Chunk& c) { return !c.operations.empty() || c.operation != Operation::insert; }) &&
        plan_->key.empty())
      return sdk::fail(3323, ErrorKind::bad_config, {{"place", options_.place}, {"object", plan_->table.name}});
    stage_ = std::make_unique<Stage>(*session_, *plan_);
    GW_TRY(stage_->make());
    std::vector<std::string> ids;
    GW_ASSIGN(UnitResults results, start(unit, &ids));
    const UnitRows rows(unit);
    GW_TRY(stage_->fill(rows, &results, ids));
    Merge merge(*session_, *plan_, *stage_, rows, &results);
    GW_TRY(merge.run(refused_lately_));
    if (plan_->table.has_deferrable) GW_TRY(session_->run("set constraints all immediate"));
    GW_TRY(merge.find_ids());
    refused_lately_ = merge.met_refusals();
    return commit(unit, std::move(results), ids);
  }

  Result<Outcomes> commit(const Unit& unit, UnitResults results, const std::vector<std::string>& ids) {
    take_ids(unit, ids, &results);
    Outcomes outcomes = sql::make_outcomes(std::move(results), plan_->integer_ids);
    if (request_.ledger) GW_TRY(ledger_.record(*session_, unit, outcomes));
    if (auto committed = session_->run("commit"); !committed) {
      in_doubt_ = session_->is_lost();
      return Failure(committed.error());
    }
    return outcomes;
  }

  // Reserved ids, and those that the rows brought along.
  void take_ids(const Unit& unit, const std::vector<std::string>& ids, UnitResults* results) const {
    if (plan_->ids == IdPlan::reserve) {
      for (std::size_t row = 0; row < results->kinds.size(); ++row)
        if (results->kinds[row] == OutcomeKind::created) set_id(row, ids[row], results);
      return;
    }
    if (plan_->ids != IdPlan::given) return;
    std::size_t at = 0;
    while (plan_->columns[at] != plan_->id_column) ++at;
    std::size_t row = 0;
    for (const Chunk& chunk : unit.chunks)
      for (std::int64_t i = 0; i < chunk.batch.rows; ++i, ++row) {
        const Column& values = chunk.batch.columns[at];
        const OutcomeKind kind = results->kinds[row];
        const bool written = kind == OutcomeKind::created || kind == OutcomeKind::updated;
        if (written && results->has_id[row] == 0 && chunk.is_set(at, i) && !values.is_null(i))
          set_id(row, value_text(values, i), results);
      }
  }

  void set_id(std::size_t row, const std::string& id, UnitResults* results) const {
    results->has_id[row] = 1;
    if (plan_->integer_ids)
      results->ids[row] = std::strtoll(id.c_str(), nullptr, 10);
    else
      results->text_ids[row] = id;
  }

  Options options_;
  sdk::HostServices host_;
  WriteRequest request_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Charset> charset_;
  std::unique_ptr<WritePlan> plan_;
  std::unique_ptr<Stage> stage_;
  Ledger ledger_;
  std::string structure_;        // of the table when the plan was made
  bool in_doubt_ = false;        // the last commit got no answer
  bool refused_lately_ = false;  // the server refused rows of the last unit: the next one is checked in sets first
};

}  // namespace

Result<std::unique_ptr<Writer>> open_writer(const Options& options, const sdk::HostServices& host,
                                            const WriteRequest& request) {
  auto writer = std::make_unique<TableWriter>(options, host, request);
  GW_TRY(writer->open());
  return std::unique_ptr<Writer>(std::move(writer));
}

}  // namespace godwit::postgres
