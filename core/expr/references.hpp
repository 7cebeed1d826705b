#pragma once
// What parent() and lookup() need from the world outside the expression. The run implements it; the
// expression engine knows no journal and no connection.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/model/column.hpp"
#include "core/model/result.hpp"

namespace godwit {

enum class ReferenceState : std::uint8_t {
  found,      // value holds the target's id
  unknown,    // no such source key was ever read / no such row in the target
  set_aside,  // the parent was read and set aside
  filtered,   // the parent was read and filtered
  merged,     // merged into a survivor; value holds the survivor's id (so it counts as found)
  pending,    // not decided yet: a second pass will know (self-reference, cycle)
  ambiguous,  // lookup: more than one row matches
};

// Thread-safe once bound.
class References {
 public:
  virtual ~References() = default;

  // parent(flow or [flows], cols...): answers a handle and the type of the id. Unknown flow, wrong number or
  // type of key columns: an error without place (the caller adds it).
  struct Bound {
    int handle = 0;
    Type type;
    bool deferred = false;  // resolve() will answer `pending` in the first pass
  };
  virtual Result<Bound> bind_parent(const std::vector<std::string>& flows, std::span<const Type> keys) = 0;
  // lookup(connection.Object, field, key [, give => other_field]): value of `give` (default: the id).
  virtual Result<Bound> bind_lookup(const std::string& object, const std::vector<std::string>& fields,
                                    std::span<const Type> keys, const std::string& give) = 0;

  // For rows where any key column is null or an empty text (no record has that key) the state is `found` with a null value.
  // `values` has the bound type and the keys' length; states likewise.
  virtual Result<> resolve(int handle, std::span<const Column> keys, Column* values,
                           std::vector<ReferenceState>* states) = 0;
};

}  // namespace godwit
