#include "connectors/postgres/aggregate.hpp"

#include "connectors/postgres/table.hpp"
#include "core/model/nearest.hpp"
#include "plugins/kits/sql/exact.hpp"
#include "plugins/kits/sql/identifier.hpp"

namespace godwit::postgres {

using sql::quote_identifier;

Result<std::vector<GroupValue>> aggregate_table(Session& session, std::string_view object, std::string_view aggregate,
                                                std::string_view field, std::string_view where,
                                                std::string_view group_by) {
  GW_ASSIGN(const TableInfo t, load_table(session, object));
  const bool counts = aggregate == "count", sums = aggregate == "sum";
  std::string value = "count(*)";
  if (!field.empty() || !counts) {
    const int at = t.find(field);
    if (at < 0) {
      std::vector<std::string_view> names;
      for (const ColumnInfo& c : t.columns) names.push_back(c.name);
      return sdk::fail(3031, ErrorKind::bad_config,
                       {{"place", session.place()},
                        {"object", t.name},
                        {"seen", std::string(field)},
                        {"nearest", std::string(nearest(field, names))}});
    }
    const ColumnInfo& c = t.column(at);
    const std::string name = quote_identifier(c.name);
    if (counts)
      value = "count(" + name + ")";
    else if (sums || c.type.type.is_numeric())
      value = std::string(aggregate) + "(" + name +
              (c.type.wire == Wire::numeric || c.type.type.id == TypeId::int64 ? "" : "::text") + "::numeric)";
    else
      value = std::string(aggregate) + "(" + name + ")";
  }
  const int grouped = t.find(group_by);
  const std::string group = group_by.empty() ? "null"
                            : grouped >= 0   ? quote_identifier(t.column(grouped).name)
                                             : "(" + std::string(group_by) + "\n)";
  std::string sql = "select (" + group + ")::text, (" + value + ")::text from " + t.source + " as godwit_source";
  if (!where.empty()) sql += " where (" + std::string(where) + "\n)";
  if (!group_by.empty()) sql += " group by 1 order by 1";
  GW_TRY(session.run("begin read only"));
  const Result<Answer> a = session.run(sql, {});  // with parameters, so that it can be one statement only
  const ServerError error = session.last();
  session.roll_back();
  if (!a) {
    if (error.state == "22P02")
      return sdk::fail(
          3322, ErrorKind::bad_config,
          {{"place", session.place()}, {"object", t.name}, {"field", std::string(field)}, {"seen", error.words()}});
    if (a.error().kind != ErrorKind::bad_config) return Failure(a.error());
    return sdk::fail(3321, ErrorKind::bad_config, {{"place", session.place()}, {"seen", error.words()}});
  }
  std::vector<GroupValue> out;
  for (int row = 0; row < a->rows(); ++row) {
    GroupValue& g = out.emplace_back();
    if (!a->is_null(row, 0)) g.group = a->string(row, 0);
    g.value = a->string(row, 1);
    // 12.50 and 12.5 are one number.
    if (sums && !g.value.empty()) {
      sql::ExactSum sum;
      if (sum.add_text(g.value)) g.value = sum.text();
    }
    if (sums && g.value.empty()) g.value = "0";
  }
  return out;
}

}  // namespace godwit::postgres
