#include "connectors/postgres/write_plan.hpp"

#include <algorithm>

#include "core/model/nearest.hpp"
#include "plugins/kits/sql/identifier.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::postgres {

using sql::quote_identifier;

Result<WritePlan> WritePlan::make(Session& session, TableInfo table, const WriteRequest& request, Charset* charset) {
  WritePlan out;
  out.request = request;
  const std::string& place = session.place();
  if (!table.is_writable()) {
    const std::string kind = table.kind == TableInfo::Kind::query ? "query" : "materialized view";
    return sdk::fail(3314, ErrorKind::bad_config, {{"place", place}, {"seen", table.name}, {"expected", kind}});
  }
  for (const Field& f : request.columns) {
    const int at = table.find(f.name);
    if (at < 0) {
      std::vector<std::string_view> names;
      for (const ColumnInfo& c : table.columns) names.push_back(c.name);
      return sdk::fail(3031, ErrorKind::bad_config,
                       {{"place", place},
                        {"object", table.name},
                        {"seen", f.name},
                        {"nearest", std::string(nearest(f.name, names))}});
    }
    const ColumnInfo& c = table.column(at);
    if (c.computed)
      return sdk::fail(3315, ErrorKind::bad_config, {{"place", place}, {"object", table.name}, {"field", c.name}});
    auto encoder = Encoder::plan(f.type, c, charset);
    if (!encoder)
      return sdk::fail(3316, ErrorKind::bad_config,
                       {{"place", place},
                        {"object", table.name},
                        {"field", c.name},
                        {"expected", c.type.declared},
                        {"seen", to_string(f.type)}});
    out.encoders.push_back(std::move(*encoder));
    out.columns.push_back(at);
  }
  out.is_key.assign(request.columns.size(), false);
  for (const std::string& name : request.key) {
    const int at = find_field(request.columns, name);
    if (at < 0)
      return sdk::fail(3031, ErrorKind::bad_config,
                       {{"place", place}, {"object", table.name}, {"seen", name}, {"nearest", ""}});
    out.key.push_back(static_cast<std::size_t>(at)), out.is_key[static_cast<std::size_t>(at)] = true;
  }
  out.table = std::move(table);
  for (const UniqueIndex& u : out.table.uniques)
    out.key_is_unique =
        out.key_is_unique || std::all_of(u.columns.begin(), u.columns.end(), [&](const std::string& column) {
          return std::any_of(out.key.begin(), out.key.end(),
                             [&](std::size_t k) { return out.target(k).name == column; });
        });
  if (request.id.empty()) return out;
  out.id_column = out.table.find(request.id);
  if (out.id_column < 0)
    return sdk::fail(3317, ErrorKind::bad_config,
                     {{"place", place}, {"object", out.table.name}, {"field", request.id}});
  const ColumnInfo& id = out.table.column(out.id_column);
  out.integer_ids = id.type.type.id == TypeId::int64;
  out.ids = out.key.empty() ? IdPlan::none : IdPlan::look_up;
  if (std::find(out.columns.begin(), out.columns.end(), out.id_column) != out.columns.end()) {
    out.ids = IdPlan::given;
  } else if (!id.sequence.empty()) {
    GW_ASSIGN(const Answer may, session.run("select pg_catalog.has_sequence_privilege($1, 'usage')", {id.sequence}));
    if (may.boolean(0, 0)) out.ids = IdPlan::reserve;
  } else if (!id.default_text.empty()) {
    out.ids = IdPlan::reserve;
  }
  // Behind a view the default is not known, and triggers may give a number of their own.
  if (out.ids == IdPlan::reserve && (out.table.kind == TableInfo::Kind::view || out.table.has_row_triggers))
    out.ids = out.key.empty() ? IdPlan::none : IdPlan::look_up;
  return out;
}

void WritePlan::look_at(const Chunk& chunk, std::int64_t first, UnitResults* results) {
  const auto refuse = [&](std::int64_t row, int number, std::size_t c, std::vector<Argument> arguments = {}) {
    if (results->is_open(first + row))
      results->refuse(sql::refuse(first + row, number, request.columns[c].name, "", std::move(arguments)));
  };
  const auto is_sent = [&](std::size_t c, std::int64_t row) {
    return chunk.is_set(c, row) && (is_key[c] || chunk.operation_of(row) != Operation::remove);
  };
  for (std::size_t c = 0; c < encoders.size(); ++c) {
    const Column& column = chunk.batch.columns[c];
    encoders[c].load(column, [&](std::int64_t row, const Fault& fault) {
      if (!is_sent(c, row)) return;
      std::vector<Argument> arguments{{"seen", fault.seen}};
      if (!fault.expected.empty()) arguments.emplace_back("expected", fault.expected);
      refuse(row, fault.number, c, std::move(arguments));
    });
    // A row whose key has no value matches nothing and could never be found again.
    const ColumnInfo& to = target(c);
    const bool partly = !chunk.set.empty() && static_cast<bool>(chunk.set[c]);
    if (!column.has_nulls() && !partly) continue;
    const bool needs_value = to.not_null && to.default_text.empty() && !to.made_by_server();
    for (std::int64_t row = 0; row < column.length; ++row) {
      const Operation operation = chunk.operation_of(row);
      const bool sent = is_sent(c, row);
      if (is_key[c] && operation != Operation::insert && (!sent || column.is_null(row)))
        refuse(row, sql::kKeyIsNull, c);
      else if (sent && to.not_null && column.is_null(row))
        refuse(row, sql::kNotNull, c);
      else if (!sent && needs_value && operation == Operation::insert)
        refuse(row, sql::kNotNull, c);
    }
  }
}

std::string WritePlan::staged(std::size_t column) const {
  const ColumnType& type = encoders[column].target().type;
  return "s." + quote_identifier(target(column).name) + (type.staged_as_text ? type.cast : "");
}

std::string WritePlan::keys_match() const {
  std::string out;
  for (const std::size_t k : key)
    out += (out.empty() ? "t." : " and t.") + quote_identifier(target(k).name) + " = " + staged(k);
  return out;
}

std::string WritePlan::insert_columns(const Pattern& sent) const {
  std::string out;
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (sent[c]) out += (out.empty() ? "" : ", ") + quote_identifier(target(c).name);
  if (ids == IdPlan::reserve) out += (out.empty() ? "" : ", ") + quote_identifier(table.column(id_column).name);
  return out;
}

std::string WritePlan::insert_values(const Pattern& sent) const {
  std::string out;
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (sent[c]) out += (out.empty() ? "" : ", ") + staged(c);
  if (ids == IdPlan::reserve) out += (out.empty() ? "" : ", ") + std::string("s.\"@id\"");
  return out;
}

std::string WritePlan::assignments(const Pattern& sent) const {
  std::string out;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    // An identity that is always the server's cannot be set to what it is, either.
    if (!sent[c] || is_key[c] || target(c).identity == 'a') continue;
    out += (out.empty() ? "" : ", ") + quote_identifier(target(c).name) + " = " + staged(c);
  }
  return out;
}

bool WritePlan::overrides_identity(const Pattern& sent) const {
  if (ids == IdPlan::reserve && table.column(id_column).identity == 'a') return true;
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (sent[c] && target(c).identity == 'a') return true;
  return false;
}

}  // namespace godwit::postgres
