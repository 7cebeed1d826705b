#pragma once
// Units into an object of the tenant.

#include "connectors/fxiaoke/tenant.hpp"

namespace godwit::fxiaoke {

// Errors: those of WritePlan::make.
Result<std::unique_ptr<Writer>> open_writer(Tenant& tenant, const WriteRequest& request);

}  // namespace godwit::fxiaoke
