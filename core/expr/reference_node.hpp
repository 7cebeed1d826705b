#pragma once
// parent() and lookup() on columns.

#include <string>

#include "core/expr/node.hpp"
#include "core/expr/references.hpp"

namespace godwit::expr {

struct ReferenceCall {
  References* references = nullptr;
  References::Bound bound;
  bool is_parent = false;
  std::string name;             // flow(s) or object, for messages
  bool null_if_unknown = false; // lookup: otherwise => null
};
// `fallback` (may be null): the one key that is looked up instead when the row's own finds nothing.
NodePtr reference_node(ReferenceCall call, Nodes keys, NodePtr fallback);

}  // namespace godwit::expr
