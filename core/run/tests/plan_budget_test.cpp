#include "core/run/plan_budget.hpp"

#include <gtest/gtest.h>

namespace godwit {
namespace {

Estimate daily(std::int64_t needs, std::int64_t limit, std::int64_t remaining, double seconds) {
  Estimate out;
  out.calls = needs, out.seconds = seconds;
  out.budgets.push_back({"calls of the day", needs, limit, remaining, 86400, 3600});
  return out;
}

TEST(PlanCost, BudgetsOfOneConnectionAreAddedOverItsFlows) {
  PlanCost cost;
  add_cost(cost, "crm", daily(400, 1000, 900, 40), std::nullopt);
  add_cost(cost, "crm", daily(450, 1000, 900, 45), daily(100, 1000, 900, 10));
  add_cost(cost, "other", daily(5, 10, 10, 1), std::nullopt);
  add_cost(cost, "files", std::nullopt, std::nullopt);
  finish_cost(cost);
  ASSERT_EQ(cost.budgets.size(), 2u);
  EXPECT_EQ(cost.budgets[0].budget.needs, 850);
  EXPECT_EQ(cost.budgets[0].windows, 1);
  EXPECT_EQ(cost.calls, 855);
  EXPECT_DOUBLE_EQ(cost.seconds, 86);
  EXPECT_DOUBLE_EQ(cost.undo_seconds, 10);
}

// 900 go today, 1,000 tomorrow, the last 600 the day after: an hour until the first reset and one whole day are waited out.
TEST(PlanCost, WhatIsMoreThanTodayGrantsWaitsForTheDaysAfter) {
  PlanCost cost;
  add_cost(cost, "crm", daily(2500, 1000, 900, 250), std::nullopt);
  finish_cost(cost);
  EXPECT_EQ(cost.budgets[0].windows, 3);
  EXPECT_DOUBLE_EQ(cost.seconds, 250 + 3600 + 86400);
}

TEST(PlanCost, WithoutAnyGrantThereIsNoDayOnWhichItEnds) {
  PlanCost cost;
  add_cost(cost, "crm", daily(10, 0, 0, 1), std::nullopt);
  finish_cost(cost);
  EXPECT_EQ(cost.budgets[0].windows, 0);
}

TEST(Freeze, AWholeLoadThatFitsNeedsNoWaves) {
  PlanCost cost;
  add_cost(cost, "crm", daily(800, 1000, 1000, 7200), std::nullopt);
  finish_cost(cost);
  EXPECT_TRUE(fit_freeze(cost, 80000, 8 * 3600).fits);
}

// Ten hours of work into a freeze of four: of 100,000 rows 40,000 may have changed.
TEST(Freeze, TheDeltaMayHoldWhatThePaceAllows) {
  PlanCost cost;
  add_cost(cost, "crm", daily(1000, 100000, 100000, 36000), std::nullopt);
  finish_cost(cost);
  const FreezePlan freeze = fit_freeze(cost, 100000, 4 * 3600);
  EXPECT_FALSE(freeze.fits);
  EXPECT_DOUBLE_EQ(freeze.early_s, 36000);
  EXPECT_EQ(freeze.delta_rows, 40000);
}

// Five days of budget into a freeze of one: a fifth of the rows, however fast the calls are.
TEST(Freeze, TheDeltaMayHoldWhatTheBudgetOfTheFreezeAllows) {
  PlanCost cost;
  add_cost(cost, "crm", daily(5000, 1000, 1000, 500), std::nullopt);
  finish_cost(cost);
  EXPECT_EQ(fit_freeze(cost, 100000, 86400).delta_rows, 20000);
}

}  // namespace
}  // namespace godwit
