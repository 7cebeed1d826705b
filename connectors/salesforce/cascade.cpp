#include "connectors/salesforce/cascade.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "connectors/salesforce/selection.hpp"
#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::salesforce {
namespace {

using nlohmann::json;

// Objects that Salesforce makes by itself beside each object; describing every one of them would cost a call each.
bool is_by_itself(const std::string& object) {
  static constexpr std::array kEndings{"Share", "History", "Feed", "ChangeEvent"};
  return std::any_of(kEndings.begin(), kEndings.end(), [&](const char* ending) { return object.ends_with(ending); });
}

// The records of one child object that hang on any of the records; the first of each is told to `found`.
Result<> find_children(Org& org, const SObject& child, const std::string& field, const std::vector<std::string>& ids, const std::function<void(const std::string& parent, const std::string& record)>& found) {
  const std::string alive = child.find("IsDeleted") == nullptr ? "" : " AND IsDeleted = false";
  const std::string head = "SELECT Id, " + field + " FROM " + child.name + " WHERE " + field + " IN ";
  // Archived records go with the parent, too, so that all are asked for.
  for (const auto& some : in_lists(ids, org.options().uri_bytes, url_part(head + alive).size() + 100))
    GW_TRY(org.query(head + in_list(some) + alive, true, child.name, [&](const json& record) -> Result<> {
      const json *parent = rest::find_at(record, "/" + field), *id = rest::find_at(record, "/Id");
      if (parent != nullptr && parent->is_string() && id != nullptr && id->is_string()) found(long_id(parent->get<std::string>()), id->get<std::string>());
      return {};
    }));
  return {};
}

}  // namespace

Result<> keep_parents(Org& org, const WritePlan& plan, UnitState& state) {
  if (org.options().follows_cascades) return {};
  std::map<std::string, std::int64_t> rows;  // by id
  std::vector<std::string> ids;
  for (const std::int64_t row : state.open_rows(plan, Action::remove))
    if (rows.emplace(long_id(state.ids.at(row)), row).second) ids.push_back(state.ids.at(row));
  for (const Child& child : plan.object->children) {
    if (ids.empty()) return {};
    if (!child.cascades || is_by_itself(child.object)) continue;
    auto described = org.object(child.object);
    if (!described) {
      // What the user may not see cannot be asked for: GW-3030, GW-3503. All other errors are errors.
      if (described.error().number == 3030 || described.error().number == 3503) continue;
      return Failure(described.error());
    }
    const SObject& object = **described;
    if (!object.queryable || object.find(child.field) == nullptr || (object.find("OwnerId") == nullptr && !object.name.ends_with("__c"))) continue;
    GW_TRY(find_children(org, object, child.field, ids, [&](const std::string& parent, const std::string& record) {
      const auto row = rows.find(parent);
      if (row == rows.end() || !state.is_open(row->second)) return;
      // A record that goes in the same unit does not keep its parent.
      if (object.name == plan.object->name && rows.contains(long_id(record))) return;
      state.results.refuse(sql::refuse(row->second, sql::kStillReferenced, "", "deleting it would delete " + object.name + " " + record + " with it", {{"object", object.name}}));
    }));
    std::erase_if(ids, [&](const std::string& id) { return !state.is_open(rows.at(long_id(id))); });
  }
  return {};
}

}  // namespace godwit::salesforce
