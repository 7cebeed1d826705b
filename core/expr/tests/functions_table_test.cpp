// The table as a whole: every function has what its reference page needs.

#include <gtest/gtest.h>

#include <set>

#include "core/expr/function.hpp"
#include "core/model/catalogue.hpp"

namespace godwit {
namespace {

bool is_name(std::string_view name) {
  return !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == name.npos;
}

TEST(FunctionTable, EveryFunctionIsDescribedAndHasExamples) {
  const std::set<std::string_view> groups{"text", "number", "date", "condition", "hash"};
  EXPECT_GE(functions().size(), 70u);
  std::string_view before;
  for (const Function& f : functions()) {
    EXPECT_LT(before, f.name) << "sorted by name, each once";
    before = f.name;
    EXPECT_TRUE(is_name(f.name)) << f.name;
    EXPECT_TRUE(groups.contains(f.group)) << f.name;
    EXPECT_TRUE(f.summary.ends_with('.')) << f.name << ": a sentence ends with a full stop";
    EXPECT_GE(f.examples.size(), 2u) << f.name;
    EXPECT_EQ(find_function(f.name), &f);
    std::set<std::string_view> names;
    bool optional = false;
    for (const Parameter& p : f.parameters) {
      EXPECT_TRUE(is_name(p.name) && names.insert(p.name).second) << f.name << ' ' << p.name;
      EXPECT_TRUE(p.help.ends_with('.')) << f.name << ' ' << p.name << ": a sentence ends with a full stop";
      EXPECT_TRUE(!p.variadic || &p == &f.parameters.back()) << f.name << ": the last may be variadic";
      EXPECT_TRUE(p.optional || !optional) << f.name << ' ' << p.name << ": needed ones come first";
      optional |= p.optional;
    }
    for (const Example& example : f.examples) {
      EXPECT_NE(example.call.find(f.name), example.call.npos) << example.call;
      if (!example.result.starts_with("GW-")) continue;
      const Message* message = find_message(std::stoi(std::string(example.result.substr(3))));
      ASSERT_NE(message, nullptr) << example.result;
      EXPECT_EQ(message->kind, ErrorKind::row_rejected) << example.result;
    }
    if (f.null_in_null_out && !f.parameters.empty() && !f.parameters[0].constant) {
      bool null = false;
      for (const Example& example : f.examples) null |= example.call.find("null") != example.call.npos;
      EXPECT_TRUE(null) << f.name << ": one example shows what a null gives";
    }
  }
  EXPECT_EQ(find_function("no_such_function"), nullptr);
}

}  // namespace
}  // namespace godwit
