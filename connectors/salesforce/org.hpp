#pragma once
// One org: its HTTP client, what it describes, and queries. Shared by the readers and writers of a connection, from any thread.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/salesforce/settings.hpp"
#include "connectors/salesforce/sobject.hpp"
#include "plugins/kits/rest/address.hpp"
#include "plugins/kits/rest/batches.hpp"
#include "plugins/sdk/http.hpp"

namespace godwit::salesforce {

class Org {
 public:
  Org(Options options, sdk::HostServices host) : options_(std::move(options)), host_(host) {}

  const Options& options() const { return options_; }
  const sdk::HostServices& host() const { return host_; }
  // Opened by the first call.
  Result<sdk::HttpClient*> client();

  // "/services/data/v60.0" and what is given.
  std::string path(std::string_view rest) const { return options_.root() + std::string(rest); }
  // A GET of JSON; `what` names the object or step in errors. Errors: those of rest::call_error, refusal(), GW-3405.
  Result<nlohmann::json> get(const std::string& url, std::string_view endpoint, std::string_view what);
  // A call with a JSON body, "" for none, that may be sent again when nobody knows whether it was carried out.
  Result<nlohmann::json> call(std::string_view method, const std::string& url, std::string body, std::string_view endpoint, std::string_view what);
  // The error of an answer that is not ok: what Salesforce refused, in its own words, or rest::call_error.
  Error refusal(const sdk::HttpAnswer& answer, std::string_view what) const;

  // GW-3030 with the nearest name for an object that is not there. Asked once per connection.
  Result<std::shared_ptr<const SObject>> object(std::string_view name);
  Result<std::vector<SColumn>> columns(const SObject& object);
  // Names of all objects that can be queried.
  Result<std::vector<std::string>> objects(bool* writable);

  // Records of a query, page by page, in its order. `all`: deleted and archived ones too. on_record may stop with an error.
  Result<> query(const std::string& soql, bool all, std::string_view what, const std::function<Result<>(const nlohmann::json&)>& on_record);
  // Address of a query's first page.
  std::string query_url(const std::string& soql, bool all) const;
  // How many records the query COUNT()s.
  Result<std::int64_t> count(const std::string& object, const std::string& where);
  // Parents that calls under way lock, of all units.
  rest::LockTable& locks() { return locks_; }
  // Held while a bulk job runs whose records lock parents; calls that lock some share it.
  std::shared_timed_mutex& job_turn() { return job_turn_; }
  // What the org says roughly; 0 for an object without records.
  Result<std::int64_t> rough_count(const std::string& object);

 private:
  // As describe calls answer; null for one that is not there.
  Result<std::shared_ptr<const SObject>> described(const std::string& name);

  const Options options_;
  const sdk::HostServices host_;
  rest::LockTable locks_;
  std::shared_timed_mutex job_turn_;
  std::mutex mutex_;  // guards what follows; no call is made while it is held
  std::shared_ptr<sdk::HttpClient> client_;
  std::map<std::string, std::shared_ptr<const SObject>, std::less<>> described_;
};

// 'it''s' in SOQL: quotes and backslashes are escaped.
std::string soql_text(std::string_view value);
using rest::url_part;
// The longer of the two forms of an id: 15 characters get the three that make them safe to compare without case. Others stay.
std::string long_id(std::string_view id);

}  // namespace godwit::salesforce
