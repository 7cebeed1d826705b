#pragma once
// What a plan found missing in its target, as a workbook for whoever sets the target up.

#include <filesystem>

#include "core/cli/context.hpp"
#include "core/run/planner.hpp"

namespace godwit::cli {

// Three sheets: fields (one a row, with label, type and length proposed), picklist values, records of other objects. In the user's language.
// GW-4202, GW-4207.
Result<> write_setup_sheet(const Context& context, const PlanResult& plan, const std::filesystem::path& file);

}  // namespace godwit::cli
