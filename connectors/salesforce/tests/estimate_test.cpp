// What work costs, worked out by hand.
#include "connectors/salesforce/estimate.hpp"

#include <gtest/gtest.h>

namespace godwit::salesforce {
namespace {

Options costs() {
  Options out;
  out.bulk_from = 20000, out.bulk_query_from = 100000, out.batch_rows = 200, out.page_rows = 2000, out.uri_bytes = 12400;  // 500 keys in an address
  out.concurrent = 10, out.plan_call_ms = 2000, out.plan_bulk_rows = 1000, out.reserve = 10;
  return out;
}

const Budget* find(const Estimate& estimate, const std::string& name) {
  for (const Budget& b : estimate.budgets)
    if (b.name == name) return &b;
  return nullptr;
}

TEST(Estimate, CountsCallsOfCollectionsAndLookUps) {
  const Allowances org{{{"DailyApiRequests", {100000, 40000}}, {"DailyBulkApiBatches", {15000, 15000}}}, true};
  const Estimate e = estimate_of(costs(), org, {"Account", 10001, 1000, 400, 4000});
  EXPECT_EQ(e.calls, 51 + 5 + 2 + (1400 + 499) / 500 + 2);  // writes, keys to look up, pages to read
  EXPECT_EQ(e.jobs, 0);
  EXPECT_DOUBLE_EQ(e.seconds, static_cast<double>(e.calls) * 2 / 10);
  EXPECT_TRUE(e.simulated);
  const Budget* day = find(e, "DailyApiRequests");
  ASSERT_NE(day, nullptr);
  EXPECT_EQ(day->needs, e.calls);
  EXPECT_EQ(day->limit, 90000);
  EXPECT_EQ(day->remaining, 30000);
  EXPECT_EQ(find(e, "DailyBulkApiBatches"), nullptr);
}

TEST(Estimate, CountsJobsTheirBatchesAndTheQuestionsAfterThem) {
  const Allowances org{{{"DailyBulkApiBatches", {15000, 14000}}, {"DailyBulkV2QueryJobs", {10000, 9999}}}, false};
  // Two full units and a rest that is too small for a job.
  const Estimate e = estimate_of(costs(), org, {"Account", 2 * 65536 + 1000, 0, 0, 0});
  EXPECT_EQ(e.jobs, 2);
  EXPECT_EQ(find(e, "DailyBulkApiBatches")->needs, 14);
  EXPECT_EQ(find(e, "DailyBulkApiBatches")->remaining, 14000);
  EXPECT_NEAR(e.seconds, 2 * 65.536 + 1, 0.01);
  // Five calls of each job's own, five of the rest, and each is asked after until it has ended: every 10 s in the end.
  EXPECT_GT(e.calls, 2 * (5 + 6) + 5);
  EXPECT_LT(e.calls, 2 * (5 + 20) + 5);
  const Estimate read = estimate_of(costs(), org, {"Account", 0, 0, 0, 100000});
  EXPECT_EQ(read.jobs, 1);
  EXPECT_EQ(find(read, "DailyBulkV2QueryJobs")->needs, 1);
  EXPECT_GE(read.calls, 10 + 2);
}

TEST(Estimate, TakesTheSettingOverTheOrgsFigureAndTheLeastWhereNobodyKnows) {
  Options options = costs();
  EXPECT_EQ(find(estimate_of(options, {}, {"Account", 1, 0, 0, 0}), "DailyApiRequests")->limit, 13500);
  options.daily_calls = 1000;
  const Allowances org{{{"DailyApiRequests", {100000, 99900}}}, false};
  const Budget day = *find(estimate_of(options, org, {"Account", 1, 0, 0, 0}), "DailyApiRequests");
  EXPECT_EQ(day.limit, 900);
  EXPECT_EQ(day.remaining, 800);  // a hundred are gone already
  options.daily_calls = 50;
  EXPECT_EQ(find(estimate_of(options, org, {"Account", 1, 0, 0, 0}), "DailyApiRequests")->remaining, 0);
}

}  // namespace
}  // namespace godwit::salesforce
