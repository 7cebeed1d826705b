#pragma once
// Numbered errors from within a plugin.

#include <initializer_list>
#include <vector>

#include "core/model/result.hpp"

namespace godwit::sdk {

// The error `number` of the core's catalogue or of the connector's own messages.json. The kind is named here
// because a plugin carries no catalogue; it must be the one that the entry has.
inline Failure fail(int number, ErrorKind kind, std::initializer_list<Argument> arguments = {}) {
  return Failure(Error{number, kind, std::vector<Argument>(arguments), {}});
}

}  // namespace godwit::sdk
