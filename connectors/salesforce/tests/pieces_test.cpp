// What needs no org: describe answers, errors, CSV of jobs, memory of calls, addresses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/model/temporary_folder.hpp"
#include "plugins/kits/rest/call_memory.hpp"
#include "connectors/salesforce/ingest_csv.hpp"
#include "connectors/salesforce/reader.hpp"
#include "connectors/salesforce/refusals.hpp"
#include "connectors/salesforce/selection.hpp"
#include "connectors/salesforce/settings.hpp"
#include "plugins/kits/rest/exact_json.hpp"

namespace godwit::salesforce {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

json field(const std::string& name, const std::string& type, json more = json::object()) {
  json out{{"name", name}, {"type", type}, {"nillable", true}, {"createable", true}, {"updateable", true}, {"length", 80}};
  out.update(more);
  return out;
}

SObject account() {
  return *parse_sobject({{"name", "Account"}, {"keyPrefix", "001"}, {"createable", true}, {"updateable", true}, {"deletable", true},
                         {"fields", {field("Id", "id", {{"createable", false}, {"updateable", false}, {"idLookup", true}}), field("Name", "string", {{"nillable", false}}),
                                     field("Legacy_Id__c", "string", {{"externalId", true}, {"unique", true}, {"idLookup", true}}), field("BillingAddress", "address"),
                                     field("AnnualRevenue", "currency", {{"precision", 18}, {"scale", 2}}), field("ParentId", "reference", {{"referenceTo", {"Account"}}, {"relationshipName", "Parent"}})}}});
}
SObject task() {
  return *parse_sobject({{"name", "Task"}, {"keyPrefix", "00T"}, {"createable", true}, {"updateable", true}, {"deletable", true},
                         {"fields", {field("Id", "id", {{"createable", false}, {"updateable", false}}), field("Subject", "combobox"),
                                     field("WhatId", "reference", {{"referenceTo", {"Account", "Opportunity"}}, {"relationshipName", "What"}}),
                                     field("OwnerId", "reference", {{"referenceTo", {"User"}}, {"relationshipName", "Owner"}, {"nillable", false}, {"defaultedOnCreate", true}}),
                                     field("Legacy_Id__c", "string", {{"externalId", true}, {"unique", true}}), field("CreatedDate", "datetime", {{"updateable", false}})}}});
}

// A plan without an org.
WritePlan plan_of(const SObject& object, const std::vector<std::string>& names, const std::string& key) {
  static std::vector<std::shared_ptr<const SObject>> kept;
  WritePlan out;
  out.object = kept.emplace_back(std::make_shared<const SObject>(object));
  const auto other = kept.emplace_back(std::make_shared<const SObject>(account()));
  const auto all = columns_of(*out.object, [&](const std::string& name) { return name == "Account" ? other : nullptr; });
  for (const std::string& name : names)
    for (const SColumn& c : all)
      if (c.name() == name) {
        if (name == key) out.key = static_cast<int>(out.columns.size()), out.key_is_id = name == "Id";
        out.columns.push_back(c), out.request.columns.push_back({name, c.type()});
      }
  out.form.numbers = rest::ValueForm::Numbers::as_double, out.form.blanks = rest::ValueForm::Blanks::refuse;
  return out;
}

// A unit of texts; "-": null, "~": not set.
Unit unit_of(const WritePlan& plan, Operation operation, const std::vector<std::vector<std::string>>& rows) {
  Unit unit;
  Chunk& chunk = unit.chunks.emplace_back();
  chunk.operation = operation, chunk.batch.rows = static_cast<std::int64_t>(rows.size());
  for (std::size_t c = 0; c < plan.columns.size(); ++c) {
    ColumnBuilder b(plan.request.columns[c].type);
    MutableBuffer set(bitmap_bytes(chunk.batch.rows));
    std::memset(set.data(), 0xFF, set.size());
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const std::string& v = rows[r][c];
      if (v == "~") clear_bit(set.data(), static_cast<std::int64_t>(r));
      if (v == "~" || v == "-") b.null();
      else EXPECT_FALSE(rest::read_text(v, {}, &b));
    }
    chunk.batch.columns.push_back(b.finish());
    chunk.set.push_back(set.finish());
  }
  chunk.batch.schema = plan.request.columns;
  return unit;
}

