// The kit's parts one by one; the whole program is tried by tests/sandbox.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "plugins/kits/sandbox/clock.hpp"
#include "plugins/kits/sandbox/codec.hpp"
#include "plugins/kits/sandbox/database.hpp"
#include "plugins/kits/sandbox/faults.hpp"
#include "plugins/kits/sandbox/limits.hpp"
#include "plugins/kits/sandbox/options.hpp"
#include "plugins/kits/sandbox/router.hpp"

namespace godwit::sandbox {
namespace {

using testing::HasSubstr;

std::string taken_by(const Router& router, const std::string& method, const std::string& path, std::string* place = nullptr) {
  Request request;
  request.method = method, request.path = path;
  const Router::Match match = router.match(request);
  if (place != nullptr) *place = request.param("id") + request.param("rest");
  if (match.route == nullptr) return match.path_known ? "method" : "nobody";
  return match.route->pattern;
}

TEST(Router, TheMostExactPatternWins) {
  Router router;
  const Handler none = [](Request&) { return Answer(); };
  router.on("GET", "/a/{id}", none);
  router.on("GET", "/a/describe", none);
  router.on("GET", "/a/{id}/{rest*}", none);
  router.on("POST", "/a/{id}/x", none);
  std::string place;
  EXPECT_EQ(taken_by(router, "GET", "/a/17", &place), "/a/{id}");
  EXPECT_EQ(place, "17");
  EXPECT_EQ(taken_by(router, "GET", "/a/17/"), "/a/{id}");
  EXPECT_EQ(taken_by(router, "GET", "/a/describe"), "/a/describe");
  EXPECT_EQ(taken_by(router, "GET", "/a/A%2F1", &place), "/a/{id}");
  EXPECT_EQ(place, "A/1");
  EXPECT_EQ(taken_by(router, "GET", "/a/1/b/c%20d", &place), "/a/{id}/{rest*}");
  EXPECT_EQ(place, "1b/c d");
  EXPECT_EQ(taken_by(router, "PATCH", "/a/17"), "method");
  EXPECT_EQ(taken_by(router, "GET", "/b"), "nobody");
  EXPECT_EQ(taken_by(router, "HEAD", "/a/17"), "/a/{id}");
}

TEST(Exchange, QueriesAreDecoded) {
  const Pairs query = parse_query("q=SELECT+Id%2C%E4%BD%A0&empty=&flag&bad=%zz");
  EXPECT_EQ(*find_pair(query, "q"), "SELECT Id,你");
  EXPECT_EQ(*find_pair(query, "empty"), "");
  EXPECT_EQ(*find_pair(query, "flag"), "");
  EXPECT_EQ(*find_pair(query, "bad"), "%zz");
  EXPECT_EQ(find_pair(query, "Q"), nullptr);
  EXPECT_NE(find_pair(query, "Q", true), nullptr);
  EXPECT_EQ(percent_decode("a%2", true), "a%2");
}

TEST(Clock, TimesAreReadAndWritten) {
  EXPECT_EQ(iso_time(1'700'000'000'006, Zone::plus_0000, true), "2023-11-14T22:13:20.006+0000");
  EXPECT_EQ(iso_time(1'700'000'000'006, Zone::plus_00_00, false, 480), "2023-11-15T06:13:20+08:00");
  for (const char* same : {"2023-11-14T22:13:20.006Z", "2023-11-15T06:13:20.006+08:00", "2023-11-15T06:13:20.006+0800"})
    EXPECT_EQ(parse_iso_time(same), 1'700'000'000'006) << same;
  EXPECT_EQ(parse_iso_time("2023-11-15", 480), midnight_ms(1'700'000'000'006, 480));
  for (const char* none : {"2023-02-30", "2023-11-14T25:00:00Z", "14.11.2023", "2023-11-14T22:13:20X", ""}) EXPECT_FALSE(parse_iso_time(none)) << none;
  EXPECT_EQ(http_date(784'111'777'000), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784'111'777'000);
  EXPECT_FALSE(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"));
  EXPECT_EQ(midnight_ms(-1, 0), -86'400'000);
}

Fault fault_of(const std::string& spec) {
  Fault out;
  std::string error;
  EXPECT_TRUE(parse_fault(spec, out, error)) << error;
  return out;
}

std::string hits_of(Faults& faults, int calls) {
  std::string out;
  for (int i = 0; i < calls; ++i) out += faults.hits("POST", "/things/1").empty() ? '.' : 'x';
  return out;
}

TEST(Faults, HitWhereTheySay) {
  const auto tried = [](const std::string& spec, int calls) {
    Faults faults(1);
    faults.add(fault_of(spec));
    return hits_of(faults, calls);
  };
  EXPECT_EQ(tried("slow:at=3", 6), "..x...");
  EXPECT_EQ(tried("slow:every=2", 6), ".x.x.x");
  EXPECT_EQ(tried("slow", 3), "xxx");
  EXPECT_EQ(tried("slow:times=2", 4), "xx..");
  EXPECT_EQ(tried("slow:path=/other", 3), "...");
  EXPECT_EQ(tried("slow,path=/things,method=GET", 3), "...");
  EXPECT_EQ(tried("slow:share=0", 50).find('x'), std::string::npos);
  EXPECT_EQ(tried("slow:share=100%", 50).find('.'), std::string::npos);
}

TEST(Faults, AShareIsTheSameForTheSameSeed) {
  std::string drawn[3];
  for (int i = 0; i < 3; ++i) {
    Faults faults(i == 2 ? 8 : 7);
    faults.add(fault_of("truncate:share=25%"));
    drawn[i] = hits_of(faults, 4000);
  }
  EXPECT_EQ(drawn[0], drawn[1]);
  EXPECT_NE(drawn[0], drawn[2]);
  EXPECT_NEAR(static_cast<double>(std::count(drawn[0].begin(), drawn[0].end(), 'x')), 1000, 100);
}

TEST(Faults, NonsenseIsRefusedWithAReason) {
  Fault out;
  std::string error;
  EXPECT_FALSE(parse_fault("explode", out, error));
  EXPECT_THAT(error, HasSubstr("drop-after-commit"));
  for (const char* spec : {"slow:at=0", "slow:share=2", "slow:at", "slow:when=3", "html:status=999"}) EXPECT_FALSE(parse_fault(spec, out, error)) << spec;
}

TEST(Limits, ASlidingWindowNeverLetsMoreThrough) {
  Windows windows({.calls = 3, .per_ms = 1000});
  EXPECT_EQ(windows.take("a", 0), 0);
  EXPECT_EQ(windows.take("a", 400), 0);
  EXPECT_EQ(windows.take("a", 800), 0);
  EXPECT_EQ(windows.take("a", 900), 100);
  EXPECT_EQ(windows.take("b", 900), 0);  // a key of its own
  EXPECT_EQ(windows.take("a", 1000), 0);
  EXPECT_EQ(windows.take("a", 1100), 300);
}

TEST(Limits, AFixedWindowBeginsAnew) {
  Windows windows({.calls = 1, .per_ms = 1000, .sliding = false});
  EXPECT_EQ(windows.take("a", 900), 0);
  EXPECT_EQ(windows.take("a", 950), 50);
  EXPECT_EQ(windows.take("a", 1000), 0);
}

TEST(Limits, ADaysQuotaComesBackAtMidnightAndOutlivesTheProgram) {
  Database database(":memory:");
  const std::int64_t noon = midnight_ms(1'700'000'000'000, 480) + 43'200'000;
  {
    DailyQuota quota({.quota = 10, .zone_minutes = 480}, database);
    EXPECT_TRUE(quota.take(noon, 8));
    EXPECT_FALSE(quota.take(noon, 3));
    EXPECT_EQ(quota.remaining(noon), 2);
  }
  DailyQuota again({.quota = 10, .zone_minutes = 480}, database);
  EXPECT_EQ(again.used(noon), 8);
  EXPECT_EQ(again.resets_at_ms(noon), noon + 43'200'000);
  EXPECT_EQ(again.used(noon + 43'200'000), 0);
}

TEST(Limits, ARollingDayForgetsHourByHour) {
  Database database(":memory:");
  DailyQuota quota({.quota = 10, .rolling = true}, database);
  constexpr std::int64_t kHour = 3'600'000, kStart = 1000 * 24 * kHour;
  EXPECT_TRUE(quota.take(kStart, 6));
  EXPECT_TRUE(quota.take(kStart + 5 * kHour, 4));
  EXPECT_FALSE(quota.take(kStart + 24 * kHour, 1));
  EXPECT_TRUE(quota.take(kStart + 25 * kHour, 6));
}

TEST(Codec, GzipBase64AndPartsComeBackAsTheyWere) {
  std::string bytes;
  for (int i = 0; i < 100'000; ++i) bytes += static_cast<char>((i * 7 + i / 251) % 251);
  EXPECT_EQ(gunzip(gzip(bytes), 1 << 20), bytes);
  EXPECT_EQ(gunzip(gzip(bytes), 1000), std::nullopt);
  EXPECT_EQ(gunzip("nothing of the kind", 1000), std::nullopt);
  for (std::size_t n = 0; n < 10; ++n) EXPECT_EQ(unbase64(base64(bytes.substr(0, n))), bytes.substr(0, n));
  EXPECT_EQ(unbase64(base64_url("\xff\xfe?>")), "\xff\xfe?>");
  EXPECT_EQ(unbase64("a b"), std::nullopt);
  EXPECT_EQ(md5_hex("godwit"), md5_hex("godwit"));
  const auto parts = parse_multipart("multipart/form-data; boundary=xx",
                                     "--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a \\\"b\\\".pdf\"\r\nContent-Type: text/plain\r\n\r\n1\r\n2\r\n--xx--\r\n");
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 1U);
  EXPECT_EQ(parts->front().name, "file");
  EXPECT_EQ(parts->front().file_name, "a \"b\".pdf");
  EXPECT_EQ(parts->front().body, "1\r\n2");
  EXPECT_FALSE(parse_multipart("multipart/form-data; boundary=xx", "--xx\r\nno end"));
}

TEST(Database, WhatIsNotKeptIsTakenBack) {
  Database database(":memory:");
  database.script("create table t(a)");
  {
    Savepoint outer(database);
    database.run("insert into t values(?)", {std::int64_t{1}});
    {
      Savepoint inner(database);
      database.run("insert into t values(?)", {std::int64_t{2}});
    }
    {
      Savepoint inner(database);
      database.run("insert into t values(?)", {std::string("three")});
      inner.keep();
    }
    outer.keep();
  }
  EXPECT_EQ(database.rows("select a from t order by rowid"), (std::vector<Row>{{std::int64_t{1}}, {std::string("three")}}));
  EXPECT_EQ(database.next("n", 5), 5);
  EXPECT_EQ(database.next("n", 5), 6);
  EXPECT_THROW(database.run("insert into nowhere values(1)"), DatabaseError);
}

TEST(Turns, AreTakenInTheOrderInWhichTheyWereAskedFor) {
  Turns turns;
  turns.lock();
  turns.lock();  // again by the same thread
  std::vector<int> order;
  std::vector<std::thread> threads;
  std::atomic<int> asked{0};
  for (int i = 0; i < 5; ++i) {
    threads.emplace_back([&, i] {
      ++asked;
      const std::lock_guard guard(turns);
      order.push_back(i);
    });
    while (asked <= i) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(30));  // it has asked for its turn by now
  }
  turns.unlock();
  EXPECT_TRUE(order.empty());
  turns.unlock();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(Options, TheLineIsUnderstoodOrRefusedWithAReason) {
  const auto parsed = [](std::vector<std::string> words, Options& out) {
    words.insert(words.begin(), "program");
    std::vector<char*> line;
    for (std::string& word : words) line.push_back(word.data());
    std::string error;
    parse_options(static_cast<int>(line.size()), line.data(), out, error);
    return error;
  };
  Options good;
  EXPECT_EQ(parsed({"--data", "x.db", "--rate=25", "--per", "20", "--set", "a=b=c", "--fault", "slow:ms=1"}, good), "");
  EXPECT_EQ(good.rate, 25);
  EXPECT_EQ(good.switches, (std::vector<std::pair<std::string, std::string>>{{"a", "b=c"}}));
  EXPECT_EQ(good.faults.size(), 1U);
  Options bad;
  EXPECT_THAT(parsed({}, bad), HasSubstr("--data"));
  EXPECT_THAT(parsed({"--date", "x"}, bad), HasSubstr("no option --date"));
  EXPECT_THAT(parsed({"--data", "x", "--rate", "many"}, bad), HasSubstr("many"));
  EXPECT_THAT(parsed({"--data", "x", "--rate"}, bad), HasSubstr("wants a value"));
  EXPECT_THAT(parsed({"--data", "x", "--fault", "bang"}, bad), HasSubstr("there are:"));
}

}  // namespace
}  // namespace godwit::sandbox
