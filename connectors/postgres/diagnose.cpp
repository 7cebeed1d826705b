// Which rows of a stage the target will not take: first by its rules, in sets; what is left by halving, in the server.

#include <algorithm>

#include "connectors/postgres/merge.hpp"
#include "plugins/kits/sql/identifier.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::postgres {
namespace {

using sql::quote_identifier;

// A trigger that drops a row says nothing; this state says it in its place.
constexpr const char* kIgnored = "GW001";

}  // namespace

std::string Merge::staged_value(const std::string& column, const std::string& alias) const {
  for (std::size_t c = 0; c < plan_.columns.size(); ++c) {
    if (plan_.target(c).name != column) continue;
    std::string value = plan_.staged(c);
    return alias + value.substr(1);  // s."name" -> alias."name"
  }
  if (plan_.ids == IdPlan::reserve && plan_.table.column(plan_.id_column).name == column) return alias + ".\"@id\"";
  return {};
}

std::string Merge::words_for(const std::string& constraint) const {
  const auto found = words_.find(constraint);
  return found == words_.end() ? std::string() : found->second;
}

Result<std::vector<std::int64_t>> Merge::ask_rows(const std::string& sql) {
  std::vector<std::int64_t> out;
  GW_TRY(session_.run("savepoint godwit_ask"));
  const Result<Answer> a = session_.run(sql);
  if (!a) {
    // A rule that cannot be put to the stage (functions that fail, types without equality) is left to the halving.
    if (session_.is_lost() || a.error().kind == ErrorKind::retry) return Failure(a.error());
    GW_TRY(session_.run("rollback to savepoint godwit_ask"));
    return out;
  }
  GW_TRY(session_.run("release savepoint godwit_ask"));
  for (int i = 0; i < a->rows(); ++i) out.push_back(a->integer(i, 0));
  return out;
}

// Rules of a row alone, then those towards other tables, then those among rows: a row that goes for one reason must not
// take another one with it.
Result<> Merge::check_sets(const std::string& only) {
  const std::size_t before = results_->refusals.size();
  for (const CheckConstraint& check : plan_.table.checks) GW_TRY(check_rule(check, only));
  for (const ForeignKey& key : plan_.table.references) GW_TRY(check_reference(key, only));
  for (const Child& child : plan_.table.children) GW_TRY(check_children(child, only));
  for (const bool inside : {false, true})
    for (const UniqueIndex& index : plan_.table.uniques) GW_TRY(check_unique(index, only, inside));
  met_refusals_ = met_refusals_ || results_->refusals.size() > before;
  return {};
}

Result<> Merge::check_rule(const CheckConstraint& check, const std::string& only) {
  std::string sent;
  for (std::size_t p = 0; p < stage_.patterns().size(); ++p) {
    bool whole = true;
    for (const std::string& name : check.columns) {
      bool found = false;
      for (std::size_t c = 0; c < plan_.columns.size(); ++c)
        found = found || (plan_.target(c).name == name && stage_.patterns()[p][c]);
      whole = whole && found;
    }
    if (whole) sent += (sent.empty() ? "" : ", ") + std::to_string(p);
  }
  if (sent.empty()) return {};
  // In a subquery that has only the target's names, and its types.
  std::string columns;
  for (const std::string& name : check.columns)
    columns += ", " + staged_value(name, "s") + " as " + quote_identifier(name);
  GW_ASSIGN(const auto rows,
            ask_rows("delete from " + stage_.name() + " where \"@n\" in (select x.\"@n\" from (select s.\"@n\"" +
                     columns + from_stage(only, "s.\"@op\" in (1, 2) and s.\"@p\" in (" + sent + ")") +
                     ") x where not (" + check.expression + ")) returning \"@n\""));
  for (const std::int64_t row : rows)
    results_->refuse(refuse_check(plan_, check, rows_.at(row), words_for(check.name)));
  return {};
}

Result<> Merge::check_reference(const ForeignKey& key, const std::string& only) {
  std::string given, met, met_inside;
  for (std::size_t i = 0; i < key.columns.size(); ++i) {
    const std::string value = staged_value(key.columns[i], "s");
    if (value.empty()) return {};
    const std::string parent = key.to_itself ? staged_value(key.parent_columns[i], "o") : "";
    given += " and " + value + " is not null";
    met += (met.empty() ? "" : " and ") + std::string("p.") + quote_identifier(key.parent_columns[i]) + " = " + value;
    met_inside += parent.empty() ? " and false" : " and " + parent + " = " + value;
  }
  std::string orphans = given + " and not exists (select 1 from " + key.parent + " p where " + met + ")";
  // A row may refer to another of its own unit; when that one goes, this one goes with it.
  if (key.to_itself)
    orphans += " and not exists (select 1 from " + stage_.name() + " o where o.\"@op\" in (1, 2)" + met_inside + ")";
  while (true) {
    GW_ASSIGN(const auto rows,
              ask_rows("delete" + from_stage(only, "s.\"@op\" in (1, 2)") + orphans + " returning s.\"@n\""));
    for (const std::int64_t row : rows)
      results_->refuse(refuse_reference(plan_, key, rows_.at(row), words_for(key.name)));
    if (rows.empty() || !key.to_itself) return {};
  }
}

