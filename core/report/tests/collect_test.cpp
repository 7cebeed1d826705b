#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/report/money.hpp"
#include "core/report/tests/journal_fixture.hpp"

namespace godwit::report {
namespace {

using ::testing::HasSubstr;

const FlowLine& flow(const CutoverReport& report, std::string_view name) {
  for (const FlowLine& f : report.flows)
    if (f.name == name) return f;
  ADD_FAILURE() << name;
  return report.flows.front();
}

Verdict gate(const CutoverReport& report, std::string_view name) {
  for (const GateLine& g : report.gates)
    if (g.name == name) return g.verdict;
  ADD_FAILURE() << "no gate " << name;
  return Verdict::failed;
}

TEST(Collect, EveryFlowsBooksClose) {
  Sample sample = make_sample(Ending::with_conditions, "books");
  const CutoverReport report = make_report(sample);
  ASSERT_EQ(report.flows.size(), 4U);
  for (const FlowLine& f : report.flows) {
    EXPECT_EQ(f.open_rows(), 0) << f.name;
    EXPECT_EQ(f.due(), f.written() + f.set_aside + f.in_doubt) << f.name;
    std::int64_t explained = 0;
    for (const Reason& reason : f.reasons()) explained += reason.rows;
    EXPECT_EQ(explained, f.difference()) << f.name;
  }
  const FlowLine& accounts = flow(report, "accounts");
  EXPECT_EQ(accounts.due(), 6218 - 148 - 203);
  EXPECT_EQ(accounts.source_figure, 5340 + 878);
  EXPECT_EQ(accounts.found(), 5830);
  EXPECT_EQ(accounts.difference(), 37);
  EXPECT_EQ(flow(report, "users").source_figure, std::nullopt);
}

TEST(Collect, MoneyClosesToTheCent) {
  Sample sample = make_sample(Ending::with_conditions, "money");
  const CutoverReport report = make_report(sample);
  ASSERT_EQ(report.money.size(), 2U);
  const MoneyLine& cny = report.money[0];
  EXPECT_EQ(cny.currency, "CNY");
  EXPECT_EQ(cny.due, "127094004.10");
  EXPECT_EQ(cny.difference, "176000.00");
  EXPECT_EQ(cny.open, "0.00");
  EXPECT_EQ(cny.off_source, "0.00");
  EXPECT_EQ(cny.off_target, "0.00");
  EXPECT_EQ(cny.verdict, Verdict::passed);
}

TEST(Collect, OneCentTooFewInTheTargetFailsTheTotal) {
  Sample sample = make_sample(Ending::clean, "cent");
  must(sample.journal, "update total set value = '127094004.09' where bucket = 'target' and currency = 'CNY'");
  const CutoverReport report = make_report(sample);
  EXPECT_EQ(report.money[0].off_target, "-0.01");
  EXPECT_EQ(gate(report, "totals"), Verdict::failed);
  EXPECT_EQ(report.verdict, Verdict::failed);
  sample.project.totals[0].tolerance = "0.01";
  EXPECT_EQ(make_report(sample).verdict, Verdict::passed);
}

TEST(Collect, WhatTheSourceLostInsideIsNoMatterOfTolerance) {
  MoneyLine line;
  line.tolerance = "1000";
  line.read = "10.00", line.loaded = "9.00", line.target = "9.00";
  line.merged = line.filtered = line.set_aside = line.deleted = line.in_doubt = "0";
  settle_money(line);
  EXPECT_EQ(line.open, "1.00");
  EXPECT_EQ(line.verdict, Verdict::failed);
}

TEST(Collect, SumsOfALineHaveTheSamePlaces) {
  Sample sample = make_sample(Ending::clean, "places");
  must(sample.journal, "update total set value = '127094004.1' where bucket = 'target' and currency = 'CNY'");
  const MoneyLine line = make_report(sample).money[0];
  EXPECT_EQ(line.target, "127094004.10");
  EXPECT_EQ(line.in_doubt, "0.00");
  EXPECT_EQ(line.off_target, "0.00");
}

TEST(Collect, APromisedTotalThatNobodyTookIsNotForgotten) {
  Sample sample = make_sample(Ending::clean, "promised");
  Total open_orders;
  open_orders.name = "open_orders", open_orders.flow = "contacts";
  sample.project.totals.push_back(open_orders);
  const CutoverReport report = make_report(sample);
  EXPECT_EQ(report.money.size(), 3U);
  EXPECT_EQ(gate(report, "totals"), Verdict::condition);
}

TEST(Collect, VerdictsFollowFromTheWorstLine) {
  Sample clean = make_sample(Ending::clean, "v-clean"), conditions = make_sample(Ending::with_conditions, "v-cond"),
         failed = make_sample(Ending::failed, "v-failed"), unverified = make_sample(Ending::unverified, "v-unverified");
  const CutoverReport good = make_report(clean), fair = make_report(conditions), bad = make_report(failed),
                      blind = make_report(unverified);
  EXPECT_EQ(good.verdict, Verdict::passed);
  EXPECT_TRUE(good.causes.empty());
  EXPECT_EQ(fair.verdict, Verdict::condition);
  EXPECT_EQ(gate(fair, "differing"), Verdict::condition);
  EXPECT_EQ(gate(fair, "obligations"), Verdict::condition);
  EXPECT_EQ(bad.verdict, Verdict::failed);
  EXPECT_EQ(gate(bad, "run"), Verdict::failed);
  EXPECT_EQ(gate(bad, "books"), Verdict::failed);
  EXPECT_EQ(gate(bad, "missing"), Verdict::failed);
  EXPECT_EQ(gate(bad, "in_doubt"), Verdict::condition);
  EXPECT_EQ(gate(blind, "verified"), Verdict::condition);
  EXPECT_EQ(blind.verdict, Verdict::condition);
}

TEST(Collect, AGateOfTheProjectOverrulesTheStandingLine) {
  Sample sample = make_sample(Ending::with_conditions, "overrule");
  Gate differing;
  differing.name = "differing", differing.rows = 307, differing.stop = true;
  sample.project.gates = {differing};
  EXPECT_EQ(gate(make_report(sample), "differing"), Verdict::passed);
  sample.project.gates[0].rows = 306;
  const CutoverReport report = make_report(sample);
  EXPECT_EQ(report.verdict, Verdict::failed);
  std::int64_t lines = 0;
  for (const GateLine& g : report.gates) lines += g.name == "differing";
  EXPECT_EQ(lines, 4);  // one per flow, and no standing one
}

TEST(Collect, AGateOfOneFlowLeavesTheOthersToTheStandingLine) {
  Sample sample = make_sample(Ending::with_conditions, "one-flow");
  Gate differing;
  differing.name = "differing", differing.flow = "accounts", differing.rows = 0;
  sample.project.gates = {differing};
  std::vector<std::pair<std::string, Verdict>> lines;
  for (const GateLine& g : make_report(sample).gates)
    if (g.name == "differing") lines.emplace_back(g.flow, g.verdict);
  EXPECT_EQ(lines,
            (std::vector<std::pair<std::string, Verdict>>{{"accounts", Verdict::passed}, {"", Verdict::condition}}));
}

TEST(Collect, SharesOfProofGatesCountWhatWasCompared) {
  Sample sample = make_sample(Ending::with_conditions, "shares");
  Gate differing;
  differing.name = "differing", differing.flow = "contacts", differing.share = 0.01;  // 307 of 125,328 fields is 0.24%
  sample.project.gates = {differing};
  EXPECT_EQ(gate(make_report(sample), "differing"), Verdict::passed);
  sample.project.gates[0].share = 0.002;
  EXPECT_EQ(gate(make_report(sample), "differing"), Verdict::condition);
  sample.project.gates[0].min_rows = 10'000;  // contacts has 9,480
  EXPECT_EQ(gate(make_report(sample), "differing"), Verdict::passed);
}

TEST(Collect, AGateWhoseProofWasNotMadeIsACondition) {
  Sample sample = make_sample(Ending::unverified, "no-proof");
  Gate missing;
  missing.name = "missing", missing.rows = 0, missing.stop = true;
  sample.project.gates = {missing};
  EXPECT_EQ(gate(make_report(sample), "missing"), Verdict::condition);
}

TEST(Collect, DifferencesBeyondThoseKeptAreCounted) {
  Sample sample = make_sample(Ending::with_conditions, "kept");
  const CutoverReport report = make_report(sample);
  const auto at = std::find_if(report.differences.begin(), report.differences.end(),
                               [](const DifferenceGroup& g) { return g.kind == "case"; });
  ASSERT_NE(at, report.differences.end());
  EXPECT_EQ(at->rows, 301);
  EXPECT_EQ(at->examples.size(), 1U);
}

TEST(Collect, RowsInDoubtAndDeletedHaveTheirShareOfTheMoney) {
  Sample sample = make_sample(Ending::clean, "doubtful-money");
  must(sample.journal,
       "update total set value = '127094003.10' where bucket in ('loaded', 'target') and currency = 'CNY';"
       "insert into total values (7, 'revenue', 'accounts', 'CNY', 'in_doubt', '0.75', 1), (7, 'revenue', 'accounts', "
       "'CNY', 'deleted', '0.25', 1)");
  const CutoverReport report = make_report(sample);
  EXPECT_EQ(report.money[0].open, "0.00");
  EXPECT_EQ(report.money[0].due, "127094003.85");
  EXPECT_EQ(report.money[0].verdict, Verdict::passed);
}

TEST(Collect, ABookThatDoesNotCloseIsNamedWithItsRows) {
  Sample sample = make_sample(Ending::failed, "open-book");
  const CutoverReport report = make_report(sample);
  const FlowLine& contacts = flow(report, "contacts");
  EXPECT_EQ(contacts.open_rows(), 1);
  std::int64_t unexplained = 0;
  for (const Reason& reason : contacts.reasons())
    if (reason.kind == "unexplained") unexplained = reason.rows;
  EXPECT_EQ(unexplained, 1);
}

TEST(Collect, ATitleFitsAllRowsOfItsCause) {
  Sample sample = make_sample(Ending::with_conditions, "causes");
  const CutoverReport report = make_report(sample);
  ASSERT_EQ(report.causes.size(), 6U);
  const Cause& doubles = report.causes[0];  // of accounts, the most frequent
  EXPECT_EQ(doubles.number, 1411);
  EXPECT_EQ(doubles.rows, 21);
  EXPECT_EQ(doubles.open, 19);
  EXPECT_THAT(doubles.title.en, HasSubstr("customers:118"));  // the same in all rows
  EXPECT_THAT(doubles.title.en, HasSubstr("…"));              // the key is not
  EXPECT_THAT(doubles.title.zh, HasSubstr("…"));
  ASSERT_EQ(doubles.examples.size(), 5U);
  EXPECT_EQ(doubles.examples[0].place, "accounts:300");
  EXPECT_EQ(doubles.examples[0].key, "C-10300");
  EXPECT_THAT(doubles.examples[0].words.en, HasSubstr("C-100"));
}

TEST(Collect, MaskedReportsShowNoCustomerValue) {
  Sample sample = make_sample(Ending::with_conditions, "masked");
  sample.project.mask = "pii";
  const CutoverReport report = make_report(sample);
  const std::string json = canonical_json(report);
  for (const char* secret : {"ller", "example.com", "上海远航", "批发1", "scriptalert"})
    EXPECT_EQ(json.find(secret), std::string::npos) << secret;
  EXPECT_NE(json.find("C-10300"), std::string::npos);
  for (const SetAsideRow& row : report.rows_set_aside) EXPECT_EQ(row.original.find("远航"), std::string::npos);
}

TEST(Collect, MappingVersionsCountTheMappingsUsed) {
  Sample sample = make_sample(Ending::clean, "versions");
  const CutoverReport report = make_report(sample);
  EXPECT_EQ(report.mapping_version, 4);
  ASSERT_EQ(report.history.size(), 5U);  // of this target alone, this run first
  EXPECT_EQ(report.history[0].number, 7);
  EXPECT_EQ(report.history[1].mapping_version, 4);
  EXPECT_EQ(report.history[4].undone_by, 3);
}

TEST(Collect, EarlierRunsOpenRowsAreOpenItems) {
  Sample sample = make_sample(Ending::clean, "earlier");
  must(sample.journal,
       "insert into set_aside (run, flow, shard, unit, source, source_key, key_hash, locator, number, arguments, "
       "cause, original, original_hash)"
       " values (5,'contacts',0,1,'s','k',x'00','1',1410,'{}','c','{}','h'), "
       "(2,'contacts',0,1,'s','k',x'00','1',1410,'{}','c','{}','h')");
  const CutoverReport report = make_report(sample);
  ASSERT_EQ(report.open_items.size(), 1U);  // run 2 was undone
  EXPECT_EQ(report.open_items[0].kind, "set_aside_earlier");
  EXPECT_EQ(report.open_items[0].rows, 1);
}

TEST(Collect, DamagedTextsInTheJournalDoNotStopTheReport) {
  Sample sample = make_sample(Ending::with_conditions, "damaged");
  must(sample.journal,
       "update set_aside set arguments = '{broken' where id % 3 = 0; update set_aside set original = x'FF7B' where id "
       "% 5 = 0;"
       "update verification set detail = '[1,2'; update run set version = 'none' where number = 7;"
       "update total set value = 'abc' where bucket = 'loaded' and currency = 'EUR'; update set_aside set number = 1 "
       "where id % 7 = 0");
  const CutoverReport report = make_report(sample);
  EXPECT_NE(report.money[1].verdict, Verdict::passed);
  EXPECT_EQ(report.rows_set_aside.size(), 160U);
}

TEST(Collect, UnknownRunsAndEmptyJournalsAreNumberedErrors) {
  Sample sample = make_sample(Ending::clean, "unknown");
  const auto missing = collect(sample.journal, 99, sample.project, {});
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().number, 4200);
  EXPECT_EQ(newest_run(sample.journal).value_or(0), 7);
  must(sample.journal, "delete from run");
  EXPECT_EQ(newest_run(sample.journal).error().number, 4201);
  must(sample.journal, "drop table run");
  EXPECT_EQ(newest_run(sample.journal).error().number, 5010);
}

}  // namespace
}  // namespace godwit::report
