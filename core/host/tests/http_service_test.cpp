// HTTP across the boundary, as plugins see it: the SDK's face over the host's table.
#include "core/host/http_service.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/host/observer.hpp"
#include "core/host/wire.hpp"
#include "core/http/tests/server/test_server.hpp"
#include "core/model/temporary_folder.hpp"
#include "plugins/sdk/http.hpp"

namespace godwit {
namespace {

using http::Reply;
using http::Seen;
using http::TestServer;
using nlohmann::json;

struct TestHost {
  std::atomic<bool> cancelled{false};
  std::vector<http::LogEntry> log;
  std::mutex mutex;
  HttpService service{{[this] { return cancelled.load(); },
                       [this](const http::LogEntry& entry) {
                         const std::lock_guard lock(mutex);
                         log.push_back(entry);
                       },
                       {}}};
  gw_host table{};
  TestHost() {
    table.struct_size = sizeof table, table.ctx = &service;
    table.http_open = [](void* ctx, gw_str rules, gw_http_client** out, gw_error* error) -> std::int32_t {
      auto opened = static_cast<HttpService*>(ctx)->open(wire::view(rules));
      if (!opened) return wire::give_error(opened.error(), error);
      return *out = *opened, GW_OK;
    };
    set_http_members(table);
  }
  Result<std::shared_ptr<sdk::HttpClient>> open(const json& rules) { return sdk::HttpClient::open(sdk::HostServices(&table), rules.dump()); }
};

Reply answer(const std::string& body, int status = 200) {
  Reply out;
  out.body = body, out.status = status;
  return out;
}

struct System {
  std::atomic<int> sign_ins{0};
  int answer_ms = 0;
  TestServer server{[this](const Seen& seen) {
    if (seen.path == "/token") return ++sign_ins, answer(R"({"access_token":"secret-token"})");
    Reply out = answer(seen.headers.count("authorization") != 0 ? R"({"code":"NO","text":"refused for a reason"})" : "{}", seen.path == "/refuse" ? 400 : 200);
    out.headers["X-Left"] = "9", out.after_ms = answer_ms;
    return out;
  }};
  json rules() const {
    return {{"base", server.url()}, {"name", "acme"}, {"state", ""}, {"headers", {{"Authorization", "Bearer {{access_token}}"}}}, {"code", "/code"}, {"message", "/text"},
            {"sign_in", {{"url", "/token"}, {"take", {{"access_token", "/access_token"}}}}}, {"budgets", json::array({{{"calls", 1000}, {"per_s", 1}}})}};
  }
};

TEST(HttpService, CallsCrossTheBoundary) {
  System system;
  TestHost host;
  const auto client = host.open(system.rules());
  ASSERT_TRUE(client);
  sdk::HttpRequest request;
  request.method = "POST", request.url = "/refuse?access_token=secret-token", request.body = "{}", request.endpoint = "create", request.headers = {{"X-A", "1"}};
  const auto got = (*client)->call(request);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->verdict, sdk::Verdict::refused);
  EXPECT_EQ(got->status, 400);
  EXPECT_EQ(got->code, "NO");
  EXPECT_EQ(got->message, "refused for a reason");
  EXPECT_EQ(got->header("x-left"), "9");
  EXPECT_EQ(got->attempts, 1);
  EXPECT_EQ(*(*client)->session("access_token"), "secret-token");
  const json usage = json::parse(*(*client)->usage());
  EXPECT_EQ(usage["calls"], 1);
  EXPECT_EQ(usage["sign_ins"], 1);
  EXPECT_EQ(usage["client"], "acme");
  EXPECT_EQ(usage["budgets"][0]["used"], 1);
  EXPECT_EQ(system.server.seen().back().headers.at("x-a"), "1");
  const std::lock_guard lock(host.mutex);
  ASSERT_EQ(host.log.size(), 2u);
  EXPECT_EQ(host.log[0].outcome, "sign_in");
  EXPECT_EQ(host.log[0].answer, "");
  EXPECT_EQ(host.log[1].outcome, "refused");
  EXPECT_EQ(host.log[1].endpoint, "create");
  EXPECT_EQ(host.log[1].url, system.server.url() + "/refuse?access_token=***");
}

TEST(HttpService, ClientsWithTheSameRulesAreOne) {
  System system;
  TestHost host;
  const auto one = host.open(system.rules()), two = host.open(system.rules());
  EXPECT_EQ((*one)->call({.url = "/x"})->verdict, sdk::Verdict::ok);
  EXPECT_EQ((*two)->call({.url = "/x"})->verdict, sdk::Verdict::ok);
  EXPECT_EQ(system.sign_ins, 1);
  EXPECT_EQ(json::parse(*(*one)->usage())["calls"], 2);
  json other = system.rules();
  other["name"] = "other";
  EXPECT_EQ((*host.open(other))->call({.url = "/x"})->verdict, sdk::Verdict::ok);
  EXPECT_EQ(system.sign_ins, 2);
}

TEST(HttpService, ClosingGivesUpTheCallsOfOneAndLeavesThoseOfOthers) {
  System system;
  system.answer_ms = 400;
  TestHost host;
  auto one = *host.open(system.rules()), two = *host.open(system.rules());
  ASSERT_TRUE(one->submit({.url = "/x"}));
  const auto kept = two->submit({.url = "/x"});
  one.reset();
  sdk::HttpAnswer got;
  bool done = false;
  while (!done) done = *two->complete(*kept, got, std::chrono::milliseconds(100));
  EXPECT_EQ(got.verdict, sdk::Verdict::ok);
  EXPECT_EQ(two->complete(*kept, got, std::chrono::milliseconds(1)).error().number, 3056) << "a ticket is spent by its answer";
}

TEST(HttpService, MistakesCrossAsNumberedErrors) {
  TestHost host;
  const auto wrong = host.open({{"base", "http://x"}, {"budgts", 1}});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().number, 3041);
  EXPECT_EQ(wrong.error().kind, ErrorKind::bad_config);
  EXPECT_EQ(wrong.error().argument("expected"), "\"budgets\"?");
  const auto client = host.open({{"base", "http://127.0.0.1:1"}});
  EXPECT_EQ((*client)->submit({.method = "get"}).error().number, 3055);
  gw_host older{};
  older.struct_size = offsetof(gw_host, http_open);
  EXPECT_EQ(sdk::HttpClient::open(sdk::HostServices(&older), "{}").error().number, 3063);
}