Result<> Merge::check_unique(const UniqueIndex& index, const std::string& only, bool inside) {
  std::string values, given, same;
  for (const std::string& column : index.columns) {
    const std::string value = staged_value(column, "s");
    if (value.empty() || index.nulls_equal) return {};
    values += (values.empty() ? "" : ", ") + value;
    given += " and " + value + " is not null";
    same += (same.empty() ? "" : " and ") + std::string("t.") + quote_identifier(column) + " = " + value;
  }
  std::string sql;
  if (inside) {
    sql = "delete from " + stage_.name() +
          " where \"@n\" in (select x.\"@n\" from (select s.\"@n\", row_number() over (partition by " + values +
          " order by s.\"@n\") as place" + from_stage(only, "s.\"@op\" in (1, 2)" + given) +
          ") x where x.place > 1) returning \"@n\"";
  } else {
    const std::string taken = " and exists (select 1 from " + plan_.table.source + " t where " + same;
    std::string by_others = "(s.\"@op\" = 1" + taken + "))";
    if (!plan_.key.empty())
      by_others = "(" + by_others + " or (s.\"@op\" = 2" + taken + " and not (" + plan_.keys_match() + "))))";
    sql = "delete" + from_stage(only, by_others) + " returning s.\"@n\"";
  }
  GW_ASSIGN(const auto rows, ask_rows(sql));
  for (const std::int64_t row : rows)
    results_->refuse(refuse_unique(plan_, index, rows_.at(row), words_for(index.name)));
  return {};
}

Result<> Merge::check_children(const Child& child, const std::string& only) {
  if (!child.refuses_delete || plan_.key.empty()) return {};
  std::string same;
  for (std::size_t i = 0; i < child.columns.size(); ++i)
    same += (i == 0 ? "c." : " and c.") + quote_identifier(child.columns[i]) + " = t." + quote_identifier(child.to[i]);
  GW_ASSIGN(const auto rows,
            ask_rows("delete from " + stage_.name() + " s using " + plan_.table.source + " t where s.\"@op\" = 4 and " +
                     plan_.keys_match() + only + " and exists (select 1 from " + child.table + " c where " + same +
                     ") returning s.\"@n\""));
  for (const std::int64_t row : rows)
    results_->refuse(sql::refuse(row, sql::kStillReferenced, "", words_for(""), {{"object", child.table_name}}));
  return {};
}

Result<> Merge::bisect(const Step& step, const std::string& only) {
  GW_TRY(session_.run("create index if not exists godwit_stage_n on " + stage_.name() + " (\"@n\"); analyze " +
                      stage_.name()));
  const std::string part = only + " and s.\"@n\" between godwit_a and godwit_b";
  const std::string of_step =
      "s.\"@op\" = " + std::to_string(step.operation) + " and s.\"@p\" = " + std::to_string(step.pattern) + part;
  const std::string sql =
      "do $godwit_halves$\n#variable_conflict use_column\ndeclare"
      " godwit_low int4[] := array[0]; godwit_high int4[] := array[" +
      std::to_string(rows_.rows()) +
      "];"
      " godwit_a int4; godwit_b int4; godwit_first int4; godwit_done int8; godwit_want int8; godwit_state text; "
      "godwit_message text;"
      " godwit_detail text; godwit_table text; godwit_column text; godwit_constraint text; begin"
      " while cardinality(godwit_low) > 0 loop"
      "  godwit_a := godwit_low[cardinality(godwit_low)]; godwit_b := godwit_high[cardinality(godwit_high)];"
      "  godwit_low := godwit_low[1:cardinality(godwit_low) - 1]; godwit_high := "
      "godwit_high[1:cardinality(godwit_high) - 1];"
      "  select count(*), min(s.\"@n\") into godwit_want, godwit_first" +
      from_stage("", of_step) +
      ";"
      "  continue when godwit_want = 0;"
      "  begin " +
      statement(step, part) +
      ";"
      "   get diagnostics godwit_done = row_count;"
      "   if godwit_done <> godwit_want then raise exception using errcode = '" +
      kIgnored +
      "', message = ''; end if;"
      "  exception when others then"
      "   get stacked diagnostics godwit_state = returned_sqlstate, godwit_message = message_text, godwit_detail = "
      "pg_exception_detail,"
      "    godwit_table = table_name, godwit_column = column_name, godwit_constraint = constraint_name;"
      "   if godwit_state ~ '^(" +
      std::string(kNotAboutRows) +
      ")' and godwit_state not in ('54000', '54023') then"
      "    raise; end if;"
      "   if godwit_want = 1 then"
      "    insert into pg_temp.godwit_refused values (godwit_first, godwit_state, godwit_message, godwit_detail, "
      "godwit_table,"
      "     godwit_column, godwit_constraint);"
      "   else"
      "    godwit_low := godwit_low || array[(godwit_a + godwit_b) / 2 + 1, godwit_a];"
      "    godwit_high := godwit_high || array[godwit_b, (godwit_a + godwit_b) / 2];"
      "   end if;"
      "  end;"
      " end loop; end $godwit_halves$";
  if (plan_.table.has_deferrable) GW_TRY(session_.run("set constraints all immediate"));
  GW_TRY(session_.run(sql));
  GW_ASSIGN(const Answer a,
            session_.run("delete from pg_temp.godwit_refused returning \"@n\", state, message, detail, table_name,"
                         " column_name, constraint_name"));
  std::vector<std::int64_t> rows;
  for (int i = 0; i < a.rows(); ++i) {
    const std::int64_t row = a.integer(i, 0);
    ServerError error{a.string(i, 1), a.string(i, 2), a.string(i, 3), "",
                      a.string(i, 4), a.string(i, 5), a.string(i, 6)};
    met_refusals_ = true;
    rows.push_back(row);
    results_->refuse(error.state == kIgnored ? sql::refuse(row, sql::kIgnoredByTarget, "", "")
                                             : classify(plan_, error, rows_.at(row)));
  }
  return stage_.drop(rows);
}

}  // namespace godwit::postgres
