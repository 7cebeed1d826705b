#pragma once
// One tenant: its HTTP client, what it describes, and queries. Shared by the readers and writers of a connection, from any thread.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/fxiaoke/object_type.hpp"
#include "connectors/fxiaoke/settings.hpp"
#include "plugins/sdk/http.hpp"

namespace godwit::fxiaoke {

// One condition of a query; conditions are joined by "and". Values are texts whatever their type.
struct Filter {
  std::string field, op;
  std::vector<std::string> values;
};

class Tenant {
 public:
  Tenant(Options options, sdk::HostServices host) : options_(std::move(options)), host_(host) {}

  const Options& options() const { return options_; }
  const sdk::HostServices& host() const { return host_; }
  // Opened by the first call.
  Result<sdk::HttpClient*> client();

  // A POST of JSON, as every call is. `endpoint` is the interface that the call counts for.
  static sdk::HttpRequest request(std::string path, std::string body, std::string_view endpoint, bool repeatable);
  // The answer of a call that may be sent again when nobody knows whether it was carried out. `what` names the object in errors. Errors: those of
  // rest::call_error, refusal(), GW-3405.
  Result<nlohmann::json> call(const std::string& path, std::string body, std::string_view endpoint, std::string_view what);
  // The error of an answer that is not ok: GW-3603 for a host that is no gateway, GW-3604 for what the tenant refuses, or rest::call_error.
  Error refusal(const sdk::HttpAnswer& answer, std::string_view what) const;

  // GW-3030 with the nearest name for an object that is not there. Asked once per connection.
  Result<std::shared_ptr<const ObjectType>> object(std::string_view name);
  // Names of all objects that are in use.
  Result<std::vector<std::string>> objects();
  // What identifies the tenant, from the sign-in.
  Result<std::string> identity();

  // Body of a query for one page in the order of ids, `fields` and `_id` of each record.
  std::string query_body(const ObjectType& object, const std::vector<Filter>& filters, const std::vector<std::string>& fields) const;
  // The records of an answer to a query; null: it has none of the known shapes.
  static const nlohmann::json* records(const nlohmann::json& answer);
  // How many records there are; -1 when the tenant does not say.
  Result<std::int64_t> count(const ObjectType& object, const std::vector<Filter>& filters);

 private:
  const Options options_;
  const sdk::HostServices host_;
  std::mutex mutex_;  // guards what follows; no call is made while it is held
  std::shared_ptr<sdk::HttpClient> client_;
  std::map<std::string, std::shared_ptr<const ObjectType>, std::less<>> described_;
};

// The vendor's own words of an answer: code, text and trace id, which its support asks for.
std::string words_of(const sdk::HttpAnswer& answer);

}  // namespace godwit::fxiaoke
