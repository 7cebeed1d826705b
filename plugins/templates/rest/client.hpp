#pragma once
// Calls of the service: JSON in, JSON out, errors numbered by what the caller does next.

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "core/model/exchange.hpp"
#include "plugins/sdk/connector.hpp"

namespace acme {

// One connection to the service, kept open between calls. One thread.
class Client {
 public:
  struct Options {
    std::string url, token;
    long timeout_s = 30, page_size = 100;
  };
  Client(Options options, const godwit::sdk::HostServices& host);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  const Options& options() const { return options_; }
  // GET without a body, else POST. GW-3901 (retry), 3902 (denied), 3903, 3018 when the host asks to stop. null: HTTP 404.
  godwit::Result<nlohmann::json> call(const std::string& path, const nlohmann::json& body = nullptr);
  // What the service says of an object; GW-3030 when it has none of that name.
  godwit::Result<godwit::ObjectDescription> describe(std::string_view object);
  static std::string escape(std::string_view text);

 private:
  Options options_;
  godwit::sdk::HostServices host_;
  void* curl_;
};

}  // namespace acme
