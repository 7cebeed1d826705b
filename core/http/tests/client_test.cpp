#include "core/http/client.hpp"

#include "core/http/tests/support.hpp"

namespace godwit::http {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(Client, SendsWhatItIsToldAndGivesBackWhatCame) {
  TestServer server([](const Seen&) {
    Reply out = status(201, R"({"id":"7"})");
    out.headers["X-Kind"] = "New";
    return out;
  });
  json rules = quick(server);
  rules["headers"] = {{"X-Org", "{{org}}"}, {"X-Own", "rule"}};
  rules["session"] = {{"org", "42"}};
  const auto client = open(rules);
  Request request = post("/records?a=%20b", R"({"name":"Müller"})");
  request.headers = {{"X-Own", "call"}};
  const Answer answer = call(*client, request);
  EXPECT_EQ(answer.verdict, Verdict::ok);
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, R"({"id":"7"})");
  EXPECT_EQ(answer.attempts, 1);
  EXPECT_FALSE(answer.maybe_done);
  EXPECT_THAT(answer.headers, testing::Contains(testing::Pair("x-kind", "New")));
  const Seen seen = server.seen().at(0);
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.path, "/records");
  EXPECT_EQ(seen.query, "a=%20b");
  EXPECT_EQ(seen.body, R"({"name":"Müller"})");
  EXPECT_EQ(seen.headers.at("x-org"), "42");
  EXPECT_EQ(seen.headers.at("x-own"), "call");
  EXPECT_EQ(seen.headers.at("content-type"), "application/json");
  EXPECT_EQ(seen.headers.count("expect"), 0u);
}

TEST(Client, KeepsConnections) {
  TestServer server([](const Seen&) { return status(200); });
  const auto client = open(quick(server));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(call(*client, get("/x")).verdict, Verdict::ok);
  EXPECT_EQ(server.connections(), 1);
}

TEST(Client, EveryVerdictOfTheRulesIsFollowed) {
  TestServer server([](const Seen& seen) {
    if (seen.path == "/busy") return status(503, R"({"errorCode":"BUSY","message":"later"})");
    if (seen.path == "/locked") return status(409, R"({"errorCode":"LOCKED"})");
    if (seen.path == "/locked-once") return seen.number % 2 == 1 ? status(409, R"({"errorCode":"LOCKED"})") : status(200);
    if (seen.path == "/denied") return status(403, R"({"errorCode":"NO_RIGHT","message":"no right to Account"})");
    if (seen.path == "/quota") return status(403, R"({"errorCode":"LIMIT"})");
    if (seen.path == "/wrong") return status(400, R"({"errorCode":"WRONG","message":"Name is missing"})");
    return status(200, R"({"errorCode":0})");
  });
  json rules = quick(server);
  rules["code"] = "/errorCode", rules["message"] = "/message";
  rules["verdicts"] = json::array({{{"status", 409}, {"json", "/errorCode"}, {"in", {"LOCKED"}}, {"is", "not_done"}},
                                   {{"status", "4xx"}, {"json", "/errorCode"}, {"in", {"NO_RIGHT"}}, {"is", "denied"}},
                                   {{"json", "/errorCode"}, {"in", "LIMIT"}, {"is", "quota"}, {"wait_s", 3600}}});
  const auto client = open(rules);
  EXPECT_EQ(call(*client, get("/fine")).verdict, Verdict::ok);

  Answer answer = call(*client, post("/wrong", "{}"));
  EXPECT_EQ(answer.verdict, Verdict::refused);
  EXPECT_EQ(answer.code, "WRONG");
  EXPECT_EQ(answer.message, "Name is missing");

  answer = call(*client, post("/busy", "{}"));
  EXPECT_EQ(answer.verdict, Verdict::lost) << "it may have been carried out, and may not be repeated";
  EXPECT_EQ(answer.attempts, 1);
  EXPECT_TRUE(answer.maybe_done);
  answer = call(*client, post("/busy", "{}", true));
  EXPECT_EQ(answer.verdict, Verdict::lost);
  EXPECT_EQ(answer.attempts, 4);
  EXPECT_THAT(answer.message, AllOf(HasSubstr("GW-3050"), HasSubstr("503"), HasSubstr("4 times")));

  answer = call(*client, post("/locked", "{}"));
  EXPECT_EQ(answer.verdict, Verdict::unreached) << "it was certainly not carried out";
  EXPECT_EQ(answer.attempts, 4);
  EXPECT_FALSE(answer.maybe_done);
  answer = call(*client, post("/locked-once", "{}"));
  EXPECT_EQ(answer.verdict, Verdict::ok);

  answer = call(*client, get("/denied"));
  EXPECT_EQ(answer.verdict, Verdict::denied);
  EXPECT_THAT(answer.message, AllOf(HasSubstr("GW-3059"), HasSubstr("no right to Account")));

  answer = call(*client, get("/quota"));
  EXPECT_EQ(answer.verdict, Verdict::exhausted);
  EXPECT_NEAR(answer.wait_s, 3600, 1);
  const int before = server.calls();
  EXPECT_EQ(call(*client, get("/fine")).verdict, Verdict::exhausted) << "what comes after is not sent in vain";
  EXPECT_EQ(server.calls(), before);
}