TEST(SObjectDescription, SaysWhatTheMappingMayUse) {
  const SObject object = task();
  const auto parent = std::make_shared<const SObject>(account());
  const auto columns = columns_of(object, [&](const std::string& name) { return name == "Account" ? parent : nullptr; });
  const ObjectDescription d = description_of(object, columns);
  EXPECT_THAT(d.key, ElementsAre("Id"));
  EXPECT_TRUE(d.find("Id")->generated);
  EXPECT_TRUE(d.find("Legacy_Id__c")->unique);
  EXPECT_EQ(d.find("CreatedDate")->type, Type(TypeId::timestamp_tz));
  EXPECT_NE(d.find("What:Account.Legacy_Id__c"), nullptr);
  EXPECT_FALSE(d.find("OwnerId")->nullable);  // it need not be given, but it cannot be null
  EXPECT_TRUE(d.find("OwnerId")->has_default);
  const ObjectDescription a = description_of(*parent, columns_of(*parent, [](const std::string&) { return nullptr; }));
  EXPECT_EQ(a.find("BillingAddress"), nullptr);
  EXPECT_EQ(a.find("AnnualRevenue")->type, Type::decimal(18, 2));
  EXPECT_FALSE(a.find("Name")->nullable);
  EXPECT_NE(a.find("Parent.Legacy_Id__c"), nullptr);
}

TEST(SObjectDescription, DependentPicklistsAreReadFromTheirBits) {
  // The second controlling value is bit 1 from the left of the first byte, the ninth is the first of the second.
  SField controller, dependent;
  for (int i = 0; i < 9; ++i) controller.values.push_back({"c" + std::to_string(i), true, ""});
  const std::string second = rest::base64(std::string("\x40\x00", 2)), ninth = rest::base64(std::string("\x00\x80", 2)), both = rest::base64(std::string("\x40\x80", 2));
  dependent.values = {{"x", true, second}, {"y", true, ninth}, {"z", true, both}, {"off", false, both}};
  const auto values = dependent_values(dependent, controller);
  ASSERT_EQ(values.size(), 9u);
  EXPECT_THAT(values[1].second, ElementsAre("x", "z"));
  EXPECT_THAT(values[8].second, ElementsAre("y", "z"));
  EXPECT_THAT(values[0].second, IsEmpty());
}

TEST(Record, HoldsReferencesByKeyAndNullsAndLeavesOutWhatIsUnset) {
  const WritePlan plan = plan_of(task(), {"Legacy_Id__c", "Subject", "WhatId", "What:Account.Legacy_Id__c"}, "Legacy_Id__c");
  const Unit unit = unit_of(plan, Operation::upsert, {{"T-1", "a \"b\"", "~", "A-1"}, {"T-2", "-", "~", "-"}, {"T-3", "~", "~", "~"}, {"T-4", " x", "~", "~"}});
  const auto rows = rest::rows_of(unit);
  const auto record = [&](std::size_t i) {
    std::string out;
    const auto refusal = plan.append_record(rows[i], static_cast<std::int64_t>(i), Action::upsert, "", &out);
    return refusal ? "GW-" + std::to_string(refusal->error.number) + " " + refusal->field : out;
  };
  EXPECT_EQ(record(0), R"({"attributes":{"type":"Task"},"Legacy_Id__c":"T-1","Subject":"a \"b\"","What":{"attributes":{"type":"Account"},"Legacy_Id__c":"A-1"}})");
  EXPECT_EQ(record(1), R"({"attributes":{"type":"Task"},"Legacy_Id__c":"T-2","Subject":null,"WhatId":null})");
  EXPECT_EQ(record(2), R"({"attributes":{"type":"Task"},"Legacy_Id__c":"T-3"})");
  EXPECT_EQ(record(3), "GW-4110 Subject");
  std::string update;
  EXPECT_FALSE(plan.append_record(rows[0], 0, Action::update, "00T000000000001AAA", &update));
  EXPECT_TRUE(update.starts_with(R"({"attributes":{"type":"Task"},"id":"00T000000000001AAA","Subject")")) << update;
}

