#pragma once
// The mistakes found while a project is read: all of them, in the order in which a person would meet them.

#include <initializer_list>
#include <string>
#include <vector>

#include "core/config/project.hpp"
#include "core/model/result.hpp"

namespace godwit::config {

inline constexpr std::size_t kMostFindings = 100;  // shown; the rest is counted (GW-2060)

// One thread at a time.
class Findings {
 public:
  // A mistake at `place`; the argument "place" is added.
  void add(int number, const SourcePlace& place, std::initializer_list<Argument> arguments = {});
  // A mistake that is an Error already; `place` is for the order only.
  void add(Error error, const SourcePlace& place);
  bool empty() const { return found_.empty(); }
  std::size_t size() const { return found_.size(); }
  // The first mistake with all others in `more`. Ordered by place: godwit.yaml first, then the other files by name.
  // Must not be empty.
  Error take();

 private:
  struct Finding {
    SourcePlace place;
    Error error;
  };
  std::vector<Finding> found_;
};

}  // namespace godwit::config
