#include "core/contract/contract.hpp"

#include "core/contract/target.hpp"
#include "core/contract/tests_list.hpp"

namespace godwit::contract {

bool run_contract(const Options& options, const std::function<std::unique_ptr<Host>()>& make_host, const Observer& observer) {
  Subject subject(options, make_host);
  bool fine = true;
  const auto one = [&](std::string_view name, auto&& run) {
    observer.begins(std::string(name));
    Trial trial;
    run(trial);
    TestResult result = trial.take();
    result.test = name;
    fine = fine && result.verdict != Verdict::failed;
    observer.ends(result);
    return result.verdict == Verdict::passed;
  };
  for (const auto* tests : {&describing_tests(), &reading_tests()})
    for (const Test& test : *tests) one(test.name, [&](Trial& t) { test.run(subject, t); });
  Target target(subject);
  const bool writes = one("target", [&](Trial& t) { target.open(t); });
  if (!writes) return fine;
  for (const auto* tests : {&writing_tests(), &recovery_tests()})
    for (const WritingTest& test : *tests) one(test.name, [&](Trial& t) { test.run(target, t); });
  one("clean_up", [&](Trial& t) {
    if (const std::int64_t left = target.clean_up(); left != 0) t.skip("contract.skip.left", {{"count", std::to_string(left)}, {"object", options.write_object}});
  });
  return fine;
}

}  // namespace godwit::contract