// An object with two kinds of records, one of which this user may not use.
SObject opportunity() {
  return *parse_sobject({{"name", "Opportunity"}, {"createable", true}, {"updateable", true},
                         {"fields", {field("Id", "id", {{"createable", false}, {"updateable", false}}), field("Legacy_Id__c", "string", {{"externalId", true}, {"unique", true}}),
                                     field("RecordTypeId", "reference", {{"referenceTo", {"RecordType"}}, {"relationshipName", "RecordType"}})}},
                         {"recordTypeInfos", {{{"developerName", "Renewal"}, {"recordTypeId", "012000000000001AAA"}, {"active", true}, {"available", true}, {"master", false}},
                                              {{"developerName", "Old"}, {"recordTypeId", "012000000000002AAA"}, {"active", false}, {"available", false}, {"master", false}},
                                              {{"developerName", "Master"}, {"recordTypeId", "012000000000000AAA"}, {"active", true}, {"available", true}, {"master", true}}}},
                         {"childRelationships", {{{"childSObject", "OpportunityShare"}, {"field", "OpportunityId"}, {"cascadeDelete", true}}}}});
}

TEST(RecordTypes, AreNamedByTheirDeveloperNameAndSentAsIds) {
  const SObject object = opportunity();
  const ObjectDescription d = description_of(object, columns_of(object, [](const std::string&) { return nullptr; }));
  ASSERT_NE(d.find("RecordType.DeveloperName"), nullptr);
  EXPECT_THAT(d.find("RecordType.DeveloperName")->choices, ElementsAre("Renewal"));
  ASSERT_EQ(object.children.size(), 1u);
  EXPECT_TRUE(object.children.front().cascades);
  const WritePlan plan = plan_of(object, {"Legacy_Id__c", "RecordType.DeveloperName"}, "Legacy_Id__c");
  const Unit unit = unit_of(plan, Operation::upsert, {{"O-1", "Renewal"}, {"O-2", "-"}, {"O-3", "Nothing"}});
  const auto rows = rest::rows_of(unit);
  std::string out;
  EXPECT_FALSE(plan.append_record(rows[0], 0, Action::upsert, "", &out));
  EXPECT_FALSE(plan.append_record(rows[1], 1, Action::upsert, "", &out));
  EXPECT_EQ(out, R"({"attributes":{"type":"Opportunity"},"Legacy_Id__c":"O-1","RecordTypeId":"012000000000001AAA"})"
                 R"({"attributes":{"type":"Opportunity"},"Legacy_Id__c":"O-2","RecordTypeId":null})");
  const auto refusal = plan.append_record(rows[2], 2, Action::upsert, "", &out);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->error.number, 4118);
  const UnitState state(plan, unit);
  const IngestCsv csv(plan, Action::upsert, "#N/A");
  EXPECT_EQ(csv.header(), "Legacy_Id__c,RecordTypeId\n");
  EXPECT_EQ(csv.line(state, 0), "O-1,012000000000001AAA\n");
  EXPECT_EQ(csv.line(state, 1), "O-2,#N/A\n");
  EXPECT_EQ(csv.line(state, 2), std::nullopt);  // refused by the call that follows
}

