#include "connectors/postgres/refusals.hpp"

#include <algorithm>

#include "plugins/kits/sql/refusal.hpp"

namespace godwit::postgres {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& n : names) out += (out.empty() ? "" : ", ") + n;
  return out;
}

std::string values_of(const WritePlan& plan, const RowAtFault& row, const std::vector<std::string>& columns) {
  std::string out;
  for (const std::string& c : columns) out += (out.empty() ? "" : ", ") + value_of(plan, row, c);
  return out;
}

template <typename Constraint>
const Constraint* named(const std::vector<Constraint>& all, const std::string& name) {
  for (const Constraint& c : all)
    if (c.name == name) return &c;
  return nullptr;
}

}  // namespace

std::string value_of(const WritePlan& plan, const RowAtFault& row, std::string_view column) {
  for (std::size_t c = 0; c < plan.columns.size(); ++c) {
    if (plan.target(c).name != column) continue;
    if (!row.chunk->is_set(c, row.at)) break;
    const Column& values = row.chunk->batch.columns[c];
    return values.is_null(row.at) ? "null" : "\"" + sql::excerpt(value_text(values, row.at)) + "\"";
  }
  return "the column's default";
}

Refusal refuse_unique(const WritePlan& plan, const UniqueIndex& index, const RowAtFault& row, std::string words) {
  return sql::refuse(row.row, sql::kNotUnique, joined(index.columns), std::move(words),
                     {{"seen", values_of(plan, row, index.columns)}});
}

Refusal refuse_reference(const WritePlan& plan, const ForeignKey& key, const RowAtFault& row, std::string words) {
  return sql::refuse(row.row, sql::kNoSuchParent, joined(key.columns), std::move(words),
                     {{"object", key.parent_name}, {"seen", values_of(plan, row, key.columns)}});
}

Refusal refuse_check(const WritePlan& plan, const CheckConstraint& check, const RowAtFault& row, std::string words) {
  return sql::refuse(row.row, sql::kCheckFailed, check.columns.empty() ? "" : check.columns.front(), std::move(words),
                     {{"expected", check.expression}, {"seen", values_of(plan, row, check.columns)}});
}

Refusal classify(const WritePlan& plan, const ServerError& error, const RowAtFault& row) {
  const std::string& s = error.state;
  const std::string words = error.words();
  if (s == "23502") return sql::refuse(row.row, sql::kNotNull, error.column, words);
  if (s == "23505") {
    if (const UniqueIndex* index = named(plan.table.uniques, error.constraint))
      return refuse_unique(plan, *index, row, words);
    return sql::refuse(row.row, sql::kNotUnique, error.constraint, words);
  }
  if (s == "23514") {
    if (const CheckConstraint* check = named(plan.table.checks, error.constraint))
      return refuse_check(plan, *check, row, words);
    return sql::refuse(row.row, sql::kCheckFailed, error.column, words, {{"expected", error.constraint}});
  }
  if (s == "23503") {
    const Operation operation = row.chunk->operation_of(row.at);
    const ForeignKey* key = named(plan.table.references, error.constraint);
    if (key != nullptr && operation != Operation::remove) return refuse_reference(plan, *key, row, words);
    return sql::refuse(row.row, sql::kStillReferenced, "", words, {{"object", error.table}});
  }
  if (s == "22001") return sql::refuse(row.row, sql::kRefusedOtherwise, error.column, words);
  if (s == "22003")
    return sql::refuse(row.row, sql::kOutOfRange, error.column, words,
                       {{"seen", "a value"}, {"expected", error.message}});
  if (s == "54000") return sql::refuse(row.row, sql::kTooBig, error.column, words);
  if (s.starts_with("P0") || s.starts_with("38") || s.starts_with("39") || s.starts_with("09") || s.starts_with("27"))
    return sql::refuse(row.row, sql::kTriggerRefused, error.column, words);
  return sql::refuse(row.row, sql::kRefusedOtherwise, error.column, words);
}

}  // namespace godwit::postgres