TEST(Client, WaitsAsLongAsRetryAfterSays) {
  TestServer server([](const Seen& seen) {
    Reply out = status(seen.number == 1 ? 429 : 200);
    if (seen.number == 1) out.headers["Retry-After"] = "0.3";
    return out;
  });
  const auto client = open(quick(server));
  const auto began = std::chrono::steady_clock::now();
  const Answer answer = call(*client, post("/x", "{}"));
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  EXPECT_EQ(answer.verdict, Verdict::ok) << "a call that was refused as too fast was not carried out";
  EXPECT_EQ(answer.attempts, 2);
  EXPECT_FALSE(answer.maybe_done);
  EXPECT_GE(took, 0.29);
  EXPECT_LT(took, 2);
}

TEST(Client, LongWaitsAreToldRatherThanWaited) {
  TestServer server([](const Seen&) {
    Reply out = status(429);
    out.headers["Retry-After"] = "86400";
    return out;
  });
  const auto client = open(quick(server));
  const Answer answer = call(*client, post("/x", "{}"));
  EXPECT_EQ(answer.verdict, Verdict::exhausted);
  EXPECT_NEAR(answer.wait_s, 86400, 5);
  EXPECT_EQ(server.calls(), 1);
}

TEST(Client, ASystemThatIsClosedForHoursIsNotWaitedFor) {
  TestServer server([](const Seen&) {
    Reply out = status(503);
    out.headers["Retry-After"] = "7200";
    return out;
  });
  const auto client = open(quick(server));
  Answer answer = call(*client, get("/x"));
  EXPECT_EQ(answer.verdict, Verdict::exhausted);
  EXPECT_EQ(answer.wait_s, 7200);
  EXPECT_THAT(answer.message, HasSubstr("GW-3050"));
  answer = call(*client, post("/x", "{}", true));
  EXPECT_EQ(answer.verdict, Verdict::exhausted) << "not even sent";
  EXPECT_NEAR(answer.wait_s, 7200, 5);
  EXPECT_EQ(server.calls(), 1);
  answer = call(*open(quick(server)), post("/x", "{}", true));
  EXPECT_EQ(answer.verdict, Verdict::lost) << "it may have been carried out, and cannot be repeated for hours";
  EXPECT_EQ(answer.wait_s, 7200);
}

