#include "connectors/postgres/merge.hpp"

#include <algorithm>

#include "plugins/kits/sql/identifier.hpp"
#include "plugins/kits/sql/key_range.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::postgres {
namespace {

constexpr int kInsert = GW_INSERT, kUpdate = GW_UPDATE, kUpsert = GW_UPSERT, kDelete = GW_DELETE, kRestore = GW_RESTORE;

std::string op_is(int operation) { return "s.\"@op\" = " + std::to_string(operation); }

}  // namespace

// " from stage s where <only> and <condition>"
std::string Merge::from_stage(const std::string& only, const std::string& condition) const {
  return " from " + stage_.name() + " s where " + condition + only;
}

Result<> Merge::run(bool checks_first) {
  for (std::size_t n = 0; n < rows_.unit().chunks.size(); ++n) {
    const Chunk& chunk = rows_.unit().chunks[n];
    for (std::int64_t row = 0; row < chunk.batch.rows; ++row)
      operations_[static_cast<std::size_t>(rows_.start(n) + row)] = static_cast<std::uint8_t>(chunk.operation_of(row));
  }
  const bool only_inserts =
      std::all_of(operations_.begin(), operations_.end(), [](std::uint8_t o) { return o == kInsert; });
  int rounds = 1;
  if (!only_inserts) {
    GW_ASSIGN(rounds, stage_.count_rounds());
  }
  for (int round = 1; round <= rounds; ++round) GW_TRY(run_round(round, rounds > 1, checks_first));
  return {};
}

Result<> Merge::run_round(int round, bool many, bool checks_first) {
  const std::string only = many ? " and s.\"@r\" = " + std::to_string(round) : "";
  GW_TRY(refuse_ambiguous(only));
  GW_TRY(choose_operations(only));
  GW_TRY(settle_keys_only(only));
  bool checked = false, looked_for_missing = false;
  if (checks_first) {
    GW_TRY(check_sets(only));
    checked = true;
  }
  while (true) {
    GW_TRY(session_.run("savepoint godwit_merge"));
    GW_ASSIGN(const std::vector<Step> todo, steps(only));
    GW_ASSIGN(const Outcome outcome, try_steps(todo, only));
    if (outcome == Outcome::done) break;
    GW_TRY(session_.run("rollback to savepoint godwit_merge"));
    if (outcome == Outcome::mismatch && !looked_for_missing) {
      GW_TRY(find_missing(only));
      looked_for_missing = true;
    } else if (outcome == Outcome::refused && !checked) {
      GW_TRY(check_sets(only));
      checked = true;
    } else {
      GW_TRY(find_missing(only));
      for (const Step& step : todo) GW_TRY(bisect(step, only));
      break;
    }
  }
  return settle_rows(only, many);
}

// Updates and deletions by a key that the target does not hold unique must not touch several records.
Result<> Merge::refuse_ambiguous(const std::string& only) {
  if (plan_.key_is_unique || plan_.key.empty()) return {};
  GW_ASSIGN(const Answer a, session_.run("select s.\"@n\", count(*) from " + stage_.name() + " s join " +
                                         plan_.table.source + " t on " + plan_.keys_match() + " where s.\"@op\" <> 1" +
                                         only + " group by 1 having count(*) > 1"));
  std::string names;
  for (const std::string& k : plan_.request.key) names += (names.empty() ? "" : ", ") + k;
  std::vector<std::int64_t> rows;
  for (int i = 0; i < a.rows(); ++i) {
    results_->refuse(sql::refuse(a.integer(i, 0), sql::kKeyNotUnique, names, "", {{"seen", a.string(i, 1)}}));
    rows.push_back(a.integer(i, 0));
  }
  return stage_.drop(rows);
}

// An upsert or a restore is an update where the record is there, and an insert where it is not.
Result<> Merge::choose_operations(const std::string& only) {
  const auto groups = stage_.groups();
  if (std::none_of(groups.begin(), groups.end(),
                   [](const Stage::Group& g) { return g.operation == kUpsert || g.operation == kRestore; }))
    return {};
  GW_ASSIGN(const Answer there,
            session_.run("update " + stage_.name() + " s set \"@op\" = 2 where s.\"@op\" in (3, 5)" + only +
                         " and exists (select 1 from " + plan_.table.source + " t where " + plan_.keys_match() +
                         ") returning s.\"@n\""));
  GW_ASSIGN(const Answer others,
            session_.run("update " + stage_.name() + " s set \"@op\" = 1 where s.\"@op\" in (3, 5)" + only +
                         " returning s.\"@n\""));
  for (int i = 0; i < there.rows(); ++i) operations_[static_cast<std::size_t>(there.integer(i, 0))] = kUpdate;
  for (int i = 0; i < others.rows(); ++i) operations_[static_cast<std::size_t>(others.integer(i, 0))] = kInsert;
  return {};
}

// Updates that send nothing beside the key change nothing, whatever they meet.
Result<> Merge::settle_keys_only(const std::string& only) {
  for (std::size_t p = 0; p < stage_.patterns().size(); ++p) {
    if (!plan_.assignments(stage_.patterns()[p]).empty()) continue;
    GW_ASSIGN(const Answer a,
              session_.run("delete" + from_stage(only, op_is(kUpdate) + " and s.\"@p\" = " + std::to_string(p)) +
                           " returning s.\"@n\", exists (select 1 from " + plan_.table.source + " t where " +
                           plan_.keys_match() + ")"));
    for (int i = 0; i < a.rows(); ++i)
      results_->settle(a.integer(i, 0), a.boolean(i, 1) ? OutcomeKind::unchanged : OutcomeKind::missing);
  }
  return {};
}