TEST(HttpService, CancelReachesWaitingCalls) {
  System system;
  TestHost host;
  json rules = system.rules();
  rules["budgets"] = json::array({{{"calls", 1}, {"per_s", 200}}});
  const auto client = *host.open(rules);
  EXPECT_EQ(client->call({.url = "/x"})->verdict, sdk::Verdict::ok);
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    host.cancelled = true;
  });
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(client->call({.url = "/x"})->verdict, sdk::Verdict::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(900));
  later.join();
}

// A plugin of before `repeatable` was there passes a shorter struct; what lies behind it is not looked at.
TEST(HttpService, ShorterStructsOfOlderPluginsAreTaken) {
  TestServer server([](const Seen&) {
    Reply out;
    out.end = Reply::End::reset_after_reading;
    return out;
  });
  TestHost host;
  gw_http_client* client = nullptr;
  gw_error error{};
  const std::string rules = json{{"base", server.url()}, {"retry", {{"first_s", 0.01}}}}.dump(), method = "POST", url = "/x";
  ASSERT_EQ(host.table.http_open(host.table.ctx, wire::str(rules), &client, &error), GW_OK);
  gw_http_request request{};
  request.struct_size = offsetof(gw_http_request, repeatable);
  request.method = wire::str(method), request.url = wire::str(url), request.cost = 1, request.repeatable = 1;
  std::int64_t ticket = 0;
  ASSERT_EQ(host.table.http_submit(client, &request, &ticket, &error), GW_OK);
  gw_http_answer got{};
  got.struct_size = offsetof(gw_http_answer, release);
  EXPECT_NE(host.table.http_complete(client, ticket, 0, &got, &error), GW_OK) << "nobody could release it";
  error.json.release(&error.json);
  got.struct_size = sizeof got;
  while (got.ticket == 0) ASSERT_EQ(host.table.http_complete(client, ticket, 100'000, &got, &error), GW_OK);
  EXPECT_EQ(got.verdict, GW_HTTP_LOST) << "not repeated";
  EXPECT_EQ(server.calls(), 1);
  got.release(&got);
  host.table.http_close(client);
}

// What --trace-boundary and --record make of an exchange.
TEST(HttpService, ExchangesAreTracedAndRecordedWithoutTheirValues) {
  const auto folder = TemporaryFolder::make("observer");
  std::ostringstream trace;
  const auto file = folder->path() / "record.jsonl";
  {
    const auto observer = make_observer(&trace, file);
    ASSERT_TRUE(observer);
    http::LogEntry entry;
    entry.client = "acme", entry.method = "POST", entry.url = "https://acme.example/x?token=***", entry.endpoint = "create", entry.attempt = 2, entry.status = 400, entry.outcome = "refused";
    entry.code = "DUPLICATE", entry.answer = R"({"message":"Anna Müller, +49 40 1234"})", entry.sent_bytes = 10, entry.received_bytes = 20, entry.us = 1234567;
    (*observer)->called(entry);
  }
  EXPECT_EQ(trace.str(), "http acme POST https://acme.example/x?token=*** (create): 400 refused DUPLICATE, attempt 2, 10 bytes out, 20 in, 1234.567 ms\n");
  std::ifstream in(file);
  const json line = json::parse(in);
  EXPECT_EQ(line["call"], "http");
  EXPECT_EQ(line["code"], "DUPLICATE");
  EXPECT_EQ(line["status"], 400);
  EXPECT_EQ(line["answer"], R"({"xxxxxxx":"Xxxx X文xxxx, +99 99 9999"})");
}

}  // namespace
}  // namespace godwit
