#pragma once
// Records by their keys: for updates and deletions, which Salesforce wants by id, for reading back, and to find out what a lost call did.

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "connectors/salesforce/selection.hpp"
#include "connectors/salesforce/write_plan.hpp"

namespace godwit::salesforce {

class Lookup {
 public:
  // Looks for the columns that the plan has, or for none beside id and key.
  static Result<Lookup> make(Org& org, const WritePlan& plan, bool with_columns);

  // Records by folded key; several where a key names several. Keys of null find nothing. Several queries are under way at once.
  using Found = std::map<std::string, std::vector<nlohmann::json>, std::less<>>;
  Result<Found> find(const std::vector<const Column*>& keys, const std::vector<std::int64_t>& rows);
  // A record's columns, in the order of the plan; a fault's number when a value is none of its type.
  Result<> read(const nlohmann::json& record, std::vector<ColumnBuilder>* columns) const;

 private:
  Lookup(Org& org, const WritePlan& plan, Selection selection) : org_(&org), plan_(&plan), selection_(std::move(selection)) {}
  Org* org_;
  const WritePlan* plan_;
  Selection selection_;
};

}  // namespace godwit::salesforce
