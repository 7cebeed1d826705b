#include "connectors/postgres/stage.hpp"

#include <algorithm>

#include "plugins/kits/sql/identifier.hpp"
#include "plugins/kits/sql/key_range.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::postgres {
namespace {

using sql::quote_identifier;

// "COPY godwit_stage, line 12, column x: ..." -> 12; 0 when the context names no line.
std::int64_t line_of(std::string_view context) {
  const std::size_t at = context.find(", line ");
  if (at == std::string_view::npos) return 0;
  context.remove_prefix(at + 7);
  return sql::parse_integer(context.substr(0, context.find_first_not_of("0123456789"))).value_or(0);
}

}  // namespace

UnitRows::UnitRows(const Unit& unit) : unit_(&unit) {
  std::int64_t row = 0;
  for (const Chunk& chunk : unit.chunks) starts_.push_back(row), row += chunk.batch.rows;
  starts_.push_back(row);
}

RowAtFault UnitRows::at(std::int64_t row) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end() - 1, row);
  const auto chunk = static_cast<std::size_t>(after - starts_.begin()) - 1;
  return {row, &unit_->chunks[chunk], row - starts_[chunk]};
}

std::string array_of(const std::vector<std::int64_t>& numbers) {
  std::string out = "{";
  for (const std::int64_t n : numbers) out += (out.size() > 1 ? "," : "") + std::to_string(n);
  return out + "}";
}

Result<> Stage::make() {
  std::string sql =
      "create temporary table if not exists godwit_stage (\"@n\" int4, \"@op\" int2, \"@p\" int2, \"@r\" int2 default "
      "1";
  for (std::size_t c = 0; c < plan_.columns.size(); ++c) {
    const ColumnType& type = plan_.encoders[c].target().type;
    sql += ", " + quote_identifier(plan_.target(c).name) + " " + (type.staged_as_text ? "text" : type.base);
  }
  if (plan_.ids == IdPlan::reserve) sql += ", \"@id\" " + plan_.table.column(plan_.id_column).type.base;
  sql +=
      ") on commit delete rows; create temporary table if not exists godwit_refused (\"@n\" int4, state text, message "
      "text,"
      " detail text, table_name text, column_name text, constraint_name text) on commit delete rows";
  GW_TRY(session_.run(sql));
  return {};
}

std::size_t Stage::pattern_of(const Chunk& chunk, std::int64_t row) {
  Pattern sent(plan_.columns.size(), true);
  for (std::size_t c = 0; c < sent.size(); ++c) sent[c] = chunk.is_set(c, row);
  for (std::size_t p = patterns_.size(); p-- > 0;)
    if (patterns_[p] == sent) return p;
  patterns_.push_back(std::move(sent));
  return patterns_.size() - 1;
}

std::vector<Stage::Group> Stage::groups() const {
  std::vector<Group> out;
  for (const Operation operation :
       {Operation::remove, Operation::update, Operation::insert, Operation::upsert, Operation::restore})
    for (const auto& [group, rows] : groups_)
      if (group.first == static_cast<int>(operation)) out.push_back({group.first, group.second});
  return out;
}

Result<> Stage::fill(const UnitRows& rows, UnitResults* results, const std::vector<std::string>& ids) {
  GW_TRY(session_.run("savepoint godwit_stage"));
  while (true) {
    GW_ASSIGN(const bool filled, try_fill(rows, results, ids));
    if (filled) break;
    GW_TRY(session_.run("rollback to savepoint godwit_stage"));
  }
  GW_TRY(session_.run("release savepoint godwit_stage"));
  return {};
}

Result<bool> Stage::try_fill(const UnitRows& rows, UnitResults* results, const std::vector<std::string>& ids) {
  patterns_.clear(), groups_.clear();
  std::string names = "\"@n\", \"@op\", \"@p\"";
  for (std::size_t c = 0; c < plan_.columns.size(); ++c) names += ", " + quote_identifier(plan_.target(c).name);
  const bool with_ids = plan_.ids == IdPlan::reserve;
  if (with_ids) names += ", \"@id\"";
  GW_ASSIGN(CopySink sink, CopySink::start(session_, "copy " + name_ + " (" + names + ") from stdin"));
  std::vector<std::int64_t> sent;  // the unit's row of each line
  Result<std::int64_t> done = std::int64_t{0};
  for (std::size_t n = 0; done && n < rows.unit().chunks.size(); ++n) {
    const Chunk& chunk = rows.unit().chunks[n];
    plan_.look_at(chunk, rows.start(n), results);
    std::size_t pattern = chunk.set.empty() && chunk.batch.rows > 0 ? pattern_of(chunk, 0) : 0;
    for (std::int64_t row = 0; done && row < chunk.batch.rows; ++row) {
      const std::int64_t of_unit = rows.start(n) + row;
      if (!results->is_open(of_unit)) continue;
      if (!chunk.set.empty()) pattern = pattern_of(chunk, row);
      const int operation = static_cast<int>(chunk.operation_of(row));
      ++groups_[{operation, pattern}];
      sent.push_back(of_unit);
      for (const std::int64_t number : {of_unit, std::int64_t{operation}, static_cast<std::int64_t>(pattern)})
        sink.number(number), sink.cell_ends();
      for (std::size_t c = 0; c < plan_.encoders.size(); ++c) {
        const bool matters =
            plan_.is_key[c] || (patterns_[pattern][c] && operation != static_cast<int>(Operation::remove));
        matters ? plan_.encoders[c].put(row, &sink.buffer()) : sink.buffer().append("\\N\t", 3);
      }
      if (with_ids) {
        const std::string& id = ids[static_cast<std::size_t>(of_unit)];
        sink.buffer().append(id.data(), id.size()), sink.cell_ends();
      }
      if (auto ended = sink.row_ends(); !ended) done = Failure(ended.error());
    }
  }
  if (done) done = sink.end();
  if (done) return true;
  if (!is_about_a_row(session_.last().state)) return Failure(done.error());
  const std::int64_t line = line_of(session_.last().context);
  if (line < 1 || line > static_cast<std::int64_t>(sent.size())) return Failure(done.error());
  results->refuse(classify(plan_, session_.last(), rows.at(sent[static_cast<std::size_t>(line) - 1])));
  return false;
}

Result<> Stage::drop(const std::vector<std::int64_t>& rows) {
  if (rows.empty()) return {};
  GW_TRY(session_.run("delete from " + name_ + " where \"@n\" = any ($1::int4[])", {array_of(rows)}));
  return {};
}

Result<int> Stage::count_rounds() {
  if (plan_.key.empty()) return 1;
  std::string key;
  for (const std::size_t k : plan_.key) key += (key.empty() ? "" : ", ") + plan_.staged(k);
  GW_ASSIGN(const Answer any,
            session_.run("select 1 from " + name_ + " s group by " + key + " having count(*) > 1 limit 1"));
  if (any.rows() == 0) return 1;
  GW_ASSIGN(const Answer updated,
            session_.run("update " + name_ +
                         " u set \"@r\" = x.r from (select \"@n\" as n, row_number() over (partition by " + key +
                         " order by \"@n\") as r from " + name_ + " s) x where x.n = u.\"@n\" and x.r > 1"));
  (void)updated;
  GW_ASSIGN(const Answer most, session_.run("select max(\"@r\") from " + name_));
  return static_cast<int>(most.integer(0, 0));
}

}  // namespace godwit::postgres
