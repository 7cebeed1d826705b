#include "core/report/findings.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/model/catalogue.hpp"
#include "core/report/format.hpp"
#include "core/report/query.hpp"

namespace godwit::report {
namespace {

using Json = nlohmann::json;
using Arguments = std::vector<Argument>;

constexpr std::string_view kVarying = "…";

// Arguments of messages that name something of the project, never a customer's value.
constexpr std::string_view kNotPersonal[]{"field",   "fields",   "expected",   "flow",   "flows",  "object",
                                          "rule",    "function", "first",      "limit",  "length", "max",
                                          "min",     "type",     "column",     "number", "count",  "table",
                                          "pattern", "line",     "constraint", "format", "unit"};

std::string shown_argument(std::string_view name, const std::string& value, bool masked) {
  const bool personal = std::find(std::begin(kNotPersonal), std::end(kNotPersonal), name) == std::end(kNotPersonal);
  return presentable(masked && personal ? masked_value(value) : value);
}

std::string as_text(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

Arguments read_arguments(const std::string& json, bool masked) {
  Arguments out;
  const Json parsed = Json::parse(json, nullptr, false);
  if (!parsed.is_object()) return out;
  for (const auto& [name, value] : parsed.items()) out.emplace_back(name, shown_argument(name, as_text(value), masked));
  return out;
}

// The catalogue's sentence; the cause as the journal has it where the number is not known (its connector is not here).
Localized words_of(int number, const Arguments& arguments, const std::string& otherwise) {
  const Message* message = find_message(number);
  if (message == nullptr) return {otherwise, otherwise};
  return {fill(message->en, arguments), fill(message->zh, arguments)};
}

Localized remedy_of(int number, const Arguments& arguments) {
  const Message* message = find_message(number);
  if (message == nullptr) return {};
  return {fill(message->remedy_en, arguments), fill(message->remedy_zh, arguments)};
}

// "legacy.customers", 4211 -> "customers:4211"; without lines, the locator: "customers#93".
std::string place_of(const std::string& source, const std::string& locator, std::optional<std::int64_t> line) {
  const std::size_t dot = source.find('.');
  const std::string object = presentable(dot == std::string::npos ? source : source.substr(dot + 1));
  if (line) return object + ":" + std::to_string(*line);
  return locator.empty() ? object : object + "#" + presentable(locator, 60);
}

std::string shown_key(const std::string& key, bool masked) { return presentable(masked ? masked_key(key) : key, 80); }

// The argument values that all rows of the cause share; the others read "…", so that one title fits every row.
Result<Arguments> common_arguments(Database& journal, const std::string& table, std::int64_t run, const Cause& cause,
                                   const std::string& cause_key, bool masked) {
  Query query(journal,
              "select j.key, min(j.value), max(j.value), count(*) from " + table +
                  " s, json_each(case when json_valid(s.arguments) then s.arguments else '{}' end) j"
                  " where s.flow = ? and s.run = ? and s.cause = ? and s.number = ? and s.field = ? group by j.key");
  query.bind(cause.flow).bind(run).bind(cause_key).bind(cause.number).bind(cause.field);
  Arguments out;
  while (query.next()) {
    const std::string name = query.text(0), value = query.text(1);
    const bool shared = value == query.text(2) && query.integer(3) == cause.rows;
    out.emplace_back(name, shared ? shown_argument(name, value, masked) : std::string(kVarying));
  }
  GW_TRY(query.result());
  return out;
}

Result<> add_examples(Database& journal, const std::string& table, std::int64_t run, std::int64_t most,
                      const std::string& cause_key, bool masked, const std::string& flow_source, Cause& cause) {
  // Warnings do not name their object: where a flow reads several, the place is told by the flow.
  Query query(journal,
              "select " + std::string(table == "warning" ? "?6" : "source") +
                  ", source_key, locator, line, arguments from " + table +
                  " where flow = ?1 and run = ?2 and cause = ?3 and number = ?4 and field = ?5 order by id limit " +
                  std::to_string(most));
  query.bind(cause.flow).bind(run).bind(cause_key).bind(cause.number).bind(cause.field);
  if (table == "warning") query.bind(flow_source.find(" + ") == std::string::npos ? flow_source : cause.flow);
  while (query.next())
    cause.examples.push_back({place_of(query.text(0), query.text(2), query.optional_integer(3)),
                              shown_key(query.text(1), masked),
                              words_of(cause.number, read_arguments(query.text(4), masked), presentable(cause_key))});
  return query.result();
}

// The causes in one of the tables `set_aside` and `warning`, flow by flow, the most frequent first.
Result<std::vector<Cause>> read_causes(Database& journal, const std::string& table, const CollectOptions& options,
                                       const CutoverReport& report) {
  std::vector<Cause> causes;
  for (const FlowLine& flow : report.flows) {
    const std::string open = table == "warning" ? "0" : "sum(state = 'open')";
    std::vector<std::string> keys;
    const std::size_t first = causes.size();
    Query query(
        journal,
        "select number, field, cause, count(*), " + open + " from " + table +
            " where flow = ? and run = ? group by cause, number, field order by count(*) desc, cause, number, field");
    query.bind(flow.name).bind(report.run);
    while (query.next()) {
      Cause& cause = causes.emplace_back();
      cause.flow = flow.name, cause.number = static_cast<int>(query.integer(0)), cause.field = query.text(1);
      cause.rows = query.integer(3), cause.open = query.integer(4);
      keys.push_back(query.text(2));
    }
    GW_TRY(query.result());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      Cause& cause = causes[first + i];
      GW_ASSIGN(const Arguments arguments, common_arguments(journal, table, report.run, cause, keys[i], report.masked));
      cause.title = words_of(cause.number, arguments, presentable(keys[i]));
      cause.remedy = remedy_of(cause.number, arguments);
      GW_TRY(add_examples(journal, table, report.run, options.examples, keys[i], report.masked, flow.source, cause));
      cause.field = presentable(cause.field);
    }
  }
  return causes;
}

std::string shown_value(const Query& query, int column, bool masked) {
  const std::string value = query.text(column);
  return presentable(masked ? masked_value(value) : value);
}

// Verification counts every difference but keeps only so many.
std::int64_t counted_rows(const CutoverReport& report, const DifferenceGroup& group) {
  for (const FlowLine& flow : report.flows) {
    if (flow.name != group.flow || !flow.verification) continue;
    if (group.kind == "missing") return flow.verification->missing;
    if (group.kind == "extra") return flow.verification->extra;
    for (const FieldFigures& f : flow.verification->fields) {
      if (f.field != presentable(group.field)) continue;
      if (group.kind == "tolerated") return f.tolerated;
      const auto at = f.classes.find(group.kind);
      return at == f.classes.end() ? 0 : at->second;
    }
  }
  return 0;
}

Result<> read_differences(Database& journal, const CollectOptions& options, CutoverReport& report) {
  Query groups(journal,
               "select flow, field, class, count(*) from difference where run = ? group by flow, field, class"
               " order by flow, count(*) desc, field, class");
  groups.bind(report.run);
  while (groups.next())
    report.differences.push_back({groups.text(0), groups.text(1), groups.text(2), groups.integer(3), {}});
  GW_TRY(groups.result());
  for (DifferenceGroup& group : report.differences) {
    group.rows = std::max(group.rows, counted_rows(report, group));
    Query query(
        journal,
        "select source_key, expected, found from difference where run = ? and flow = ? and field = ? and class = ?"
        " order by id limit ?");
    query.bind(report.run).bind(group.flow).bind(group.field).bind(group.kind).bind(options.examples);
    while (query.next())
      group.examples.push_back({shown_key(query.text(0), report.masked), shown_value(query, 1, report.masked),
                                shown_value(query, 2, report.masked), query.is_null(1), query.is_null(2)});
    GW_TRY(query.result());
    group.field = presentable(group.field);
  }
  return {};
}

Result<> read_failed_obligations(Database& journal, const CollectOptions& options, CutoverReport& report) {
  Query groups(journal,
               "select flow, field, count(*) from failed_obligation where run = ? group by flow, field order by flow, "
               "count(*) desc, field");
  groups.bind(report.run);
  while (groups.next()) report.failed_obligations.push_back({groups.text(0), groups.text(1), groups.integer(2), {}});
  GW_TRY(groups.result());
  for (FailedObligations& group : report.failed_obligations) {
    Query query(journal,
                "select source_key, number, arguments from failed_obligation where run = ? and flow = ? and field = ?"
                " order by source_key limit ?");
    query.bind(report.run).bind(group.flow).bind(group.field).bind(options.examples);
    while (query.next())
      group.examples.push_back({"", shown_key(query.text(0), report.masked),
                                words_of(static_cast<int>(query.integer(1)),
                                         read_arguments(query.text(2), report.masked), "GW-" + query.text(1))});
    GW_TRY(query.result());
    group.field = presentable(group.field);
  }
  return {};
}

// The source row as JSON, each value made presentable and masked where the project masks.
std::string shown_original(const std::string& json, bool masked) {
  Json row = Json::parse(json, nullptr, false);
  if (!row.is_object()) return presentable(masked ? masked_value(json) : json, 2000);
  for (auto& [name, value] : row.items())
    if (!value.is_null()) value = presentable(masked ? masked_value(as_text(value)) : as_text(value), 2000);
  return row.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<> read_rows(Database& journal, const CollectOptions& options, CutoverReport& report) {
  for (const FlowLine& flow : report.flows) {
    Query count(journal, "select count(*) from set_aside where flow = ? and run = ?");
    if (count.bind(flow.name).bind(report.run).next()) report.rows_set_aside_total += count.integer(0);
    GW_TRY(count.result());
    Query query(
        journal,
        "select source, source_key, locator, line, number, field, arguments, cause, original, state from set_aside"
        " where flow = ? and run = ? order by id limit ?");
    query.bind(flow.name)
        .bind(report.run)
        .bind(options.rows_set_aside - static_cast<std::int64_t>(report.rows_set_aside.size()));
    while (query.next()) {
      SetAsideRow& row = report.rows_set_aside.emplace_back();
      row.flow = flow.name, row.place = place_of(query.text(0), query.text(2), query.optional_integer(3));
      row.key = shown_key(query.text(1), report.masked), row.number = static_cast<int>(query.integer(4));
      row.field = presentable(query.text(5));
      row.words = words_of(row.number, read_arguments(query.text(6), report.masked), presentable(query.text(7)));
      row.original = shown_original(query.text(8), report.masked), row.state = query.text(9);
    }
    GW_TRY(query.result());
  }
  return {};
}

}  // namespace

Result<> collect_findings(Database& journal, const CollectOptions& options, CutoverReport& report) {
  GW_ASSIGN(report.causes, read_causes(journal, "set_aside", options, report));
  GW_ASSIGN(report.warnings, read_causes(journal, "warning", options, report));
  GW_TRY(read_differences(journal, options, report));
  GW_TRY(read_failed_obligations(journal, options, report));
  return read_rows(journal, options, report);
}

}  // namespace godwit::report