// Parsers that call themselves for every level would run out of stack.
TEST(Client, AnswersNestedWithoutEndDoNoHarm) {
  TestServer server([](const Seen& seen) { return status(seen.path == "/refuse" ? 400 : 200, "{\"records\":" + std::string(300'000, '[') + std::string(300'000, ']') + "}"); });
  json rules = quick(server);
  rules["message"] = "/records", rules["mask"] = {"/records/*/Email"}, rules["success"] = {{"present", "/records"}};
  Surroundings surroundings;
  surroundings.log = [](const LogEntry&) {};
  const auto client = open(rules, surroundings);
  EXPECT_EQ(call(*client, post("/refuse", "{}")).verdict, Verdict::refused);
  EXPECT_EQ(call(*client, post("/x", "{}")).verdict, Verdict::lost);
}

// What became of a call whose answer is missing is known only where nothing was sent.
TEST(Client, ACallThatMayHaveBeenCarriedOutIsNotRepeatedUnlessItMayBe) {
  TestServer server([](const Seen& seen) {
    const auto nth = seen.number;
    if (seen.path == "/cut") return ending(Reply::End::cut);
    if (seen.path == "/cut-chunks") {
      Reply out = ending(Reply::End::cut);
      out.chunked = true;
      return out;
    }
    if (seen.path == "/reset") return ending(Reply::End::reset_after_reading);
    if (seen.path == "/reset-once") return nth % 2 == 1 ? ending(Reply::End::reset_after_reading) : status(200);
    if (seen.path == "/half-json") {
      Reply out;
      out.raw = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"id\":";
      return out;
    }
    return status(200);
  });
  const auto client = open(quick(server));
  for (const char* path : {"/cut", "/cut-chunks", "/reset", "/half-json"}) {
    const int before = server.calls();
    const Answer answer = call(*client, post(path, "{}"));
    EXPECT_EQ(answer.verdict, Verdict::lost) << path << ": " << answer.message;
    EXPECT_TRUE(answer.maybe_done) << path;
    EXPECT_EQ(server.calls(), before + 1) << path;
    EXPECT_THAT(answer.message, HasSubstr("GW-3051")) << path;
  }
  while (server.calls() % 2 != 0) call(*client, get("/fine"));
  const Answer answer = call(*client, post("/reset-once", "{}", true));
  EXPECT_EQ(answer.verdict, Verdict::ok);
  EXPECT_EQ(answer.attempts, 2);
  EXPECT_TRUE(answer.maybe_done) << "the first may have been carried out, too";
}

// libcurl repeats a request by itself when a kept connection is dead; a record would be created twice.
TEST(Client, NothingIsSentTwiceOnAKeptConnectionThatBreaks) {
  std::atomic<int> created{0};
  TestServer server([&](const Seen& seen) {
    if (seen.path == "/warm") return status(200);
    ++created;
    return ending(Reply::End::reset_after_reading);
  });
  const auto client = open(quick(server));
  for (const char* method : {"POST", "DELETE", "PUT"}) {
    EXPECT_EQ(call(*client, get("/warm")).verdict, Verdict::ok);
    created = 0;
    Request request = post("/create", method == std::string("DELETE") ? "" : "{}");
    request.method = method;
    const Answer answer = call(*client, request);
    EXPECT_EQ(answer.verdict, Verdict::lost) << method << answer.message;
    EXPECT_EQ(created, 1) << method;
  }
}

TEST(Client, AnUnreachableHostIsNoLostCall) {
  int port = 0;
  {
    TestServer gone([](const Seen&) { return status(200); });
    port = gone.port();
  }
  json rules = {{"base", "http://127.0.0.1:" + std::to_string(port)}, {"retry", {{"first_s", 0.01}, {"times", 2}}}};
  const auto client = open(rules);
  const Answer answer = call(*client, post("/x", "{}"));
  EXPECT_EQ(answer.verdict, Verdict::unreached);
  EXPECT_EQ(answer.attempts, 2);
  EXPECT_FALSE(answer.maybe_done);
  EXPECT_THAT(answer.message, HasSubstr("GW-3042"));
}

TEST(Client, AWebPageInsteadOfDataIsNamed) {
  TestServer server([](const Seen&) {
    Reply out = status(200, "<html><head><title>Sign in - Acme</title></head></html>");
    out.headers["Content-Type"] = "text/html; charset=utf-8";
    return out;
  });
  const Answer answer = call(*open(quick(server)), get("/x"));
  EXPECT_EQ(answer.verdict, Verdict::refused);
  EXPECT_THAT(answer.message, AllOf(HasSubstr("GW-3053"), HasSubstr("Sign in - Acme")));
}

TEST(Client, NoContentAndNotModifiedAreSuccesses) {
  TestServer server([](const Seen& seen) { return status(seen.path == "/304" ? 304 : 204, ""); });
  const auto client = open(quick(server));
  EXPECT_EQ(call(*client, get("/204")).verdict, Verdict::ok);
  const Answer answer = call(*client, get("/304"));
  EXPECT_EQ(answer.verdict, Verdict::ok);
  EXPECT_EQ(answer.status, 304);
}

TEST(Client, AnAnswerThatHasNoEndIsCutOff) {
  TestServer server([](const Seen&) { return status(200, std::string(200'000, ' ')); });
  json rules = quick(server);
  rules["longest_answer"] = 100'000;
  const Answer answer = call(*open(rules), get("/x"));
  EXPECT_EQ(answer.verdict, Verdict::lost);
  EXPECT_THAT(answer.message, HasSubstr("GW-3052"));
  EXPECT_EQ(answer.attempts, 1);
}

TEST(Client, AServerThatSaysNothingIsGivenUp) {
  TestServer server([](const Seen&) {
    Reply out = status(200);
    out.after_ms = 20'000;
    return out;
  });
  json rules = quick(server);
  rules["timeout_s"] = 1;
  const auto began = std::chrono::steady_clock::now();
  const Answer answer = call(*open(rules), post("/x", "{}"));
  EXPECT_EQ(answer.verdict, Verdict::lost);
  EXPECT_THAT(answer.message, HasSubstr("GW-3043"));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(6));
}

TEST(Client, CancellingReachesWaitingCallsAtOnce) {
  std::atomic<bool> cancelled{false};
  TestServer server([](const Seen&) {
    Reply out = status(200);
    out.after_ms = 200;
    return out;
  });
  json rules = quick(server);
  rules["budgets"] = json::array({{{"calls", 1}, {"per_s", 100}}});
  Surroundings surroundings;
  surroundings.cancelled = [&] { return cancelled.load(); };
  const auto client = open(rules, surroundings);
  const auto first = client->submit(post("/x", "{}")), second = client->submit(post("/x", "{}"));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  cancelled = true;
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(finish(*client, *second).verdict, Verdict::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(150));
  EXPECT_EQ(finish(*client, *first).verdict, Verdict::ok) << "what was sent is waited for: its rows must not be in doubt";
  EXPECT_EQ(call(*client, get("/x")).verdict, Verdict::cancelled);
}

TEST(Client, ClosingDoesNotWaitForAnswers) {
  TestServer server([](const Seen&) {
    Reply out = status(200);
    out.after_ms = 10'000;
    return out;
  });
  auto client = open(quick(server));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(client->submit(get("/x")));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const auto began = std::chrono::steady_clock::now();
  client.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
}

TEST(Client, SecretsDoNotLeaveTheHostOfTheBase) {
  TestServer other([](const Seen&) { return status(200); });
  TestServer server([&](const Seen&) { return status(200); });
  json rules = quick(server);
  rules["session"] = {{"token", "very-secret-token"}};
  rules["headers"] = {{"Authorization", "Bearer {{token}}"}, {"X-Plain", "1"}};
  const auto client = open(rules);
  call(*client, get(other.url() + "/next"));
  ASSERT_EQ(other.calls(), 1);
  EXPECT_EQ(other.seen()[0].headers.count("authorization"), 0u);
  EXPECT_EQ(other.seen()[0].headers.at("x-plain"), "1");
  call(*client, get(server.url() + "/next"));
  EXPECT_EQ(server.seen()[0].headers.at("authorization"), "Bearer very-secret-token");
  rules["hosts"] = {"127.0.0.1"};
  call(*open(rules), get(other.url() + "/next"));
  EXPECT_EQ(other.seen()[1].headers.at("authorization"), "Bearer very-secret-token");
}

TEST(Client, ARequestThatCannotBeSentIsRefusedBeforeItIs) {
  TestServer server([](const Seen&) { return status(200); });
  const auto client = open(quick(server));
  for (Request request : {get("/with blank"), get("/line\nbreak")}) {
    const auto ticket = client->submit(request);
    ASSERT_FALSE(ticket);
    EXPECT_EQ(ticket.error().number, 3055);
  }
  Request injecting = get("/x");
  injecting.headers = {{"X-A", "b\r\nX-Evil: 1"}};
  EXPECT_EQ(call(*client, injecting).verdict, Verdict::refused);
  EXPECT_THAT(call(*client, get("/{{nothing}}")).message, HasSubstr("GW-3055"));
  EXPECT_EQ(server.calls(), 0);
  EXPECT_EQ(client->complete(99, std::chrono::microseconds(0)).error().number, 3056);
}

}  // namespace
}  // namespace godwit::http
