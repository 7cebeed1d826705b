#pragma once
// Rules that a target describes as conditions over its fields (check constraints, values that go with another field's value), held
// against mapped rows by a plan. A run leaves them to the target, whose word counts.

#include <memory>
#include <string>
#include <vector>

#include "core/run/formed_unit.hpp"

namespace godwit {

class ForeseenChecks {
 public:
  // Takes the checks of flow.target that read as conditions of the mapping language over fields that the flow writes; the others go to
  // unjudged(). `flow` must outlive it.
  explicit ForeseenChecks(const CompiledFlow& flow);
  // Kept rows that break a rule are set aside as the target will refuse them: GW-4103. Rows that take a record away are not looked at.
  Result<> judge(SequencedBatch& batch) const;
  const std::vector<std::string>& unjudged() const { return unjudged_; }

 private:
  struct Check {
    std::string text, field;
    std::shared_ptr<const Expression> condition;
  };
  const CompiledFlow& flow_;
  std::vector<Check> checks_;
  std::vector<std::string> unjudged_;
};

}  // namespace godwit
