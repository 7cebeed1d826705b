#pragma once
// Calls of the host's services from within a plugin.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/model/result.hpp"
#include "plugins/abi/godwit_abi.h"

namespace godwit::sdk {

// The error that a service of the host reported; taken.
inline Error take_host_error(std::int32_t code, gw_error& error) {
  Error out{error.number, static_cast<ErrorKind>(code), {}, {}};
  if (error.json.data != nullptr) {
    const auto json = nlohmann::json::parse(std::string_view(error.json.data, error.json.size), nullptr, false);
    for (auto item = json.begin(); json.is_object() && item != json.end(); ++item)
      if (item->is_string()) out.arguments.emplace_back(item.key(), item->get<std::string>());
  }
  if (error.json.release != nullptr) error.json.release(&error.json);
  return out;
}

// Calls a function of the host's table, with an error struct at its end, and takes the error.
template <typename Function, typename... Arguments>
Result<> host_call(Function function, Arguments... arguments) {
  gw_error error{};
  error.struct_size = sizeof error;
  const std::int32_t code = function(arguments..., &error);
  if (code == GW_OK) return {};
  return Failure(take_host_error(code, error));
}

}  // namespace godwit::sdk
