// The model, the checks of values and the tables of records.

#include "plugins/kits/sandbox/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace godwit::sandbox {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::map<std::string, Kind> kKinds{{"id", Kind::id},           {"string", Kind::text},     {"email", Kind::email}, {"picklist", Kind::choice}, {"multi", Kind::choices},
                                         {"boolean", Kind::boolean}, {"int", Kind::integer},     {"money", Kind::decimal}, {"exact", Kind::exact_decimal},
                                         {"date", Kind::date},       {"datetime", Kind::datetime}, {"compound", Kind::computed}};

constexpr const char* kMetadata = R"({"objects": [{"name": "Account", "prefix": "001", "fields": [
  {"name": "Id", "type": "id"}, {"name": "Name", "type": "string", "length": 5, "required": true},
  {"name": "Key", "type": "string", "unique": true, "external_id": true},
  {"name": "Strict", "type": "string", "unique": true, "case_sensitive": true},
  {"name": "Kind", "type": "picklist", "restricted": true, "values": ["A", {"value": "B", "active": false}, {"value": "C", "for": ["x"]}]},
  {"name": "Tags", "type": "multi", "restricted": true, "values": ["red", "green"]},
  {"name": "Address", "type": "compound"}]}]})";

Field field_of(const std::string& type, int length = 0, int precision = 0, int scale = 0) {
  Field out;
  out.name = "F", out.kind = kKinds.at(type), out.length = length, out.precision = precision, out.scale = scale;
  return out;
}

struct Checked {
  std::optional<Wrong> wrong;
  Value value;
};

Checked checked(const Field& field, const Json& in, const Rules& rules = {}) {
  Checked out;
  if (const auto violation = check_value(field, in, rules, out.value)) out.wrong = violation->wrong;
  return out;
}

TEST(Rules, TextsAreMeasuredInCharacters) {
  EXPECT_EQ(checked(field_of("string", 3), "你好吗").wrong, std::nullopt);
  EXPECT_EQ(checked(field_of("string", 3), "你好吗?").wrong, Wrong::too_long);
  EXPECT_EQ(checked(field_of("string", 3), "  ab  ", {.trim = true}).value, Value("ab"));
  EXPECT_EQ(checked(field_of("string"), "", {.empty_is_null = true}).value, Value());
  EXPECT_EQ(checked(field_of("string"), "").value, Value(""));
  EXPECT_EQ(checked(field_of("string"), Json::array()).wrong, Wrong::type);
  EXPECT_EQ(checked(field_of("string"), 12).value, Value("12"));
  EXPECT_EQ(checked(field_of("string"), 12, {.numbers_as_text = false}).wrong, Wrong::type);
}

TEST(Rules, NumbersKeepTheirBounds) {
  EXPECT_EQ(checked(field_of("money", 0, 5, 2), 999.99).wrong, std::nullopt);
  EXPECT_EQ(checked(field_of("money", 0, 5, 2), 1000).wrong, Wrong::out_of_range);
  EXPECT_EQ(checked(field_of("money"), "12").wrong, Wrong::type);
  EXPECT_EQ(checked(field_of("money"), "12.50", {.texts_for_all = true}).value, Value(12.5));
  EXPECT_EQ(checked(field_of("exact"), "100.10", {.texts_for_all = true}).value, Value("100.10"));
  EXPECT_EQ(checked(field_of("int"), 12.5).wrong, Wrong::type);
  EXPECT_EQ(checked(field_of("int"), 12.0).value, Value(std::int64_t{12}));
  EXPECT_EQ(checked(field_of("boolean"), "TRUE", {.texts_for_all = true}).value, Value(std::int64_t{1}));
  EXPECT_EQ(checked(field_of("boolean"), "TRUE").wrong, Wrong::type);
}

TEST(Rules, TimesAreKeptInOneForm) {
  EXPECT_EQ(checked(field_of("datetime"), "2026-01-02T03:04:05+08:00").value, Value("2026-01-01T19:04:05.000+0000"));
  EXPECT_EQ(checked(field_of("datetime"), "yesterday").wrong, Wrong::type);
  EXPECT_EQ(checked(field_of("datetime"), 1'700'000'000'000, {.times_as_ms = true}).value, Value(std::int64_t{1'700'000'000'000}));
  EXPECT_EQ(checked(field_of("date"), "2026-02-30").wrong, Wrong::type);
}

TEST(Rules, EmailsChoicesAndLists) {
  for (const char* good : {"a@b.cd", "a.b+c@x-y.co.uk"}) EXPECT_TRUE(looks_like_email(good)) << good;
  for (const char* bad : {"a@b", "@b.cd", "a b@c.de", "a@b@c.de", "a@b..cd", "a@b.cd."}) EXPECT_FALSE(looks_like_email(bad)) << bad;
  const Model model({kMetadata}, kKinds);
  const Object& account = *model.object("Account");
  EXPECT_EQ(checked(*account.field("Kind"), "A").wrong, std::nullopt);
  EXPECT_EQ(checked(*account.field("Kind"), "B").wrong, Wrong::choice);
  EXPECT_EQ(checked(*account.field("Kind"), "Z").wrong, Wrong::choice);
  EXPECT_EQ(checked(*account.field("Tags"), "red; green").value, Value("red;green"));
  EXPECT_EQ(checked(*account.field("Tags"), {"green", "red"}, {.lists = true}).value, Value("green;red"));
  EXPECT_EQ(checked(*account.field("Tags"), "red;blue").wrong, Wrong::choice);
  EXPECT_TRUE(allowed_for(*account.field("Kind")->choice("C"), "x"));
  EXPECT_FALSE(allowed_for(*account.field("Kind")->choice("C"), "y"));
}

