#pragma once
// The columns that a reader or a look-up asks for, as SOQL and as places in the records that come back.

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "connectors/salesforce/org.hpp"
#include "plugins/kits/rest/pages.hpp"

namespace godwit::salesforce {

class Selection {
 public:
  // The columns of that name, in their order; all when there are none. GW-3031.
  static Result<Selection> make(Org& org, std::shared_ptr<const SObject> object, const std::vector<std::string>& names);

  const SObject& object() const { return *object_; }
  const std::vector<SColumn>& columns() const { return columns_; }
  Schema schema() const;
  // "Id, Name, Account.Legacy_Id__c": what the query asks for; Id always comes first.
  std::string list() const;
  // How a record becomes a row. `csv`: the values came from a Bulk query, where nothing is null.
  rest::RowShape shape(bool csv) const;
  // Asks for what a query cannot give along with the record: keys behind references to several objects, contents of files.
  Result<> complete(std::span<nlohmann::json> records);
  // Whether every column can come from a Bulk query.
  bool fits_bulk() const;

 private:
  Selection(Org& org, std::shared_ptr<const SObject> object) : org_(&org), object_(std::move(object)) {}
  Result<> add_parent_keys(const SColumn& column, std::span<nlohmann::json> records);
  Result<> add_contents(const SColumn& column, std::span<nlohmann::json> records);

  Org* org_;
  std::shared_ptr<const SObject> object_;
  std::vector<SColumn> columns_;
};

// Texts cut into IN lists whose query stays within the org's longest address. `around`: bytes of the rest of the address.
std::vector<std::vector<std::string>> in_lists(const std::vector<std::string>& values, std::size_t longest, std::size_t around);
// "('a','b')".
std::string in_list(const std::vector<std::string>& values);

}  // namespace godwit::salesforce
