#pragma once
// Records of an object in the order of their ids: the only way past the ten thousandth.

#include "connectors/fxiaoke/tenant.hpp"

namespace godwit::fxiaoke {

// Positions are ids. GW-3031 for a field that is not there.
Result<std::unique_ptr<Reader>> open_reader(Tenant& tenant, const ReadRequest& request);

}  // namespace godwit::fxiaoke
