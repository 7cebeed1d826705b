#include "core/http/pace.hpp"

#include <gmock/gmock.h>

#include <queue>
#include <random>

namespace godwit::http {
namespace {

// A system that allows so many calls a second, so many at once, or both, and a client that has always more to send. No time passes but the simulation's.
struct System {
  double rate = 0, burst = 5;
  int at_once = 0;
  double latency_s = 0.12, jitter_s = 0.02;
  double more_per_call_s = 0;  // every call under way makes all of them slower: a system that queues
};
struct Outcome {
  double per_s = 0;  // accepted, over all but the first fifth
  double refused = 0;
  int most = 0;
};

Outcome simulate(const System& system, Pace pace, double seconds_long, double declared = 0) {
  struct Answer {
    std::int64_t at, sent_at;
    int under_way;
    bool refused;
    bool operator<(const Answer& other) const { return at > other.at; }
  };
  std::mt19937 random(7);
  std::priority_queue<Answer> answers;
  std::int64_t now = kSecond, filled = now, next_declared = 0;
  double bucket = system.burst;
  int under_way = 0, accepted = 0, refused = 0, most = 0, late = 0;
  std::int64_t paused_until = 0;
  const std::int64_t end = now + seconds(seconds_long), measured = now + (end - now) / 5;
  while (now < end) {
    for (;;) {
      const std::int64_t wait = std::max({pace.wait(now, under_way), paused_until - now, declared > 0 ? next_declared - now : 0});
      if (wait > 0) break;
      pace.sent(now);
      if (declared > 0) next_declared = std::max(next_declared, now - seconds(0.02)) + seconds(1 / declared);
      ++under_way, most = std::max(most, under_way);
      const auto jitter = seconds(std::uniform_real_distribution<double>(0, system.jitter_s)(random));
      bucket = std::min(system.burst, bucket + static_cast<double>(now - filled) / 1e6 * system.rate), filled = now;
      const bool too_fast = system.rate > 0 && bucket < 1, too_many = system.at_once > 0 && under_way > system.at_once;
      if (!too_fast) bucket -= 1;
      const auto answer_in = too_fast || too_many ? seconds(0.01) : seconds(system.latency_s + system.more_per_call_s * under_way) + jitter;
      answers.push({now + answer_in, now, under_way, too_fast || too_many});
    }
    // The next thing that happens: an answer, or the time to send.
    std::int64_t next = answers.empty() ? end : answers.top().at;
    const std::int64_t wait = std::max({pace.wait(now, under_way), paused_until - now, declared > 0 ? next_declared - now : 0});
    if (wait > 0 && wait < kNever) next = std::min(next, now + wait);
    now = std::max(now + 1, next);
    while (!answers.empty() && answers.top().at <= now) {
      const Answer answer = answers.top();
      answers.pop(), --under_way;
      if (answer.refused) pace.refused(now, answer.sent_at, answer.under_way), ++refused, paused_until = now + seconds(0.01);
      else pace.answered(now, answer.sent_at, answer.under_way), ++accepted, late += now > measured ? 1 : 0;
    }
  }
  return {late / (seconds_long * 0.8), static_cast<double>(refused) / (accepted + refused), most};
}

TEST(Pace, FindsARateThatNobodyDeclared) {
  for (const double rate : {5.0, 25.0, 200.0}) {
    const Outcome outcome = simulate({.rate = rate}, Pace(64, false), 120);
    EXPECT_GT(outcome.per_s, 0.97 * rate) << rate;
    EXPECT_LT(outcome.refused, rate < 10 ? 0.04 : 0.02) << rate;
  }
}

TEST(Pace, FindsANumberAtOnceThatNobodyDeclared) {
  for (const int at_once : {1, 5, 10, 25}) {
    const Outcome outcome = simulate({.at_once = at_once}, Pace(64, false), 120);
    const double best = at_once / 0.13;
    EXPECT_GT(outcome.per_s, (at_once == 1 ? 0.85 : 0.93) * best) << at_once;
    EXPECT_LT(outcome.refused, 0.03) << at_once;
  }
}

TEST(Pace, GrowsWithWhatIsAllowed) {
  EXPECT_GT(simulate({}, Pace(10, false), 30).per_s, 0.95 * 10 / 0.13);
  EXPECT_GT(simulate({}, Pace(40, false), 30).per_s, 0.95 * 40 / 0.13);
  EXPECT_EQ(simulate({}, Pace(40, false), 30).most, 40);
}

TEST(Pace, DoesNotPileUpCallsBeforeASystemThatQueues) {
  // Every call under way adds as much as the first one takes: more at once bring nothing.
  EXPECT_LT(simulate({.latency_s = 0.05, .jitter_s = 0.001, .more_per_call_s = 0.05}, Pace(64, false), 30).most, 16);
}

TEST(Pace, ADeclaredRateIsKeptWithoutRefusals) {
  const Outcome outcome = simulate({.rate = 25, .burst = 5}, Pace(64, true), 60, 25);
  EXPECT_GT(outcome.per_s, 24.75);
  EXPECT_LT(outcome.refused, 0.002);
}

// Somebody declared more than the system allows.
TEST(Pace, ADeclaredRateThatIsTooMuchIsCorrected) {
  const Outcome outcome = simulate({.rate = 10}, Pace(64, true), 120, 25);
  EXPECT_GT(outcome.per_s, 9.5);
  EXPECT_LT(outcome.refused, 0.04);
}

TEST(Pace, ThreeFailuresInARowHalveTheNumberAtOnce) {
  Pace pace(16, false);
  std::int64_t now = kSecond;
  for (int i = 0; i < 100; ++i) pace.sent(now), now += 1000, pace.answered(now, now - 1000, 16);
  EXPECT_EQ(pace.wait(now, 15), 0);
  for (int i = 0; i < 3; ++i) now += 1000, pace.troubled(now, now, 16);
  EXPECT_EQ(pace.wait(now, 15), kNever);
  EXPECT_EQ(pace.wait(now, 6), 0);
  EXPECT_EQ(pace.wait(now + 10 * kSecond, 15), 0) << "and it comes back";
}

}  // namespace
}  // namespace godwit::http