TEST(Upserts, CountAsCreatedWhereAnEarlierAttemptMadeTheRecord) {
  const WritePlan plan = plan_of(account(), {"Legacy_Id__c"}, "Legacy_Id__c");
  const Unit upserts = unit_of(plan, Operation::upsert, {{"A-1"}, {"A-2"}}), inserts = unit_of(plan, Operation::insert, {{"A-1"}});
  UnitState state(plan, upserts);
  state.was_absent[0] = true;
  EXPECT_EQ(state.kind_of_upsert(0, false, true), OutcomeKind::created);
  EXPECT_EQ(state.kind_of_upsert(0, false, false), OutcomeKind::updated);  // nobody sent it before: somebody else's
  EXPECT_EQ(state.kind_of_upsert(1, false, true), OutcomeKind::updated);
  EXPECT_EQ(state.kind_of_upsert(1, true, false), OutcomeKind::created);
  EXPECT_EQ(UnitState(plan, inserts).kind_of_upsert(0, false, true), OutcomeKind::created);
}

TEST(Action, FollowsOperationAndKey) {
  const WritePlan keyed = plan_of(task(), {"Legacy_Id__c", "CreatedDate"}, "Legacy_Id__c"), blind = plan_of(task(), {"Subject"}, "");
  const Unit rows = unit_of(keyed, Operation::insert, {{"1", "~"}, {"2", "2020-01-01T00:00:00Z"}});
  EXPECT_EQ(keyed.action_of(rest::rows_of(rows)[0]), Action::upsert);
  EXPECT_EQ(keyed.action_of(rest::rows_of(rows)[1]), Action::create);  // a created date is taken with new records only
  const Unit without = unit_of(blind, Operation::insert, {{"s"}});
  EXPECT_EQ(blind.action_of(rest::rows_of(without)[0]), Action::create);
  const Unit update = unit_of(keyed, Operation::update, {{"1", "~"}});
  EXPECT_EQ(keyed.action_of(rest::rows_of(update)[0]), Action::update);
}

TEST(Key, IsFoldedWhereSalesforceDoesNotLookAtTheCase) {
  WritePlan plan = plan_of(account(), {"Legacy_Id__c"}, "Legacy_Id__c");
  const Unit unit = unit_of(plan, Operation::upsert, {{"Ab-Ü"}, {"-"}});
  EXPECT_EQ(plan.key_of(rest::rows_of(unit)[0]), "ab-Ü");
  EXPECT_EQ(plan.key_of(rest::rows_of(unit)[1]), std::nullopt);
  EXPECT_EQ(long_id("0015500001QdQWa"), "0015500001QdQWaAAN");
  EXPECT_EQ(long_id("0015500001QdQWaAAN"), "0015500001QdQWaAAN");
}

TEST(RecordErrors, AreReadFromBothForms) {
  const RecordError item = record_error(json::parse(R"({"success":false,"errors":[{"statusCode":"REQUIRED_FIELD_MISSING","message":"Required fields are missing: [Name]","fields":["Name"]}]})"));
  EXPECT_EQ(item.code, "REQUIRED_FIELD_MISSING");
  EXPECT_THAT(item.fields, ElementsAre("Name"));
  const RecordError line = record_error(std::string_view("STRING_TOO_LONG:Name: data value too large: x:Name Phone --"));
  EXPECT_EQ(line.code, "STRING_TOO_LONG");
  EXPECT_EQ(line.message, "Name: data value too large: x");
  EXPECT_THAT(line.fields, ElementsAre("Name", "Phone"));
  EXPECT_TRUE(record_error(std::string_view("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access:--")).may_pass());
  EXPECT_EQ(record_error(std::string_view("no colon at all")).message, "no colon at all");
  const RecordError bare = record_error(std::string_view("Email: invalid email address: x"));
  EXPECT_EQ(bare.code, "");
  EXPECT_EQ(bare.message, "Email: invalid email address: x");
  EXPECT_TRUE(record_error(std::string_view("unable to obtain exclusive access to this record: 001")).may_pass());
}