TEST(Model, ALaterTextChangesAnEarlierOne) {
  const Model model({kMetadata, R"({"objects": [{"name": "Account", "label": "Firm", "fields": [{"name": "Name", "length": 9}, {"name": "Key", "gone": true},
    {"name": "More", "type": "int"}]}, {"name": "Other", "fields": []}]})"}, kKinds);
  const Object& account = *model.object("account", true);
  EXPECT_EQ(account.label, "Firm");
  EXPECT_EQ(account.field("Name")->length, 9);
  EXPECT_TRUE(account.field("Name")->required);
  EXPECT_EQ(account.field("Key"), nullptr);
  EXPECT_NE(account.field("More"), nullptr);
  EXPECT_EQ(model.by_prefix("001"), &account);
  EXPECT_NE(model.object("Other"), nullptr);
  EXPECT_THROW(Model({R"({"objects": [{"name": "A", "fields": [{"name": "B", "type": "odd"}]}]})"}, kKinds), ModelError);
  EXPECT_THROW(Model({"{"}, kKinds), ModelError);
}

class Records : public testing::Test {
 protected:
  Columns columns(const std::string& id, const std::string& key, const std::string& strict = "") {
    Columns out{{"Id", id}, {"Name", "n"}, {"Key", key}};
    if (!strict.empty()) out.emplace_back("Strict", strict);
    return out;
  }
  Model model_{{kMetadata}, kKinds};
  Database database_{":memory:"};
  Store store_{database_, model_, "Id"};
  const Object& account_ = *model_.object("Account");
};

TEST_F(Records, AreFoundByTheirKeysWithoutRegardToCase) {
  store_.insert(account_, columns("1", "Ab", "Ab"), 7);
  EXPECT_THAT(store_.find(account_, *account_.field("Key"), "aB"), ElementsAre("1"));
  EXPECT_THAT(store_.find(account_, *account_.field("Strict"), "aB"), IsEmpty());
  EXPECT_THAT(store_.find(account_, *account_.field("Strict"), "Ab"), ElementsAre("1"));
  const auto clash = store_.unique_conflict(account_, columns("2", "AB"), "2");
  ASSERT_TRUE(clash);
  EXPECT_EQ(clash->other, "1");
  EXPECT_FALSE(store_.unique_conflict(account_, columns("1", "AB"), "1"));
  EXPECT_EQ(store_.get(account_, "1")->visible_ms, 7);
}

TEST_F(Records, StayWhenTheyAreDeleted) {
  store_.insert(account_, columns("1", "a"), 0);
  EXPECT_TRUE(store_.remove(account_, "1", 99));
  EXPECT_FALSE(store_.remove(account_, "1", 99));
  EXPECT_EQ(store_.get(account_, "1")->deleted_ms, 99);
  EXPECT_FALSE(store_.exists(account_, "1"));
  EXPECT_FALSE(store_.unique_conflict(account_, columns("2", "a"), "2"));  // a deleted record holds no key
  EXPECT_TRUE(store_.restore(account_, "1"));
  EXPECT_EQ(store_.count(account_), 1);
  EXPECT_TRUE(store_.purge(account_, "1"));
  EXPECT_FALSE(store_.get(account_, "1"));
}

TEST_F(Records, DoublesAreCounted) {
  store_.insert(account_, columns("1", "a"), 0);
  store_.insert(account_, columns("2", "a"), 0);
  store_.insert(account_, columns("3", "b"), 0);
  EXPECT_EQ(store_.doubles(), 1);
  EXPECT_TRUE(store_.update(account_, "2", {{"Key", Value("c")}}, 5));
  EXPECT_EQ(store_.doubles(), 0);
  EXPECT_FALSE(store_.update(account_, "9", {{"Key", Value("c")}}, 5));
}

TEST_F(Records, TablesGrowWithTheModel) {
  store_.insert(account_, columns("1", "a"), 0);
  const Model wider({kMetadata, R"({"objects": [{"name": "Account", "fields": [{"name": "More", "type": "int"}]}]})"}, kKinds);
  Store again(database_, wider, "Id");
  EXPECT_TRUE(again.update(*wider.object("Account"), "1", {{"More", Value(std::int64_t{3})}}, 0));
  EXPECT_EQ((*again.get(*wider.object("Account"), "1"))["More"], Value(std::int64_t{3}));
}

}  // namespace
}  // namespace godwit::sandbox
