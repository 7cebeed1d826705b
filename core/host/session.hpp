#pragma once
// An open connection of a plugin and what wraps its readers and writers.

#include <memory>
#include <string>

#include "core/host/connection.hpp"
#include "plugins/abi/godwit_abi.h"

namespace godwit {

// The plugin's handle. Readers and writers share it, so that it is closed after the last of them.
struct Session {
  const gw_connector_api* api = nullptr;
  gw_connection* handle = nullptr;
  std::string connector;
  ~Session() {
    if (handle != nullptr) api->close(handle);
  }
};

// Adds "connector" to the arguments of `error` and of its `more`, where the plugin did not.
Error with_connector(Error error, const std::string& connector);

std::unique_ptr<Connection> wrap_connection(std::shared_ptr<Session> session, Delivery delivery, int writes_in_flight);
// Take ownership of the handle, also when they fail.
Result<std::unique_ptr<Reader>> wrap_reader(std::shared_ptr<Session> session, gw_reader* handle, const ReadRequest& request);
std::unique_ptr<Writer> wrap_writer(std::shared_ptr<Session> session, gw_writer* handle, const WriteRequest& request);

}  // namespace godwit
