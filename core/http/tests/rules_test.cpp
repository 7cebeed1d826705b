#include "core/http/rules.hpp"

#include <re2/re2.h>

#include <fstream>

#include "core/http/crypto.hpp"
#include "core/http/fill.hpp"
#include "core/http/judge.hpp"
#include "core/http/mask.hpp"
#include "core/http/tests/support.hpp"

namespace godwit::http {
namespace {

using testing::HasSubstr;
using testing::Not;

// The rules that docs/boundary.md shows are rules.
TEST(Rules, TheDocumentedOnesAreUnderstood) {
  std::ifstream file(GODWIT_SOURCE_DIR "/docs/boundary.md");
  const std::string page(std::istreambuf_iterator<char>(file), {});
  const std::size_t section = page.find("\n## HTTP\n"), begin = page.find("```json\n", section), end = page.find("\n```", begin);
  ASSERT_NE(section, std::string::npos);
  const auto rules = parse_rules(page.substr(begin + 8, end - begin - 8));
  ASSERT_TRUE(rules) << describe(rules.error());
  EXPECT_EQ(rules->budgets.size(), 4u);
  EXPECT_EQ(rules->verdicts.size(), 6u);
  EXPECT_EQ(rules->sign_in->steps.size(), 2u);
  EXPECT_EQ(rules->budgets[2].used.pattern, "api-usage=(\\d+)/(\\d+)");
}

TEST(Rules, EveryMistakeIsNamedByItsPlace) {
  const auto rules = parse_rules(R"({"base":"ftp://x","timout_s":1,"headers":[],"budgets":[{"calls":-1,"per_s":1},{"calls":5},{"calls":5,"concurrent":3}],
    "verdicts":[{"is":"busy"},{"status":"4x","is":"rate"},{"json":"/a","is":"maybe"}],"sign_in":{"jwt":{"alg":"none","key":"k"}},"retry":{"times":0},"success":{"json":"/code"}})");
  ASSERT_FALSE(rules);
  EXPECT_EQ(rules.error().number, 3041);
  const std::string all = describe(rules.error(), Language::en);
  for (const char* place : {"/base", "/timout_s: the rules of the HTTP client are wrong: timout_s; expected \"timeout_s\"?", "/headers", "/budgets/0/calls", "/budgets/1:", "/budgets/2:", "/verdicts/0:", "/verdicts/1/status",
                            "/verdicts/2/is", "/sign_in:", "/sign_in/jwt/alg", "/retry/times", "/success:"})
    EXPECT_THAT(all, HasSubstr(place));
  EXPECT_EQ(parse_rules("{\"base\":").error().number, 3041);
  EXPECT_EQ(parse_rules("[]").error().number, 3041);
  EXPECT_EQ(parse_rules(std::string(100'000, '[')).error().number, 3041);
}

struct Fixture {
  MovedClock clock{1'577'836'799 * kSecond};  // moved by the second it starts with: 1577836800
  Values session;
  std::string compute_last(json values, CallParts parts) {
    const auto rules = parse_rules(json{{"base", "http://h"}, {"values", values}}.dump());
    EXPECT_TRUE(rules) << describe(rules.error());
    const auto computed = compute(rules->values, Names{&session, nullptr, &parts, &clock});
    EXPECT_TRUE(computed) << describe(computed.error());
    return computed->at(values.back()["name"].get<std::string>());
  }
};

// Vectors that the vendors' documents give.
TEST(Values, SignTheWayThatVendorsDo) {
  Fixture f;
  f.session = {{"secret", "SECtest"}, {"client_secret", "key123"}, {"app_secret", "test-app-secret-value"}};
  // A robot's webhook: url(base64(hmac_sha256(secret, timestamp \n secret))).
  EXPECT_EQ(f.compute_last(json::array({{{"name", "timestamp"}, {"is", "time"}, {"format", "ms"}},
                                        {{"name", "raw"}, {"is", "hmac"}, {"key", "{{secret}}"}, {"of", "{{timestamp}}\n{{secret}}"}, {"as", "base64"}},
                                        {{"name", "sign"}, {"is", "url"}, {"of", "{{raw}}"}}}),
                           {}),
            "drlICLmsjUfpSZSa7%2BmhIyTLZHQVqxb4vc20sB3aqQU%3D");
  // base64 of the hexadecimal text of an hmac over method, encoded path and two headers.
  f.session["nonce"] = "1", f.session["time"] = "1";
  EXPECT_EQ(f.compute_last(json::array({{{"name", "path"}, {"is", "url"}, {"of", "{{@path}}"}},
                                        {{"name", "hmac"}, {"is", "hmac"}, {"key", "{{client_secret}}"}, {"of", "{{@method}}\n{{path}}\n\nx-api-nonce:{{nonce}}\nx-api-timestamp:{{time}}\n"}},
                                        {{"name", "sign"}, {"is", "base64"}, {"of", "{{hmac}}"}}}),
                           {"POST", "https://api.example/test", "", false}),
            "MThmZGFiM2U5MGZhNmU0MDQ0MWI1NTNkNmNmMjY2MDY0YzEzZTllNTA0OTBmM2M0NDI2NzFiMTI3NTFkZmU1ZQ==");
  // Parameters sorted by name, between the secret twice, md5 in capitals.
  EXPECT_EQ(f.compute_last(json::array({{{"name", "sorted"}, {"is", "sorted"}, {"parts", {"@query", "v=2"}}, {"pair", ""}, {"between", ""}, {"without", {"sign"}}}}), {"GET", "http://h/p?foo=1&bar=a%20b&sign=x", "", false}), "bara bfoo1v2");
  EXPECT_EQ(f.compute_last(json::array({{{"name", "s"}, {"is", "digest"}, {"algorithm", "md5"}, {"of", "abc"}, {"as", "HEX"}}}), {}), "900150983CD24FB0D6963F7D28E17F72");
  EXPECT_EQ(f.compute_last(json::array({{{"name", "s"}, {"is", "digest"}, {"algorithm", "sha1"}, {"of", "abc"}}}), {}), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(f.compute_last(json::array({{{"name", "s"}, {"is", "sorted"}, {"parts", {"zeta", "alpha", "Beta"}}, {"names", false}, {"between", ""}}}), {}), "Betaalphazeta");
  EXPECT_EQ(f.compute_last(json::array({{{"name", "s"}, {"is", "sorted"}, {"parts", {"@form"}}}}), {"POST", "http://h", "b=2&a=1", true}), "a=1&b=2");
  EXPECT_EQ(f.compute_last(json::array({{{"name", "t"}, {"is", "time"}, {"format", "%Y-%m-%d %H:%M:%S"}, {"offset", "+08:00"}}}), {}), "2020-01-01 08:00:00");
  EXPECT_EQ(f.compute_last(json::array({{{"name", "n"}, {"is", "random"}, {"length", 15}}}), {}).size(), 15u);
  EXPECT_TRUE(RE2::FullMatch(*fill_names("{{@uuid}}", Names{&f.session, nullptr, nullptr, &f.clock}), RE2("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")));
}

TEST(Values, StandInQueryBodyAndHeadersOfEveryCall) {
  TestServer server([](const Seen&) { return status(200); });
  json rules = quick(server);
  rules["session"] = {{"corp", "a\"b"}, {"token", "t=1&2"}};
  rules["query"] = {{"access_token", "{{token}}"}, {"sign", "{{sign}}"}};
  rules["body"] = {{"corpId", "{{corp}}"}};
  rules["values"] = json::array({{{"name", "sign"}, {"is", "digest"}, {"algorithm", "md5"}, {"of", "{{@query}}{{@body}}"}}});
  const auto client = open(rules);
  // What a customer wrote is never filled in.
  call(*client, post("/x?q=1", R"({"name":"{{token}}"})"));
  call(*client, post("/y", "{}"));
  Request filled = post("/z/{{corp|url}}", R"(["{{corp}}"])");
  filled.fill_body = true;
  call(*client, filled);
  const std::string body = R"({"corpId":"a\"b","name":"{{token}}"})";
  EXPECT_EQ(server.seen()[0].body, body);
  EXPECT_EQ(server.seen()[0].query, "q=1&access_token=t%3D1%262&sign=" + to_hex(*digest("md5", "q=1" + body)));
  EXPECT_EQ(server.seen()[1].body, R"({"corpId":"a\"b"})");
  EXPECT_EQ(server.seen()[2].path, "/z/a%22b");
  EXPECT_EQ(server.seen()[2].body, R"(["a\"b"])");
}

TEST(Judge, WaitsAreUnderstoodInEveryForm) {
  const std::int64_t now = 1'700'000'000 * kSecond;
  EXPECT_EQ(wait_of("30", now), 30);
  EXPECT_EQ(wait_of("0.25", now), 0.25);
  EXPECT_EQ(wait_of("1700000060", now), 60);
  EXPECT_EQ(wait_of("1700000060000", now), 60);
  EXPECT_EQ(wait_of("Tue, 14 Nov 2023 22:15:20 GMT", now), 120);
  EXPECT_EQ(wait_of("Tue, 14 Nov 2023 22:00:00 GMT", now), 0);
  EXPECT_EQ(wait_of("soon", now), -1);
  EXPECT_EQ(wait_of("", now), -1);
  EXPECT_LE(wait_of("1e300", now), 366 * 86400.0);
}

TEST(Judge, FindsPlaces) {
  Received answer;
  answer.body = R"({"a/b":[{"x":null},{"x":7}],"~":"t","big":12345678901234567890})";
  answer.headers = {{"set-cookie", "sid=abc; Path=/"}, {"x-left", "3"}};
  Reading reading(answer);
  const auto at = [&](std::string place) { return reading.at(Place{Place::In::json, std::move(place)}).value_or("-"); };
  EXPECT_EQ(at("/a~1b/1/x"), "7");
  EXPECT_EQ(at("/a~1b/*/x"), "7");
  EXPECT_EQ(at("/a~1b/0/x"), "-") << "null is not there";
  EXPECT_EQ(at("/~0"), "t");
  EXPECT_EQ(at("/big"), "12345678901234567890");
  EXPECT_EQ(at("/a~1b/9/x"), "-");
  EXPECT_EQ(at("/a~1b/-1"), "-");
  EXPECT_EQ(reading.at(Place{Place::In::cookie, "sid"}).value_or("-"), "abc");
  EXPECT_EQ(reading.at(Place{Place::In::header, "x-left"}).value_or("-"), "3");
}

TEST(Mask, NeitherSecretsNorPersonalDataAreTold) {
  const Values session{{"access_token", "00Dxx!AQ.secret"}, {"base", "https://acme.example"}, {"user", "me"}};
  EXPECT_EQ(without_secrets("https://acme.example/q?access_token=zzz&x=1 Bearer 00Dxx!AQ.secret", session), "https://acme.example/q?access_token=***&x=1 Bearer ***");
  EXPECT_THAT(without_secrets(R"({"client_secret": "abc", "password":"p w"})", {}), Not(HasSubstr("abc")));
  Rules rules;
  rules.mask = {"/records/*/Email", "/one"};
  Received answer;
  answer.body = R"({"records":[{"Id":1,"Email":"a@b.c"},{"Id":2,"Email":null}],"one":{"name":"x"},"message":"wrong"})";
  EXPECT_EQ(told_answer(rules, answer, session), R"({"records":[{"Id":1,"Email":"***"},{"Id":2,"Email":null}],"one":"***","message":"wrong"})");
}

}  // namespace
}  // namespace godwit::http
