// Rows set aside: queried, grouped, marked.

#include "core/journal/journal_parts.hpp"

namespace godwit {
namespace {

journal_detail::Conditions conditions_of(const SetAsideQuery& query) {
  journal_detail::Conditions where;
  if (query.scope) where.add("run in (select number from run where scope = ?)", *query.scope);
  if (query.run) where.add("run = ?", *query.run);
  if (!query.flow.empty()) where.add("flow = ?", query.flow);
  if (!query.cause.empty()) where.add("cause = ?", query.cause);
  if (query.key) where.add_blob("key_hash = ?", journal_detail::key_blob(*query.key));
  if (query.state) where.add("state = ?", std::string(to_string(*query.state)));
  return where;
}

}  // namespace

Result<> Journal::each_set_aside(const SetAsideQuery& query, const std::function<Result<>(const SetAsideRecord&)>& visit) {
  const std::lock_guard lock(parts_->mutex);
  journal_detail::Conditions where = conditions_of(query);
  GW_ASSIGN(Statement s, parts_->db.prepare("select id, run, flow, shard, unit, source, source_key, key_hash, locator, line, number, error_class, field, arguments, cause, "
                                            "original, original_hash, state from set_aside where 1" +
                                            where.sql() + " order by flow, id" + (query.limit >= 0 ? " limit " + std::to_string(query.limit) : "")));
  where.bind(s);
  for (;;) {
    GW_ASSIGN(const bool row, s.step());
    if (!row) return {};
    SetAsideRecord r;
    r.id = s.int64(0), r.unit = {s.int64(1), s.string(2), static_cast<int>(s.int64(3)), s.int64(4)};
    r.source = s.string(5), r.source_key = s.string(6), r.key = journal_detail::key_from_blob(s.blob(7)), r.locator = s.string(8);
    r.line = s.optional_int64(9), r.number = static_cast<int>(s.int64(10)), r.error_class = s.string(11), r.field = s.string(12);
    r.arguments = journal_detail::arguments_from_json(s.text(13));
    r.cause = s.string(14), r.original = s.string(15), r.original_hash = s.string(16);
    for (const SetAsideState state : {SetAsideState::open, SetAsideState::replayed, SetAsideState::superseded})
      if (s.text(17) == to_string(state)) r.state = state;
    GW_TRY(visit(r));
  }
}

Result<std::vector<SetAsideRecord>> Journal::set_aside(const SetAsideQuery& query) {
  std::vector<SetAsideRecord> all;
  GW_TRY(each_set_aside(query, [&](const SetAsideRecord& row) -> Result<> {
    all.push_back(row);
    return {};
  }));
  return all;
}

Result<std::int64_t> Journal::count_set_aside(const SetAsideQuery& query) {
  const std::lock_guard lock(parts_->mutex);
  const journal_detail::Conditions where = conditions_of(query);
  GW_ASSIGN(Statement s, parts_->db.prepare("select count(*) from set_aside where 1" + where.sql()));
  where.bind(s);
  GW_TRY(s.step());
  return s.int64(0);
}

Result<std::vector<SetAsideGroup>> Journal::set_aside_groups(const SetAsideQuery& query) {
  const std::lock_guard lock(parts_->mutex);
  const journal_detail::Conditions where = conditions_of(query);
  // With a bare min(), SQLite takes the other columns from the row that has the minimum: the first row of the cause.
  GW_ASSIGN(Statement s, parts_->db.prepare("select flow, cause, number, field, count(*), arguments, source_key, min(id) from set_aside where 1" + where.sql() +
                                            " group by flow, cause, number, field order by count(*) desc, flow, cause, number, field" +
                                            (query.limit >= 0 ? " limit " + std::to_string(query.limit) : "")));
  where.bind(s);
  std::vector<SetAsideGroup> all;
  for (;;) {
    GW_ASSIGN(const bool row, s.step());
    if (!row) return all;
    SetAsideGroup g;
    g.flow = s.string(0), g.cause = s.string(1), g.number = static_cast<int>(s.int64(2)), g.field = s.string(3), g.rows = s.int64(4);
    g.arguments = journal_detail::arguments_from_json(s.text(5)), g.example_key = s.string(6);
    all.push_back(std::move(g));
  }
}

Result<> Journal::mark_set_aside(std::span<const std::int64_t> ids, SetAsideState state) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Transaction transaction, Transaction::begin(parts_->db));
  GW_ASSIGN(Statement * s, parts_->statement("update set_aside set state = ? where id = ?"));
  for (const std::int64_t id : ids) {
    s->bind(1, to_string(state)).bind(2, id);
    GW_TRY(s->run());
  }
  return transaction.commit();
}

Result<std::int64_t> Journal::supersede_set_aside(std::int64_t scope, std::string_view flow, std::int64_t run, std::span<const Hash128> keys) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Transaction transaction, Transaction::begin(parts_->db));
  GW_ASSIGN(Statement * s, parts_->statement("update set_aside set state = 'superseded' where key_hash = ? and flow = ? and state = 'open' and run < ? and run in "
                                             "(select number from run where scope = ?)"));
  std::int64_t changed = 0;
  for (const Hash128& key : keys) {
    s->bind_blob(1, journal_detail::key_blob(key)).bind(2, flow).bind(3, run).bind(4, scope);
    GW_TRY(s->run());
    changed += parts_->db.changes();
  }
  GW_TRY(transaction.commit());
  return changed;
}

Result<std::int64_t> Journal::supersede_set_aside(std::int64_t scope, std::string_view flow, std::int64_t run) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("update set_aside set state = 'superseded' where flow = ? and state = 'open' and run < ? and run in (select number from run where "
                                            "scope = ?)"));
  s.bind(1, flow).bind(2, run).bind(3, scope);
  GW_TRY(s.run());
  return parts_->db.changes();
}

}  // namespace godwit
