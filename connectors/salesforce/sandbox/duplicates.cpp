// Duplicate rules (contract, section 13): the standard ones of accounts, contacts and leads, as exact matches without regard to case.
#include <nlohmann/json.hpp>

#include "connectors/salesforce/sandbox/writer.hpp"

namespace godwit::sandbox::salesforce {

std::optional<Problem> duplicate_problem(Org& org, const Object& object, const Columns& set, const Record* before, std::string_view own_id, const WriteOptions& options) {
  const std::string& mode = org.setting("duplicate_rules");
  const auto rule = object.raw->find("duplicate_rule");
  if (mode == "off" || !options.duplicate_rules || rule == object.raw->end()) return std::nullopt;
  if (mode == "alert" && options.allow_save) return std::nullopt;
  std::string sql = "select Id from " + quote_name(object.name) + " where sandbox_deleted_ms is null and Id <> ?";
  std::vector<Value> values{std::string(own_id)};
  bool changed = before == nullptr;
  for (const Json& name : (*rule)["fields"]) {
    const std::string field = name.get<std::string>();
    const Value value = value_after(set, before, field);
    if (is_null(value)) return std::nullopt;
    changed = changed || !is_null(value_after(set, nullptr, field));
    sql += " and " + quote_name(field) + " = ? collate nocase and " + quote_name(field) + " is not null";
    values.push_back(value);
  }
  if (!changed) return std::nullopt;
  Json records = Json::array();
  for (const Row& row : org.database().rows(sql + " limit 5", values)) {
    Json record{{"attributes", {{"type", object.name}, {"url", "/services/data/v60.0/sobjects/" + object.name + "/" + to_text(row[0])}}}, {"Id", to_text(row[0])}};
    if (options.include_details)
      for (const Json& name : (*rule)["fields"]) record[name.get<std::string>()] = to_text(value_after(set, before, name.get<std::string>()));
    records.push_back({{"record", record}, {"matchConfidence", 100.0}, {"fieldDiffs", Json::array()}, {"additionalInformation", Json::array()}});
  }
  if (records.empty()) return std::nullopt;
  const Json result{{"allowSave", mode == "alert"},
                    {"duplicateRule", word(*rule, "name")},
                    {"duplicateRuleEntityType", object.name},
                    {"matchResults", {{{"entityType", object.name}, {"errors", Json::array()}, {"matchEngine", "FuzzyMatchEngine"}, {"matchRecords", records}, {"rule", word(*rule, "matching_rule")},
                                       {"size", records.size()}, {"success", true}}}}};
  return Problem{"DUPLICATES_DETECTED", "Use one of these records?", {}, result.dump()};
}

}  // namespace godwit::sandbox::salesforce
