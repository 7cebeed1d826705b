// The examples of every function are its tests, and the reference page is what the table says.

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "core/expr/function.hpp"
#include "core/expr/special_forms.hpp"
#include "core/expr/tests/fake_references.hpp"
#include "core/expr/tests/harness.hpp"

namespace godwit::expr {
namespace {

// The world that examples run in: now() is 2024-05-17T09:30:00Z.
std::string example_answer(std::string_view call) {
  static const Table none;
  FakeReferences references;
  CompileOptions o = none.options();
  o.references = &references;
  o.now_us = parse_timestamp("2024-05-17T09:30:00Z")->us;
  const auto e = compile(call, o);
  if (!e) return "compile " + describe(e.error());
  return answers(**e, none.input()).front();
}

TEST(Examples, OfEverySpecialFormGiveWhatTheySay) {
  for (const SpecialForm& f : special_forms()) {
    EXPECT_EQ(find_function(f.name), nullptr) << f.name << " is a special form and a function";
    EXPECT_GE(f.examples.size(), 2u) << f.name;
    for (const Example& e : f.examples) EXPECT_EQ(example_answer(e.call), e.result) << e.call;
  }
}

// The examples of every function in a batch of which only some rows are wanted.
TEST(Examples, OfEveryFunctionGiveTheSameForEveryRowOfABatch) {
  int count = 0;
  for (const Function& f : functions())
    for (const Example& e : f.examples) {
      Table t;
      t.add("row", TypeId::int64, {"1", "2", "3", "4", "5"});
      CompileOptions o = t.options();
      o.now_us = parse_timestamp("2024-05-17T09:30:00Z")->us;
      const auto compiled = compile("case when row % 2 = 1 then " + std::string(e.call) + " end", o);
      ASSERT_TRUE(compiled) << e.call;
      const std::vector<std::string> got = answers(**compiled, t.input());
      const std::string rest = "null", value(e.result);
      EXPECT_EQ(got, (std::vector<std::string>{value, rest, value, rest, value})) << e.call;
      ++count;
    }
  EXPECT_GE(count, 120);
}

TEST(ReferencePage, IsTheOneCheckedIn) {
  const std::string path = GODWIT_SOURCE_DIR "/docs/reference/functions.md", page = functions_reference_markdown();
  if (std::getenv("GODWIT_UPDATE") != nullptr) std::ofstream(path, std::ios::binary) << page;
  std::ifstream file(path, std::ios::binary);
  std::stringstream checked_in;
  checked_in << file.rdbuf();
  EXPECT_TRUE(checked_in.str() == page) << "docs/reference/functions.md is out of date: GODWIT_UPDATE=1 writes it anew";
}

// Every line `expression → result` of the guide's examples.
TEST(Guide, SaysWhatIsTrue) {
  std::ifstream file(GODWIT_SOURCE_DIR "/docs/guide/expressions.md");
  ASSERT_TRUE(file);
  std::string line;
  bool inside = false;
  int count = 0;
  while (std::getline(file, line)) {
    if (line.starts_with("```")) inside = line == "```expression";
    else if (inside && !line.empty()) {
      const std::size_t arrow = line.rfind("→");
      ASSERT_NE(arrow, std::string::npos) << line;
      std::string call = line.substr(0, arrow), result = line.substr(arrow + std::string_view("→").size());
      result.erase(0, result.find_first_not_of(' '));
      if (result == "(empty text)") result.clear();
      std::string answer = example_answer(call);
      if (answer.starts_with("compile ")) answer = answer.substr(8, answer.find(' ', 8) - 8);
      EXPECT_EQ(answer, result) << call;
      ++count;
    }
  }
  EXPECT_GE(count, 40);
}

}  // namespace
}  // namespace godwit::expr
