#pragma once
// A world to refer to: what the run knows of parents and the target of its objects.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/expr/references.hpp"
#include "core/model/column.hpp"

namespace godwit::expr {

// Parents of the flows `accounts` (one text key), `orders` (text, integer) and `tree` (deferred); lookups in crm.User
// by Code, or by Code and Site.
class FakeReferences final : public References {
 public:
  Result<Bound> bind_parent(const std::vector<std::string>& flows, std::span<const Type> keys) override {
    for (const std::string& flow : flows)
      if (flow != "accounts" && flow != "orders" && flow != "tree") return fail(4020, {{"flow", "this"}, {"seen", flow}});
    return add("parent", keys.size(), "", flows.front() == "tree");
  }
  Result<Bound> bind_lookup(const std::string& object, const std::vector<std::string>& fields, std::span<const Type>,
                            const std::string& give) override {
    if (object != "crm.User") return fail(4020, {{"flow", "this"}, {"seen", object}});
    return add("lookup", fields.size(), give, false);
  }
  Result<> resolve(int handle, std::span<const Column> keys, Column* values, std::vector<ReferenceState>* states) override {
    const Call& call = calls_[static_cast<std::size_t>(handle)];
    asked.push_back(keys.front().length);
    ColumnBuilder out(TypeId::utf8);
    states->clear();
    for (std::int64_t i = 0; i < keys.front().length; ++i) {
      std::string key;
      for (const Column& k : keys) {
        if (k.is_null(i)) ++nulls_seen;
        key += (key.empty() ? "" : "/") + value_text(k, i);
      }
      ReferenceState state = ReferenceState::found;
      if (key == "gone" || key == "nobody") state = ReferenceState::unknown;
      if (key == "bad") state = ReferenceState::set_aside;
      if (key == "dropped") state = ReferenceState::filtered;
      if (key == "twin") state = ReferenceState::ambiguous;
      if (key == "old") state = ReferenceState::merged;
      if (key == "later") state = ReferenceState::pending;
      states->push_back(state);
      if (state == ReferenceState::merged) out.append_text("T-survivor");
      else if (state != ReferenceState::found) out.null();
      else if (call.kind == "lookup") out.append_text(call.give.empty() ? key == "ann" ? "U1" : "U-" + key : call.give + "-" + key);
      else out.append_text("T-" + key);
    }
    *values = out.finish();
    return {};
  }

  std::vector<std::int64_t> asked;  // keys per call of resolve()
  int nulls_seen = 0;

 private:
  struct Call {
    std::string kind, give;
  };
  Result<Bound> add(std::string kind, std::size_t, const std::string& give, bool deferred) {
    calls_.push_back({std::move(kind), give});
    return Bound{static_cast<int>(calls_.size()) - 1, TypeId::utf8, deferred};
  }
  std::vector<Call> calls_;
};

}  // namespace godwit::expr
