#pragma once
// Which flow runs when: parents before children.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/config/project.hpp"

namespace godwit {

struct FlowOrder {
  std::vector<std::string> order;  // every flow once; ties in file name order
  // Flow -> flows whose parent() it has to leave to a second pass: itself, or members of a circle that run after it.
  std::map<std::string, std::set<std::string>> deferred;
  // Flow -> every flow that its parent() and reference rules name.
  std::map<std::string, std::set<std::string>> parents;
};

// Reads the expressions of all flows for parent() (mentions()), adds `after:` and the file order of flows into one object.
// A circle is opened where the file order says; GW-4020 for a flow that is not there, GW-4021 for a circle of `after:`.
Result<FlowOrder> order_flows(const Project& project);

}  // namespace godwit
