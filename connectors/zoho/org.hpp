#pragma once
// One organisation: its HTTP client, what it describes, and queries. Shared by the readers and writers of a connection, from any thread.

#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/zoho/module.hpp"
#include "connectors/zoho/settings.hpp"
#include "plugins/sdk/http.hpp"

namespace godwit::zoho {

class Org {
 public:
  Org(Options options, sdk::HostServices host) : options_(std::move(options)), host_(host) {}

  const Options& options() const { return options_; }
  const sdk::HostServices& host() const { return host_; }
  // Opened by the first call.
  Result<sdk::HttpClient*> client();
  // "/crm/v8" and the rest.
  std::string path(std::string_view rest) const { return "/crm/" + options_.version + std::string(rest); }

  // A GET of JSON; null for an empty answer (204, 304). `what` names the object in errors. Errors: refusal(), GW-3405.
  Result<nlohmann::json> get(const std::string& url, std::string_view endpoint, std::string_view what, sdk::HttpHeaders headers = {});
  // The error of an answer that is not ok: GW-3703 for what the organisation refuses, or rest::call_error.
  Error refusal(const sdk::HttpAnswer& answer, std::string_view what) const;
  // Names of all modules that the API gives, and Users.
  Result<std::vector<std::string>> modules();
  // GW-3030 with the nearest name for one that is not there. Asked once per connection.
  Result<std::shared_ptr<const ModuleInfo>> module(std::string_view name);
  // The organisation's number (zgid).
  Result<std::string> identity();
  // How many records there are; -1 when nobody says.
  Result<std::int64_t> count(const ModuleInfo& module);

  // The call of a query for at most `rows` records.
  sdk::HttpRequest query(std::string_view coql, std::size_t rows) const;
  // The records of its answer, flattened; none for an empty one (204). GW-3405.
  Result<std::vector<nlohmann::json>> records(const ModuleInfo& module, const sdk::HttpAnswer& answer) const;

 private:
  const Options options_;
  const sdk::HostServices host_;
  std::mutex mutex_;  // guards what follows; no call is made while it is held
  std::shared_ptr<sdk::HttpClient> client_;
  std::map<std::string, std::shared_ptr<const ModuleInfo>, std::less<>> described_;
};

// The vendor's own words of an answer: code and text.
std::string words_of(const sdk::HttpAnswer& answer);

}  // namespace godwit::zoho
