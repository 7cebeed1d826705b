#include <nlohmann/json.hpp>

#include "connectors/zoho/sandbox/calls.hpp"
#include "connectors/zoho/sandbox/coql.hpp"

namespace godwit::sandbox::zoho {
namespace {

Json shown(Service& service, const SelectItem& item, const Value& value) {
  if (is_null(value)) return nullptr;
  if (item.aggregate == "COUNT") return to_int(value);
  if (item.aggregate == "SUM" || item.aggregate == "AVG") return to_double(value);
  if (item.expression.field->type == "formula") return to_text(value);
  Record one;
  one.columns = {{item.expression.field->name, value}};
  return service.org.value_json(*item.expression.module, *item.expression.field, one);
}

}  // namespace

Answer run_coql(Service& service, const Request& request) {
  const Json body = json_body(request);
  const auto text = body.find("select_query");
  if (text == body.end() || !text->is_string()) return error_answer(400, {"MANDATORY_NOT_FOUND", "required field not found", {{"api_name", "select_query"}, {"json_path", "$.select_query"}}});
  const CoqlRules rules{service.world.setting("coql_pairs") == "strict", std::stoi(service.world.setting("zone_minutes"))};
  const std::string query_text = *text;
  auto parsed = parse_coql(service.org.model(), query_text, rules);
  if (const Problem* problem = std::get_if<Problem>(&parsed)) return error_answer(400, *problem);
  const CoqlQuery& query = std::get<CoqlQuery>(parsed);
  const bool grouped = !query.group_by.empty() || std::any_of(query.items.begin(), query.items.end(), [](const SelectItem& item) { return !item.aggregate.empty(); });
  std::string list, group;
  for (const SelectItem& item : query.items)
    list += (list.empty() ? "" : ", ") + (item.aggregate.empty() ? item.expression.sql : item.aggregate + "(" + item.expression.sql + ")");
  for (const std::string& by : query.group_by) group += (group.empty() ? " group by " : ", ") + by;
  std::vector<Value> values = query.where.values;
  values.emplace_back(request.now_ms), values.emplace_back(query.limit + 1), values.emplace_back(query.offset);
  const std::string order = !query.order_by.empty() ? " order by " + query.order_by : grouped ? "" : " order by t.\"id\"";
  const auto rows = service.org.database().rows("select " + std::string(grouped ? "''" : "t.\"id\"") + ", " + list + " from " + quote_name(query.module->name) + " t where " + query.where.sql +
                                                    " and t.sandbox_visible_ms <= ?" + (flag(*query.module, "people") ? "" : " and t.sandbox_deleted_ms is null") + group + order + " limit ? offset ?", values);
  if (rows.empty()) return empty_answer(204);
  Json data = Json::array();
  for (const Row& row : rows) {
    if (data.size() == static_cast<std::size_t>(query.limit)) break;
    Json one = Json::object();
    for (std::size_t i = 0; i < query.items.size(); ++i) one[query.items[i].key] = shown(service, query.items[i], row[i + 1]);
    if (!grouped) one["id"] = to_text(row[0]);
    data.push_back(std::move(one));
  }
  const std::size_t count = data.size();
  return json_answer(200, {{"data", std::move(data)}, {"info", {{"count", count}, {"more_records", rows.size() > count}}}});
}

}  // namespace godwit::sandbox::zoho
