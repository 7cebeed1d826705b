#include "core/http/budget.hpp"

#include <filesystem>
#include <fstream>

#include "core/http/tests/support.hpp"
#include "core/model/temporary_folder.hpp"

namespace godwit::http {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kMidnight = 1'700'006'400;  // 2023-11-15T00:00Z

// A client on a clock of its own; answers how many calls came through so far.
struct Counted {
  MovedClock clock;
  TestServer server;
  std::shared_ptr<Client> client;
  std::vector<std::int64_t> tickets;

  explicit Counted(json budgets, std::int64_t wall_s = kMidnight, TestServer::Handler handler = [](const Seen&) { return status(200); }, std::string state = "")
      : clock(wall_s * kSecond - kSecond), server(std::move(handler)) {
    json rules = quick(server);
    rules["budgets"] = std::move(budgets), rules["state"] = state;
    Surroundings surroundings;
    surroundings.clock = &clock;
    client = open(rules, surroundings);
  }
  void submit(int calls, std::string endpoint = "", double cost = 1) {
    for (int i = 0; i < calls; ++i) {
      Request request = get("/x");
      request.endpoint = endpoint, request.cost = cost;
      tickets.push_back(*client->submit(request));
    }
  }
  // Calls that came: waits for those that are expected, however slow the machine is, and then whether more come.
  int came(int expected = 0) {
    for (int tries = 0; tries < 500 && server.calls() < expected; ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    for (int before = -1; before != server.calls();) before = server.calls(), std::this_thread::sleep_for(std::chrono::milliseconds(200));
    return server.calls();
  }
};

TEST(Budgets, AWindowIsKeptInAnyStretchOfTime) {
  Counted counted(json::array({{{"calls", 10}, {"per_s", 20}}}));
  counted.submit(40);
  EXPECT_EQ(counted.came(10), 10);
  counted.clock.move(19 * kSecond);
  EXPECT_EQ(counted.came(10), 10);
  counted.clock.move(2 * kSecond);
  EXPECT_EQ(counted.came(20), 20);
  counted.clock.move(21 * kSecond);
  EXPECT_EQ(counted.came(30), 30);
}

TEST(Budgets, ABucketFillsEvenly) {
  Counted counted(json::array({{{"calls", 10}, {"per_s", 1}, {"burst", 5}}}));
  counted.submit(40);
  const int burst = counted.came();
  EXPECT_GE(burst, 3);
  EXPECT_LE(burst, 5);
  counted.clock.move(kSecond / 10);
  EXPECT_EQ(counted.came(burst + 1), burst + 1);
  counted.clock.move(kSecond / 5);
  EXPECT_EQ(counted.came(burst + 3), burst + 3);
}

TEST(Budgets, EndpointsHaveBudgetsOfTheirOwn) {
  Counted counted(json::array({{{"calls", 2}, {"per_s", 60}, {"endpoint", "query"}}, {{"calls", 3}, {"per_s", 60}, {"endpoint", "*"}}}));
  counted.submit(5, "query"), counted.submit(5, "create"), counted.submit(5, "update");
  EXPECT_EQ(counted.came(2 + 3 + 3), 2 + 3 + 3);
}

TEST(Budgets, CreditsAreCountedByTheCostOfACall) {
  Counted counted(json::array({{{"credits", 100}, {"per_s", 60}}, {{"calls", 50}, {"per_s", 60}}}));
  counted.submit(20, "", 30);
  EXPECT_EQ(counted.came(3), 3);
  // The limit of the budget is what a call takes that costs more than all of it.
  Counted dear(json::array({{{"credits", 100}, {"per_s", 60}}}));
  dear.submit(2, "", 500);
  EXPECT_EQ(dear.came(1), 1);
}

TEST(Budgets, ADaysBudgetEndsCallsAndComesBackAtItsTime) {
  // 100 calls, 2 packs, a quarter reserved: 150. The day begins at 00:00 in Shanghai, 16:00Z.
  Counted counted(json::array({{{"calls", 100}, {"per_day", true}, {"reset", "00:00"}, {"offset", "+08:00"}, {"reserve", "25%"}, {"packs", 2}}}), kMidnight + 15 * 3600);
  counted.submit(160);
  int ok = 0, exhausted = 0;
  for (const std::int64_t ticket : counted.tickets) {
    const Answer answer = finish(*counted.client, ticket);
    if (answer.verdict == Verdict::ok) ++ok;
    if (answer.verdict != Verdict::exhausted) continue;
    ++exhausted;
    EXPECT_NEAR(answer.wait_s, 3600, 2);
    EXPECT_THAT(answer.message, HasSubstr("GW-3049"));
    EXPECT_EQ(answer.attempts, 0);
  }
  EXPECT_EQ(ok, 150);
  EXPECT_EQ(exhausted, 10);
  EXPECT_EQ(json::parse(counted.client->usage())["budgets"][0]["left"], 0);
  counted.clock.move(3600 * kSecond);
  EXPECT_EQ(call(*counted.client, get("/x")).verdict, Verdict::ok);
}

// Shortly before the reset it is worth waiting.
TEST(Budgets, AShortWaitForTheNewDayIsWaited) {
  Counted counted(json::array({{{"calls", 3}, {"per_day", true}}}), kMidnight - 100);
  counted.submit(5);
  EXPECT_EQ(counted.came(3), 3);
  counted.clock.move(101 * kSecond);
  EXPECT_EQ(counted.came(5), 5);
}

TEST(Budgets, NoBudgetAtAllEndsCallsInsteadOfWaitingForEver) {
  Counted counted(json::array({{{"calls", 100}, {"per_s", 1}, {"packs", 0}}}));
  EXPECT_EQ(call(*counted.client, get("/x")).verdict, Verdict::exhausted);
  Counted bucket(json::array({{{"calls", 0}, {"per_s", 1}, {"burst", 5}}}));
  EXPECT_EQ(call(*bucket.client, get("/x")).verdict, Verdict::exhausted);
}

TEST(Budgets, LearnWhatTheSystemTells) {
  // Others use the same account: the system has counted 997 of 1000 when our first call comes.
  Counted counted(json::array({{{"calls", 5000}, {"per_day", true}, {"used", {{"header", "Sforce-Limit-Info"}, {"pattern", "api-usage=(\\d+)/(\\d+)"}}}}, {{"concurrent", 1}}}), kMidnight + 3600,
                  [](const Seen& seen) {
                    Reply out = status(200);
                    out.headers["Sforce-Limit-Info"] = "api-usage=" + std::to_string(996 + seen.number) + "/1000";
                    return out;
                  });
  counted.submit(10);
  EXPECT_EQ(counted.came(4), 4);
  EXPECT_EQ(finish(*counted.client, counted.tickets.back()).verdict, Verdict::exhausted);
  const json usage = json::parse(counted.client->usage())["budgets"][0];
  EXPECT_EQ(usage["used"], 1000);
  EXPECT_EQ(usage["limit"], 1000);
}

TEST(Budgets, LearnWhatIsLeft) {
  Counted counted(json::array({{{"credits", 50000}, {"per_s", 86400}, {"left", "header:x-api-credits-remaining"}}, {{"concurrent", 1}}}), kMidnight, [](const Seen& seen) {
    Reply out = status(200);
    out.headers["X-API-CREDITS-REMAINING"] = std::to_string(3 - seen.number);
    return out;
  });
  counted.submit(6);
  EXPECT_EQ(counted.came(3), 3);
  EXPECT_EQ(finish(*counted.client, counted.tickets.back()).verdict, Verdict::exhausted);
}

TEST(Budgets, WhatIsGoneIsCountedByTheSystemsOwnFigure) {
  // Nobody said beforehand how much there is; the system tells, and then that nothing is left.
  BudgetRule rule;
  rule.kind = BudgetRule::Kind::window, rule.amount = 1e9, rule.per_s = 86400, rule.reserve_share = 0.1;
  const Now now{0, 1'700'000'000 * kSecond};
  const auto budget = make_budget(rule, now);
  EXPECT_EQ(budget->wait(now, 1), 0);
  budget->told_used(now, 5, 1000, 0);
  EXPECT_EQ(budget->usage(now).limit, 900);
  EXPECT_EQ(budget->wait(now, 1), 0);
  budget->told_gone(now);
  EXPECT_EQ(budget->usage(now).used, 1000);
  EXPECT_GT(budget->wait(now, 1), 0);
}

TEST(Budgets, NoMoreAtOnceThanAllowed) {
  Counted counted(json::array({{{"concurrent", 3}}}), kMidnight, [](const Seen&) {
    Reply out = status(200);
    out.after_ms = 50;
    return out;
  });
  counted.submit(30);
  for (const std::int64_t ticket : counted.tickets) EXPECT_EQ(finish(*counted.client, ticket).verdict, Verdict::ok);
  EXPECT_EQ(counted.server.most_at_once(), 3);
}

TEST(Budgets, TheDaysUseOutlivesTheProgramAndIsSharedByPrograms) {
  const auto folder = TemporaryFolder::make("usage");
  const std::string file = (folder->path() / "usage.json").string();
  const json budgets = json::array({{{"name", "day"}, {"calls", 10}, {"per_day", true}}, {{"name", "rolling"}, {"credits", 1000}, {"per_s", 86400}}});
  const auto left = [](Client& client) {
    const json all = json::parse(client.usage())["budgets"];
    return std::pair(all[0]["left"].get<double>(), all[1]["left"].get<double>());
  };
  {
    Counted first(budgets, kMidnight, [](const Seen&) { return status(200); }, file);
    first.submit(4, "", 10);
    EXPECT_EQ(first.came(4), 4);
  }
  Counted second(budgets, kMidnight + 600, [](const Seen&) { return status(200); }, file), third(budgets, kMidnight + 600, [](const Seen&) { return status(200); }, file);
  second.submit(1, "", 10), third.submit(2, "", 10);
  EXPECT_EQ(second.came() + third.came(), 3);
  EXPECT_EQ(left(*second.client), (std::pair(5.0, 950.0)));
  EXPECT_EQ(left(*third.client), (std::pair(4.0, 940.0)));
  second.client.reset(), third.client.reset();
  Counted fourth(budgets, kMidnight + 1200, [](const Seen&) { return status(200); }, file);
  fourth.submit(1, "", 10);
  EXPECT_EQ(fourth.came(1), 1);
  EXPECT_EQ(left(*fourth.client), (std::pair(2.0, 920.0)));
  fourth.client.reset();
  // The next day: the window still holds what the day has forgotten.
  Counted fifth(budgets, kMidnight + 86400 - 60, [](const Seen&) { return status(200); }, file);
  fifth.submit(1, "", 10), fifth.came();
  EXPECT_EQ(left(*fifth.client).second, 910);
  fifth.clock.move(61 * kSecond);
  fifth.submit(1, "", 10), fifth.came();
  EXPECT_EQ(left(*fifth.client).first, 9);
  // A file that is damaged costs the count, not the run.
  fifth.client.reset();
  std::filesystem::resize_file(file, 7);
  Counted sixth(budgets, kMidnight + 1200, [](const Seen&) { return status(200); }, file);
  sixth.submit(1);
  EXPECT_EQ(sixth.came(1), 1);
}

// The system's figure holds the calls of all programs: two that are told of it must not both write it down.
TEST(Budgets, WhatTheSystemToldIsNotAddedUpByTheProgramsThatShareAFile) {
  const auto folder = TemporaryFolder::make("usage");
  const std::string file = (folder->path() / "usage.json").string();
  const auto tells = [](const Seen& seen) {
    Reply out = status(200);
    out.headers["X-Used"] = std::to_string(600 + seen.number), out.headers["X-Left"] = std::to_string(400 - seen.number);
    return out;
  };
  const json budgets = json::array({{{"name", "day"}, {"calls", 1000}, {"per_day", true}, {"used", "header:x-used"}}, {{"name", "rolling"}, {"calls", 1000}, {"per_s", 86400}, {"left", "header:x-left"}}});
  for (int program = 0; program < 3; ++program) {
    Counted one(budgets, kMidnight + 60 * program, tells, file);
    one.submit(1);
    EXPECT_EQ(one.came(1), 1);
    one.clock.move(2 * kSecond);
    one.came();
    const json all = json::parse(one.client->usage())["budgets"];
    EXPECT_EQ(all[0]["used"], 601);
    EXPECT_EQ(all[1]["used"], 601);
  }
  std::ifstream written(file);
  const json kept = json::parse(written);
  EXPECT_EQ(kept["day"][0][1], 3);
}

// A window over a day with a million entries stays small and exact to a two-thousandth of its length.
TEST(Budgets, ALongWindowIsKeptInGrains) {
  BudgetRule rule;
  rule.credits = true, rule.amount = 1e6, rule.per_s = 86400;
  const auto budget = make_budget(rule, {0, 0});
  std::int64_t wall = kMidnight * kSecond;
  for (int i = 0; i < 1'000'000; ++i) budget->take({0, wall += 50'000}, 1);
  EXPECT_LT(budget->kept({0, wall}).size(), 2100u);
  EXPECT_GT(budget->wait({0, wall}, 1), 0);
  const std::int64_t wait = budget->wait({0, wall}, 1);
  EXPECT_EQ(budget->wait({0, wall + wait}, 1), 0);
  EXPECT_NEAR(static_cast<double>(wait), (86400.0 - 50'000.0) * 1e6, 60e6);
}

}  // namespace
}  // namespace godwit::http
