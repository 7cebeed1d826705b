#include "connectors/sqlite/aggregate.hpp"

#include <cmath>
#include <map>
#include <optional>

#include "connectors/sqlite/decode.hpp"
#include "connectors/sqlite/table.hpp"
#include "core/model/nearest.hpp"
#include "plugins/kits/sql/exact.hpp"
#include "plugins/kits/sql/identifier.hpp"

namespace godwit::sqlite {
namespace {

using sql::quote_identifier;

struct Group {
  sql::ExactSum sum;
  std::optional<std::string> least, most;
};

// The cell as plain digits, or nullopt when it is no number.
std::optional<std::string> digits_of(sqlite3_stmt* row, int cell) {
  switch (sqlite3_column_type(row, cell)) {
    case SQLITE_INTEGER:
      return std::to_string(sqlite3_column_int64(row, cell));
    case SQLITE_FLOAT: {
      const double v = sqlite3_column_double(row, cell);
      return std::isfinite(v) ? std::optional<std::string>(sql::float_digits(v)) : std::nullopt;
    }
    case SQLITE_TEXT: {
      sql::ExactSum number;
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, cell));
      if (text == nullptr || !number.add_text({text, static_cast<std::size_t>(sqlite3_column_bytes(row, cell))}))
        return std::nullopt;
      return number.text();
    }
    default:
      return std::nullopt;
  }
}

Result<std::string> column_name(const Database& db, const TableInfo& t, std::string_view name) {
  if (const int at = t.find(name); at >= 0) return quote_identifier(t.columns[static_cast<std::size_t>(at)].name);
  std::vector<std::string_view> names;
  for (const ColumnInfo& c : t.columns) names.push_back(c.name);
  return sdk::fail(3031, ErrorKind::bad_config,
                   {{"place", db.options().path.string()},
                    {"object", t.name},
                    {"seen", std::string(name)},
                    {"nearest", std::string(nearest(name, names))}});
}

}  // namespace

Result<std::vector<GroupValue>> aggregate_table(const Database& db, std::string_view object, std::string_view aggregate,
                                                std::string_view field, std::string_view where,
                                                std::string_view group_by) {
  GW_ASSIGN(const TableInfo t, load_table(db, object));
  const bool counts = aggregate == "count", sums = aggregate == "sum", least = aggregate == "min";
  std::string column = "1";
  bool numeric = true;
  if (!field.empty() || !counts) {
    GW_ASSIGN(column, column_name(db, t, field));
    const Type type = t.columns[static_cast<std::size_t>(t.find(field))].type;
    numeric = sums || type.is_numeric();
  }
  const int grouped = t.find(group_by);
  const std::string group = group_by.empty() ? "null"
                            : grouped >= 0   ? quote_identifier(t.columns[static_cast<std::size_t>(grouped)].name)
                                             : "(" + std::string(group_by) + ")";
  const std::string from =
      " from " + quote_identifier(t.name) + (where.empty() ? "" : " where (" + std::string(where) + "\n)");
  const std::string by = group_by.empty() ? "" : " group by 1 order by 1";
  const bool in_sql = counts || !numeric;
  const std::string value =
      counts ? "count(" + (field.empty() ? "*" : column) + ")" : std::string(least ? "min(" : "max(") + column + ")";
  const std::string sql = in_sql ? "select " + group + ", " + value + from + by
                                 : "select " + group + ", " + column + from + (group_by.empty() ? "" : " order by 1");
  Result<Statement> prepared = db.prepare(sql);
  if (!prepared || sqlite3_stmt_readonly(prepared->get()) == 0)
    return sdk::fail(3218, ErrorKind::bad_config, {{"place", db.options().path.string()}, {"seen", db.words()}});
  Statement& s = *prepared;

  std::vector<GroupValue> out;
  Group now;
  const auto finish = [&] {
    if (!out.empty() && out.back().value.empty())
      out.back().value = sums ? now.sum.text() : (least ? now.least : now.most).value_or("");
    now = Group();
  };
  bool any = false;
  std::optional<std::string> current;
  if (!in_sql && group_by.empty()) out.push_back({std::nullopt, ""});
  while (true) {
    GW_ASSIGN(const bool more, db.step(s));
    if (!more) break;
    std::optional<std::string> name;
    if (!group_by.empty() && !s.is_null(0)) name = s.text(0);
    if (in_sql) {
      out.push_back({name, s.text(1)});
      continue;
    }
    if (!group_by.empty() && (!any || name != current)) {
      finish();
      out.push_back({name, ""}), current = name;
    }
    any = true;
    if (s.is_null(1)) continue;
    const auto digits = digits_of(s.get(), 1);
    if (!digits)
      return sdk::fail(3219, ErrorKind::bad_config,
                       {{"place", db.options().path.string()},
                        {"object", t.name},
                        {"field", std::string(field)},
                        {"seen", cell_excerpt(s.get(), 1)}});
    if (sums) {
      now.sum.add_text(*digits);
    } else {
      if (!now.least || sql::compare_digits(*digits, *now.least) < 0) now.least = *digits;
      if (!now.most || sql::compare_digits(*digits, *now.most) > 0) now.most = *digits;
    }
  }
  finish();
  return out;
}

}  // namespace godwit::sqlite