Result<std::vector<Merge::Step>> Merge::steps(const std::string& only) {
  GW_ASSIGN(const Answer a, session_.run("select \"@op\", \"@p\", count(*)" + from_stage(only, "true") +
                                         " group by 1, 2 order by \"@op\" desc, \"@p\""));
  std::vector<Step> out;
  for (int i = 0; i < a.rows(); ++i)
    out.push_back({static_cast<int>(a.integer(i, 0)), static_cast<std::size_t>(a.integer(i, 1)), a.integer(i, 2)});
  return out;  // 4 deletions, 2 updates, 1 inserts: a value that one gives up another may take
}

std::string Merge::statement(const Step& step, const std::string& filter) const {
  const Pattern& sent = stage_.patterns()[step.pattern];
  const std::string rows = op_is(step.operation) + " and s.\"@p\" = " + std::to_string(step.pattern) + filter;
  const std::string& target = plan_.table.source;
  if (step.operation == kDelete)
    return "delete from " + target + " t using " + stage_.name() + " s where " + plan_.keys_match() + " and " + rows;
  if (step.operation == kUpdate)
    return "update " + target + " t set " + plan_.assignments(sent) + " from " + stage_.name() + " s where " +
           plan_.keys_match() + " and " + rows;
  const std::string columns = plan_.insert_columns(sent);
  if (columns.empty()) {
    // Nothing but defaults; a column must be named, and any will do.
    const std::string any = sql::quote_identifier(plan_.table.column(0).name);
    return "insert into " + target + " (" + any + ") select " +
           (plan_.table.column(0).default_text.empty() ? "null" : plan_.table.column(0).default_text) + " from " +
           stage_.name() + " s where " + rows;
  }
  return "insert into " + target + " (" + columns + ")" +
         (plan_.overrides_identity(sent) ? " overriding system value" : "") + " select " + plan_.insert_values(sent) +
         " from " + stage_.name() + " s where " + rows + " order by s.\"@n\"";
}

Result<Merge::Outcome> Merge::try_steps(const std::vector<Step>& steps, const std::string& only) {
  for (const Step& step : steps) {
    const Result<Answer> done = session_.run(statement(step, only));
    if (!done) {
      const ServerError& error = session_.last();
      if (!is_about_a_row(error.state)) return Failure(done.error());
      if (!error.constraint.empty()) words_[error.constraint] = error.message;
      met_refusals_ = true;
      return Outcome::refused;
    }
    if (done->touched() != step.rows) return Outcome::mismatch;
  }
  return Outcome::done;
}

Result<> Merge::find_missing(const std::string& only) {
  if (plan_.key.empty()) return {};
  GW_ASSIGN(const Answer a,
            session_.run("delete" + from_stage(only, "s.\"@op\" in (2, 4)") + " and not exists (select 1 from " +
                         plan_.table.source + " t where " + plan_.keys_match() + ") returning s.\"@n\""));
  for (int i = 0; i < a.rows(); ++i) results_->settle(a.integer(i, 0), OutcomeKind::missing);
  return {};
}

Result<> Merge::settle_rows(const std::string& only, bool many) {
  const auto settle = [&](std::int64_t row) {
    const int operation = operations_[static_cast<std::size_t>(row)];
    if (results_->is_open(row))
      results_->settle(row, operation == kDelete   ? OutcomeKind::deleted
                            : operation == kUpdate ? OutcomeKind::updated
                                                   : OutcomeKind::created);
  };
  if (!many) {
    for (std::int64_t row = 0; row < rows_.rows(); ++row) settle(row);
    return {};
  }
  GW_ASSIGN(const Answer a, session_.run("select s.\"@n\"" + from_stage(only, "true")));
  for (int i = 0; i < a.rows(); ++i) settle(a.integer(i, 0));
  return {};
}

Result<> Merge::find_ids() {
  if (plan_.ids == IdPlan::none || plan_.key.empty()) return {};
  // Reserved ones are known already.
  const std::string which = plan_.ids == IdPlan::reserve ? "s.\"@op\" = 2" : "s.\"@op\" in (1, 2)";
  if (plan_.ids == IdPlan::reserve &&
      std::none_of(operations_.begin(), operations_.end(), [](std::uint8_t o) { return o == kUpdate; }))
    return {};
  const std::string id = sql::quote_identifier(plan_.table.column(plan_.id_column).name);
  GW_ASSIGN(const Answer a, session_.run("select s.\"@n\", t." + id + "::text from " + stage_.name() + " s join " +
                                         plan_.table.source + " t on " + plan_.keys_match() + " where " + which));
  for (int i = 0; i < a.rows(); ++i) {
    const auto row = static_cast<std::size_t>(a.integer(i, 0));
    if (a.is_null(i, 1)) continue;
    results_->has_id[row] = 1;
    if (plan_.integer_ids)
      results_->ids[row] = a.integer(i, 1);
    else
      results_->text_ids[row] = a.string(i, 1);
  }
  return {};
}

}  // namespace godwit::postgres
