#pragma once
// What work would cost at an API that is known by its description alone.

#include <string_view>

#include "connectors/rest/api.hpp"

namespace godwit::restapi {

// Calls by the description's own sizes; time by the rates and budgets in `usage` (the client's, docs/boundary.md), and where there is no rate
// by calls of kCallSeconds each, kAtOnce of them under way. A work that the object does not take (no update, no remove) costs nothing.
inline constexpr double kCallSeconds = 0.25;
inline constexpr int kAtOnce = 4;
Estimate estimate_of(const Api& api, const ApiObject& object, const Work& work, std::string_view usage);

}  // namespace godwit::restapi
