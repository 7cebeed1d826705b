// The one compiled copy of the SDK's bodies: inline.hpp.

#include "plugins/sdk/boundary_impl.hpp"
#include "plugins/sdk/host_call_impl.hpp"
#include "plugins/sdk/settings_impl.hpp"
