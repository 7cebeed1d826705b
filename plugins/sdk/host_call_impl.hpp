#pragma once
// What host_call.hpp declares.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "plugins/sdk/host_call.hpp"

namespace godwit::sdk {

GODWIT_SDK_INLINE Error take_host_error(std::int32_t code, gw_error& error) {
  Error out{error.number, static_cast<ErrorKind>(code), {}, {}};
  if (error.json.data != nullptr) {
    const auto json = nlohmann::json::parse(std::string_view(error.json.data, error.json.size), nullptr, false);
    for (auto item = json.begin(); json.is_object() && item != json.end(); ++item)
      if (item->is_string()) out.arguments.emplace_back(item.key(), item->get<std::string>());
  }
  if (error.json.release != nullptr) error.json.release(&error.json);
  return out;
}

}  // namespace godwit::sdk