TEST(RecordErrors, BecomeNumbersWithTheValueAtFault) {
  const WritePlan plan = plan_of(account(), {"Legacy_Id__c", "Name"}, "Legacy_Id__c");
  const Unit unit = unit_of(plan, Operation::upsert, {{"1", "abc"}});
  const auto row = rest::rows_of(unit)[0];
  const auto of = [&](const char* code, std::vector<std::string> fields, const char* message = "words") { return refuse_record(plan, {code, message, std::move(fields), {}}, row, 0); };
  EXPECT_EQ(of("REQUIRED_FIELD_MISSING", {"Name"}).error.number, 4101);
  const Refusal long_text = of("STRING_TOO_LONG", {"Name"});
  EXPECT_EQ(long_text.error.argument("seen"), "3");
  EXPECT_EQ(long_text.error.argument("expected"), "80");
  const Refusal twice = of("DUPLICATE_VALUE", {}, "duplicate value found: Legacy_Id__c duplicates value on record with id: 001");
  EXPECT_EQ(twice.error.number, 4102);
  EXPECT_EQ(twice.field, "Legacy_Id__c");
  EXPECT_EQ(of("DUPLICATE_EXTERNAL_ID", {}).error.number, 4114);
  EXPECT_EQ(of("UNABLE_TO_LOCK_ROW", {}).error_class, "lock");
  EXPECT_EQ(of("SOMETHING_NEW", {}).error.number, 4120);
  EXPECT_EQ(of("SOMETHING_NEW", {}).words, "SOMETHING_NEW: words");
}

TEST(JobCsv, SaysUnsetNullAndValueApartAndFindsRowsAgain) {
  const WritePlan plan = plan_of(account(), {"Legacy_Id__c", "Name", "AnnualRevenue"}, "Legacy_Id__c");
  const Unit unit = unit_of(plan, Operation::upsert, {{"A,1", "~", "1.50"}, {"A-2", "say \"hi\"", "-"}, {"A-3", "#N/A", "~"}});
  const UnitState state(plan, unit);
  IngestCsv csv(plan, Action::upsert, "#N/A");
  EXPECT_EQ(csv.header(), "Legacy_Id__c,Name,AnnualRevenue\n");
  EXPECT_EQ(csv.line(state, 0), "\"A,1\",,1.50\n");
  EXPECT_EQ(csv.line(state, 1), "A-2,\"say \"\"hi\"\"\",#N/A\n");
  EXPECT_EQ(csv.line(state, 2), std::nullopt);  // the text that means null cannot be said
  EXPECT_FALSE(csv.has_unanswered());
  csv.sent(state, 1, *csv.line(state, 1));
  EXPECT_TRUE(csv.has_unanswered());
  const auto folder = TemporaryFolder::make("salesforce-test");
  ASSERT_TRUE(folder);
  std::ofstream(folder->path() / "results.csv") << "\"sf__Id\",\"Legacy_Id__c\"\n\"001\",\"a-2\"\n";
  rest::CsvFile results;
  ASSERT_TRUE(results.open((folder->path() / "results.csv").string()));
  std::vector<std::string> fields;
  ASSERT_TRUE(results.next(&fields));
  EXPECT_EQ(csv.row_of(results, fields), 1);  // keys are compared without case
  EXPECT_FALSE(csv.has_unanswered());
}

TEST(CallMemory, KnowsWhatWasSentAndNeverAnswered) {
  struct Kept : UnitMemory {
    Result<> put(std::string_view name, std::string_view text) override {
      for (auto& [n, t] : all)
        if (n == name) return t = text, Result<>();
      all.emplace_back(name, text);
      return {};
    }
    std::vector<std::pair<std::string, std::string>> entries() override { return all; }
    std::vector<std::pair<std::string, std::string>> all;
  } kept;
  rest::CallMemory first(&kept);
  const rest::CallBatch answered{{0, 1, 2, 5}, {}, 0}, lost{{3, 4}, {}, 0}, refused{{6, 7}, {}, 0};
  for (const auto* b : {&answered, &lost, &refused}) ASSERT_TRUE(first.sending(*b));
  ASSERT_TRUE(first.answered(answered, {"a", "", "c", "d"}));
  ASSERT_TRUE(first.answered(refused, {}));
  const rest::CallMemory second(&kept);
  EXPECT_THAT(second.in_doubt(), ElementsAre(3, 4));
  EXPECT_EQ(second.created(), (std::map<std::int64_t, std::string>{{0, "a"}, {2, "c"}, {5, "d"}}));
  EXPECT_THAT(rest::parse_rows(rest::rows_text({0, 1, 2, 5, 7, 8})), ElementsAre(0, 1, 2, 5, 7, 8));
  EXPECT_THAT(rest::parse_rows("0-x"), IsEmpty());
}

