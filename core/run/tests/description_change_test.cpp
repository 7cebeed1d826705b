#include "core/run/description_change.hpp"

#include <gtest/gtest.h>

namespace godwit {
namespace {

ObjectDescription account() {
  ObjectDescription out;
  out.object = "Account";
  out.fields.resize(4);
  out.fields[0].name = "Name", out.fields[0].length = 100, out.fields[0].nullable = false;
  out.fields[1].name = "Phone", out.fields[1].length = 40;
  out.fields[2].name = "Industry", out.fields[2].choices = {"Trade", "Transport"};
  out.fields[3].name = "Rating";
  for (ObjectField& f : out.fields) f.type = TypeId::utf8;
  return out;
}
const std::vector<std::string> kMapped = {"Name", "Phone", "Industry"};

struct Case {
  const char* what;
  void (*change)(ObjectDescription&);
  DescriptionChange::What expected;
  bool breaking;
};

class Changes : public testing::TestWithParam<Case> {};

TEST_P(Changes, AreNamedBreakingOrHarmless) {
  ObjectDescription now = account();
  GetParam().change(now);
  const auto changes = compare_descriptions(account(), now, kMapped);
  ASSERT_EQ(changes.size(), 1u) << GetParam().what;
  EXPECT_EQ(changes[0].what, GetParam().expected);
  EXPECT_EQ(changes[0].breaking, GetParam().breaking);
  EXPECT_NE(change_text(changes[0], Language::en), change_text(changes[0], Language::zh_cn));
}

using What = DescriptionChange::What;
INSTANTIATE_TEST_SUITE_P(
    All, Changes,
    testing::Values(Case{"a mapped field goes", [](ObjectDescription& d) { d.fields.erase(d.fields.begin() + 1); }, What::removed, true},
                    Case{"another goes", [](ObjectDescription& d) { d.fields.pop_back(); }, What::removed, false},
                    Case{"a mapped field gets another type", [](ObjectDescription& d) { d.fields[1].type = TypeId::int64; }, What::type, true},
                    Case{"shorter", [](ObjectDescription& d) { d.fields[1].length = 20; }, What::shorter, true},
                    Case{"a length where there was none", [](ObjectDescription& d) { d.fields[3].length = 20; }, What::shorter, false},
                    Case{"longer", [](ObjectDescription& d) { d.fields[1].length = 80; }, What::longer, false},
                    Case{"required", [](ObjectDescription& d) { d.fields[3].nullable = false; }, What::required, true},
                    Case{"optional", [](ObjectDescription& d) { d.fields[0].nullable = true; }, What::optional, false},
                    Case{"a choice goes", [](ObjectDescription& d) { d.fields[2].choices.pop_back(); }, What::choice_removed, true},
                    Case{"a choice comes", [](ObjectDescription& d) { d.fields[2].choices.push_back("Energy"); }, What::choice_added, false},
                    Case{"unique", [](ObjectDescription& d) { d.fields[1].unique = true; }, What::unique, true},
                    Case{"a field comes", [](ObjectDescription& d) { d.fields.emplace_back().name = "Fax"; }, What::added, false},
                    Case{"a required field comes",
                         [](ObjectDescription& d) { d.fields.emplace_back().name = "Region", d.fields.back().nullable = false; }, What::added_required, true}));

TEST(DescriptionText, IsReadBackAsItWas) {
  const auto again = parse_description_text(description_text(account()));
  ASSERT_TRUE(again);
  EXPECT_TRUE(compare_descriptions(account(), *again, kMapped).empty());
  EXPECT_EQ(description_text(*again), description_text(account()));
  EXPECT_FALSE(parse_description_text("[]"));
}

}  // namespace
}  // namespace godwit
