#pragma once
// Calls of the host's services from within a plugin.

#include <cstdint>

#include "core/model/result.hpp"
#include "plugins/abi/godwit_abi.h"
#include "plugins/sdk/inline.hpp"

namespace godwit::sdk {

// The error that a service of the host reported; taken.
Error take_host_error(std::int32_t code, gw_error& error);

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

#ifndef GODWIT_SDK_COMPILED
#include "plugins/sdk/host_call_impl.hpp"
#endif
