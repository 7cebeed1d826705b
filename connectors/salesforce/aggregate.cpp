#include "connectors/salesforce/aggregate.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "connectors/salesforce/selection.hpp"
#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/sql/exact.hpp"

namespace godwit::salesforce {
namespace {

using nlohmann::json;

// What is known of one group.
struct Figures {
  std::int64_t rows = 0, values = 0;
  sql::ExactSum sum;
  std::optional<std::string> least, most;
};

}  // namespace

Result<std::vector<GroupValue>> aggregate_object(Org& org, std::string_view object, std::string_view aggregate, std::string_view field, std::string_view where, std::string_view group_by) {
  const std::string condition(where);
  if (aggregate == "count" && field.empty() && group_by.empty()) {
    GW_ASSIGN(const std::int64_t rows, org.count(std::string(object), condition));
    return std::vector<GroupValue>{{std::nullopt, std::to_string(rows)}};
  }
  GW_ASSIGN(const auto described, org.object(object));
  std::vector<std::string> names;
  for (const std::string_view name : {field, group_by})
    if (!name.empty()) names.emplace_back(name);
  if (names.empty()) names.emplace_back("Id");
  GW_ASSIGN(Selection selection, Selection::make(org, described, names));
  const rest::RowShape shape = selection.shape(false);
  const bool numbers = !field.empty() && selection.columns().front().type().is_numeric();
  if (aggregate == "sum" && !numbers) return sdk::fail(3515, ErrorKind::bad_config, {{"place", org.options().place()}, {"object", std::string(object)}, {"field", std::string(field)}});
  std::map<std::optional<std::string>, Figures> groups;
  if (group_by.empty()) groups[std::nullopt];
  const auto text_at = [](const json& record, const std::string& path) -> std::optional<std::string> {
    const json* value = rest::find_at(record, path);
    return value == nullptr ? std::nullopt : rest::scalar_text(*value);
  };
  const std::string soql = "SELECT " + selection.list() + " FROM " + std::string(object) + (condition.empty() ? "" : " WHERE " + condition);
  GW_TRY(org.query(soql, false, object, [&](const json& record) -> Result<> {
    Figures& f = groups[group_by.empty() ? std::nullopt : text_at(record, shape.columns.back().path)];
    ++f.rows;
    const auto value = field.empty() ? std::nullopt : text_at(record, shape.columns.front().path);
    if (!value) return {};
    ++f.values;
    if (numbers) f.sum.add_text(*value);
    const auto before = [&](const std::string& a, const std::string& b) { return numbers ? sql::compare_digits(a, b) < 0 : a < b; };
    if (!f.least || before(*value, *f.least)) f.least = *value;
    if (!f.most || before(*f.most, *value)) f.most = *value;
    return {};
  }));
  std::vector<GroupValue> out;
  for (const auto& [name, f] : groups) {
    std::string value;
    if (aggregate == "count") value = std::to_string(field.empty() ? f.rows : f.values);
    else if (aggregate == "sum") value = f.values == 0 ? "" : f.sum.text();
    else value = (aggregate == "min" ? f.least : f.most).value_or("");
    out.push_back({name, std::move(value)});
  }
  return out;
}

}  // namespace godwit::salesforce
