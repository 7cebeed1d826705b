#pragma once
// What the tests of clients share.

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "core/http/client.hpp"
#include "core/http/tests/server/test_server.hpp"
#include "core/model/catalogue.hpp"

namespace godwit::http {

using nlohmann::json;

inline std::shared_ptr<Client> open(const json& rules, Surroundings surroundings = {}) {
  auto client = Client::open(rules.dump(), std::move(surroundings));
  EXPECT_TRUE(client) << (client ? "" : describe(client.error()));
  return client ? *client : nullptr;
}
inline Answer finish(Client& client, std::int64_t ticket) {
  for (;;) {
    auto answer = client.complete(ticket, std::chrono::seconds(1));
    EXPECT_TRUE(answer) << describe(answer.error());
    if (!answer) return {};
    if (*answer) return std::move(**answer);
  }
}
inline Answer call(Client& client, Request request) {
  const auto ticket = client.submit(std::move(request));
  EXPECT_TRUE(ticket) << describe(ticket.error());
  return ticket ? finish(client, *ticket) : Answer{};
}
inline Request get(std::string url) {
  Request out;
  out.url = std::move(url);
  return out;
}
inline Request post(std::string url, std::string body, bool repeatable = false) {
  Request out;
  out.method = "POST", out.url = std::move(url), out.body = std::move(body), out.repeatable = repeatable;
  return out;
}
// Rules of a client that does not wait long.
inline json quick(const TestServer& server) { return {{"base", server.url()}, {"retry", {{"first_s", 0.01}, {"longest_s", 0.05}, {"times", 4}}}}; }
inline Reply status(int status, std::string body = "{}") {
  Reply out;
  out.status = status, out.body = std::move(body);
  return out;
}
inline Reply ending(Reply::End end, std::string body = "{\"records\":[1,2,3]}") {
  Reply out;
  out.end = end, out.body = std::move(body);
  return out;
}

}  // namespace godwit::http
