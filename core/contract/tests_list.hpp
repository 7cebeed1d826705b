#pragma once
// The tests, in three files by what they look at.

#include <string_view>
#include <vector>

#include "core/contract/subject.hpp"

namespace godwit::contract {

struct Test {
  std::string_view name;
  void (*run)(Subject&, Trial&);
};

const std::vector<Test>& describing_tests();  // settings, check, describe
const std::vector<Test>& reading_tests();

// Those of writing share the object that they write into.
class Target;
struct WritingTest {
  std::string_view name;
  void (*run)(Target&, Trial&);
};
const std::vector<WritingTest>& writing_tests();
const std::vector<WritingTest>& recovery_tests();

}  // namespace godwit::contract
