#pragma once
// HTTP for plugins: the http_* members of gw_host over core/http.

#include <functional>
#include <memory>
#include <string>

#include "core/http/call.hpp"
#include "core/model/result.hpp"
#include "plugins/abi/godwit_abi.h"

namespace godwit {

struct HttpServiceOptions {
  std::function<bool()> cancelled;
  std::function<void(const http::LogEntry&)> log;  // from any client's thread
  std::function<void(const Error&)> trouble;       // what no call's answer can tell; from any client's thread
};

// The clients of one host. Clients with the same rules are one: they share session, budgets and pace. Plugins may keep clients for as long as the process
// lives, and so must this. Thread-safe.
class HttpService {
 public:
  explicit HttpService(HttpServiceOptions options);
  ~HttpService();
  HttpService(const HttpService&) = delete;
  HttpService& operator=(const HttpService&) = delete;

  Result<gw_http_client*> open(std::string_view rules);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Sets the members of the table but http_open, which the owner of the table does: it knows its context.
void set_http_members(gw_host& table);

// Where usage of budgets is kept that outlive a run: $XDG_STATE_HOME/godwit/usage or ~/.local/state/godwit/usage; "" where neither is known.
std::string usage_folder();

}  // namespace godwit