TEST(Addresses, AreCutBeforeTheyAreTooLong) {
  std::vector<std::string> values;
  for (int i = 0; i < 1000; ++i) values.push_back("键 '" + std::to_string(i));
  std::size_t n = 0;
  for (const auto& some : in_lists(values, 2000, 300)) {
    EXPECT_LE(url_part(in_list(some)).size() + 300, 2010u);
    n += some.size();
  }
  EXPECT_EQ(n, 1000u);
  EXPECT_EQ(soql_text("O'Neil \\ x"), "'O\\'Neil \\\\ x'");
  EXPECT_EQ(url_part("a+b c"), "a%2Bb%20c");
}

TEST(Positions, OfBulkQueriesNameTheirJob) {
  EXPECT_EQ(bulk_job_of("page:5:2:7505e00000001AAA:loc:1"), "");
  EXPECT_EQ(bulk_job_of("page:5:2:7505e000000001AAAA:loc:1"), "7505e000000001AAAA");
  EXPECT_EQ(bulk_job_of("at:5:001000000000001AAA"), "");
  EXPECT_EQ(bulk_job_of(""), "");
}

TEST(Settings, SayWhatAFlowLacks) {
  const auto read = [](std::vector<std::pair<std::string, std::string>> given) {
    const auto settings = sdk::Settings::parse(kSettings, given);
    return settings ? read_options(*settings) : Result<Options>(Failure(settings.error()));
  };
  EXPECT_EQ(read({{"url", "https://a.my.salesforce.com"}}).error().number, 3501);
  EXPECT_EQ(read({{"url", "a.my.salesforce.com"}, {"client_id", "x"}, {"client_secret", "y"}}).error().number, 3502);
  for (const char* version : {"60", "45.0", "60.1", "x.0", "60.0.0", ".0"})
    EXPECT_EQ(read({{"url", "https://a"}, {"client_id", "x"}, {"client_secret", "y"}, {"version", version}}).error().number, 3502) << version;
  const auto fine = read({{"url", "https://a.my.salesforce.com/"}, {"sign_in", "jwt"}, {"client_id", "x"}, {"username", "u"}, {"key", "k.pem"}, {"changed_since", "2026-01-31T08:00:00+08:00"}});
  ASSERT_TRUE(fine);
  EXPECT_EQ(fine->changed_since, "2026-01-31T00:00:00Z");
  EXPECT_EQ(fine->place(), "a.my.salesforce.com");
  const json rules = json::parse(fine->rules);
  EXPECT_EQ(rules["sign_in"]["jwt"]["claims"]["aud"], "https://login.salesforce.com");
  EXPECT_EQ(rules["sign_in"]["url"], "https://a.my.salesforce.com/services/oauth2/token");
}

TEST(Settings, SwitchTheOrgsOwnRulesOffAndOn) {
  const auto headers = [](std::vector<std::pair<std::string, std::string>> given) {
    given.insert(given.end(), {{"url", "https://a"}, {"client_id", "x"}, {"client_secret", "y"}});
    return json::parse(read_options(*sdk::Settings::parse(kSettings, given))->rules)["headers"];
  };
  EXPECT_EQ(headers({})["Sforce-Auto-Assign"], "FALSE");
  EXPECT_FALSE(headers({}).contains("Sforce-Duplicate-Rule-Header"));
  EXPECT_FALSE(headers({{"assignment_rules", "yes"}}).contains("Sforce-Auto-Assign"));
  EXPECT_EQ(headers({{"duplicate_rules", "save"}})["Sforce-Duplicate-Rule-Header"], "allowSave=true; includeRecordDetails=false; runAsCurrentUser=true");
}

}  // namespace
}  // namespace godwit::salesforce
